"""Running sums of measures over blocks, so that millions of rounds take no more memory than one block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from simcons.analysis.findings import Key
from simcons.analysis.subgroups import mean_among
from simcons.arrays import Floats

SHARES = frozenset({"different_winner", "different_by_map", "tied"})  # of rounds: each round gives 0 or 1
QUANTILES = {"worst_off": ("worst_off_q10", 0.1)}  # the measure of which a quantile is reported, its name, and which
_Z = 1.959963984540054  # the normal quantile at .975


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean, share or quantile with its 95% interval, over ``n`` independent units."""

    value: float
    low: float
    high: float
    n: int


@dataclass(slots=True)
class _Sums:
    n: int = 0
    mean: float = 0.0
    squares: float = 0.0  # of deviations from the mean

    def add(self, values: Floats) -> None:
        """Chan, Golub and LeVeque (1983): nothing cancels, however many blocks there are."""
        n, mean = len(values), float(values.mean())
        gap, total = mean - self.mean, self.n + n
        self.squares += float(((values - mean) ** 2).sum()) + gap**2 * self.n * n / total
        self.mean += gap * n / total
        self.n = total


@dataclass(slots=True)
class Tally:
    """Estimates of every measure of one world. The unit is the group: with several rounds a group, its mean over them."""

    rounds_per_group: int = 1
    _sums: dict[Key, _Sums] = field(default_factory=dict)
    _kept: dict[Key, list[npt.NDArray[np.float32]]] = field(default_factory=dict)

    def add(self, key: Key, values: Floats) -> None:
        """``values`` [rounds] of one block, groups one after another; NaN is left out."""
        if self.rounds_per_group > 1:
            by_group = values.reshape(-1, self.rounds_per_group)
            values = mean_among(by_group, ~np.isnan(by_group))
        values = values[~np.isnan(values)]
        if len(values):
            self._sums.setdefault(key, _Sums()).add(values)
            if key.measure in QUANTILES:
                self._kept.setdefault(key, []).append(values.astype(np.float32))

    def estimates(self) -> Iterator[tuple[Key, Estimate]]:
        """A normal interval for means, Wilson's (1927) for shares of single rounds, order statistics for quantiles."""
        for key, sums in self._sums.items():
            if key.measure in SHARES and self.rounds_per_group == 1:
                yield key, _wilson(sums)
            else:
                yield key, _normal(sums)
        for key, blocks in self._kept.items():
            name, q = QUANTILES[key.measure]
            yield Key(key.rule, key.versus, name), _quantile(np.concatenate(blocks), q)


def _normal(sums: _Sums) -> Estimate:
    if sums.n < 2:
        return Estimate(sums.mean, float("nan"), float("nan"), sums.n)
    margin = _Z * float(np.sqrt(sums.squares / (sums.n - 1) / sums.n))
    return Estimate(sums.mean, sums.mean - margin, sums.mean + margin, sums.n)


def _wilson(sums: _Sums) -> Estimate:
    from scipy import stats  # here, as it takes longer to load than most commands take to run

    interval = stats.binomtest(round(sums.mean * sums.n), sums.n).proportion_ci(method="wilson")
    return Estimate(sums.mean, float(interval.low), float(interval.high), sums.n)


def _quantile(values: npt.NDArray[np.float32], q: float) -> Estimate:
    """The interval needs no distribution: the ranks between which the quantile lies in 95% of samples (David & Nagaraja 2003)."""
    from scipy import stats

    n = len(values)
    below, above = stats.binom.ppf([0.025, 0.975], n, q)
    places = np.clip([int(below) - 1, int(above)], 0, n - 1)
    low, high = np.partition(values, np.unique(places))[places]
    return Estimate(float(np.quantile(values, q)), float(low), float(high), n)
