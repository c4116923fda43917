"""The bank: simulated groups from which studies are drawn, and the same groups with another true difference."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

Array: TypeAlias = npt.NDArray[np.float64]

_LEAST_POINTS = 1 << 15  # of a tilted bank: its mean is off by at most its range x strata / 65,536
_SAME = 1e-12  # a target this close to the bank's own mean, relative to its greatest difference, changes nothing
_GREATEST_EXPONENT = 700.0  # beyond it only the most extreme group of a stratum is left


def check_bank(differences: npt.ArrayLike, exposure: npt.ArrayLike | None = None) -> tuple[Array, Array]:
    """``differences`` and ``exposure`` as arrays [groups], exposure by default whether a difference is other than 0.

    Raises ValueError for differences that are not one row, not finite or all the same, and for an exposure that does not fit.
    """
    bank = np.asarray(differences, dtype=np.float64)
    if bank.ndim != 1 or len(bank) < 2:
        raise ValueError(f"differences: shape {bank.shape!r}: expected one row of two groups or more")
    if not np.isfinite(bank).all():
        place = int(np.argmin(np.isfinite(bank)))
        raise ValueError(f"differences: {float(bank[place])!r} in group {place}: expected finite numbers")
    if bank.min() == bank.max():
        raise ValueError(f"differences: {float(bank[0])!r} in every group: expected at least two different values")
    strata = (bank != 0).astype(np.float64) if exposure is None else np.asarray(exposure, dtype=np.float64)
    if strata.shape != bank.shape or np.isnan(strata).any():
        raise ValueError(f"exposure: shape {strata.shape!r}: expected a number for each of {len(bank)} groups")
    return bank, strata


def tilt(differences: npt.ArrayLike, target: float, *, exposure: npt.ArrayLike | None = None) -> Array:
    """The bank with the mean ``target``: what is simulated stays possible, what favours one side becomes more frequent.

    Among groups of equal ``exposure`` (share of their rounds in which the two rules choose different statements; by default
    whether their difference is 0) a difference d is weighted by exp(theta d), one theta for all (exponential tilting: Efron
    1981, Can. J. Stat. 9). How often the rules choose differently stays as simulated, a difference of 0 where they do not
    stays 0, and none leaves the scale.

    differences, exposure: [groups]. Returns [m] with m a multiple of groups and at least 32,768: equally likely differences,
    the quantiles of the weighted ones. Place i belongs to the same exposure and quantile whatever the target, so that equal
    places drawn from two tilted banks are paired. Raises ValueError for a bad bank, and a target out of reach.
    """
    bank, strata = check_bank(differences, exposure)
    order = np.lexsort((bank, strata))
    bank, strata = bank[order], strata[order]
    starts = np.flatnonzero(np.diff(strata, prepend=-np.inf))
    weights = _weights(bank, _theta(bank, starts, target), starts)
    repeats = -(-_LEAST_POINTS // len(bank))
    points = (np.arange(len(bank) * repeats) + 0.5) / repeats
    return np.asarray(bank[np.minimum(np.searchsorted(np.cumsum(weights), points), len(bank) - 1)])


def reach(differences: npt.ArrayLike, *, exposure: npt.ArrayLike | None = None) -> tuple[float, float]:
    """Between which means ``tilt`` can take the bank (both excluded): every group at its stratum's least, or greatest."""
    bank, strata = check_bank(differences, exposure)
    order = np.argsort(strata, kind="stable")
    bank, strata = bank[order], strata[order]
    starts = np.flatnonzero(np.diff(strata, prepend=-np.inf))
    sizes = np.diff(starts, append=len(bank))
    least, greatest = (float(f.reduceat(bank, starts) @ sizes) / len(bank) for f in (np.minimum, np.maximum))
    return least, greatest


def _weights(bank: Array, theta: float, starts: npt.NDArray[np.intp]) -> Array:
    """exp(theta d), scaled to sum in each stratum to its number of groups."""
    sizes = np.diff(starts, append=len(bank))
    exponents = theta * bank
    weights = np.exp(exponents - np.repeat(np.maximum.reduceat(exponents, starts), sizes))
    return np.asarray(weights * np.repeat(sizes / np.add.reduceat(weights, starts), sizes))


def _theta(bank: Array, starts: npt.NDArray[np.intp], target: float) -> float:
    def excess(theta: float) -> float:
        return float(_weights(bank, theta, starts) @ bank) / len(bank) - target

    if abs(excess(0.0)) <= _SAME * float(np.abs(bank).max()):
        return 0.0
    bound = _GREATEST_EXPONENT / float(np.abs(bank).max())
    low, high = excess(-bound), excess(bound)
    if not low < 0 < high:
        raise ValueError(
            f"target {target!r}: expected a mean difference between {low + target:.4g} and {high + target:.4g},"
            " which is what the simulated groups allow"
        )
    return float(brentq(excess, -bound, bound, xtol=1e-12 * bound, rtol=1e-10))
