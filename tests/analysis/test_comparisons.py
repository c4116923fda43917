"""Arms against arms within rounds, against values worked out by hand, SciPy, and themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from simcons.analysis.comparisons import arm_differences, win_rates
from simcons.analysis.rated import Rated
from simcons.errors import InputError


def statements(*rounds: dict[str, float], group_of=lambda k: k, **facts: list[object]) -> pd.DataFrame:
    """A statement an arm and round, with the same mean, lowest and median. facts: of rounds, such as divisive."""
    return pd.DataFrame(
        [
            {
                "session_id": f"s{group_of(k)}",
                "round_id": f"r{k}",
                "arm": arm,
                "mean": score,
                "lowest": score,
                "median": score,
                **{name: of_rounds[k] for name, of_rounds in facts.items()},
            }
            for k, scores in enumerate(rounds)
            for arm, score in scores.items()
        ]
    )


def test_a_tie_counts_half_and_is_told():
    """Of four rounds a is ahead in two, behind in one, and level in one: (2 + 1/2) / 4."""
    rates = win_rates(statements({"a": 5, "b": 4}, {"a": 6, "b": 4}, {"a": 3, "b": 4}, {"a": 4, "b": 4}))
    row = rates.only(subset="all", measure="mean", arm="a", against="b")
    assert row.estimate.value == 2.5 / 4
    assert (row.n, row.n_excluded, row.counts["n_ties"]) == (4, 0, 1)


def test_a_tie_is_left_out_of_the_rate_without_ties():
    """Of the three rounds that are no tie a is ahead in two; where none is left there is no rate."""
    rates = win_rates(statements({"a": 5, "b": 4}, {"a": 6, "b": 4}, {"a": 3, "b": 4}, {"a": 4, "b": 4}, {"a": 5}))
    row = rates.only(subset="all", measure="mean_without_ties", arm="a", against="b")
    assert row.estimate.value == 2 / 3
    assert (row.n, row.n_excluded, row.counts["n_ties"]) == (3, 1, 1)
    level = win_rates(statements(*[{"a": 4, "b": 4}] * 6)).only(subset="all", measure="mean_without_ties")
    assert (level.estimate, level.n, level.counts["n_ties"], level.p_value) == (None, 0, 6, None)


def test_scores_are_means_over_an_arms_statements():
    """a's statements have 7 and 1, so 4; b's one has 5."""
    rows = pd.concat([statements({"a": 7, "b": 5}), statements({"a": 1})])
    assert arm_differences(rows).only(subset="all", measure="mean").estimate.value == -1


def test_a_round_without_one_of_the_two_is_excluded_and_counted():
    differences = arm_differences(statements({"a": 5, "b": 4}, {"a": 6}, {"b": 2}, {"a": 5, "b": 3}))
    row = differences.only(subset="all", measure="mean")
    assert (row.n, row.n_excluded) == (2, 2)
    assert row.estimate.value == 1.5


def test_all_ties_are_a_rate_of_one_half_that_no_test_tells_from_it():
    rates = win_rates(statements(*[{"a": 4, "b": 4}] * 6))
    row = rates.only(subset="all", measure="mean")
    assert (row.estimate.value, row.counts["n_ties"], row.p_value) == (0.5, 6, 1.0)
    difference = arm_differences(statements(*[{"a": 4, "b": 4}] * 6)).only(subset="all", measure="mean")
    assert (difference.estimate.value, difference.estimate.interval, difference.p_value) == (0.0, None, None)


def test_differences_of_one_round_a_group_are_the_paired_t_test():
    a, b = np.random.default_rng(1).normal([5, 4.6], 0.8, (9, 2)).T
    row = arm_differences(statements(*[{"a": x, "b": y} for x, y in zip(a, b, strict=True)])).only(
        subset="all", measure="mean"
    )
    expected = stats.ttest_rel(a, b)
    assert row.p_value == pytest.approx(expected.pvalue)
    assert row.estimate.interval == pytest.approx(tuple(expected.confidence_interval(0.95)))


def test_an_interval_goes_no_further_than_two_ratings_can_lie_apart():
    """Leads of 6 and 2: 4 +- 12.7 * 2, while ratings from 1 to 7 are 6 apart at the most."""
    row = arm_differences(statements({"a": 7, "b": 1}, {"a": 6, "b": 4})).only(subset="all", measure="mean")
    assert row.estimate.interval == (-6, 6)


def test_rounds_of_one_group_are_no_further_evidence():
    """The same differences three times over, in the same groups, have the interval of once."""
    once = [{"a": 4 + d, "b": 4.0} for d in (0.2, 0.9, -0.3, 0.5, 0.1)]
    single, thrice = (
        arm_differences(statements(*rounds, group_of=group_of)).only(subset="all", measure="mean")
        for rounds, group_of in ((once, lambda k: k), (once * 3, lambda k: k % 5))
    )
    assert thrice.estimate.interval == pytest.approx(single.estimate.interval)
    assert (single.n, thrice.n) == (5, 15)


def test_the_test_of_a_rate_is_the_one_its_interval_inverts():
    """All of eight groups won: the exact interval and test of 8 of 8."""
    row = win_rates(statements(*[{"a": 5, "b": 4}] * 8)).only(subset="all", measure="mean")
    exact = stats.binomtest(8, 8)
    assert row.estimate.interval == pytest.approx(tuple(exact.proportion_ci(method="exact")))
    assert row.p_value == pytest.approx(exact.pvalue)


@pytest.mark.parametrize("wins", range(1, 12))
def test_a_rate_is_told_from_one_half_where_its_interval_leaves_it_out(wins):
    rounds = [{"a": 5, "b": 4}] * wins + [{"a": 4, "b": 5}] * (12 - wins)
    row = win_rates(statements(*rounds)).only(subset="all", measure="mean")
    low, high = row.estimate.interval
    assert (row.p_value < 0.05) == (not low <= 0.5 <= high)


def test_pairs_are_adjusted_together_within_a_subset_and_measure():
    scores = np.random.default_rng(3).normal([5, 4.4, 4.2, 4.1], 0.6, (12, 4))
    rounds = [dict(zip("abcd", row, strict=True)) for row in scores]
    rows = (
        arm_differences(statements(*rounds, divisive=[True, False] * 6)).where(subset="divisive", measure="lowest").rows
    )
    assert len(rows) == 6
    expected = multipletests([row.p_value for row in rows], method="holm")[1]
    assert [row.p_holm for row in rows] == pytest.approx(expected.tolist())


def test_subsets_take_the_rounds_apart():
    rows = statements(
        {"a": 5, "b": 4}, {"a": 3, "b": 4}, {"a": 5, "b": 4}, divisive=[True, False, None], split=["x", "x", "y"]
    )
    rates = {row.keys["subset"]: (row.estimate.value, row.n) for row in win_rates(rows).where(measure="mean").rows}
    assert rates == {
        "all": (2 / 3, 3),
        "divisive": (1, 1),
        "not divisive": (0, 1),
        "split x": (0.5, 2),
        "split y": (1, 1),
    }


def test_one_arm_leaves_nothing_to_compare():
    rates = win_rates(statements({"a": 5}, {"a": 4}))
    assert rates.rows == ()
    assert rates.reason == "there are not two arms with ratings to compare"


def test_a_renamed_column_is_told_in_a_line():
    with pytest.raises(InputError, match=r"statements: no column 'lowest'; expected session_id, round_id, arm, mean"):
        win_rates(statements({"a": 5, "b": 4}).rename(columns={"lowest": "minimum"}))


def test_statements_of_a_run_are_those_of_its_frame(simulate):
    """The same query over the tables on the disk and over pandas; and pandas' own means."""
    run = simulate(design={"groups": 3, "rounds": 2}).run
    of_run, of_frame = Rated.of_run(run).statements(), Rated.of_frame(run.ratings_by_arm).statements()
    pd.testing.assert_frame_equal(of_run[of_frame.columns], of_frame)
    people = (
        run.ratings_by_arm.dropna(subset=["agreement"]).groupby(["candidate_id", "participant_id"])["agreement"].mean()
    )
    expected = people.groupby("candidate_id").agg(["mean", "min", "median"]).loc[of_run["candidate_id"]]
    np.testing.assert_allclose(of_run[["mean", "lowest", "median"]], expected)


@pytest.mark.slow
def test_no_difference_is_told_from_none_in_one_family_of_twenty():
    """600 studies of 8 groups, 3 rounds and 4 like arms: by Holm .05 of families at most. Four standard errors are .036."""
    rng = np.random.default_rng(7)
    told = {"mean": 0, "mean_without_ties": 0, "difference": 0}
    for _ in range(600):
        scores = rng.normal(size=(24, 1)) + rng.normal(size=(8, 4)).repeat(3, axis=0) * 0.3 + rng.normal(size=(24, 4))
        rows = statements(*[dict(zip("abcd", row, strict=True)) for row in scores], group_of=lambda k: k // 3)
        rates, differences = (compare(rows, measures=["mean"]) for compare in (win_rates, arm_differences))
        families = {"difference": differences, **{name: rates.where(measure=name) for name in list(told)[:2]}}
        for name, family in families.items():
            told[name] += min(row.p_holm for row in family.rows if row.p_holm is not None) <= 0.05
    assert max(told.values()) / 600 < 0.05 + 0.036
