"""What a study of people could find out about two rules: four questions to a bank of simulated groups.

A bank holds for each simulated group the mean over its rounds of (outcome of rule a's statement - outcome of rule b's). Where
both choose the same statement the difference is 0, so differences are no normal sample, and the answers come from simulated
studies that draw their groups from the bank. Intervals are 95% and hold both sources of error: the bank is finite, and so is the
number of studies. `power_theory` has the same answers for normal differences.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from math import ceil
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.stats import kurtosis, norm

from simcons.experiments.power_bank import Bank
from simcons.experiments.power_studies import Booleans, Studies, draw_studies, equivalent, half_width, significant
from simcons.experiments.power_theory import t_detectable

Array: TypeAlias = npt.NDArray[np.float64]
Test: TypeAlias = Callable[[Studies], Booleans]

Z = 1.959964
_FIRST_TOP, _SIZES = 128, 24  # sizes tried first for `groups_needed`, and how many of them
_LIBERAL = 1.5  # times alpha: errors up to which a test is trusted
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
    bank: Bank,
    groups: Sequence[int],
    *,
    true_difference: float | None = None,
    alpha: float = 0.05,
    replications: int = 2000,
    seed: int = 0,
) -> tuple[PowerAt, ...]:
    """Probability that a study of each size finds a difference: two-sided paired t test at ``alpha``, in either direction.

    true_difference: by default the one in the bank, whose own error is then part of the interval; a number for another, 0 for the
    rate of false alarms. Results are in ascending order of groups. Raises ValueError for sizes below 2, and for a true difference
    that the bank does not allow.
    """
    banks = _banks(bank, true_difference)
    return _curve(banks, groups, partial(significant, alpha=alpha), replications=replications, seed=seed)


def equivalence_power(
    bank: Bank,
    margin: float,
    *,
    groups: Sequence[int],
    true_difference: float | None = None,
    alpha: float = 0.05,
    replications: int = 2000,
    seed: int = 0,
) -> tuple[PowerAt, ...]:
    """Probability that a study of each size shows the difference to lie within (-margin, margin).

    Two one-sided t tests at ``alpha`` each: the 1 - 2 alpha interval lies within the margin. Otherwise as `power_curve`.
    Raises ValueError also for a margin that is not positive.
    """
    _check_margin(margin)
    banks = _banks(bank, true_difference)
    test = partial(equivalent, margin=margin, alpha=alpha)
    return _curve(banks, groups, test, replications=replications, seed=seed)


def minimum_detectable_effect(
    bank: Bank,
    n_groups: int,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    replications: int = 2000,
    seed: int = 0,
) -> Estimated | None:
    """The true mean difference, in the direction of the bank's own, that a study of ``n_groups`` finds with ``power``.

    A larger difference looks as `Bank.tilted` makes it: rounds in which both rules choose the same statement stay at 0, in the
    others outcomes in favour become more frequent. None: of the differences that the bank allows none is found with just this
    power. Raises ValueError for sizes below 2.
    """
    bank = bank.reversed() if bank.mean < 0 else bank

    @cache
    def excess(effect: float) -> float:
        test = partial(significant, alpha=alpha)
        rate = _rates(bank.tilted(effect), [n_groups], test, replications=replications, seed=seed)
        return float(_probit(rate, replications)[0] - norm.ppf(power))

    expected = t_detectable(bank.sd, n_groups=n_groups, power=power, alpha=alpha)
    bracket = _bracket(excess, expected, *bank.reach)
    if bracket is None:
        return None
    value = float(brentq(excess, *bracket, xtol=_TOLERANCE * bracket[1], rtol=_TOLERANCE))
    slope = (excess(bracket[1]) - excess(bracket[0])) / (bracket[1] - bracket[0])
    error = _share_error(power, replications) / float(norm.pdf(norm.ppf(power)))
    return _with_sd_error(value, error / slope, bank)


def minimum_detectable_shift(
    bank: Bank,
    n_groups: int,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    replications: int = 2000,
    seed: int = 0,
) -> Estimated:
    """The same where every group's difference grows by the same amount, as textbooks assume.

    It is a quantile over studies of the least shift that each would find. Raises ValueError for sizes below 2.
    """
    centred = (bank.differences - bank.mean) * (-1 if bank.mean < 0 else 1)
    studies = draw_studies(centred, [n_groups], replications=replications, seed=seed)
    least = (half_width(studies, alpha / 2) - studies.mean)[:, 0]
    error = _share_error(power, replications)
    low, value, high = np.quantile(least, [max(power - error, 0), power, min(power + error, 1)])
    return _with_sd_error(float(value), float(high - low) / 2, bank)


def groups_needed(
    bank: Bank,
    margin: float | None = None,
    *,
    true_difference: float | None = None,
    power: float = 0.8,
    alpha: float = 0.05,
    smallest: int = 20,
    cap: int = 10_000,
    replications: int = 2000,
    seed: int = 0,
) -> Needed:
    """The smallest number of groups with which a study finds the difference, or shows equivalence within ``margin``.

    It does so with probability ``power``, and its test can be trusted: where the rules rarely differ, t tests of few groups show
    what is not there. So a size counts only from ``smallest`` on, and only where the test errs in at most 1.5 alpha of studies
    (the liberal criterion of Bradley 1978, Br. J. Math. Stat. Psychol. 31): at a true difference of 0, or for equivalence at the
    margin in either direction, as far as the bank allows these.

    Sizes up to ``cap`` are tried on a grid; between two of them the probit of power is taken to be linear in the root of the
    number of groups, as it is for a t test. Otherwise as `power_curve` and `equivalence_power`.
    """
    if not 2 <= smallest < cap:
        raise ValueError(
            f"smallest {smallest!r}, cap {cap!r}: expected at least 2 groups, and more than that as the cap"
        )
    if margin is not None:
        _check_margin(margin)
    test = partial(significant, alpha=alpha) if margin is None else partial(equivalent, margin=margin, alpha=alpha)
    nulls = [bank.tilted(null) for null in ([0.0] if margin is None else [-margin, margin]) if bank.allows(null)]

    def rates(differences: Array, top: int) -> Array:
        return _rates(differences, list(_grid(smallest, top)), test, replications=replications, seed=seed)

    @cache
    def trusted(top: int) -> Booleans:
        errors = [rates(null, top) <= _LIBERAL * alpha for null in nulls]
        return np.asarray(np.all([np.ones_like(_grid(smallest, top), dtype=bool), *errors], axis=0))

    def reached(differences: Array) -> list[int | None]:
        return _sizes_at(
            lambda top: np.where(trusted(top), rates(differences, top), 0.0), wanted, smallest=smallest, cap=cap
        )

    error = _share_error(power, replications)
    wanted = (power - error, power, power + error)
    found = [reached(differences) for differences in _banks(bank, true_difference)]
    low, high = min(_or_infinite(sizes[0]) for sizes in found), max(_or_infinite(sizes[2]) for sizes in found)
    widen = 2 * _sd_error(bank)
    low, high = max(low * (1 - widen), smallest), high if high == smallest else high * (1 + widen)
    return Needed(found[0][1], _or_none(low, cap), _or_none(high, cap), cap)


# --- banks and their error -----------------------------------------------------------------------------------------


def _banks(bank: Bank, true_difference: float | None) -> list[Array]:
    """The differences to answer from, and behind them those whose means bound what the true difference may be."""
    if true_difference is not None:
        return [bank.tilted(true_difference)]
    mean, (least, greatest) = mean_of(bank.differences), bank.reach
    low, high = max(mean.low, (mean.estimate + least) / 2), min(mean.high, (mean.estimate + greatest) / 2)
    between = [0.0] if low < 0 < high else []
    return [bank.tilted(target) for target in [mean.estimate, low, high, *between]]


def _sd_error(bank: Bank) -> float:
    """Half the relative 95% interval of the bank's SD: 1.96 sqrt((kurtosis - 1) / (4 n)), at most .5."""
    excess = float(kurtosis(bank.differences))
    return min(0.5, Z * float(np.sqrt((excess + 2) / (4 * len(bank.differences)))))


def _with_sd_error(value: float, error: float, bank: Bank) -> Estimated:
    half = float(np.hypot(error, value * _sd_error(bank)))
    return Estimated(value, max(value - half, 0.0), value + half)


def _share_error(share: float, n: int) -> float:
    """Half the 95% interval of a share of ``n`` studies."""
    return float(Z * np.sqrt(share * (1 - share) / n))


def mean_of(values: Array) -> Estimated:
    """Mean of independent values, with its normal 95% interval."""
    mean, half = float(values.mean()), Z * float(values.std(ddof=1)) / float(np.sqrt(len(values)))
    return Estimated(mean, mean - half, mean + half)


def _check_margin(margin: float) -> None:
    if not margin > 0:
        raise ValueError(f"margin {margin!r}: expected a positive number")


# --- curves --------------------------------------------------------------------------------------------------------


def _curve(
    banks: list[Array], groups: Sequence[int], test: Test, *, replications: int, seed: int
) -> tuple[PowerAt, ...]:
    sizes = np.unique(np.asarray(groups))
    rates = np.stack([_rates(differences, groups, test, replications=replications, seed=seed) for differences in banks])
    low, high = wilson(rates, replications)
    return tuple(
        PowerAt(int(n), Estimated(float(rates[0, i]), float(low[:, i].min()), float(high[:, i].max())))
        for i, n in enumerate(sizes)
    )


def _rates(differences: Array, groups: Sequence[int], test: Test, *, replications: int, seed: int) -> Array:
    studies = draw_studies(differences, groups, replications=replications, seed=seed)
    return np.asarray(test(studies).mean(axis=0))


def wilson(share: Array, n: int) -> tuple[Array, Array]:
    """Wilson's 95% interval of shares of ``n`` independent trials."""
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * np.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


# --- sizes ---------------------------------------------------------------------------------------------------------


def _grid(smallest: int, top: int) -> npt.NDArray[np.int64]:
    return np.unique(np.geomspace(smallest, top, _SIZES).round().astype(np.int64))


def _sizes_at(
    rates_up_to: Callable[[int], Array], wanted: Sequence[float], *, smallest: int, cap: int
) -> list[int | None]:
    """For each power the size that reaches it; larger sizes are tried only where smaller ones do not suffice."""
    top = min(max(_FIRST_TOP, 2 * smallest), cap)
    while True:
        rates = rates_up_to(top)
        if top == cap or rates[-1] >= max(wanted):
            return [_crossing(_grid(smallest, top), rates, power) for power in wanted]
        top = min(8 * top, cap)


def _crossing(sizes: npt.NDArray[np.int64], rates: Array, power: float) -> int | None:
    """Where rates cross ``power`` for the last time; None where the last of them is below."""
    below = np.flatnonzero(rates < power)
    if not len(below):
        return int(sizes[0])
    last = int(below[-1])
    if last == len(sizes) - 1:
        return None
    if rates[last] == 0 or rates[last + 1] == 1:
        return int(sizes[last + 1])
    before, after = norm.ppf(rates[last : last + 2])
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
