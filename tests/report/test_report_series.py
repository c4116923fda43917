"""Findings as series: order, kinds of axes, and differences of series with intervals that always hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted import along, finding

from simcons.report.series import Axis, sweeps


def only(findings):
    (found,) = sweeps(findings)
    return found


def test_sweeps_and_values_keep_their_order():
    rows = [
        finding("tied", 0.1, sweep="b", value="2"),
        finding("tied", 0.2, sweep="b", value="0.5"),
        finding("tied", 0.3, sweep="a"),
    ]
    found = sweeps(rows)
    assert [sweep.name for sweep in found] == ["b", "a"]
    assert found[0].axis == Axis(("0.5", "2"), (0.5, 2.0), is_number=True)
    assert [point.estimate for point in found[0].series("tied", "Nash").points] == [0.2, 0.1]


@pytest.mark.parametrize(
    ("values", "is_number", "is_log"),
    [
        (["0.55", "0.6", "0.99"], True, False),
        (["1", "4", "16", "64"], True, True),
        (["0", "1", "10", "100"], True, False),  # zero has no logarithm
        (["likert", "exp (temperature 1)"], False, False),
        (["3", "likert"], False, False),
        (["inf", "3"], False, False),
    ],
)
def test_kinds_of_axes(values, is_number, is_log):
    axis = only(along("tied", dict.fromkeys(values, 0.1))).axis
    assert (axis.is_number, axis.is_log) == (is_number, is_log)


def test_what_has_no_estimate_is_left_out_and_half_an_interval_is_none():
    found = only([finding("tied", math.nan, value="0"), finding("tied", 0.2, half=math.inf, value="1")])
    (point,) = found.series("tied", "Nash").points
    assert (point.value, point.estimate) == ("1", 0.2)
    assert math.isnan(point.low)
    assert math.isnan(point.high)
    assert found.axis.values == ("0", "1")
    assert found.series("tied", "Borda") is None
    assert sweeps([finding("tied", math.nan)]) == []


@pytest.mark.parametrize(
    ("estimate", "half", "sign"), [(1, 0.5, 1), (-1, 0.5, -1), (1, 1, 0), (0, 0, 0), (1, math.nan, 0)]
)
def test_sign_says_on_which_side_of_zero_the_whole_interval_lies(estimate, half, sign):
    assert only([finding("tied", estimate, half)]).series("tied", "Nash").first.sign == sign


def test_difference_by_hand():
    rows = [finding("minority", 5.0, 0.1), finding("minority", 4.5, 0.2, rule="utilitarian")]
    point = only(rows).contrast("minority", "Nash", "utilitarian").first
    # 5.0 in 4.9 to 5.1, less 4.5 in 4.3 to 4.7
    assert (point.estimate, point.low, point.high) == pytest.approx((0.5, 0.2, 0.8))


@given(st.floats(-1, 1), st.floats(0.1, 10), st.floats(0.1, 10))
def test_no_correlation_makes_a_difference_less_certain_than_its_interval_says(correlation, sd_a, sd_b):
    found = only([finding("minority", 1.0, 1.96 * sd_a), finding("minority", 0.0, 1.96 * sd_b, rule="utilitarian")])
    point = found.contrast("minority", "Nash", "utilitarian").first
    true_sd = np.sqrt(max(sd_a**2 + sd_b**2 - 2 * correlation * sd_a * sd_b, 0))
    assert (point.high - point.low) / 2 >= 1.96 * true_sd - 1e-9


def test_difference_needs_both():
    found = only([finding("minority", 5.0)])
    assert found.contrast("minority", "Nash", "utilitarian") is None
