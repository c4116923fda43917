"""The rule on unreliable raters: by hand, and against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from simcons.analysis.raters import LEAST_PAIRS, consistency

FIRST = np.array([1.0, 2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6])


def test_r_is_pearsons_and_differences_are_in_points():
    second = FIRST + np.tile([1.0, 0, -1], 4)
    given = consistency(FIRST, second)
    assert given.r == pytest.approx(np.corrcoef(FIRST, second)[0, 1])
    assert given.mean_abs_difference == pytest.approx(8 / 12)
    assert given.reliable is True


@pytest.mark.parametrize(
    ("second", "reliable"),
    [
        (FIRST, True),
        (8 - FIRST, False),  # r of -1
        (np.full(12, 4.0), False),  # r undefined
        (FIRST + np.tile([1.25, -1.25], 6), True),
        (FIRST + np.tile([1.3, -1.3], 6), False),  # 1.3 points on average, though r is .81
    ],
)
def test_who_is_reliable(second, reliable):
    assert consistency(FIRST, second).reliable is reliable


def test_nobody_is_judged_over_few_pairs():
    few = FIRST[: LEAST_PAIRS - 1]
    assert consistency(few, 8 - few).reliable is None
