"""Calibration of raw scores to ratings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcons.training.calibration import calibrated, reliability

POINTS = st.tuples(st.floats(-5, 5).map(lambda x: round(x, 3)), st.integers(1, 7))


@given(st.lists(POINTS, min_size=2, max_size=60).filter(lambda points: len({score for score, _ in points}) > 1))
def test_ratings_rise_with_scores_whatever_was_rated(points: list[tuple[float, int]]) -> None:
    scores, ratings = np.array(points, dtype=float).T
    grid = np.linspace(-8, 8, 100)
    predicted = calibrated(scores, ratings).ratings(grid)
    assert (np.diff(predicted) >= 0).all()
    assert ((predicted >= 1) & (predicted <= 7)).all()


def test_a_planted_curve_is_recovered() -> None:
    """4 + 2.4 tanh(score) with noise of one point: 5,000 ratings give it within .2 points where scores are."""
    rng = np.random.default_rng(1)
    scores = rng.normal(size=5_000)
    ratings = np.clip(np.round(4 + 2.4 * np.tanh(scores) + rng.normal(size=5_000)), 1, 7)
    grid = np.linspace(-1.5, 1.5, 13)
    expected = [np.mean(ratings[np.abs(scores - x) < 0.1]) for x in grid]
    assert calibrated(scores, ratings).ratings(grid) == pytest.approx(expected, abs=0.2)


def test_ratings_that_do_not_rise_leave_the_order_alone() -> None:
    scores = np.arange(100, dtype=float)
    calibration = calibrated(scores, np.where(scores < 50, 5.0, 3.0))
    assert calibration.rating == pytest.approx((4.0, 4.0), abs=0.001)
    assert calibration.ratings(np.array([10.0]))[0] < calibration.ratings(np.array([90.0]))[0]


def test_scores_that_are_all_the_same_get_the_mean_rating() -> None:
    calibration = calibrated(np.full(5, 2.0), np.arange(1.0, 6.0))
    assert calibration.ratings(np.array([2.0])) == pytest.approx([3.0])
    assert calibration.ratings(np.array([1.5]))[0] < calibration.ratings(np.array([2.5]))[0]


def test_the_reliability_curve_is_of_questions_that_were_not_fitted_to() -> None:
    """Where ratings have nothing to do with scores but within a question, a curve fitted elsewhere predicts none of it."""
    rng = np.random.default_rng(2)
    question = np.repeat(np.arange(20), 50)
    sign = rng.choice([-1, 1], size=20)[question]
    scores = rng.normal(size=1_000)
    ratings = 4 + sign * np.sign(scores) * 2
    rows = reliability(scores, ratings, [f"q{k}" for k in question], [f"g{k}" for k in question])
    assert sum(row.n for row in rows) == 1_000
    assert max(row.predicted for row in rows) < 5.5
    assert reliability(scores, ratings, ["q"] * 1_000, ["g"] * 1_000) == []
