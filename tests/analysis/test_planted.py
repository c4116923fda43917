"""Effects planted in whole simulated studies, as the analysis tells them: two scripts of unlike skill, and two of like."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from simcons.analysis.comparisons import arm_differences, win_rates
from simcons.analysis.rated import Rated

N_STUDIES, N_GROUPS = 30, 6  # disjoint studies, and groups of each
# Scripts that are alike share their candidates. So near, they are alike in all but that.
SKILLS = {"good": 1.0, "poor": 0.0, "like": 0.5, "alike": 0.500001}


@pytest.fixture(scope="module")
def run(simulate):
    arms = [
        {"arm": arm, "generator": {"kind": "scripted", "samples": 1, "skill": skill}, "select": 1}
        for arm, skill in SKILLS.items()
    ]
    design = {"groups": N_STUDIES * N_GROUPS, "rounds": 1, "passes": 1}
    return simulate(mediators=arms, design=design, seed=11).run


@pytest.fixture(scope="module")
def statements(run):
    return Rated.of_run(run).statements()


@pytest.fixture(scope="module")
def studies(statements):
    """Groups are recruited and play apart from one another, so any six of them are a study of their own."""
    study = statements["session_id"].factorize()[0] % N_STUDIES
    return [rows for _, rows in statements.groupby(study)]


def compared(function, statements: pd.DataFrame, arm: str, against: str):
    pair = statements[statements["arm"].isin([arm, against])]
    return function(pair, arms=[arm, against], measures=["mean"]).only(subset="all", measure="mean")


@pytest.mark.slow
def test_a_planted_difference_is_covered_by_the_intervals_of_small_studies(statements, studies):
    """30 studies of 6 groups, each against all 180 groups. At .95 fewer than 25 of 30 would cover it in .2% of cases."""
    for function in (arm_differences, win_rates):
        true = compared(function, statements, "good", "poor").estimate.value
        intervals = [compared(function, rows, "good", "poor").estimate.interval for rows in studies]
        assert sum(low <= true <= high for low, high in intervals) >= 25, function.__name__


@pytest.mark.slow
def test_ratings_tell_a_difference_in_what_people_truly_hold(run, statements):
    """Appraisals have no bounds and no noise, and ratings have styles: in points they differ, by a third at most."""
    picks = run.selections[["round_id", "arm", "candidate_id"]]
    true = run.truth("appraisals").merge(picks).groupby(["round_id", "arm"])["agreement"].mean().unstack()
    for arm, against in (("good", "poor"), ("good", "like"), ("like", "poor")):
        planted = float((true[arm] - true[against]).mean())
        rated = compared(arm_differences, statements, arm, against)
        assert rated.p_value < 1e-3, (arm, against)
        assert rated.estimate.value == pytest.approx(planted, rel=1 / 3), (arm, against)


@pytest.mark.slow
def test_scripts_of_like_skill_are_told_apart_as_often_as_chance_has_it(statements, studies):
    """Of 30 studies at .05: more than 5 in .3% of cases."""
    assert compared(arm_differences, statements, "like", "alike").estimate.error > 0  # their texts differ
    for function in (arm_differences, win_rates):
        p_values = np.array([compared(function, rows, "like", "alike").p_value for rows in studies], dtype=float)
        assert (p_values <= 0.05).sum() <= 5, function.__name__
