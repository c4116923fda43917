"""The page and the folder: nothing from outside, nothing broken, everything reachable, and files that are whole."""

from __future__ import annotations

import base64
import csv
import re
from html.parser import HTMLParser

import pytest
from planted import RULES, along, finding, sweep

from simcons.errors import StorageError
from simcons.report import About, Section, write_report
from simcons.report.leading import cautions
from simcons.report.page import Figure, Opening
from simcons.report.palette import ink
from simcons.report.sweeps import sweeps
from simcons.report.tables import Table, plain

VOID = {"meta", "br", "img", "link", "hr"}


class Tree(HTMLParser):
    """Elements with their attributes, and whether tags close in the order in which they opened."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.is_closed = [], [], True
        self.feed(text)
        self.is_closed &= not self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        self.is_closed &= bool(self.open) and self.open.pop() == tag

    def all(self, name):
        return [attributes for tag, attributes in self.elements if tag == name]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("result")
    findings = [*sweep("noise", ["0", "1", "2"]), *sweep("map", ["likert", "exp (temperature 1)"], numbers=False)]
    page = write_report(
        path,
        findings,
        title="Stress <test>",
        settings=[("Seed", "2022"), ("Rounds", "400 & more")],
        about={"noise": About("noise of scores", "How much noise?", "noise (SD, points)")},
        extra=[
            Section(
                "Power",
                ["Needed."],
                [plain(Table("Groups", ["Rules", "Groups"], [["Nash, utilitarian", "1,200"]]), "groups")],
            )
        ],
    )
    assert page == path / "report.html"
    return path


@pytest.fixture(scope="module")
def page(folder):
    return (folder / "report.html").read_text()


@pytest.fixture(scope="module")
def tree(page):
    return Tree(page)


def test_files(folder):
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()) == [
        "figures/map.png", "figures/map.svg", "figures/noise.png", "figures/noise.svg", "reading.md", "report.html",
    ]  # fmt: skip
    assert (folder / "figures/noise.png").read_bytes().startswith(b"\x89PNG")


def test_the_page_asks_nothing_of_the_network(page, tree):
    assert "//" not in re.sub(r'href="data:[^"]*"', "", page).replace("</", "")
    assert "@import" not in page
    assert "url(" not in page
    assert not tree.all("script")
    assert all(attributes["href"].startswith(("#", "data:text/csv")) for attributes in tree.all("a"))


def test_tags_close_and_names_are_unique_and_found(page, tree):
    assert page.startswith("<!doctype html>")
    assert tree.is_closed
    ids = [attributes["id"] for _, attributes in tree.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert "sweep-noise-regret-Nash" in ids  # a figure that can be linked to
    pointed_at = [a["href"][1:] for a in tree.all("a") if a["href"].startswith("#")]
    pointed_at += [a["aria-labelledby"] for a in tree.all("section")]
    assert set(pointed_at) <= set(ids)


def test_names_are_text(page):
    assert "Stress &lt;test&gt;" in page
    assert "<test>" not in page
    assert "400 &amp; more" in page


def test_every_figure_has_its_text_and_every_table_its_heads(tree):
    figures = [attributes for attributes in tree.all("svg") if attributes.get("role") == "img"]
    n_figures = 8 + 1 + 7 + 2  # panels and grids of both sweeps; three are shown among the main findings too
    assert len(figures) == len(tree.all("figure")) == 3 + n_figures
    assert all(len(attributes["aria-label"]) > 40 for attributes in figures)
    assert len({attributes["aria-label"] for attributes in figures}) == n_figures
    assert all(attributes.get("scope") in ("row", "col") for attributes in tree.all("th"))
    assert len(tree.all("table")) == len(tree.all("caption")) == 8 + 7 + 1
    assert all(a["tabindex"] == "0" and a["role"] == "region" for a in tree.all("div") if a.get("class") == "scroll")


def test_dark_pages_have_a_colour_for_every_rule(page):
    dark = re.search(r"@media screen and \(prefers-color-scheme: dark\) \{(.*?)\n\}", page, re.DOTALL)[1]
    for rule in RULES:
        assert f'[stroke="{ink(rule).light}"] {{ stroke: {ink(rule).dark}; }}' in dark
        assert f'stroke="{ink(rule).light}"' in page.split("</style>")[1]


def test_sections_say_what_was_varied(page):
    assert "How much noise?" in page
    assert "Varied: noise (SD, points) (world.noise), at 0, 1, 2. Independent rounds: 400 each." in page
    assert "1,200" in page


def test_the_reading_has_the_sentences_of_the_page(folder, page):
    reading = (folder / "reading.md").read_text()
    assert reading.startswith(
        "# Stress &lt;test>\n\n1. Another statement than by the utilitarian rule is chosen by Rawlsian in "
    )
    assert "* The findings are of synthetic people: 2 sweeps of 5 conditions" in reading
    assert "## Noise of scores\n\nHow much noise?\n\nVaried:" in reading
    assert "\n\n## Power\n\nNeeded.\n" in reading
    for sentence in re.findall(
        r"<p>(.*?)</p>", "".join(re.findall(r'<dl class="notes">(.*?)</dl>', page.split('id="how"')[0], re.DOTALL))
    ):
        assert sentence.replace("&#39;", "'") in reading


def test_two_sweeps_whose_names_make_one_file_name_have_two(tmp_path):
    rows = [row for name in ("a b", "a/b") for row in along("tied", {"0": 0.1, "1": 0.2}, sweep=name)]
    rows += [row for name in ("a b", "a/b") for row in along("worst_off", {"0": 3.0, "1": 4.0}, sweep=name)]
    write_report(tmp_path, rows, title="t", settings=[])
    assert sorted(path.name for path in (tmp_path / "figures").glob("*.svg")) == ["a-b-2.svg", "a-b.svg"]


def test_a_report_of_nothing(tmp_path):
    """What comes from elsewhere is all there is: the page and the reading do not say that there are no findings."""
    page = write_report(tmp_path, [], title="Power alone", settings=[], extra=[Section("Power", ["Text."])])
    assert "Text." in page.read_text()
    assert Tree(page.read_text()).is_closed
    for text in (page.read_text(), (tmp_path / "reading.md").read_text()):
        assert "There are no findings" not in text
        assert "More findings" not in text


def test_what_comes_from_elsewhere_may_open_the_page(tmp_path):
    """Its findings, figures and cautions are those of a page that has no sweeps; its figure stands nowhere else."""
    figure = Figure(
        "needed", '<svg width="9" height="9"><rect/></svg>', "Chart. Groups needed, by outcome and pair of rules."
    )
    opening = Opening("It takes 450 groups.", figure=figure)
    extra = [
        Section("Power", ["Text."], figures=[figure], openings=[opening], cautions=["Few were simulated.", "Beware."])
    ]
    page = write_report(tmp_path, [], title="Power alone", settings=[], extra=extra).read_text()
    tree = Tree(page)
    assert tree.is_closed
    top = page.split('<section aria-labelledby="extra-1-head"')[0]
    assert "It takes 450 groups." in top
    assert "Few were simulated." in top
    assert "1 more" in top
    assert "<figure>" in top
    assert len(tree.all("figure")) == 1
    assert "It takes 450 groups." in (tmp_path / "reading.md").read_text()


def test_a_page_of_one_sweep_shows_each_figure_once(tmp_path):
    page = write_report(tmp_path, sweep("noise", ["0", "1", "2"]), title="t", settings=[]).read_text()
    shown = [re.findall('aria-label="(Chart[^"]*)"', text) for text in page.split('id="sweep-noise"')]
    at_once = re.findall('aria-label="(Chart[^"]*)"', page.split('id="sweep-noise"')[1].split("<details>")[0])
    assert len(shown[0]) == len(at_once) == 3
    assert not set(shown[0]) & set(shown[1])
    assert len(set(shown[1])) == len(shown[1]) > 3


def test_tables_can_be_taken_along_as_numbers(tree):
    files = {a["download"]: a["href"].partition("base64,")[2] for a in tree.all("a") if "download" in a}
    rows = list(csv.DictReader(base64.b64decode(files["noise-worst_off.csv"]).decode().splitlines()))
    assert {row["rule"] for row in rows} == {"utilitarian", "Nash", "Rawlsian"}
    assert [*rows[0]] == ["rule", "noise (SD, points)", "estimate", "low", "high", "unit", "n"]
    assert all(float(row["low"]) <= float(row["estimate"]) <= float(row["high"]) for row in rows)
    assert base64.b64decode(files["groups.csv"]).decode() == 'Rules,Groups\r\n"Nash, utilitarian","1,200"\r\n'


def test_cautions_name_few_rounds_and_count_many_intervals():
    few = cautions(sweeps([finding("tied", 0.1, n=12)]), unit="groups")
    assert few[0].startswith("Some numbers rest on 12 groups alone.")
    many = cautions(
        sweeps([row for rule in RULES for row in along("tied", dict.fromkeys(map(str, range(40)), 0.1), rule=rule)])
    )
    assert many[-1].startswith("The 120 intervals of this page")
    assert len(cautions(sweeps(along("tied", {"0": 0.1, "1": 0.2})))) == 3
    assert cautions([]) == []


def test_figures_come_before_words_and_main_findings_first(page, tree):
    """The first three findings have a figure each, and a way to the place where it is told in full."""
    order = [page.index(f'id="{name}"') for name in ("findings", "sweep-noise", "settings", "how")]
    assert order == sorted(order)
    opening = re.search(r'<div class="findings pictured">\n<ol>(.*?)</ol>', page, re.DOTALL)[1]
    assert opening.count('<li class="card">') == opening.count("<figure>") == opening.count('<a href="#sweep-') == 3
    chapter = page.split('<section aria-labelledby="sweep-noise-head"')[1].split("</section>")[0]
    assert chapter.index("<svg") < chapter.index('<dl class="notes">')
    shown = chapter.split("<details>")[0]
    assert shown.count("<figure ") == 3
    assert "<dl" not in shown


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(StorageError, match="cannot be written: No such file"):
        write_report(tmp_path / "absent", [], title="t", settings=[])
