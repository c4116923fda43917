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
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.stats import kurtosis, norm

from simcons.arrays import Floats
from simcons.experiments.power.bank import Bank
from simcons.experiments.power.studies import Booleans, Studies, draw_studies, equivalent, half_width, significant
from simcons.experiments.power.theory import t_detectable

Test: TypeAlias = Callable[[Studies], Booleans]

Z = 1.959964
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
    banks = possible_banks(bank, true_difference)
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
    check_margin(margin)
    banks = possible_banks(bank, true_difference)
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
        rate = rates_of(bank.tilted(effect), [n_groups], test, replications=replications, seed=seed)
        return float(_probit(rate, replications)[0] - norm.ppf(power))

    expected = t_detectable(bank.sd, n_groups=n_groups, power=power, alpha=alpha)
    bracket = _bracket(excess, expected, *bank.reach)
    if bracket is None:
        return None
    value = float(brentq(excess, *bracket, xtol=_TOLERANCE * bracket[1], rtol=_TOLERANCE))
    slope = (excess(bracket[1]) - excess(bracket[0])) / (bracket[1] - bracket[0])
    error = share_error(power, replications) / float(norm.pdf(norm.ppf(power)))
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
    error = share_error(power, replications)
    low, value, high = np.quantile(least, [max(power - error, 0), power, min(power + error, 1)])
    return _with_sd_error(float(value), float(high - low) / 2, bank)


# --- banks and their error -----------------------------------------------------------------------------------------


def possible_banks(bank: Bank, true_difference: float | None) -> list[Floats]:
    """The differences to answer from, and behind them those whose means bound what the true difference may be."""
    if true_difference is not None:
        return [bank.tilted(true_difference)]
    mean, (least, greatest) = mean_of(bank.differences), bank.reach
    low, high = max(mean.low, (mean.estimate + least) / 2), min(mean.high, (mean.estimate + greatest) / 2)
    between = [0.0] if low < 0 < high else []
    return [bank.tilted(target) for target in [mean.estimate, low, high, *between]]


def sd_error(bank: Bank) -> float:
    """Half the relative 95% interval of the bank's SD: 1.96 sqrt((kurtosis - 1) / (4 n)), at most .5."""
    excess = float(kurtosis(bank.differences))
    return min(0.5, Z * float(np.sqrt((excess + 2) / (4 * len(bank.differences)))))


def _with_sd_error(value: float, error: float, bank: Bank) -> Estimated:
    half = float(np.hypot(error, value * sd_error(bank)))
    return Estimated(value, max(value - half, 0.0), value + half)


def share_error(share: float, n: int) -> float:
    """Half the normal 95% interval of a share of ``n`` studies."""
    return float(Z * np.sqrt(share * (1 - share) / n))


def mean_of(values: Floats) -> Estimated:
    """Mean of independent values, with its normal 95% interval."""
    mean, half = float(values.mean()), Z * float(values.std(ddof=1)) / float(np.sqrt(len(values)))
    return Estimated(mean, mean - half, mean + half)


def check_margin(margin: float) -> None:
    """Raise ValueError for a margin that is not positive."""
    if not margin > 0:
        raise ValueError(f"margin {margin!r}: expected a positive number")


# --- curves --------------------------------------------------------------------------------------------------------


def _curve(
    banks: list[Floats], groups: Sequence[int], test: Test, *, replications: int, seed: int
) -> tuple[PowerAt, ...]:
    sizes = np.unique(np.asarray(groups))
    rates = np.stack(
        [rates_of(differences, groups, test, replications=replications, seed=seed) for differences in banks]
    )
    low, high = wilson(rates, replications)
    return tuple(
        PowerAt(int(n), Estimated(float(rates[0, i]), float(low[:, i].min()), float(high[:, i].max())))
        for i, n in enumerate(sizes)
    )


def rates_of(differences: Floats, groups: Sequence[int], test: Test, *, replications: int, seed: int) -> Floats:
    """How often studies of each size, ascending, end with a verdict."""
    studies = draw_studies(differences, groups, replications=replications, seed=seed)
    return np.asarray(test(studies).mean(axis=0))


def wilson(share: Floats, n: int) -> tuple[Floats, Floats]:
    """Wilson's 95% interval of shares of ``n`` independent trials."""
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * np.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def _probit(rates: npt.ArrayLike, replications: int) -> Floats:
    return np.asarray(norm.ppf(np.clip(rates, 0.5 / replications, 1 - 0.5 / replications)))


# --- effects -------------------------------------------------------------------------------------------------------


def _bracket(
    excess: Callable[[float], float], expected: float, least: float, greatest: float
) -> tuple[float, float] | None:
    """Two effects, about ``expected``, between which ``excess`` turns positive; None where it does not within reach."""
    rim = 0.01 * (greatest - least)
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
