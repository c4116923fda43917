"""What is said of a few people: alone where it has to be, and never of predictions without what they rest on."""

from __future__ import annotations

from pathlib import Path

import pytest

from simcons.analysis.prediction_powered import powered
from simcons.analysis.resampling import Estimate
from simcons.experiments.compare.measures import Measure
from simcons.experiments.compare.people import DifferencesAmongPeople, PeopleRow
from simcons.report.few_people import people_findings, people_table

ANSWERS = [-0.3, 0.1, 0.5, 0.2, 0.9, 0.4, 0.1, 0.5]
AHEAD = [-0.5, -0.1, 0.2, 0.1, 0.4, 0.1, -0.3, 0.2]


def said(answers: list[float], ahead: list[float]) -> list[str]:
    row = PeopleRow(
        Measure("agreement", "points", 0.1),
        powered(answers, ahead, range(len(answers))),
        Estimate(0.1, (0.0, 0.2), 0.05, 20),
        n_rounds=len(answers),
        n_unpredicted=1,
    )
    people = DifferencesAmongPeople("pilot", Path("runs/pilot"), {"base": "old", "change": "new"}, "reader", 10, (row,))
    assert f"new less old, {len(answers)} rounds (1 without a prediction)" in people_table(people).note
    return list(people_findings(people))


def test_predictions_come_with_what_has_to_be_true():
    [sentence] = said(ANSWERS, AHEAD)
    assert sentence.startswith(
        "8 groups of people (pilot) say +0.30 [+0.00, +0.60] points in agreement; the simulation says +0.10"
    )
    assert "That holds if the arms wrote what people saw as they write now" in sentence


@pytest.mark.parametrize(
    ("answers", "ahead", "why"),
    [
        (ANSWERS[:5], AHEAD[:5], "no interval holds below 6 groups"),
        (ANSWERS, [0.0] * 8, "the same is predicted whatever the arms write"),
    ],
)
def test_people_who_stand_alone_are_told_why(answers, ahead, why):
    [sentence] = said(answers, ahead)
    assert f"Predictions do not narrow what people say: {why}" in sentence


def test_statements_that_other_arms_seem_to_have_written_are_told():
    """A point ahead in the mean, with a standard error of .11."""
    _, caution = said(ANSWERS, [number + 1 for number in AHEAD])
    assert caution.startswith("What people saw does not look as if these arms had written it")
    assert "+1.01 points from what they write" in caution
