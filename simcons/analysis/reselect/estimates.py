"""Estimates with intervals over groups, of many measures at once, all from the same resamples of whole groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from simcons.analysis.agreement import RESAMPLES
from simcons.analysis.findings import Key
from simcons.seeds import stream

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]

SHARES = frozenset(
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
_LEVELS = (0.025, 0.975)
_ROUNDING = 1e-9  # .1 * 70 is more than 7


@dataclass(frozen=True, slots=True)
class Measured:
    """Values of one measure by pool: sums and what they are sums over; a pool of weight 0 does not count."""

    key: Key
    total: Floats  # [pools]
    weight: Floats  # [pools]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A ratio of sums or a quantile, with its 95% interval: NaN where fewer than two groups have the measure."""

    value: float
    low: float
    high: float
    n_groups: int

    @property
    def has_interval(self) -> bool:
        return not np.isnan(self.low)


def values(key: Key, found: Floats) -> Measured:
    """One value a pool; NaN is none."""
    there = ~np.isnan(found)
    return Measured(key, np.where(there, found, 0.0), there.astype(np.float64))


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups that pools belong to, and resamples of them: bootstrap by cluster (Field & Welsh 2007).

    All measures share the resamples, so that differences within a group are resampled as pairs.
    """

    group: Ints  # [pools], numbers from 0
    times: Floats = field(init=False)  # [resamples, groups], how often each is drawn

    def __post_init__(self) -> None:
        n = int(self.group.max(initial=-1)) + 1
        drawn = stream(0, "bootstrap", "reselect").integers(n, size=(RESAMPLES, n)) if n else np.empty((RESAMPLES, 0))
        rows = np.arange(RESAMPLES)[:, None] * n
        counts = np.bincount((rows + drawn).astype(np.int64).ravel(), minlength=RESAMPLES * n)
        object.__setattr__(self, "times", counts.reshape(RESAMPLES, n).astype(np.float64))

    def ratios(self, measured: Sequence[Measured]) -> list[Estimate]:
        """Sum of totals over sum of weights, with percentile intervals.

        Where a share is 0 or 1 in every group no resample says otherwise; its interval is then Clopper & Pearson's (1934) for as
        many trials as there are groups.
        """
        if not measured:
            return []
        totals = self.by_group(np.stack([one.total for one in measured]))
        weights = self.by_group(np.stack([one.weight for one in measured]))
        n_groups = (weights > 0).sum(axis=0)
        with np.errstate(invalid="ignore"):
            value = totals.sum(axis=0) / weights.sum(axis=0)
            resampled = (self.times @ totals) / (self.times @ weights)
        low, high = interval(resampled, n_groups)
        found = zip(value.tolist(), low.tolist(), high.tolist(), n_groups.tolist(), strict=True)
        return [_certain(Estimate(*row), one.key) for row, one in zip(found, measured, strict=True)]

    def quantile(self, found: Floats, q: float) -> Estimate:
        """The least value (NaN is none) with at least a share ``q`` of pools at or below it."""
        order = np.argsort(found)[: int((~np.isnan(found)).sum())]
        if not len(order):
            return Estimate(float("nan"), float("nan"), float("nan"), 0)
        group, ascending = self.group[order], found[order]
        n_groups = len(np.unique(group))
        low, high = interval(self._quantiles(ascending, group, q)[:, None], np.array([n_groups]))
        value = ascending[max(0, int(np.ceil(q * len(order) - _ROUNDING)) - 1)]
        return Estimate(float(value), float(low[0]), float(high[0]), n_groups)

    def _quantiles(self, ascending: Floats, group: Ints, q: float) -> Floats:
        """[resamples]: the quantile in each; as many of the lowest values are looked at as all resamples need."""
        there = self.times @ np.bincount(group, minlength=self.times.shape[1])
        wanted, n = q * there - _ROUNDING, min(len(group), int(2 * q * len(group)) + 1)
        share = np.cumsum(self.times[:, group[:n]], axis=1)
        while n < len(group) and (share[:, -1] < wanted).any():
            n = min(len(group), 2 * n)
            share = np.cumsum(self.times[:, group[:n]], axis=1)
        place = (share < wanted[:, None]).sum(axis=1)
        return np.where(there > 0, ascending[np.minimum(place, n - 1)], np.nan)

    def by_group(self, rows: Floats) -> Floats:
        """[measures, pools] to [groups, measures]."""
        sums = np.zeros((self.times.shape[1], len(rows)))
        np.add.at(sums, self.group, rows.T)
        return sums


def interval(resampled: Floats, n_groups: Ints) -> tuple[Floats, Floats]:
    """95% percentile bounds of [resamples, measures], where a measure exists; NaN for fewer than two groups."""
    enough = n_groups > 1
    bounds = np.full((2, resampled.shape[1]), np.nan)
    if enough.any():
        bounds[:, enough] = np.nanquantile(resampled[:, enough], _LEVELS, axis=0)
    return bounds[0], bounds[1]


def _certain(estimate: Estimate, key: Key) -> Estimate:
    if key.measure not in SHARES or estimate.value not in (0.0, 1.0) or not estimate.has_interval:
        return estimate
    most = 1 - _LEVELS[0] ** (1 / estimate.n_groups)
    low, high = (0.0, most) if estimate.value == 0 else (1 - most, 1.0)
    return Estimate(estimate.value, low, high, estimate.n_groups)
