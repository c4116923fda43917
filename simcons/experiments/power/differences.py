"""Differences of simulated groups from which studies are drawn, and the same with another true difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from simcons.arrays import Floats

_LEAST_POINTS = 1 << 15  # of a tilted sample: its mean is off by at most its range x strata / 65,536
_SAME = 1e-12  # a target this close to the sample's own mean, relative to its greatest difference, changes nothing
_GREATEST_EXPONENT = (
    1e6  # of theta times the largest difference: beyond it only the most extreme group of a stratum is left
)


@dataclass(frozen=True, slots=True)
class DifferenceSample:
    """Differences between two rules, one a simulated group, in strata of groups in which the rules differ equally often.

    Made by ``DifferenceSample.of``. The order is by stratum, and by difference within it.
    """

    differences: Floats  # [groups]
    exposure: Floats  # [groups]
    starts: npt.NDArray[np.intp]  # of the strata

    @classmethod
    def of(cls, differences: npt.ArrayLike, exposure: npt.ArrayLike | None = None) -> Self:
        """differences: [groups]. exposure: [groups], the share of a group's rounds in which the two rules choose different
        statements; if not given, whether its difference is other than 0.

        Raises ValueError for differences that are not one row, not finite or all alike, and for an exposure that does not fit.
        """
        values = _checked(np.asarray(differences, dtype=np.float64))
        strata = (values != 0).astype(np.float64) if exposure is None else np.asarray(exposure, dtype=np.float64)
        if strata.shape != values.shape or not np.isfinite(strata).all():
            raise ValueError(f"exposure: shape {strata.shape!r}: expected a number for each of {len(values)} groups")
        order = np.lexsort((values, strata))
        return cls(values[order], strata[order], np.flatnonzero(np.diff(strata[order], prepend=-np.inf)))

    @property
    def mean(self) -> float:
        return float(self.differences.mean())

    @property
    def sd(self) -> float:
        """With n - 1."""
        return float(self.differences.std(ddof=1))

    @property
    def reach(self) -> tuple[float, float]:
        """The means between which the sample can be tilted, both excluded: every group at its stratum's least, or greatest."""
        least, greatest = (f.reduceat(self.differences, self.starts) for f in (np.minimum, np.maximum))
        return float(least @ self._sizes) / len(self.differences), float(greatest @ self._sizes) / len(self.differences)

    def allows(self, mean: float) -> bool:
        """True if the sample can be tilted to this mean."""
        least, greatest = self.reach
        return least < mean < greatest

    def reversed(self) -> DifferenceSample:
        """The same sample with the rules exchanged."""
        return DifferenceSample.of(-self.differences, self.exposure)

    def tilted(self, mean: float) -> Floats:
        """Differences with this mean: what was simulated stays possible, what favours one side becomes more frequent.

        Within a stratum a difference d is weighted by exp(theta d), with one theta for all (exponential tilting: Efron 1981, Can.
        J. Stat. 9). How often the rules choose differently stays as simulated, a difference of 0 where they do not stays 0, and
        none leaves the scale.

        Returns [m], with m a multiple of groups and at least 32,768: equally likely differences, the quantiles of the weighted
        ones. Place i belongs to the same stratum and quantile whatever the mean, so that equal places drawn from two tilted
        samples are paired. Raises ValueError for a mean out of reach.
        """
        repeats = -(-_LEAST_POINTS // len(self.differences))
        points = (np.arange(len(self.differences) * repeats) + 0.5) / repeats
        places = np.searchsorted(np.cumsum(self._weights(self._theta(mean))), points)
        return np.asarray(self.differences[np.minimum(places, len(self.differences) - 1)])

    @property
    def _sizes(self) -> npt.NDArray[np.intp]:
        return np.diff(self.starts, append=len(self.differences))

    def _weights(self, theta: float) -> Floats:
        """exp(theta d), scaled to sum in each stratum to its number of groups."""
        exponents = theta * self.differences
        weights = np.exp(exponents - np.repeat(np.maximum.reduceat(exponents, self.starts), self._sizes))
        return np.asarray(weights * np.repeat(self._sizes / np.add.reduceat(weights, self.starts), self._sizes))

    def _theta(self, mean: float) -> float:
        """The theta that gives the mean, searched from 0 outwards."""

        def excess(theta: float) -> float:
            return float((self._weights(theta) * self.differences).mean()) - mean

        largest = float(np.abs(self.differences).max())
        start = excess(0.0)
        if abs(start) <= _SAME * largest:
            return 0.0
        end = -start / self.sd**2  # what a normal sample would need
        while excess(end) * start > 0:
            if abs(end) > _GREATEST_EXPONENT / largest:
                least, greatest = self.reach
                raise ValueError(
                    f"true difference {mean!r}: expected one between {least:.4g} and {greatest:.4g},"
                    " which is what the simulated groups allow"
                )
            end *= 2
        return float(brentq(excess, 0.0, end, xtol=1e-10 * abs(end), rtol=1e-10))


def _checked(values: Floats) -> Floats:
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(f"differences: shape {values.shape!r}: expected one row of two groups or more")
    if not np.isfinite(values).all():
        place = int(np.argmin(np.isfinite(values)))
        raise ValueError(f"differences: {float(values[place])!r} in group {place}: expected finite numbers")
    if values.min() == values.max():
        raise ValueError(f"differences: {float(values[0])!r} in every group: expected at least two different values")
    return values
