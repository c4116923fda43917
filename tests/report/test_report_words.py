"""Numbers, places and the sentences that intervals allow."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcons.report.phrases import effect, extremes, trend
from simcons.report.sweeps import Axis, Curve, Point
from simcons.report.words import listed, percent, places, points_in_words

NUMBERS = Axis(("0", "1", "2", "3", "4"), (0.0, 1.0, 2.0, 3.0, 4.0), is_number=True)
MAPS = Axis(("likert", "exp", "sigmoid", "affine"), (0.0, 1.0, 2.0, 3.0), is_number=False)


def point(estimate, half=0.01, value="0"):
    interval = None if half is None else (estimate - half, estimate + half)
    return Point(value, 0.0, estimate, interval, 100, differs=half is not None and abs(estimate) > half)


def curve(estimates, half=0.01, axis=NUMBERS):
    return Curve("Nash", tuple(point(e, half, value) for value, e in zip(axis.values, estimates, strict=False)))


@pytest.mark.parametrize(
    ("estimate", "half", "text"),
    [
        (0.1, 0.01, "0.10 points (0.09 to 0.11)"),
        (0.1, 0.002, "0.100 points (0.098 to 0.102)"),
        (-0.1, 0.01, "−0.10 points (−0.11 to −0.09)"),
        (5.0, 0.2, "5.00 points (4.80 to 5.20)"),
        (0.035, 0.0349, "0.035 points (0.000 to 0.070)"),  # two decimals would print 0.04 (0.00 to 0.07)
        (-0.001, 0.01, "0.00 points (−0.01 to 0.01)"),  # no minus before zero
        (0, 0, "0 points (0 to 0)"),
        (0.1, None, "0.100 points"),
    ],
)
def test_points(estimate, half, text):
    assert points_in_words(point(estimate, half)) == text


def test_what_rounds_to_nothing_is_said_to_be_less():
    point = Point("0", 0.0, 0.0002, (0.0001, 0.0003), 100)
    assert points_in_words(point) == points_in_words(point, sign=False) == "less than 0.0005 points"
    assert points_in_words(replace(point, estimate=0.0, interval=(0.0, 0.0))) == "0 points (0 to 0)"


def test_points_without_their_sign_turn_the_interval_too():
    assert points_in_words(point(-0.1), sign=False) == "0.10 points (0.09 to 0.11)"
    assert points_in_words(point(0.1), sign=False) == "0.10 points (0.09 to 0.11)"


@pytest.mark.parametrize(
    ("estimate", "half", "text"),
    [
        (0.094, 0.004, "9.4% (9.0 to 9.8)"),
        (0.5, 0.03, "50% (47 to 53)"),
        (1, 0, "100.0% (100.0 to 100.0)"),
        (0.2, None, "20.0%"),
    ],
)
def test_percent(estimate, half, text):
    assert percent(point(estimate, half)) == text


def test_listed():
    assert [listed(items) for items in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]


@pytest.mark.parametrize(
    ("axis", "there", "text"),
    [
        (NUMBERS, "01234", "throughout"),
        (NUMBERS, "3", "at 3"),
        (NUMBERS, "03", "at 0 and 3"),
        (NUMBERS, "0124", "from 0 to 2 and at 4"),
        (MAPS, ["exp"], "with “exp”"),
        (MAPS, ["likert", "exp", "affine"], "with all but “sigmoid”"),
        (Axis(("likert",), (0.0,), is_number=False), ["likert"], "with “likert”"),
        (Axis(("2",), (2.0,), is_number=True), ["2"], "at 2"),
    ],
)
def test_places(axis, there, text):
    assert places([point(0, value=value) for value in there], axis) == text


def test_an_effect_that_changes_sign():
    text = effect(curve([-0.2, 0.0, 0.1, 0.3, 0.3]), NUMBERS, reference="that of b")
    assert text == (
        "higher than that of b from 2 to 4, by 0.10 points (0.09 to 0.11) at 2 up to 0.30 points (0.29 to 0.31) at 3; "
        "lower at 0, by 0.20 points (0.19 to 0.21); not distinguishable at 1"
    )


def test_an_effect_that_is_only_negative_names_what_it_is_compared_with():
    text = effect(curve([-0.2] * 5), NUMBERS, reference="that of b", more="dearer", less="cheaper")
    assert text == "cheaper than that of b throughout, by 0.20 points (0.19 to 0.21)"


@pytest.mark.parametrize("half", [0.5, None])
def test_nothing_is_said_where_intervals_include_zero_or_are_missing(half):
    assert (
        effect(curve([0.1] * 5, half), NUMBERS, reference="that of b") == "not distinguishable from that of b anywhere"
    )
    assert effect(curve([0.1], half), NUMBERS, reference="that of b") == "not distinguishable from that of b at 0"


estimates = st.lists(st.floats(-1, 1), min_size=5, max_size=5)


@given(estimates, st.floats(0.001, 1))
def test_an_effect_claims_a_direction_exactly_where_an_interval_excludes_zero(values, half):
    found = curve(values, half)
    text = effect(found, NUMBERS, reference="that of b")
    signs = {p.sign for p in found.points}
    assert ("higher" in text, "lower" in text, "not distinguishable" in text) == (1 in signs, -1 in signs, 0 in signs)


@given(estimates, st.floats(0.001, 1))
def test_a_trend_claims_to_rise_or_fall_exactly_where_the_ends_are_apart(values, half):
    found = curve(values, half)
    text = trend(found, NUMBERS, points_in_words)
    rose, fell = found.first.is_below(found.last), found.last.is_below(found.first)
    assert text.startswith("rose") == rose
    assert text.startswith("fell") == fell
    if "highest" in text:
        assert all(end.is_below(found.highest) for end in (found.first, found.last))
    if "lowest" in text:
        assert all(found.lowest.is_below(end) for end in (found.first, found.last))


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([0, 1, 2, 3, 4], "rose from 0 points (−0.01 to 0.01) at 0 to 4.00 points (3.99 to 4.01) at 4"),
        ([1, 5, 1, 1, 1.01], "was 1.00 points (0.99 to 1.01) at 0 and 1.01 points (1.00 to 1.02) at 4 (these intervals overlap), "
         "and was highest, 5.00 points (4.99 to 5.01), at 1"),
        ([1, 1, 1, 1, 1], "was 1.00 points (0.99 to 1.01) throughout"),
        ([1], "was 1.00 points (0.99 to 1.01) at 0"),
    ],
)  # fmt: skip
def test_trends(values, text):
    assert trend(curve(values), NUMBERS, points_in_words) == text


def test_a_trend_without_intervals_claims_nothing():
    text = trend(curve([0, 0, 1, 2, 3], None), NUMBERS, points_in_words)
    assert text == "was 0 points at 0 and 3.000 points at 4"


def test_categories_have_no_order():
    found = curve([2, 1, 3, 2], axis=MAPS)
    assert re.fullmatch(
        r"lay between 1.00 points .* with “exp” and 3.00 points .* with “sigmoid”", trend(found, MAPS, points_in_words)
    )


def test_extremes_name_rule_and_place():
    found = [curve([1, 2, 3, 2, 2]), Curve("Borda", (point(0.5, value="4"),))]
    assert extremes(found, NUMBERS, points_in_words) == "0.50 points (Borda, at 4) and 3.00 points (Nash, at 2)"
