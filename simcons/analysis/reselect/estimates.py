"""From what pools have of many measures to estimates over groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simcons.analysis.findings import Key
from simcons.analysis.resampling import Estimate, ratios, sums_by_group
from simcons.arrays import Floats, Ints

SHARE_MEASURES = frozenset(
    {
        "different_winner",
        "no_common_winner",
        "different_by_map",
        "tied",
        "rated",
        "pair_accuracy",
        "pair_accuracy_minority",
        "pair_accuracy_majority",
    }
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """Values of one measure by pool: sums and what they are sums over; a pool of weight 0 does not count."""

    key: Key
    total: Floats  # [pools]
    weight: Floats  # [pools]


def values(key: Key, by_pool: Floats) -> Quantity:
    """One value a pool; NaN is none."""
    there = ~np.isnan(by_pool)
    return Quantity(key, np.where(there, by_pool, 0.0), there.astype(np.float64))


def estimates(measured: Sequence[Quantity], group: Ints) -> list[Estimate | None]:
    """Sum of totals over sum of weights, measure by measure; None where no pool has it. group: [pools], numbers from 0."""
    if not measured:
        return []
    totals = sums_by_group([quantity.total for quantity in measured], group)
    weights = sums_by_group([quantity.weight for quantity in measured], group)
    measures = [quantity.key.measure for quantity in measured]
    estimated = ratios(totals, weights, shares=np.array([measure in SHARE_MEASURES for measure in measures]))
    return [
        estimate and estimate.within(-1.0, 1.0) if measure == "kendall_tau" else estimate
        for measure, estimate in zip(measures, estimated, strict=True)
    ]
