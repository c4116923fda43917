"""The pages that `stress`, `power` and `reselect` write, as their commands make them, in a real browser."""

from __future__ import annotations

import csv
import re

import pytest
from commands import typed
from looking import COVERED, FAINT, WIDER, open_all, walk

import simcons
from simcons.report.page import typeset

WORLD = """
kind: stress
name: mine
rounds: 40
rules: [utilitarian, nash, rawlsian, leximin]
vary: {key: world.people.polarisation, values: [0, 2], label: distance between two camps whose name is a long one}
"""
POWER = """
kind: power
name: tried
description: "Nash and <b>Rawlsian</b> against utilitarian choice."
compare: [[nash, utilitarian], [rawlsian, utilitarian]]
groups: [50, 100, 200]
cap: 500
simulated_groups: 1000
replications: 1000
"""
RERANKED = {"arm": "reranked", "scorer": "reader", "generator": {"kind": "scripted", "samples": 4}, "select": 1}
PAGES = ("stress", "power", "reselect")


@pytest.fixture(scope="module")
def folders(make_scenario, tmp_path_factory):
    folder = tmp_path_factory.mktemp("welfare")
    (folder / "stress.yaml").write_text(WORLD)
    (folder / "power.yaml").write_text(POWER)
    simcons.run(make_scenario(design={"groups": 4, "rounds": 1}, mediators=[RERANKED]), out=folder / "run")
    for command in (
        ("stress", "stress.yaml", "--jobs", 1, "--out", "stress"),
        ("stress", "power.yaml", "--jobs", 1, "--out", "power"),
        ("reselect", "run", "--map", "likert", "--map", "exp:1", "--out", "reselect"),
    ):
        done = typed(*command, cwd=folder)
        assert done.returncode == 0, done.stderr
    return {name: folder / name for name in PAGES}


@pytest.mark.parametrize("name", PAGES)
def test_on_a_narrow_screen_nothing_is_cut_off_or_covered(folders, open_page, name):
    page = open_page(folders[name] / "report.html", width=420)
    open_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    assert page.evaluate(WIDER) == []
    assert page.evaluate(COVERED) == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_stands_out_from_what_is_behind_it(folders, open_page, name, scheme):
    page = open_page(folders[name] / "report.html", color_scheme=scheme)
    open_all(page)
    assert page.evaluate(FAINT) == []


@pytest.mark.parametrize("name", PAGES)
def test_the_keyboard_alone_reaches_and_opens_everything(folders, open_page, name):
    page = open_page(folders[name] / "report.html")
    assert walk(page) == []
    assert page.locator("details").count() == page.locator("details[open]").count() > 1


@pytest.mark.parametrize("name", PAGES)
def test_all_that_is_written_in_the_reading_stands_on_the_page(folders, open_page, name):
    page = open_page(folders[name] / "report.html")
    open_all(page)
    told = " ".join(page.locator("main").inner_text().split())
    written = (folders[name] / "reading.md").read_text(encoding="utf-8")
    for line in written.splitlines():
        if line and not line.startswith(("#", "|")):
            text = re.sub(r"^(\*|\d+\.) | \[Figure\]\(.*|\*\*", "", line)
            topic, _, rest = text.partition(". ") if line.startswith("**") else ("", "", text)
            assert topic in told
            for sentence in re.split(r"(?<=[a-z)]\.) (?=[A-Z])", rest):
                assert " ".join(typeset(sentence).split()) in told


@pytest.mark.parametrize("name", PAGES)
def test_every_table_is_saved_as_numbers(folders, open_page, name):
    page = open_page(folders[name] / "report.html")
    open_all(page)
    links = page.locator("caption a")
    for place in {0, links.count() - 1}:
        with page.expect_download() as saved:
            links.nth(place).click()
        rows = list(csv.reader(saved.value.path().read_text(encoding="utf-8").splitlines()))
        assert len(rows) > 1
        assert {len(row) for row in rows} == {len(rows[0])}
    assert links.count() == page.locator("caption").count() > 1
