"""Estimates as they are printed."""

from __future__ import annotations

from simcons.analysis.resampling import Estimate
from simcons.report.intervals import points, share


def test_an_estimate_with_its_interval_without_one_and_none():
    assert points(Estimate(5.656, (5.546, 5.868), 0.1, 9)) == "5.66 [5.55, 5.87]"
    assert points(Estimate(5.656, None, None, 1)) == "5.66"
    assert points(None) == share(None) == "-"
    assert share(Estimate(0.224, (0.151, 0.299), None, 9)) == "22% [15%, 30%]"
    assert share(Estimate(0.0857, (0.0841, 0.0873), None, 9)) == "8.6% [8.4%, 8.7%]"


def test_an_estimate_has_no_minus_nought():
    assert points(Estimate(0.0, (-0.001, 0.004), 0.001, 9)) == "0.00 [0.00, 0.00]"
    assert points(Estimate(-0.006, (-0.02, 0.0), 0.005, 9)) == "-0.01 [-0.02, 0.00]"
