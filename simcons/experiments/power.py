"""What a study of people could find out about two rules: four questions to a bank of simulated groups.

A bank holds for each simulated group the mean over its rounds of (outcome of rule a's statement - outcome of rule b's). Where
both choose the same statement the difference is 0, so differences are no normal sample, and the answers come from simulated
studies that draw their groups from the bank. Intervals are 95% and hold both sources of error: the bank is finite, and so is the
number of studies. `power_theory` has the same answers for normal differences.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.stats import kurtosis, norm

from simcons.experiments.power_bank import check_bank, reach, tilt
from simcons.experiments.power_studies import Booleans, Studies, draw_studies, equivalent, half_width, significant
from simcons.experiments.power_theory import t_detectable

Array: TypeAlias = npt.NDArray[np.float64]
Test: TypeAlias = Callable[[Studies], Booleans]
Effect: TypeAlias = Literal["differing", "shift"]

Z = 1.959964
_FIRST_TOP, _SIZES = 128, 24  # sizes tried first for `groups_needed`, and how many of them
_TOLERANCE = 0.002  # relative, of a detectable effect


@dataclass(frozen=True, slots=True)
class Estimated:
    """A number with its 95% interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PowerAt:
    """How probable a test's verdict is in a study of so many groups."""

    n_groups: int
    power: Estimated


@dataclass(frozen=True, slots=True)
class Needed:
    """Groups needed for the wanted power; None is more than ``cap``, or that no number would do."""

    estimate: int | None
    low: int | None
    high: int | None
    cap: int


def power_curve(
    differences: npt.ArrayLike,
    groups: Sequence[int],
    *,
    true_difference: float | None = None,
    exposure: npt.ArrayLike | None = None,
    alpha: float = 0.05,
    replications: int = 2000,
    seed: int = 0,
) -> tuple[PowerAt, ...]:
    """Probability that a study of each size finds a difference: two-sided paired t test at ``alpha``, in either direction.

    differences, exposure: [groups] of the bank, see `power_bank.tilt`. true_difference: by default the one in the bank, whose
    own error is then part of the interval; a number for another, 0 for the rate of false alarms. Results are in ascending order
    of groups. Raises ValueError for a bad bank, sizes below 2, and a true difference that the bank cannot have.
    """
    banks = _banks(differences, exposure, true_difference)
    return _curve(banks, groups, partial(significant, alpha=alpha), replications=replications, seed=seed)


def equivalence_power(
    differences: npt.ArrayLike,
    margin: float,
    *,
    groups: Sequence[int],
    true_difference: float | None = None,
    exposure: npt.ArrayLike | None = None,
    alpha: float = 0.05,
    replications: int = 2000,
    seed: int = 0,
) -> tuple[PowerAt, ...]:
    """Probability that a study of each size shows the difference to lie within (-margin, margin).

    Two one-sided t tests at ``alpha`` each: the 1 - 2 alpha interval lies within the margin. Otherwise as `power_curve`.
    Raises ValueError also for a margin that is not positive.
    """
    _check_margin(margin)
    banks = _banks(differences, exposure, true_difference)
    test = partial(equivalent, margin=margin, alpha=alpha)
    return _curve(banks, groups, test, replications=replications, seed=seed)


def minimum_detectable_effect(
    differences: npt.ArrayLike,
    n_groups: int,
    *,
    effect: Effect = "differing",
    exposure: npt.ArrayLike | None = None,
    power: float = 0.8,
    alpha: float = 0.05,
    replications: int = 2000,
    seed: int = 0,
) -> Estimated | None:
    """The true mean difference, in the direction of the bank's own, that a study of ``n_groups`` finds with ``power``.

    effect: what a larger difference looks like. ``differing``: rounds in which both rules choose the same statement stay at 0, in
    the others outcomes in favour become more frequent (`tilt`). ``shift``: every group's difference grows by the same amount, as
    textbooks assume. None: of the differences that the bank can have none is found with just this power. Raises ValueError as
    `power_curve`.
    """
    bank, strata = check_bank(differences, exposure)
    if bank.mean() < 0:
        bank = -bank
    find = _detectable_shift if effect == "shift" else partial(_detectable_tilt, strata=strata)
    found = find(bank, n_groups, power=power, alpha=alpha, replications=replications, seed=seed)
    if found is None:
        return None
    value, error = found
    half = float(np.hypot(error, value * _sd_error(bank)))
    return Estimated(value, max(value - half, 0.0), value + half)


def groups_needed(
    differences: npt.ArrayLike,
    margin: float | None = None,
    *,
    true_difference: float | None = None,
    exposure: npt.ArrayLike | None = None,
    power: float = 0.8,
    alpha: float = 0.05,
    cap: int = 10_000,
    replications: int = 2000,
    seed: int = 0,
) -> Needed:
    """The smallest number of groups with which a study finds the difference, or shows equivalence within ``margin``.

    It does so with probability ``power``. Sizes up to ``cap`` are tried on a grid; between two of them the probit of power is
    taken to be linear in the root of the number of groups, as it is for a t test. Otherwise as `power_curve` and
    `equivalence_power`.
    """
    if cap < 4:
        raise ValueError(f"cap {cap!r}: expected at least 4 groups")
    if margin is not None:
        _check_margin(margin)
    test = partial(significant, alpha=alpha) if margin is None else partial(equivalent, margin=margin, alpha=alpha)
    banks = _banks(differences, exposure, true_difference)
    error = Z * np.sqrt(power * (1 - power) / replications)
    wanted = (power - error, power, power + error)
    found = [_sizes_at(b, test, wanted, cap=cap, replications=replications, seed=seed) for b in banks]
    widen = 2 * _sd_error(np.asarray(differences, dtype=np.float64))
    low = min(_or_infinite(sizes[0]) for sizes in found) * (1 - widen)
    high = max(_or_infinite(sizes[2]) for sizes in found) * (1 + widen)
    return Needed(found[0][1], _or_none(max(low, 2), cap), _or_none(high, cap), cap)


# --- banks and their error -----------------------------------------------------------------------------------------


def _banks(differences: npt.ArrayLike, exposure: npt.ArrayLike | None, true_difference: float | None) -> list[Array]:
    """The bank to answer from, and behind it those whose means bound what the true difference may be."""
    bank, strata = check_bank(differences, exposure)
    if true_difference is not None:
        return [tilt(bank, true_difference, exposure=strata)]
    mean = float(bank.mean())
    half = Z * float(bank.std(ddof=1)) / np.sqrt(len(bank))
    least, greatest = reach(bank, exposure=strata)
    ends = [max(mean - half, (mean + least) / 2), min(mean + half, (mean + greatest) / 2)]
    between = [0.0] if ends[0] < 0 < ends[1] else []
    return [tilt(bank, target, exposure=strata) for target in [mean, *ends, *between]]


def _sd_error(bank: Array) -> float:
    """Half the relative 95% interval of the bank's SD: 1.96 sqrt((kurtosis - 1) / (4 n)), at most .5."""
    excess = float(kurtosis(bank))
    return min(0.5, Z * float(np.sqrt((excess + 2) / (4 * len(bank)))))


def _check_margin(margin: float) -> None:
    if not margin > 0:
        raise ValueError(f"margin {margin!r}: expected a positive number")


# --- curves --------------------------------------------------------------------------------------------------------


def _curve(
    banks: list[Array], groups: Sequence[int], test: Test, *, replications: int, seed: int
) -> tuple[PowerAt, ...]:
    sizes = np.unique(np.asarray(groups))
    rates = np.stack([_rates(bank, groups, test, replications=replications, seed=seed) for bank in banks])
    low, high = wilson(rates, replications)
    return tuple(
        PowerAt(int(n), Estimated(float(rates[0, i]), float(low[:, i].min()), float(high[:, i].max())))
        for i, n in enumerate(sizes)
    )


def _rates(bank: Array, groups: Sequence[int], test: Test, *, replications: int, seed: int) -> Array:
    studies = draw_studies(bank, groups, replications=replications, seed=seed)
    return np.asarray(test(studies).mean(axis=0))


def wilson(share: Array, n: int) -> tuple[Array, Array]:
    """Wilson's 95% interval of shares of ``n`` independent trials."""
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * np.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


# --- sizes ---------------------------------------------------------------------------------------------------------


def _sizes_at(
    bank: Array, test: Test, wanted: Sequence[float], *, cap: int, replications: int, seed: int
) -> list[int | None]:
    """For each power the size at which the bank reaches it; larger sizes are tried only where smaller ones do not suffice."""
    top = min(_FIRST_TOP, cap)
    while True:
        sizes = np.unique(np.geomspace(2, top, _SIZES).round().astype(int))
        rates = _rates(bank, list(sizes), test, replications=replications, seed=seed)
        if top == cap or rates[-1] >= max(wanted):
            return [_crossing(sizes, rates, power, replications) for power in wanted]
        top = min(8 * top, cap)


def _crossing(sizes: npt.NDArray[np.int64], rates: Array, power: float, replications: int) -> int | None:
    """Where rates cross ``power`` for the last time; None where the last of them is below."""
    below = np.flatnonzero(rates < power)
    if not len(below):
        return int(sizes[0])
    last = int(below[-1])
    if last == len(sizes) - 1:
        return None
    before, after = _probit(rates[last : last + 2], replications)
    share = (norm.ppf(power) - before) / (after - before)
    root = np.sqrt(sizes[last]) + share * (np.sqrt(sizes[last + 1]) - np.sqrt(sizes[last]))
    return ceil(float(root**2) - 1e-9)


def _or_infinite(size: int | None) -> float:
    return float("inf") if size is None else float(size)


def _or_none(size: float, cap: int) -> int | None:
    return None if size > cap else round(size)


def _probit(rates: npt.ArrayLike, replications: int) -> Array:
    return np.asarray(norm.ppf(np.clip(rates, 0.5 / replications, 1 - 0.5 / replications)))


# --- effects -------------------------------------------------------------------------------------------------------


def _detectable_shift(
    bank: Array, n_groups: int, *, power: float, alpha: float, replications: int, seed: int
) -> tuple[float, float]:
    """The shift that a share ``power`` of studies finds, and half its interval: a quantile of the least shift each would find."""
    studies = draw_studies(bank - bank.mean(), [n_groups], replications=replications, seed=seed)
    least = (half_width(studies, alpha / 2) - studies.mean)[:, 0]
    error = Z * np.sqrt(power * (1 - power) / replications)
    low, value, high = np.quantile(least, [max(power - error, 0), power, min(power + error, 1)])
    return float(value), float(high - low) / 2


def _detectable_tilt(
    bank: Array, n_groups: int, *, strata: Array, power: float, alpha: float, replications: int, seed: int
) -> tuple[float, float] | None:
    """The mean to which the bank must be tilted, and half its interval; None where no tilt is enough."""

    def excess(effect: float) -> float:
        tilted = tilt(bank, effect, exposure=strata)
        rate = _rates(tilted, [n_groups], partial(significant, alpha=alpha), replications=replications, seed=seed)
        return float(_probit(rate, replications)[0] - norm.ppf(power))

    expected = t_detectable(float(bank.std(ddof=1)), n_groups=n_groups, power=power, alpha=alpha)
    bracket = _bracket(excess, expected, *reach(bank, exposure=strata))
    if bracket is None:
        return None
    value = float(brentq(excess, *bracket, xtol=_TOLERANCE * bracket[0], rtol=_TOLERANCE))
    slope = (excess(value) - excess(bracket[0])) / (value - bracket[0])
    error = Z * np.sqrt(power * (1 - power) / replications) / norm.pdf(norm.ppf(power))
    return value, float(error / slope)


def _bracket(
    excess: Callable[[float], float], expected: float, least: float, greatest: float
) -> tuple[float, float] | None:
    """Two effects, about ``expected``, between which ``excess`` turns positive; None where it does not within reach."""
    rim = 1e-3 * (greatest - least)
    floor, limit = max(least + rim, 0.0), greatest - rim
    if not floor < limit:
        return None
    high = float(np.clip(1.2 * expected, floor, limit))
    while excess(high) < 0:
        if high == limit:
            return None
        high = min(1.5 * high, limit)
    low = max(high / 1.4, floor)
    while low > 0 and excess(low) >= 0:
        if low == floor:
            return None
        low = max(low / 1.5, floor)
    return low, high
