"""Running sums of measures over blocks, so that millions of rounds take no more memory than one block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from simcons.analysis.findings import Key
from simcons.analysis.resampling import Estimate, from_moments, quantile
from simcons.analysis.subgroups import mean_among
from simcons.arrays import Floats

SHARE_MEASURES = frozenset({"different_winner", "different_by_map", "tied"})  # of rounds, each of which gives 0 or 1
QUANTILES = {"worst_off": ("worst_off_q10", 0.1)}  # the measure of which a quantile is reported, its name, and which


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
        for key, sums in self._sums.items():
            trials = sums.n * self.rounds_per_group if key.measure in SHARE_MEASURES else None
            yield key, from_moments(sums.mean, sums.squares, sums.n, trials=trials)
        for key, blocks in self._kept.items():
            name, q = QUANTILES[key.measure]
            if (estimate := quantile(np.concatenate(blocks), q)) is not None:
                yield Key(key.rule, key.versus, name), estimate
