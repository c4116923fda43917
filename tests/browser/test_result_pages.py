"""Pages of sweeps and of power in a real browser: nothing is cut off, all opens by keyboard, tables are saved."""

from __future__ import annotations

import csv

import pytest
from looking import COVERED, WIDER, open_all

from simcons.analysis.findings import Finding
from simcons.report import About, Section, write_report
from simcons.report.charts import Frame, Mark, numbers, points
from simcons.report.page import Figure, Opening
from simcons.report.palette import DARK, INK
from simcons.report.tables import Table, plain

MEASURES = {
    "different_winner": "utilitarian",
    "worst_off_gain": "utilitarian",
    "mean_cost": "utilitarian",
    "worst_off": None,
}


def sweep(name, values):
    """Findings that differ by rule and value, and are told from zero."""
    return [
        Finding(name, f"world.{name}", value, k, rule, versus, measure, 0.1 * k + place / 5, place / 6, 1.0, 400, p_holm=0.01)
        for place, rule in enumerate(["Nash", "Rawlsian", "leximin"], start=1)
        for k, value in enumerate(values)
        for measure, versus in MEASURES.items()
    ]  # fmt: skip


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    """Two sweeps, and a part from elsewhere with a figure and a wide table."""
    folder = tmp_path_factory.mktemp("result")
    marks = [Mark("Nash v. utilitarian", n, n / 2, 2 * n, row=row) for row, n in (("mean", 40), ("lowest", 900))]
    frame = Frame("Groups needed", "groups", ["Nash v. utilitarian"], format=",d")
    figure = Figure("needed", points(marks, frame, log=True), "Chart. Groups needed.", numbers(marks, "groups"))
    wide = Table(
        "Power, by number of groups",
        ["rules", *map(str, range(50, 1000, 50))],
        [["Nash v. utilitarian", *["0.5"] * 19]],
    )
    return write_report(
        folder,
        [*sweep("noise", ["0", "1", "2"]), *sweep("map", ["likert", "exp (temperature 1)"])],
        title="Stress test",
        settings=[("world.people", "group_size 5, rounds_per_group 3, " * 6), ("a_name_without_a_break_" * 3, "1")],
        about={"noise": About("noise of scores", "How much noise?", "noise (SD, points)")},
        extra=[
            Section("Power", ["It takes many groups."], [plain(wide, "power")], [figure], [Opening("x", figure=figure)])
        ],
    )


@pytest.mark.parametrize("width", [1400, 800, 420])
def test_nothing_is_cut_off_at_any_width(page_file, open_page, width):
    """Wide tables alone scroll, within themselves; what figures say is neither cut nor covered."""
    page = open_page(page_file, width=width)
    open_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(WIDER) == []
    assert page.evaluate(COVERED) == []
    figures = page.locator("figure svg")
    boxes = [each.bounding_box() for each in figures.all()]
    assert all(box["width"] > 180 and box["height"] > 60 for box in boxes)


def test_figures_stand_above_words_and_use_the_width(page_file, open_page):
    """Without a scroll one sees three figures with their sentences, over more than four fifths of the page."""
    page = open_page(page_file, width=1400)
    cards = [card.bounding_box() for card in page.locator(".pictured > ol > li").all()]
    assert len(cards) == 3
    assert len({card["y"] for card in cards}) == 1
    assert cards[-1]["x"] + cards[-1]["width"] - cards[0]["x"] > 0.8 * 1400
    assert max(card["y"] + card["height"] for card in cards) < 900
    for card in page.locator(".pictured > ol > li").all():
        assert card.locator("svg").bounding_box()["y"] < card.locator(".sentence").bounding_box()["y"]


def test_everything_is_reached_and_opened_by_keyboard(page_file, open_page):
    page = open_page(page_file)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#findings"
    summary = page.locator("#sweep-noise summary", has_text="In words")
    summary.press("Enter")
    assert page.locator("#sweep-noise .notes").is_visible()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_a_finding_leads_to_its_figure_also_where_that_is_folded_away(page_file, open_page):
    page = open_page(page_file)
    for link in page.locator(".pictured a").all():
        link.click()
        target = page.locator(f'[id="{page.evaluate("location.hash.slice(1)")}"]')
        assert target.is_visible()


def test_a_table_is_saved_as_numbers(page_file, open_page):
    page = open_page(page_file)
    open_all(page)
    with page.expect_download() as saved:
        page.locator("#sweep-noise caption a").first.click()
    rows = list(csv.DictReader(saved.value.path().read_text(encoding="utf-8").splitlines()))
    assert {row["rule"] for row in rows} == {"Nash", "Rawlsian", "leximin"}
    assert saved.value.suggested_filename == "noise-different_winner.csv"


@pytest.mark.parametrize(("scheme", "colour"), [("light", INK), ("dark", DARK[INK])])
def test_figures_take_the_colours_of_the_page(page_file, open_page, scheme, colour):
    page = open_page(page_file, color_scheme=scheme)
    title = page.locator("figure text", has_text="utilitarian choice").first
    assert title.evaluate("each => getComputedStyle(each).fill") == f"rgb{tuple(bytes.fromhex(colour[1:]))}"


def test_print_opens_what_is_folded(page_file, open_page):
    page = open_page(page_file)
    page.emulate_media(media="print")
    assert page.locator("#sweep-noise .notes").is_visible()
    assert not page.locator("nav").is_visible()
