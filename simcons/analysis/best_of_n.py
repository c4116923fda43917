"""Best of N against N: what choosing among more samples does to the scores that it goes by, to ratings and to the truth.

Every candidate of a round is recorded with its scores, so the best of N can be had for every N up to the number sampled without a
further run. The candidates were drawn alike, so any N of them are as good a draw as the first N; what is given is the mean over
all subsets of that size. With the ``a`` candidates that are better than one and ``t`` that are level with it (itself among them),
of M, its chance to be chosen is

    (C(M - a, N) - C(M - a - t, N)) / (C(M, N) t),

as the best of a subset is among the ``t`` where nothing better is in it and one of them is; a tie falls at random.

Where no score is level, the best of N has a higher score than a further sample in N / (N + 1) of cases, whatever is chosen by:
by true agreement it is ahead in no more, but for ties. The statements shown are further from those sampled, in nats, by at most
log N - (N - 1) / N (Beirami et al. 2024).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log
from typing import TypeAlias

import numpy as np

from simcons.analysis.arms import recorded_arms
from simcons.analysis.resampling import Estimate, mean
from simcons.analysis.reselect.pools import PoolReader, Pools
from simcons.arrays import Bools, Floats, Ints
from simcons.mediator.arms import generator_name
from simcons.scale import HIGHEST, LOWEST
from simcons.scenario.mediators import MediatorSettings
from simcons.scenario.welfare import LogNormalAlphaSettings, RuleSpec
from simcons.storage.load import Run
from simcons.welfare.selection import weak_ranks
from simcons.welfare.weighing import weigh

NUMBERS = (1, 4, 16, 64, 256, 1024)  # of candidates chosen among, as far as there are as many
MEASURES = ("proxy", "truth", "rating")
_ROUNDING = 9  # decimals by which means of the same numbers may differ
_CELLS = 1 << 20  # pairs of candidates at a time


@dataclass(frozen=True, slots=True)
class BestOfN:
    """The statements that an arm's rule chooses from N candidates, by one measure, on 1-7.

    measure: proxy, the predicted agreement that the choice goes by; truth, what all members truly think; rating, what they
    answered to the best of the first N, where that was shown in every round. Each is the group's mean. n_rounds: with a value;
    n_groups: of these rounds, which intervals are over.
    wins: the share of rounds in which the best of n_wins is ahead of one of the samples left over, a tie counting half; n_wins is
    N, or one less where no round has a sample left over. None where that is not known. nats_at_most: the bound on how far what is
    shown is from what is sampled.
    """

    arm: str
    scorer: str
    upper_bound: bool
    n: int
    measure: str
    n_rounds: int
    n_groups: int
    value: float
    low: float | None
    high: float | None
    n_wins: int | None
    wins: float | None
    wins_low: float | None
    wins_high: float | None
    nats_at_most: float

    @property
    def wins_at_most(self) -> float | None:
        """The share of rounds that the best of ``n_wins`` wins of those in which nothing is level."""
        return None if self.n_wins is None else self.n_wins / (self.n_wins + 1)


def best_of_n(run: Run, *, numbers: Sequence[int] = NUMBERS) -> list[BestOfN]:
    """Every arm that scores its candidates and has one rule for all rounds, by each N that it has samples for. Arms with a
    function of a user's own are left out, as no analysis runs code that a run folder names.

    All rounds count in which somebody has all scores, with all opinions used. Samples that came to no text are not among the
    candidates: N is then all that there are, if it is all that was asked for. Raises RunFolderError for a damaged run.
    """
    arms = recorded_arms(run)
    reader = PoolReader(run)
    return [
        row
        for arm in arms
        if arm.is_scored
        and arm.welfare.own_rule is None
        and not isinstance(spec := arm.welfare.spec, LogNormalAlphaSettings)
        for row in _of_arm(reader, arm, spec, generator_name(arm, arms), numbers)
    ]


def _of_arm(
    reader: PoolReader, arm: MediatorSettings, spec: RuleSpec, generator: str, numbers: Sequence[int]
) -> Iterator[BestOfN]:
    slates = list(_slates(reader, arm, spec, generator))
    if not slates:
        return
    group = reader.group[np.concatenate([of_shape.pool for of_shape in slates])]
    bound = arm.generator.upper_bound or reader.sees_truth(arm.scorer)
    for n in (number for number in numbers if number <= arm.generator.samples):
        for measure in MEASURES:
            outcome = _outcome(slates, group, measure, n)
            if outcome is not None:
                yield BestOfN(arm.arm, arm.scorer, bound, n, measure, *outcome, nats_at_most=log(n) - (n - 1) / n)


# --- what an arm chose from -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Slates:
    """The candidates of rounds of one shape as one arm weighs them. All but ``pool`` are [rounds, candidates]; NaN is what is
    not known.
    """

    pool: Ints  # [rounds]
    better: Ints  # how many are better than each
    level: Ints  # how many are level with each, itself among them
    proxy: Floats
    truth: Floats
    rating: Floats
    shown: Bools

    @property
    def size(self) -> int:
        """Candidates of a round."""
        return int(self.better.shape[1])

    def best(self, measure: str, n: int) -> Floats:
        """[rounds], the mean over draws of ``n`` of what is chosen; NaN where what may be chosen is not known."""
        chance, values = chances(self.better, self.level, self.size, n), getattr(self, measure)
        return np.asarray((chance * np.where(chance > 0, values, 0.0)).sum(axis=1))

    def rated(self, n: int) -> Floats | None:
        """[rounds], the rating of what is best of the first ``n``; None where that was not shown in some round."""
        first = self.better[:, :n]
        best = (first == first.min(axis=1, keepdims=True)) & self.shown[:, :n]
        n_best = best.sum(axis=1)
        return np.where(best, self.rating[:, :n], 0.0).sum(axis=1) / n_best if n_best.all() else None

    def wins(self, measure: str, n: int) -> Floats:
        """[rounds], the share of draws in which the best of ``n`` is ahead of another, a tie counting half; NaN where there is no
        other, or some are not known.
        """
        values = np.round(getattr(self, measure), _ROUNDING)
        if self.size <= n:
            return np.full(len(values), np.nan)
        step = max(1, _CELLS // self.size**2)
        starts = range(0, len(values), step)
        return np.concatenate([self._wins(values, slice(start, start + step), n) for start in starts])

    def _wins(self, values: Floats, rounds: slice, n: int) -> Floats:
        """Over [rounds, the one left out, candidates]: of the rest some are better than a candidate, and level with it. Who is
        left out counts for nothing.
        """
        better, level, value = self.better[rounds], self.level[rounds], values[rounds]
        of_rest = better[:, None, :] - (better[:, :, None] < better[:, None, :])
        level_of_rest = np.maximum(level[:, None, :] - (better[:, :, None] == better[:, None, :]), 1)
        chance = chances(of_rest, level_of_rest, self.size - 1, n) * ~np.eye(self.size, dtype=bool)
        ahead = (1 + np.sign(value[:, None, :] - value[:, :, None])) / 2
        return np.asarray((chance * ahead).sum(axis=(1, 2)) / self.size)


def chances(better: Ints, level: Ints, size: int, n: int) -> Floats:
    """Of each candidate, to be the best of ``n`` drawn of ``size``, with so many better and level: see the module."""
    from scipy.special import comb  # here, as it takes longer to load than most commands take to run

    n = min(n, size)
    subsets = comb(np.arange(size + 1), n)  # of so many
    worse = np.maximum(size - better - level, 0)
    return np.asarray((subsets[size - better] - subsets[worse]) / (subsets[size] * level))


def _slates(reader: PoolReader, arm: MediatorSettings, spec: RuleSpec, generator: str) -> Iterator[_Slates]:
    """Pools from all opinions, of the arm's first samples."""
    others, omitted = set(reader.pools["generator"]) - {generator}, reader.pools["omitted"].to_numpy(dtype=np.int64)
    for portion in reader.portions(arm.scorer, missing="leave_out", without=others):
        for block in portion.blocks:
            if (whole := omitted[block.pool] == 0).any():
                yield _weighed(reader, block, whole, arm, spec)


def _weighed(reader: PoolReader, block: Pools, among: Bools, arm: MediatorSettings, spec: RuleSpec) -> _Slates:
    scores = block.scores[among, : arm.generator.samples]
    weighed = weigh(scores, arm.welfare.utility_map, spec=spec, threshold=arm.welfare.threshold)
    better, level = _standing(weak_ranks(weighed.values, weighed.rounding))
    n, pool, known = better.shape[1], block.pool[among], reader.ratings
    rows = reader.first[pool][:, None] + np.arange(n)
    return _Slates(
        pool=pool,
        better=better,
        level=level,
        proxy=scores.mean(axis=-1),
        truth=_mean(block.members[among, :n]),
        rating=known["rating"].to_numpy(dtype=np.float64, na_value=np.nan)[rows],
        shown=known["shown"].to_numpy()[rows],
    )


def _standing(ranks: Ints) -> tuple[Ints, Ints]:
    """Numbers of candidates that are better than each, and level with it. ranks: [rounds, candidates], 0 best, dense."""
    counts = np.zeros_like(ranks)
    np.add.at(counts, (np.arange(len(ranks))[:, None], ranks), 1)
    better = np.cumsum(counts, axis=1) - counts
    return np.take_along_axis(better, ranks, axis=1), np.take_along_axis(counts, ranks, axis=1)


def _mean(values: Floats) -> Floats:
    """Over people; NaN where there is nobody."""
    return np.asarray(values.mean(axis=-1)) if values.shape[-1] else np.full(values.shape[:-1], np.nan)


# --- rows ----------------------------------------------------------------------------------------------------------


_Outcome: TypeAlias = tuple[
    int, int, float, float | None, float | None, int | None, float | None, float | None, float | None
]


def _outcome(slates: Sequence[_Slates], group: Ints, measure: str, n: int) -> _Outcome | None:
    """From n_rounds to wins_high of a row; None where the measure is not known of any round."""
    values = _values(slates, measure, n)
    if values is None or np.isnan(values).all():
        return None
    value = _estimate(values, group).within(LOWEST, HIGHEST)
    n_wins, wins = (None, None) if measure == "rating" else _wins(slates, group, measure, n)
    n_rounds, share = int((~np.isnan(values)).sum()), None if wins is None else wins.value
    return n_rounds, value.n, value.value, *_ends(value), n_wins, share, *_ends(wins)


def _values(slates: Sequence[_Slates], measure: str, n: int) -> Floats | None:
    """[rounds]"""
    if measure != "rating":
        return np.concatenate([of_shape.best(measure, n) for of_shape in slates])
    rated = [of_shape.rated(n) for of_shape in slates]
    return None if any(each is None for each in rated) else np.concatenate([each for each in rated if each is not None])


def _wins(slates: Sequence[_Slates], group: Ints, measure: str, n: int) -> tuple[int | None, Estimate | None]:
    """The number chosen among, and how often that wins. With all there are, one is left out to be held against."""
    n_wins = min(n, max(of_shape.size for of_shape in slates) - 1)
    if not n_wins:
        return None, None
    won = np.concatenate([of_shape.wins(measure, n_wins) for of_shape in slates])
    return (None, None) if np.isnan(won).all() else (n_wins, _estimate(won, group).within(0.0, 1.0))


def _estimate(values: Floats, group: Ints) -> Estimate:
    """Of means over draws, which are no trials of a share."""
    there = ~np.isnan(values)
    return mean(values[there], np.unique(group[there], return_inverse=True)[1])


def _ends(estimate: Estimate | None) -> tuple[float | None, float | None]:
    return (estimate.interval if estimate else None) or (None, None)
