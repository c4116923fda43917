"""The main findings that a page opens with: few, true, and each with the figure that shows it."""

from __future__ import annotations

from dataclasses import replace

from planted import along, finding, sweep

from simcons.report.leading import MOST, leads
from simcons.report.panels import panels
from simcons.report.sweeps import sweeps

UTIL = "utilitarian"
NAMES = {"accuracy": "accuracy of predictions"}


def said(rows, names=NAMES):
    return [(lead.sentence, lead.sweep, lead.panel) for lead in leads(sweeps(rows), names=names)]


def test_how_often_by_hand():
    rows = [
        *along("different_winner", {"0": 0.5, "1": 0.6, "2": 0.58}, rule="Rawlsian", versus=UTIL),
        *along("different_winner", {"0": 0.1, "1": 0.1, "2": 0.1}, rule="Nash", versus=UTIL),
    ]
    sentence = (
        "Another statement than by the utilitarian rule is chosen by Rawlsian in 58% of rounds (50 to 60% by condition),"
        " and by Nash in 10%."
    )
    assert said(rows) == [(sentence, "noise", "different_winner")]


def test_the_largest_and_the_smallest_difference_are_told_with_where_they_are():
    rows = [
        *along("worst_off_gain", {"0.6": 0.0, "0.9": 0.3}, rule="Rawlsian", versus=UTIL, sweep="accuracy"),
        *along("worst_off_gain", {"0": 0.1, "1": -0.1}, rule="Rawlsian", versus=UTIL),
        *along("mean_cost", {"0": 0.2, "1": 0.2}, rule="Rawlsian", versus=UTIL),
    ]
    gain, cost = said(rows)
    assert gain == (
        "Under Rawlsian instead of the utilitarian rule, the lowest true utility in a group is higher by 0.30 points (0.29 to"
        " 0.31) at accuracy of predictions 0.9, and lower by 0.10 points (0.09 to 0.11) at noise 1; in 1 of 4 conditions no"
        " difference can be told.",
        "accuracy",
        "worst_off_gain",
    )
    assert "mean utility is lower by 0.20 points (0.19 to 0.21) at noise 0" in cost[0]


def test_nothing_is_claimed_where_nothing_is_told_from_nought():
    rows = along("worst_off_gain", {"0": 0.005, "1": -0.005}, rule="Rawlsian", versus=UTIL)
    ((sentence, *_),) = said(rows)
    assert sentence == (
        "Under Rawlsian instead of the utilitarian rule, no difference in the lowest true utility in a group can be told in any"
        " of 2 conditions."
    )


def test_what_one_condition_says_is_said_with_its_interval():
    """Per cent of rounds, as in the figure beside it, whatever the intervals are over."""
    rows = [
        *along("different_winner", {"0": 0.41}, rule="Rawlsian", versus=UTIL),
        *along("mean_cost", {"0": 0.005}, rule="Rawlsian", versus=UTIL),
    ]
    often, cost = said(rows)
    assert (
        often[0] == "Another statement than by the utilitarian rule is chosen by Rawlsian in 41% of rounds (40 to 42)."
    )
    assert cost[0] == (
        "Under Rawlsian instead of the utilitarian rule, no difference in mean utility can be told: lower by 0.01 points"
        " (−0.01 to 0.01)."
    )


def test_no_condition_without_a_difference_stands_for_the_extremes():
    """The largest estimate may have the widest interval."""
    rows = along("worst_off_gain", {"0": 0.3, "1": 0.2}, rule="Rawlsian", versus=UTIL)
    wide = [replace(row, low=-1.0, high=1.6, p_holm=0.6) if row.value == "0" else row for row in rows]
    ((sentence, *_),) = said(wide)
    assert "higher by 0.20 points (0.19 to 0.21) at noise 1; in 1 of 2 conditions no difference can be told" in sentence


def test_nothing_is_made_of_no_findings():
    assert leads([], names={}) == []


def test_they_are_few_and_their_figures_are_there():
    world = sweep("noise", ["0", "1", "2"])
    strategy = {"sweep": "strategy", "parameter": "world.strategy", "value": "veto (people 1)", "rule": "Nash"}
    many = {"sweep": "many", "parameter": "world.candidates.number", "rule": UTIL}
    rows = [
        *world,
        finding("strategist_gain", 0.5, **strategy),
        *along("proxy_welfare", {"1": 5.0, "4": 6.0}, **many),
        *along("true_welfare", {"1": 5.0, "4": 5.2}, **many),
        *along("proxy_gap", {"1": 0.0, "4": 0.8}, **many),
    ]
    found = sweeps(rows)
    shown = leads(found, names={})
    assert len(shown) == MOST
    by_name = {one.name: one for one in found}
    for lead in shown:
        assert lead.panel in [panel.key for panel in panels(by_name[lead.sweep])]
    assert any("Misreporting pays most under Nash, 0.50 points" in lead.sentence for lead in shown)
    assert any("is predicted to be better than it is by 0.80 points" in lead.sentence for lead in shown)
    assert len(leads(sweeps(world), names={})) == 3


def test_where_categories_are_one_there_is_a_panel_and_else_a_grid():
    def shown(values):
        return leads(sweeps(sweep("map", values, numbers=False)), names={})[0].panel

    assert shown(["likert"]) == "different_winner"
    assert shown(["likert", "exp (temperature 1)"]) == "values"
