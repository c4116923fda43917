"""Arms over the first by ordinal models, as tables of an analysis."""

from __future__ import annotations

import pytest

import simcons.analysis.analyse as analysing
from simcons.analysis.analyse import analyse
from simcons.analysis.mixed_model import FACTORS, ordinal_logit

ARMS = [
    {"arm": "zero", "generator": {"kind": "scripted", "samples": 1, "skill": 0.1}, "scorer": "none", "select": 1},
    {
        "arm": "best",
        "generator": {"kind": "scripted", "samples": 4},
        "scorer": "reader",
        "welfare": {"alpha": 0},
        "select": 1,
    },
]


@pytest.fixture(scope="module")
def run(simulate):
    return simulate(mediators=ARMS, design={"groups": 5, "rounds": 2}, seed=3).run


def test_odds_are_of_first_ratings_against_the_scenarios_first_arm(run) -> None:
    row = analyse(run, only=["arm_odds"])["arm_odds"].only(scale="agreement", arm="best", against="zero")
    first = run.ratings_by_arm.query("pass_index == 1").merge(run.rounds[["round_id"]], on="round_id")
    ratings = first.rename(columns={"agreement": "rating", "session_id": "group"})
    [effect] = ordinal_logit(ratings, against="zero").effects
    assert row.estimate.value == pytest.approx(effect.value, abs=1e-6)
    assert row.estimate.interval == pytest.approx(effect.interval, abs=1e-5)
    assert (row.n, row.n_excluded) == (ratings["rating"].notna().sum(), ratings["rating"].isna().sum())


@pytest.mark.slow
def test_mixed_models_are_fitted_when_asked_for(run) -> None:
    mixed = analyse(run, only=["arm_odds_mixed"])["arm_odds_mixed"]
    assert {row.measure for row in mixed.rows} == {"log_odds", *(f"variance_{factor}" for factor in FACTORS)}
    assert "arm_odds_mixed" not in analysing.ANALYSES


def test_one_arm_has_no_odds_and_a_note_says_why(simulate) -> None:
    alone = simulate(mediators=ARMS[:1], design={"groups": 2, "rounds": 1}).run
    analysis = analyse(alone, only=["arm_odds"])
    assert analysis["arm_odds"].rows == ()
    assert any(
        "arm_odds: none, as the ratings are of one arm; a comparison takes two" in note for note in analysis.notes
    )
