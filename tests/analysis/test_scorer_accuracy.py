"""How good scores are: counted pair by pair, by hand, and with planted slopes and errors."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from recorded import Round, written

from simcons.analysis.reselect.pools import MAJORITY, MINORITY, NEITHER, PoolReader, Pools
from simcons.analysis.scorer_accuracy import scorer_quality
from simcons.seeds import stream


def slates(scores, *, truth=None, rating=None, role=None):
    nothing = np.full(scores.shape, np.nan)
    n_pools, n, n_people = scores.shape
    return Pools(
        pool=np.arange(n_pools),
        statement=np.tile(np.arange(n), (n_pools, 1)),
        person=np.tile(np.arange(n_people), (n_pools, 1)),
        scores=scores,
        truth=nothing if truth is None else truth,
        rating=nothing if rating is None else rating,
        role=np.full((n_pools, n_people), NEITHER) if role is None else role,
        members=np.empty((n_pools, n, 0)),
        member_role=np.empty((n_pools, 0), dtype=np.int64),
        member_cell=np.empty((n_pools, 0), dtype=np.int64),
    )


def quality(block):
    return scorer_quality("reader", [block], block.pool)


HALVES = st.integers(2, 14).map(lambda k: k / 2)
SHAPE = (3, 5, 4)


@given(
    arrays(np.float64, SHAPE, elements=HALVES),
    arrays(np.float64, SHAPE, elements=st.one_of(HALVES, st.just(float("nan")))),
    arrays(np.int64, (3, 4), elements=st.sampled_from([NEITHER, MINORITY, MAJORITY])),
)
def test_pairs_are_those_counted_one_by_one(scores, truth, role):
    found = quality(slates(scores, truth=truth, role=role)).truth
    counted = {part: [0, 0] for part in (None, MINORITY, MAJORITY)}
    level = 0
    for pool, who in np.ndindex(3, 4):
        for a, b in combinations(range(5), 2):
            wanted, told = truth[pool, a, who] - truth[pool, b, who], scores[pool, a, who] - scores[pool, b, who]
            if np.isnan(wanted) or wanted == 0:
                continue
            level += told == 0
            for part in {None, role[pool, who]} - {NEITHER} if told else ():
                counted[part][0] += (wanted > 0) == (told > 0)
                counted[part][1] += 1
    if found is None:
        assert counted[None][1] == 0
        return
    assert (found.n_pairs, found.n_level) == (counted[None][1], level)
    for estimate, part in ((found.everybody, None), (found.minority, MINORITY), (found.majority, MAJORITY)):
        right, pairs = counted[part]
        assert estimate.value == pytest.approx(right / pairs) if pairs else estimate is None


def test_calibration_by_hand():
    """Scores 2.1 and 2.3 share a bin (ratings 3 and 2: sum of shortfalls .6), 5.2 is another (rating 4: -1.2)."""
    scores, rating = np.array([[[2.1], [2.3], [5.2], [6.0]]]), np.array([[[3.0], [2.0], [4.0], [np.nan]]])
    found = quality(slates(scores, rating=rating)).calibration
    assert found.n == 3
    assert found.ece.value == pytest.approx((0.6 + 1.2) / 3)
    assert found.bias.value == pytest.approx((9.6 - 9.0) / 3)
    assert found.n_pairs == 3


def test_calibration_against_the_truth_is_of_what_was_rated():
    """The same scores, whose truths are 2.6 and 2.8 in one bin (.5 short each) and 5.2 in another; nobody rated the fourth."""
    scores = np.array([[[2.1], [2.3], [5.2], [6.0]]])
    truth, rating = np.array([[[2.6], [2.8], [5.2], [1.0]]]), np.array([[[3.0], [2.0], [4.0], [np.nan]]])
    found = quality(slates(scores, truth=truth, rating=rating))
    assert found.true_calibration.n == 3
    assert found.true_calibration.ece.value == pytest.approx(1.0 / 3)
    assert found.true_calibration.bias.value == pytest.approx(-1.0 / 3)
    assert found.true_calibration.brier.value == pytest.approx(0, abs=1e-6)  # of three pairs all are in the true order
    assert found.calibration.brier.value > 0.05  # one of them is not in that of the ratings
    assert quality(slates(scores, truth=truth)).true_calibration is None


def test_a_scorer_that_orders_all_pairs_rightly_has_no_brier_and_one_that_orders_them_wrongly_is_no_worse_than_chance():
    scores = np.array([[[1.0], [3.0], [5.0]]])
    right, wrong = (quality(slates(scores, rating=rating)).calibration for rating in (scores, 8 - scores))
    assert right.brier.value == pytest.approx(0, abs=1e-6)
    assert wrong.slope == pytest.approx(0, abs=1e-3)
    assert wrong.brier.value == pytest.approx(0.25, abs=1e-3)


def test_a_planted_slope_is_recovered():
    """20,000 pairs rated with chance 1 / (1 + exp(-1.3 gap)). The standard error of the slope is .018, and 5 of them are allowed;
    that of Brier's mean is .0012: both fail by chance in less than 1e-6 of seeds."""
    rng = stream(0, "test", "slope")
    scores = rng.uniform(1, 7, (20_000, 2, 1))
    chance = 1 / (1 + np.exp(-1.3 * (scores[:, 0] - scores[:, 1])))
    first = rng.random((20_000, 1)) < chance
    rating = np.where(np.stack([first, ~first], axis=1), 5.0, 3.0)
    found = quality(slates(scores, rating=rating)).calibration
    assert found.slope == pytest.approx(1.3, abs=0.09)
    assert found.brier.value == pytest.approx(np.mean(chance * (1 - chance)), abs=0.007)


@pytest.mark.parametrize(("off", "least", "most"), [(0.0, 0.2, 0.75), (0.8, 0.95, 1.05)])
def test_the_calibration_error_is_rid_of_most_of_what_noise_adds(off, least, most):
    """Scores that are ``off`` by turns, ratings with noise of SD 1, over 40 studies of 50 groups of 4 statements and 5 people.

    With right scores the plain error is .10 by noise alone; what is left is .2 to .75 of that. Where scores are wrong the mean
    of the estimates is within 5% of what they are off.
    """
    rng, found = stream(0, "test", "calibration"), []
    for _ in range(40):
        scores = rng.uniform(1, 7, (50, 4, 5))
        turns = np.where(np.floor(2 * scores) % 2, off, -off)
        found.append(quality(slates(scores, rating=scores + turns + rng.normal(size=scores.shape))).calibration.ece)
    assert all(one.interval[0] >= 0 for one in found)
    assert least < np.mean([one.value for one in found]) / (off or 0.1) < most


def test_ratings_of_one_statement_are_averaged_and_people_without_a_rating_left_out(tmp_path):
    run = written(
        tmp_path / "run",
        Round("a", "s1", [[6, 2], [3, 4]], truth=[[7, 1], [2, 3]], ratings=[[6, 3], [2, None]], positions=[6, 2]),
    )
    reader = PoolReader(run)
    found = scorer_quality("reader", reader.scored("reader").blocks, reader.group)
    assert (found.truth.n_pairs, found.truth.everybody.value) == (2, 1.0)
    assert (found.ratings.n_pairs, found.ratings.everybody.value) == (1, 1.0)
    assert found.calibration.n == 3
    assert found.truth.everybody.interval is None, "one group"


def test_nothing_to_compare_with_is_none():
    found = quality(slates(np.ones((2, 3, 2))))
    assert (found.truth, found.ratings, found.calibration, found.true_calibration) == (None, None, None, None)
