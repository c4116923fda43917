"""Running sums against NumPy on everything at once, and whether the intervals cover."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simcons.analysis.findings import Key
from simcons.analysis.resampling import wilson
from simcons.experiments.tally import Tally

MEAN, SHARE, WORST = (
    Key("Nash", None, "mean_utility"),
    Key("Nash", "utilitarian", "tied"),
    Key("Nash", None, "worst_off"),
)


def estimates(key, blocks, rounds_per_group=1):
    tally = Tally(rounds_per_group)
    for block in blocks:
        tally.add(key, np.asarray(block, dtype=float))
    return {found.measure: estimate for found, estimate in tally.estimates()}


def test_blocks_do_not_matter():
    values = 1e6 + np.random.default_rng(0).normal(size=1000)
    whole, in_parts = (estimates(MEAN, np.array_split(values, k))["mean_utility"] for k in (1, 7))
    assert in_parts.value == pytest.approx(whole.value, rel=1e-15)
    assert in_parts.interval == pytest.approx(whole.interval, rel=1e-13)
    assert whole.value == pytest.approx(values.mean(), rel=1e-15)
    expected = stats.ttest_1samp(values, 0).confidence_interval()
    assert whole.interval == pytest.approx((expected.low, expected.high), rel=1e-14)
    assert whole.n == 1000


def test_undefined_rounds_are_left_out_and_counted_out():
    found = estimates(MEAN, [[1.0, np.nan], [np.nan, np.nan], [3.0, 5.0]])["mean_utility"]
    assert (found.value, found.n) == (3.0, 3)
    assert estimates(MEAN, [[np.nan]]) == {}
    alone = estimates(MEAN, [[2.0]])["mean_utility"]
    assert (alone.value, alone.interval, alone.n) == (2.0, None, 1)


def test_the_group_is_the_unit():
    """Three rounds a group: means of 2, 4 and (of the two that are defined) 6."""
    found = estimates(MEAN, [[1, 2, 3, 4, 4, 4], [5, np.nan, 7]], rounds_per_group=3)["mean_utility"]
    assert (found.value, found.n) == (4.0, 3)


def test_shares_have_an_interval_also_at_the_ends():
    """Clopper & Pearson (1934): none of 100 is an interval from 0 to 1 - .025^(1/100) = .0362. Wilson (1927) for the half."""
    none = estimates(SHARE, [np.zeros(60), np.zeros(40)])["tied"]
    assert none.value == 0.0
    assert none.interval == pytest.approx((0.0, 0.0362), abs=1e-4)
    half = estimates(SHARE, [[0, 1] * 50])["tied"]
    assert half.interval == pytest.approx((0.4023, 0.5977), abs=1e-4)


def test_shares_of_groups_with_several_rounds_count_the_rounds_as_trials():
    """Every group has the same share, so that they tell no more than 3 x 20 independent rounds do."""
    found = estimates(SHARE, [[0, 0, 1] * 20], rounds_per_group=3)["tied"]
    assert found.n == 20
    assert found.interval == pytest.approx(wilson(1 / 3, 60))


def test_intervals_cover():
    """95% intervals of a skewed mean and of a 10% quantile cover in 900 to 980 of 1,000 samples (false alarm below 1e-4)."""
    truth = {"worst_off": 1.0, "worst_off_q10": stats.expon.ppf(0.1)}
    covered = dict.fromkeys(truth, 0)
    for sample in range(1000):
        values = np.random.default_rng(sample).exponential(size=300)
        for name, found in estimates(WORST, np.array_split(values, 3)).items():
            low, high = found.interval
            covered[name] += low <= truth[name] <= high
    assert all(900 <= count <= 980 for count in covered.values()), covered
