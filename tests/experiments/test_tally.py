"""Running sums against NumPy on everything at once, and whether the intervals cover."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simcons.analysis.findings import Key
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
    assert in_parts.low == pytest.approx(whole.low, rel=1e-13)
    assert whole.value == pytest.approx(values.mean(), rel=1e-15)
    margin = stats.norm.ppf(0.975) * values.std(ddof=1) / np.sqrt(1000)
    assert whole.high - whole.value == pytest.approx(margin, rel=1e-8)
    assert whole.n == 1000


def test_undefined_rounds_are_left_out_and_counted_out():
    found = estimates(MEAN, [[1.0, np.nan], [np.nan, np.nan], [3.0, 5.0]])["mean_utility"]
    assert (found.value, found.n) == (3.0, 3)
    assert estimates(MEAN, [[np.nan]]) == {}
    alone = estimates(MEAN, [[2.0]])["mean_utility"]
    assert (alone.value, alone.n) == (2.0, 1)
    assert np.isnan([alone.low, alone.high]).all()


def test_the_group_is_the_unit():
    """Three rounds a group: means of 2, 4 and (of the two that are defined) 6."""
    found = estimates(MEAN, [[1, 2, 3, 4, 4, 4], [5, np.nan, 7]], rounds_per_group=3)["mean_utility"]
    assert (found.value, found.n) == (4.0, 3)


def test_shares_have_an_interval_also_at_the_ends():
    """Wilson (1927): none of 100 is an interval from 0 to z^2 / (100 + z^2) = .037."""
    none = estimates(SHARE, [np.zeros(60), np.zeros(40)])["tied"]
    assert (none.value, none.low) == (0.0, 0.0)
    assert none.high == pytest.approx(0.0370, abs=1e-4)
    half = estimates(SHARE, [[0, 1] * 50])["tied"]
    assert (half.low, half.high) == pytest.approx((0.4038, 0.5962), abs=1e-4)


def test_intervals_cover():
    """95% intervals of a skewed mean and of a 10% quantile cover in 900 to 980 of 1,000 samples (false alarm below 1e-4)."""
    truth = {"worst_off": 1.0, "worst_off_q10": stats.expon.ppf(0.1)}
    covered = dict.fromkeys(truth, 0)
    for sample in range(1000):
        values = np.random.default_rng(sample).exponential(size=300)
        for name, found in estimates(WORST, np.array_split(values, 3)).items():
            covered[name] += found.low <= truth[name] <= found.high
    assert all(900 <= count <= 980 for count in covered.values()), covered
