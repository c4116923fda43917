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
import pandas as pd

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
    """Every arm that scores its candidates and has one rule for all rounds, by each N that it has samples for.

    All rounds count in which somebody has all scores, with all opinions used. Samples that came to no text are not among the
    candidates: N is then all that there are, if it is all that was asked for. Raises RunFolderError for a damaged run.
    """
    arms = recorded_arms(run)
    reader = PoolReader(run)
    return [
        row
        for arm in arms
        if arm.is_scored and not isinstance(spec := arm.welfare.spec, LogNormalAlphaSettings)
        for row in _of_arm(reader, arm, spec, generator_name(arm, arms), numbers)
    ]


def _of_arm(
    reader: PoolReader, arm: MediatorSettings, spec: RuleSpec, generator: str, numbers: Sequence[int]
) -> Iterator[BestOfN]:
    slates = [slate for block in _blocks(reader, arm, generator) for slate in _slates(reader, block, arm, spec)]
    sessions = reader.pools["session_id"].iloc[[slate.pool for slate in slates]]
    group = np.asarray(pd.factorize(sessions)[0], dtype=np.int64)
    bound = arm.generator.upper_bound or reader.sees_truth(arm.scorer)
    for n in (number for number in numbers if number <= arm.generator.samples):
        for measure in MEASURES:
            outcome = _outcome(slates, group, measure, n)
            if outcome is not None:
                yield BestOfN(arm.arm, arm.scorer, bound, n, measure, *outcome, nats_at_most=log(n) - (n - 1) / n)


# --- what an arm chose from -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Slate:
    """The candidates of one round as one arm weighs them. All but ``pool`` are [candidates]; NaN is what is not known."""

    pool: int
    better: Ints  # how many are better than each
    level: Ints  # how many are level with each, itself among them
    proxy: Floats
    truth: Floats
    rating: Floats
    shown: Bools

    def chances(self, n: int) -> Floats:
        """Of each candidate, to be chosen from ``n`` drawn without replacement, of all if there are fewer."""
        return chances(self.better, self.level, len(self.better), n)

    def best(self, measure: str, n: int) -> float:
        """The mean over draws of ``n`` of what is chosen; NaN where what may be chosen is not known."""
        chance, values = self.chances(n), getattr(self, measure)
        chosen = chance > 0
        return float(chance[chosen] @ values[chosen]) if not np.isnan(values[chosen]).any() else np.nan

    def rated(self, n: int) -> float | None:
        """The rating of what is best of the first ``n``; None where that was not shown."""
        first = self.better[:n]
        best = np.flatnonzero((first == first.min()) & self.shown[:n])
        return float(self.rating[best].mean()) if len(best) else None

    def wins(self, measure: str, n: int) -> float:
        """The share of draws in which the best of ``n`` is ahead of another, a tie counting half; NaN where there is no other."""
        values, size = np.round(getattr(self, measure), _ROUNDING), len(self.better)
        if size <= n or np.isnan(values).any():
            return np.nan
        # [the one left out, candidate]: how many of the rest are better, and level; who is left out counts for nothing.
        better = self.better - (self.better[:, None] < self.better)
        level = np.maximum(self.level - (self.better[:, None] == self.better), 1)
        chance = chances(better, level, size - 1, n) * ~np.eye(size, dtype=bool)
        ahead = (1 + np.sign(values - values[:, None])) / 2
        return float((chance * ahead).sum() / size)


def chances(better: Ints, level: Ints, size: int, n: int) -> Floats:
    """Of each candidate, to be the best of ``n`` drawn of ``size``, with so many better and level: see the module."""
    from scipy.special import comb  # here, as it takes longer to load than most commands take to run

    n = min(n, size)
    reached = comb(size - better, n) - comb(size - better - level, n)
    return np.asarray(reached / (comb(size, n) * level))


def _blocks(reader: PoolReader, arm: MediatorSettings, generator: str) -> Sequence[Pools]:
    others = set(reader.pools["generator"]) - {generator}
    return reader.scored(arm.scorer, missing="leave_out", without=others).blocks


def _slates(reader: PoolReader, block: Pools, arm: MediatorSettings, spec: RuleSpec) -> Iterator[_Slate]:
    """One a pool from all opinions, of the arm's first samples."""
    scores = block.scores[:, : arm.generator.samples]
    weighed = weigh(scores, arm.welfare.utility_map, spec=spec, threshold=arm.welfare.threshold)
    ranks = weak_ranks(weighed.values, weighed.rounding)
    known = reader.ratings
    for place, pool in enumerate(block.pool.tolist()):
        if reader.pools["omitted"].iloc[pool]:
            continue
        here = known.iloc[reader.first[pool] : reader.first[pool] + ranks.shape[1]]
        better, level = _standing(ranks[place])
        yield _Slate(
            pool=pool,
            better=better,
            level=level,
            proxy=scores[place].mean(axis=-1),
            truth=_mean(block.members[place, : ranks.shape[1]]),
            rating=here["rating"].to_numpy(dtype=np.float64, na_value=np.nan),
            shown=here["shown"].to_numpy(),
        )


def _standing(ranks: Ints) -> tuple[Ints, Ints]:
    """Numbers of candidates that are better than each, and level with it. ranks: [candidates], 0 best, dense."""
    counts = np.bincount(ranks)
    return (np.cumsum(counts) - counts)[ranks], counts[ranks]


def _mean(values: Floats) -> Floats:
    """Over people; NaN where there is nobody."""
    return np.asarray(values.mean(axis=-1)) if values.shape[-1] else np.full(len(values), np.nan)


# --- rows ----------------------------------------------------------------------------------------------------------


_Outcome: TypeAlias = tuple[
    int, int, float, float | None, float | None, int | None, float | None, float | None, float | None
]


def _outcome(slates: Sequence[_Slate], group: Ints, measure: str, n: int) -> _Outcome | None:
    """From n_rounds to wins_high of a row; None where the measure is not known of any round."""
    values = _values(slates, measure, n)
    if values is None or np.isnan(values).all():
        return None
    value = _estimate(values, group).within(LOWEST, HIGHEST)
    n_wins, wins = (None, None) if measure == "rating" else _wins(slates, group, measure, n)
    n_rounds, share = int((~np.isnan(values)).sum()), None if wins is None else wins.value
    return n_rounds, value.n, value.value, *_ends(value), n_wins, share, *_ends(wins)


def _values(slates: Sequence[_Slate], measure: str, n: int) -> Floats | None:
    """[rounds]"""
    if measure != "rating":
        return np.array([slate.best(measure, n) for slate in slates])
    rated = [slate.rated(n) for slate in slates]
    return None if None in rated else np.array(rated, dtype=np.float64)


def _wins(slates: Sequence[_Slate], group: Ints, measure: str, n: int) -> tuple[int | None, Estimate | None]:
    """The number chosen among, and how often that wins. With all there are, one is left out to be held against."""
    n_wins = min(n, max(len(slate.better) for slate in slates) - 1)
    won = np.array([slate.wins(measure, n_wins) for slate in slates]) if n_wins else np.array([np.nan])
    return (None, None) if np.isnan(won).all() else (n_wins, _estimate(won, group).within(0.0, 1.0))


def _estimate(values: Floats, group: Ints) -> Estimate:
    """Of means over draws, which are no trials of a share."""
    there = ~np.isnan(values)
    return mean(values[there], np.unique(group[there], return_inverse=True)[1])


def _ends(estimate: Estimate | None) -> tuple[float | None, float | None]:
    return (estimate.interval if estimate else None) or (None, None)
