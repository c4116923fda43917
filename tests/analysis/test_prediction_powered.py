"""Prediction-powered estimates: by hand, against regression, and by how often their intervals hold."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simcons.analysis.prediction_powered import powered
from simcons.seeds import stream

N_STUDIES, N_ROUNDS = 500, 3


def test_by_hand():
    """Means 3 and .5, sums of products 6 and of squares 6: the slope is 1, and the estimate 3 - .5."""
    found = powered([1, 2, 3, 3, 4, 5], [-0.5, -0.5, -0.5, 1.5, 1.5, 1.5], range(6))
    assert (found.alone.value, found.ahead.value) == (3, 0.5)
    assert found.both.value == pytest.approx(2.5)
    assert found.r.value == pytest.approx(6 / np.sqrt(10 * 6))


def test_of_one_row_a_group_it_is_where_the_regression_line_crosses_nought():
    rng = stream(1, "powered")
    ahead = rng.normal(size=20)
    answers = 2 + 0.7 * ahead + rng.normal(size=20)
    line = stats.linregress(ahead, answers)
    found = powered(answers, ahead, range(20))
    assert found.both.value == pytest.approx(line.intercept)
    assert found.r.value == pytest.approx(line.rvalue)


def test_the_unit_of_predictions_does_not_matter():
    rng = stream(2, "powered")
    answers, ahead, group = rng.normal(size=24), rng.normal(size=24), np.repeat(np.arange(8), 3)
    ahead += answers
    plain, tenfold = (powered(answers, scale * ahead, group) for scale in (1, 10))
    assert tenfold.both.interval == pytest.approx(plain.both.interval)
    assert plain.worth > 8


def test_predictions_that_go_the_wrong_way_are_not_used():
    found = powered([1, 2, 3, 4, 5, 6], [2, 1, 0, 0, -1, -2], range(6))
    assert found.both == found.alone
    assert found.worth == pytest.approx(6)


@pytest.mark.parametrize(("n_groups", "ahead"), [(5, range(5)), (8, [0] * 8)])
def test_answers_stand_alone_where_predictions_cannot_help(n_groups, ahead):
    found = powered(np.arange(n_groups), ahead, range(n_groups))
    assert (found.both, found.worth) == (None, None)
    assert found.alone.value == pytest.approx((n_groups - 1) / 2)


def studies(n_groups: int, predictor: str):
    """Studies whose mean is .4: what people make of a statement differs by what it is like, of which the predictor makes 2 less,
    three times less, nothing, or too much of the good ones. Expected is the mean over what might have been written.
    """
    rng = stream(3, "coverage", n_groups, predictor)
    shape = (n_groups, N_ROUNDS)
    predict = {"lower": lambda x: x - 2, "flatter": lambda x: x / 3, "deaf": lambda x: 0 * x, "bent": np.exp}[predictor]
    group = np.repeat(np.arange(n_groups), N_ROUNDS)
    for _ in range(N_STUDIES):
        written = rng.normal(size=shape)
        answers = 0.4 + written + rng.normal(0, 0.4, size=(n_groups, 1)) + rng.normal(0, 0.5, size=shape)
        noise = rng.normal(0, 0.3, size=shape)
        anew = predict(rng.normal(size=(10, *shape))).mean(axis=0)
        yield powered(answers.ravel(), (predict(written) + noise - anew).ravel(), group)


@pytest.mark.parametrize("n_groups", [8, 20])
@pytest.mark.parametrize("predictor", ["lower", "flatter", "deaf", "bent"])
def test_intervals_hold_whatever_is_wrong_with_the_predictor(n_groups, predictor):
    """Of 500 intervals that hold with probability .95, 465 to 485 do but for one seed in 18, and the seed is settled. The mean of
    the estimates lies within 4.5 of its errors: chance puts it beyond once in 150,000.
    """
    found = list(studies(n_groups, predictor))
    held = [low <= 0.4 <= high for each in found for low, high in [each.both.interval]]
    assert 0.93 <= np.mean(held) <= 0.97
    off = np.array([each.both.value - 0.4 for each in found])
    assert abs(off.mean()) <= 4.5 * off.std() / np.sqrt(len(off))
    worth = np.median([each.worth for each in found]) / n_groups
    assert worth > 1.5 if predictor == "lower" else worth > 0.9
