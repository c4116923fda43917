"""Accuracy of a run's predictions of agreement, against what people truly think and against what they answered.

Three questions: does a scorer order two statements as a person does (pair accuracy), is a score the agreement that it says
(calibration), and is a difference of scores as telling as it should be (Brier)? Every pair or rating counts alike; intervals are
over groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcons.analysis.findings import Key
from simcons.analysis.resampling import Estimate, sizes, sums_by_group
from simcons.analysis.reselect.estimates import Quantity, estimates
from simcons.analysis.reselect.pools import MAJORITY, MINORITY, Pools
from simcons.arrays import Floats, Ints
from simcons.scale import HIGHEST, LOWEST

BINS = 12  # of half a point each
_PARTS: tuple[tuple[str, int | None], ...] = (("", None), ("_minority", MINORITY), ("_majority", MAJORITY))
_STEEPEST = 100.0  # logits a point


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Of the pairs of statements between which a person and the scorer both make a difference, those that both order alike."""

    everybody: Estimate | None
    minority: Estimate | None  # of the smaller side of the position statement, in rounds that have one
    majority: Estimate | None
    n_pairs: int
    n_level: int  # further pairs, between which the scorer makes no difference
    n_minority: int  # of the pairs, those of people on the smaller side
    n_majority: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """Scores against the ratings of what was shown, a person's ratings of one statement being averaged first; or against what the
    same people truly think of the same statements, so that what differs between the two is what people make of the scale.

    ece: expected calibration error, sum_b (n_b / n) |mean judgement - mean score| over `BINS` equal bins b of the score, in
    points (after Naeini et al. 2015). Noise in ratings makes that greater than it is, the more so the fewer there are; the
    jackknife over groups takes most of that away, but less than all where scores are right in every bin. Its interval allows for
    what is left, so that the estimate may lie near its high end. bias: mean score less mean judgement.

    brier: mean (p - y)^2 over pairs of statements that one person judged differently, y whether the first was judged higher,
    p = 1 / (1 + exp(-slope (score_1 - score_2))), with the slope of greatest likelihood on the same pairs; .25 is what p = 1/2
    gives. The interval takes the slope as given. Neither is there without such pairs.
    """

    ece: Estimate | None
    bias: Estimate | None
    brier: Estimate | None
    slope: float | None  # logits a point, from 0 to 100
    n: int  # judgements
    n_pairs: int


@dataclass(frozen=True, slots=True)
class ScorerQuality:
    """One scorer. None where there is nothing to compare with: no truth in the folder, nothing rated.

    truth, ratings: of all statements that it scored and, of these, those that were rated. calibration: against ratings;
    true_calibration: against the truth, of what was rated.
    """

    scorer: str
    truth: Accuracy | None
    ratings: Accuracy | None
    calibration: Calibration | None
    true_calibration: Calibration | None


def scorer_quality(scorer: str, blocks: Iterable[Pools], group: Ints) -> ScorerQuality:
    """The quality of one scorer's predictions. blocks: read once, one after another, and not kept. group: of every pool that
    `Pools.pool` may name, by number from 0.
    """
    tallies = [_Tally.of(block) for block in blocks]
    group = group[np.concatenate([tally.pool for tally in tallies])] if tallies else group[:0]
    return ScorerQuality(
        scorer=scorer,
        truth=_accuracy([tally.truth for tally in tallies], group, "truth"),
        ratings=_accuracy([tally.ratings for tally in tallies], group, "ratings"),
        calibration=_calibration([tally.rated for tally in tallies], group, "ratings"),
        true_calibration=_calibration([tally.true for tally in tallies], group, "truth"),
    )


@dataclass(frozen=True, slots=True)
class _Tally:
    """All that quality goes by of one block."""

    pool: Ints  # [pools], rows of `PoolReader.pools`
    truth: Floats  # [3, parts, pools], as `_pair_counts` has them
    ratings: Floats
    rated: _Judged
    true: _Judged

    @classmethod
    def of(cls, block: Pools) -> _Tally:
        return cls(
            block.pool,
            _pair_counts(block, block.truth),
            _pair_counts(block, block.rating),
            _Judged.of(block.scores, block.rating),
            _Judged.of(block.scores, np.where(np.isnan(block.rating), np.nan, block.truth)),
        )


# --- pairs -----------------------------------------------------------------------------------------------------------


def pair_accuracy(blocks: Sequence[Pools], group: Ints, versus: Literal["truth", "rating"]) -> Accuracy | None:
    """The share of pairs of statements of a pool that scores order as people do; None where there is no pair to tell by.

    group: of the pools of all ``blocks`` in order, by number from 0.
    """
    counts = [_pair_counts(block, getattr(block, versus)) for block in blocks]
    return _accuracy(counts, group, "ratings" if versus == "rating" else versus)


def _accuracy(counts: Sequence[Floats], group: Ints, against: str) -> Accuracy | None:
    """counts: [3, parts, pools] of each block."""
    if not counts:
        return None
    right, ordered, level = np.concatenate(counts, axis=-1)
    if not ordered[0].sum():
        return None
    names = [f"pair_accuracy{suffix}" for suffix, _ in _PARTS]
    measured = [Quantity(Key("predictions", against, name), right[k], ordered[k]) for k, name in enumerate(names)]
    everybody, minority, majority = estimates(measured, group)
    n_pairs, n_minority, n_majority = ordered.sum(axis=-1).astype(int).tolist()
    return Accuracy(
        everybody,
        minority,
        majority,
        n_pairs=n_pairs,
        n_level=int(level[0].sum()),
        n_minority=n_minority,
        n_majority=n_majority,
    )


def _pair_counts(block: Pools, target: Floats) -> Floats:
    """[3, parts, pools]: pairs that a person orders, and the scorer as they do, anyhow, and not."""
    n_pools, n, n_people = block.scores.shape
    counts = np.zeros((3, n_pools, n_people))
    for lag in range(1, n):
        order = np.nan_to_num(np.sign(target[:, lag:] - target[:, :-lag]))  # 0 where somebody did not judge both
        told = _direction(block.scores[:, lag:] - block.scores[:, :-lag])
        counts[0] += (order * told > 0).sum(axis=1)
        counts[1] += (order * told != 0).sum(axis=1)
        counts[2] += ((order != 0) & (told == 0)).sum(axis=1)
    parts = [np.where(block.role == role, counts, 0.0) if role is not None else counts for _, role in _PARTS]
    return np.stack([of_lag.sum(axis=-1) for of_lag in parts], axis=1)


def pairs_compared(
    first: Sequence[Pools], second: Sequence[Pools], versus: Literal["truth", "rating"]
) -> tuple[Ints, Floats]:
    """The pools of ``first``, and of each the pairs that a person, the first scorer and the second all tell apart.

    [3, pools]: those that the first orders as the person does, those that the second does, and all. first, second: one block of
    each or more, in any order; a person whom only one of them scored does not count.
    """
    counts = []
    for block, other in _beside(first, second):
        told, target = np.zeros((3, len(block.pool))), getattr(block, versus)
        for lag in range(1, block.scores.shape[1]):
            order = np.nan_to_num(np.sign(target[:, lag:] - target[:, :-lag]))
            mine, its = (
                np.nan_to_num(_direction(scores[:, lag:] - scores[:, :-lag])) for scores in (block.scores, other)
            )
            all_tell = order * mine * its != 0
            told += [(all_tell & as_told).sum(axis=(1, 2)) for as_told in (order == mine, order == its, True)]
        counts.append(told)
    return np.concatenate([block.pool for block in first]), np.concatenate(counts, axis=-1)


def _beside(first: Sequence[Pools], second: Sequence[Pools]) -> Iterator[tuple[Pools, Floats]]:
    """Each block of the first, and the scores of the second for the same statements and people; NaN where it has none."""
    scores = pd.concat(
        [
            pd.DataFrame(np.swapaxes(block.scores, 1, 2).reshape(block.person.size, -1), _people(block))
            for block in second
        ]
    )
    for block in first:
        n_pools, n, n_people = block.scores.shape
        found = scores.reindex(index=_people(block), columns=range(n)).to_numpy()
        yield block, np.swapaxes(found.reshape(n_pools, n_people, n), 1, 2)


def _people(block: Pools) -> pd.MultiIndex:
    """Pool and person of every row of scores."""
    return pd.MultiIndex.from_arrays([np.repeat(block.pool, block.person.shape[1]), block.person.ravel()])


def _direction(gap: Floats) -> Floats:
    """-1, 0 or 1; scores that differ by rounding are level."""
    return np.asarray(np.sign(np.round(gap, 9)))


# --- judgements ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _JudgedPairs:
    """Every pair that one person judged differently: its pool's place in the block, and by how much the score of the statement
    that they prefer is higher. There are more of them than judgements.
    """

    place: npt.NDArray[np.int32]
    gap: Floats

    def squares(self, slope: float, n_pools: int) -> Floats:
        """[pools], sums of (p - y)^2, which is the squared chance of the other preference."""
        other = _chance(-slope * self.gap) ** 2
        return np.bincount(self.place, weights=other, minlength=n_pools).astype(np.float64)


@dataclass(frozen=True, slots=True)
class _Judged:
    """All that calibration goes by of one block."""

    short: Floats  # [bins, pools], as `_shortfalls` has them
    n: Floats  # [pools], judgements
    pairs: _JudgedPairs

    @classmethod
    def of(cls, scores: Floats, judged: Floats) -> _Judged:
        """scores, judged: [pools, candidates, people], NaN where somebody has not judged."""
        n = (~np.isnan(judged)).sum(axis=(1, 2)).astype(np.float64)
        return cls(_shortfalls(scores, judged), n, _judged_pairs(scores, judged))


def _calibration(blocks: Sequence[_Judged], group: Ints, against: str) -> Calibration | None:
    if not any(block.n.any() for block in blocks):
        return None
    short, n = (np.concatenate(parts, axis=-1) for parts in zip(*((b.short, b.n) for b in blocks), strict=True))
    slope = _slope([block.pairs.gap for block in blocks])
    squares = np.concatenate([block.pairs.squares(slope or 0.0, len(block.n)) for block in blocks])
    n_pairs = np.concatenate([np.bincount(block.pairs.place, minlength=len(block.n)) for block in blocks])
    bias, brier = estimates(
        [
            Quantity(Key("predictions", against, "bias"), -short.sum(axis=0), n),
            Quantity(Key("predictions", against, "brier"), squares, n_pairs.astype(np.float64)),
        ],
        group,
    )
    return Calibration(_ece(short, n, group), bias, brier, slope, n=int(n.sum()), n_pairs=int(n_pairs.sum()))


def _shortfalls(scores: Floats, judged: Floats) -> Floats:
    """[bins, pools]: by how much judgements exceed scores, summed by bin of the score."""
    bins = np.clip((scores - LOWEST) * BINS / (HIGHEST - LOWEST), 0, BINS - 1).astype(np.int64)
    shortfalls = np.zeros((BINS, len(scores)))
    np.add.at(shortfalls, (bins, np.arange(len(scores))[:, None, None]), np.nan_to_num(judged - scores))
    return shortfalls


def _ece(short: Floats, n: Floats, group: Ints) -> Estimate | None:
    sums = sums_by_group([*short, n], group)
    return sizes(sums[:, :-1], sums[:, -1])


def _judged_pairs(scores: Floats, judged: Floats) -> _JudgedPairs:
    places, gaps = [np.empty(0, dtype=np.int32)], [np.empty(0)]
    for lag in range(1, scores.shape[1]):
        order = np.nan_to_num(np.sign(judged[:, :-lag] - judged[:, lag:]))
        gap = scores[:, :-lag] - scores[:, lag:]
        where = np.nonzero(order)
        places.append(where[0].astype(np.int32))
        gaps.append(gap[where] * order[where])
    return _JudgedPairs(np.concatenate(places), np.concatenate(gaps))


def _slope(gaps: Sequence[Floats]) -> float | None:
    """Of greatest likelihood, sum ln(1 + exp(-slope * gap)) over all pairs being convex in it."""
    from scipy.optimize import minimize_scalar  # here, as it takes longer to load than most commands take to run

    if not any(len(gap) for gap in gaps):
        return None
    optimum = minimize_scalar(
        lambda slope: sum(np.logaddexp(0, -slope * gap).sum() for gap in gaps),
        bounds=(0, _STEEPEST),
        method="bounded",
        options={"xatol": 1e-9},
    )
    return float(optimum.x)


def _chance(logits: Floats) -> Floats:
    return np.asarray(np.exp(-np.logaddexp(0, -logits)))
