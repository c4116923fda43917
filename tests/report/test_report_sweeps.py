"""Findings as series: order, kinds of axes, and what intervals and comparisons allow to be told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from planted import along, finding

from simcons.report.sweeps import Axis, Point, sweeps


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
    assert [point.estimate for point in found[0].curve("tied", "Nash").points] == [0.2, 0.1]


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


def test_a_point_has_the_interval_of_its_finding_or_none():
    found = only([finding("tied", 0.1, half=None, value="0"), finding("tied", 0.2, half=0.05, value="1")])
    without, with_one = found.curve("tied", "Nash").points
    assert without.interval is None
    assert with_one.interval == pytest.approx((0.15, 0.25))
    assert found.curve("tied", "Borda") is None
    assert sweeps([]) == []


@pytest.mark.parametrize(
    ("estimate", "p_holm", "sign"), [(1, 0.05, 1), (-1, 0.04, -1), (1, 0.051, 0), (0, 1.0, 0), (1, None, 0)]
)
def test_sign_says_on_which_side_of_zero_what_is_told_from_it_lies(estimate, p_holm, sign):
    """Whatever its own interval says: only what also stands among all comparisons of the sweep is told."""
    assert (
        only([finding("worst_off_gain", estimate, 0.5, p_holm=p_holm)]).curve("worst_off_gain", "Nash").first.sign
        == sign
    )


def test_an_interval_is_below_another_where_they_are_apart():
    low, high, none = (
        Point("0", 0.0, estimate, interval, 9) for estimate, interval in [(1, (0, 2)), (4, (3, 5)), (9, None)]
    )
    assert low.is_below(high)
    assert not high.is_below(low)
    assert not low.is_below(replace(high, interval=(2, 6))), "they touch"
    assert not low.is_below(none)
    assert not none.is_below(high)
