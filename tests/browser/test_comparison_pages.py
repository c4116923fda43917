"""Pages of comparisons, gates and self-checks in a real browser: nothing is cut off, and what matters most comes first."""

from __future__ import annotations

import numpy as np
import pytest
from compared import GATE, compared, gate, in_world, row

from simcons.analysis.resampling import mean
from simcons.experiments.compare.examples import ChangedRound, Side
from simcons.experiments.gate.pools import SelfCheck
from simcons.experiments.gate.self_check import Trials, WorseTrials
from simcons.report.compare_page import comparison_page, gate_page, self_check_page
from simcons.report.page import write_page
from simcons.report.palette import GRID
from simcons.scenario.gate import GateSettings

HOSTILE = "<script>alert(1)</script> & \x1b[31m " + "unbroken" * 30


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A comparison that flips in another world, a gate on it, and a self-check."""
    sides = Side(("One statement.", HOSTILE), 4.0, 4.2), Side(("Another.",), 4.5, 4.1)
    result = compared(
        {"agreement": "worse", "lowest": "worse", "unanimous": "undecided"},
        in_world("noisy", agreement="better", lowest="worse", unanimous="undecided"),
        more=(row("agreement", "worse", "minority"), row("agreement", "undecided", "majority")),
        examples=(ChangedRound("ours", "s00001-r1", "Should buses be free?", *sides),),
    )
    trials = [Trials("none", "", 0.0, 200, 8)]
    trials += [
        Trials(kind, "agreement", times, 200, int(50 * times)) for kind in ("even", "rare") for times in (1.0, 2.0)
    ]
    worse = (WorseTrials("unscored", mean(np.linspace(-0.4, -0.2, 9)), "agreement", 2.9, 200, 190),)
    checked = SelfCheck(GateSettings.model_validate(GATE), result.folder, 20, 80, tuple(trials), worse)
    written = {
        "comparison": comparison_page(result),
        "gate": gate_page(gate(result, passes=False, worlds={"noisy": True})),
        "self-check": self_check_page(checked),
    }
    return {name: write_page(tmp_path_factory.mktemp(name), html) for name, html in written.items()}


@pytest.mark.parametrize("width", [1400, 420])
@pytest.mark.parametrize("name", ["comparison", "gate", "self-check"])
def test_nothing_is_cut_off(pages, open_page, name, width):
    page = open_page(pages[name], width=width)
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert all(box["width"] > 180 for box in (each.bounding_box() for each in page.locator("figure svg").all()))


def test_a_verdict_that_flips_is_the_first_finding_with_its_figure(pages, open_page):
    page = open_page(pages["comparison"], width=1400)
    first = page.locator(".findings li").first
    assert first.locator(".sentence").inner_text().startswith("The verdict FLIPS")
    assert "noisy: better" in first.locator("figure svg").get_attribute("aria-label")


def test_statements_of_a_round_stand_side_by_side(pages, open_page):
    page = open_page(pages["comparison"], width=1400)
    base, change = (card.bounding_box() for card in page.locator(".round blockquote").all())
    assert base["y"] == change["y"]
    assert base["x"] < change["x"]


def test_a_gate_begins_with_its_decision_and_what_it_is_elsewhere(pages, open_page):
    first = open_page(pages["gate"]).locator(".findings li").first.inner_text()
    assert "the change is STOPPED by agreement" in first
    assert "The decision DEPENDS on what is assumed of people" in first


def test_margins_are_drawn_as_wide_as_they_are(pages, open_page):
    """The band of the lowest agreement, whose margin is twice that of the mean, is twice as wide."""
    figure = open_page(pages["comparison"]).locator("figure", has_text="Differences in agreement").first
    bands = figure.locator(f'path[fill="{GRID}"], rect[fill="{GRID}"]')
    widths = sorted({round(band.bounding_box()["width"]) for band in bands.all()} - {0})
    assert widths[-1] == pytest.approx(2 * widths[0], abs=1.5)
