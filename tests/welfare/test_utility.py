"""Maps from scores to utilities, and that they are what the facts say: they decide who wins."""

from __future__ import annotations

import numpy as np
import pytest

from simcons.scenario.welfare import (
    AffineMapSettings,
    ExpMapSettings,
    LikertMapSettings,
    RawMapSettings,
    SigmoidMapSettings,
)
from simcons.welfare import isoelastic, utility


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (LikertMapSettings(), [1, 1, 4, 7]),
        (ExpMapSettings(kind="exp", temperature=2.0), np.exp([-1.0, 0.5, 2.0, 4.0])),
        (SigmoidMapSettings(kind="sigmoid"), [0.002472623, 0.04742587, 0.5, 0.98201379]),
        (
            SigmoidMapSettings(kind="sigmoid", temperature=2.0, shift=0.0),
            [0.26894142, 0.62245933, 0.88079708, 0.98201379],
        ),
        (AffineMapSettings(kind="affine", scale=0.5, shift=2.0), [1, 2.5, 4, 6]),
        (RawMapSettings(kind="raw"), [-2, 1, 4, 8]),
    ],
)
def test_maps(chosen, expected):
    np.testing.assert_allclose(utility([-2.0, 1.0, 4.0, 8.0], chosen), expected, rtol=1e-6)


def test_an_affine_map_must_leave_everyone_something():
    with pytest.raises(
        ValueError, match=r"affine \(scale 1\.0, shift 2\.0\) gave 0\.0; expected positive.*raise shift"
    ):
        utility([[1.0, -2.0]], AffineMapSettings(kind="affine", shift=2.0))


def test_far_scores_are_no_accident():
    """exp says that it overflows; the sigmoid has a value everywhere."""
    with pytest.raises(ValueError, match=r"exp \(temperature 0\.001\) overflows at exp\(7000\)"):
        utility([7.0], ExpMapSettings(kind="exp", temperature=0.001))
    low, high = utility([-700.0, 800.0], SigmoidMapSettings(kind="sigmoid"))
    assert 0 < low < 1e-300
    assert high == 1


def test_the_map_changes_who_wins():
    """Nash on exp is the raw mean, so a constant per person cannot matter; on Likert it does (facts, welfare)."""
    scores = np.array([[6.0, 2.5], [4.0, 4.0]])  # candidates by people
    for free in (np.zeros(2), np.array([1.5, -1.0])):
        nash_on_exp = isoelastic(utility(scores + free, ExpMapSettings(kind="exp")), 1)
        assert nash_on_exp[0] > nash_on_exp[1]
    nash_on_likert = isoelastic(utility(scores, LikertMapSettings()), 1)
    assert nash_on_likert[0] < nash_on_likert[1]
