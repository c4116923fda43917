"""The check that a run's picks come out again from the recorded scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simcons.analysis.reselect.pools import PoolReader, Pools, Scored
from simcons.arrays import Bools, Floats, Ints
from simcons.scenario.mediators import MediatorSettings
from simcons.scenario.welfare import LogNormalAlphaSettings
from simcons.welfare.selection import weak_ranks
from simcons.welfare.weighing import weigh

_PICKS = "SELECT pool, place, alpha FROM selections JOIN slots USING (candidate_id) WHERE arm = ? ORDER BY pool, pick"


@dataclass(frozen=True, slots=True)
class ArmCheck:
    """One arm's recorded picks against its own rule, map and scorer."""

    arm: str
    n_same: int  # picks that are the only best of those not picked yet
    n_tied: int  # that share that place with others, so that a tie was broken
    n_different: int  # that are neither: the records do not say what made them


def check_arms(
    reader: PoolReader, mediators: Iterable[MediatorSettings], scored: Mapping[str, Scored]
) -> list[ArmCheck]:
    """One check for each arm whose scorer is in ``scored``, but for those with a function of a user's own as their rule: no
    analysis runs code that a run folder names.
    """
    return [
        _check(reader, arm, scored[arm.scorer].blocks)
        for arm in mediators
        if arm.scorer in scored and arm.welfare.own_rule is None
    ]


def _check(reader: PoolReader, arm: MediatorSettings, blocks: Sequence[Pools]) -> ArmCheck:
    picks = reader.frame(_PICKS, arm.arm)
    pool, place = (picks[name].to_numpy(dtype=np.int64) for name in ("pool", "place"))
    alpha = picks["alpha"].to_numpy(dtype=np.float64, na_value=np.nan)
    counts = np.zeros(3, dtype=np.int64)
    for block in blocks:
        here = np.isin(pool, block.pool)
        if here.any():
            rows = np.searchsorted(block.pool, pool[here])
            scores = block.scores[rows, : arm.generator.samples]
            orders = _orders(scores, arm, alpha[here])
            statement = block.statement[rows, : arm.generator.samples]
            counts += _compared(orders, pool[here], place[here], statement)
    return ArmCheck(arm.arm, *counts.tolist())


def _orders(scores: Floats, arm: MediatorSettings, alpha: Floats) -> Ints:
    """[picks, candidates], 0 best: ``scores`` [picks, candidates, people] by the arm's rule, or each pick's own drawn alpha."""
    settings = arm.welfare
    if not isinstance(settings.spec, LogNormalAlphaSettings):
        weighed = weigh(scores, settings.utility_map, spec=settings.spec, threshold=settings.threshold)
        return weak_ranks(weighed.values, weighed.rounding)
    by_pick = zip(alpha.tolist(), scores, strict=True)
    return weak_ranks(np.stack([weigh(each, settings.utility_map, spec=drawn).values for drawn, each in by_pick]))


def _compared(orders: Ints, pool: Ints, place: Ints, statement: Ints) -> Ints:
    """Numbers of picks that are the only best of those open to them, share that place, or do neither, in order of picking."""
    n = orders.shape[1]
    left = np.where(_taken(pool, place, statement), n, orders)
    best = left == left.min(axis=1, keepdims=True)
    among_best = best[np.arange(len(place)), np.minimum(place, n - 1)] & (place < n)
    alone = best.sum(axis=1) == 1
    return np.array([(among_best & alone).sum(), (among_best & ~alone).sum(), (~among_best).sum()])


def _taken(pool: Ints, place: Ints, statement: Ints) -> Bools:
    """[picks, candidates]: what earlier picks from the same pool took, with all candidates that say the same."""
    n = statement.shape[1]
    taken = np.zeros(statement.shape, dtype=bool)
    for lag in range(1, len(place)):
        same = np.flatnonzero((pool[lag:] == pool[:-lag]) & (place[:-lag] < n))
        if not len(same):
            break
        taken[same + lag] |= statement[same + lag] == statement[same, place[same]][:, None]
    return taken
