"""A study of power on a page: what is drawn, what is said of it, and what is left out where nothing was found."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from simcons.analysis.resampling import Estimate
from simcons.experiments.power.run import Answer, Comparison, PowerResult
from simcons.experiments.power.sizes import Needed
from simcons.report import write_report
from simcons.report.power_section import power_section
from simcons.scenario.files import parse
from simcons.scenario.power import PowerSettings

CAP = 1000


def estimate(value, half):
    return Estimate(value, (value - half, value + half), 0.01, 500)


def comparison(rule, outcome, needed, power, difference=0.05):
    """Found with ``power`` by 200 groups and half as often by 50."""
    answers = [
        Answer(question, n, estimate(value * share, 0.01), None)
        for question, value in (("power", power), ("detectable", 0.1))
        for n, share in ((50, 0.5), (200, 1.0))
    ]
    sizes = None if needed is None else Needed(needed, needed // 2, None, CAP)
    seldom = estimate(0.1 if rule == "Nash" else 0.6, 0.02)
    common = {"rule": rule, "versus": "utilitarian", "margin": 0.1, "n_simulated": 1000, "different": seldom}
    return Comparison(
        outcome=outcome, difference=estimate(difference, 0.01), needed=sizes, answers=tuple(answers), **common
    )


NASH, LOWEST, WINS = (
    comparison("Nash", "mean", 900, 0.3),
    comparison("Rawlsian", "lowest", 120, 0.95),
    comparison("Rawlsian", "wins", 400, 0.85),
)


def result(*comparisons, name="power"):
    small = {"kind": "power", "name": name, "groups": [50, 200], "cap": CAP, "simulated_groups": 1000}
    return PowerResult(parse(PowerSettings, small, source="test.yaml"), comparisons)


def test_figures_are_of_every_question_with_their_numbers():
    section = power_section(result(NASH, LOWEST, WINS))
    assert [figure.key for figure in section.figures] == [
        "needed", "power-Nash-utilitarian", "power-Rawlsian-utilitarian", "difference-points", "difference-percentage",
        "detectable-mean", "detectable-lowest", "detectable-wins",
    ]  # fmt: skip
    needed, power = section.figures[:2]
    assert [(row["row"], row["value"], row["low"], row["high"]) for row in needed.numbers] == [
        ("mean agreement", 900, 450, CAP), ("lowest agreement", 120, 60, CAP), ("rounds won less lost", 400, 200, CAP),
    ]  # fmt: skip
    assert [(row["groups"], row["value"]) for row in power.numbers] == [(50, 0.15), (200, 0.3)]
    (percent,) = (figure for figure in section.figures if figure.key == "difference-percentage")
    assert [row["value"] for row in percent.numbers] == [5]
    assert all("<svg" in figure.svg and len(figure.alt) > 40 for figure in section.figures)


def test_three_findings_say_how_many_groups_what_they_find_and_where_there_is_anything_to_find():
    openings = power_section(result(NASH, LOWEST, WINS)).openings
    assert [opening.sentence for opening in openings] == [
        "Rawlsian and utilitarian are told apart soonest by lowest agreement: to find the difference with probability 0.8 takes"
        " about 120 groups (60 to more than 1,000), that is 600 people.",
        "200 groups, the largest study looked at, find 2 of 3 differences with probability 0.8 or more; that of Nash v."
        " utilitarian in mean agreement with only 0.3.",
        "Two rules choose different statements in 10% [8%, 12%] of rounds (Nash v. utilitarian) to 60% [58%, 62%]"
        " (Rawlsian v. utilitarian); where they choose the same one there is nothing to find.",
    ]
    assert [opening.figure.key for opening in openings] == ["needed", "power-Nash-utilitarian", "difference-points"]


@pytest.mark.parametrize(
    ("comparisons", "place", "expected"),
    [
        ([NASH, comparison("Rawlsian", "mean", None, 0.1)], 0, "1 comparison of 2 would take more than 1,000."),
        (
            [comparison("Nash", "mean", None, 0.1)],
            0,
            "No difference is found with probability 0.8 by a study of 1,000 groups or",
        ),
        ([LOWEST, WINS], 1, "find each of the differences with probability 0.8 or more."),
        ([LOWEST, WINS], 2, "in 60% [58%, 62%] of rounds (Rawlsian v. utilitarian); where they choose"),
    ],
)
def test_findings_of_fewer_comparisons(comparisons, place, expected):
    assert expected in power_section(result(*comparisons)).openings[place].sentence


def test_rules_that_never_differ_have_a_page_too(tmp_path):
    alike = replace(
        NASH,
        needed=None,
        answers=(),
        difference=Estimate(0.0, None, None, 500),
        different=Estimate(0.0, None, None, 500),
    )
    section = power_section(result(alike, name="two_rules"))
    assert section.title == "Power: two rules"
    assert [figure.key for figure in section.figures] == ["difference-points"]
    page = write_report(tmp_path, [], title="t", settings=[], extra=[section]).read_text()
    assert "No difference is found" in page
    assert (tmp_path / "figures" / "power-two-rules.svg").exists()


def test_the_page_opens_with_the_findings_and_has_words_and_numbers_folded_below(tmp_path):
    page = write_report(tmp_path, [], title="t", settings=[], extra=[power_section(result(NASH, LOWEST))]).read_text()
    assert "How to read this" not in page
    assert page.index("told apart soonest") < page.index("Before you rely on this") < page.index("In words")
    assert (
        len(re.findall(r'download="(groups-to-find|groups-to-show-equivalence|differences-found|power).csv"', page))
        == 4
    )
