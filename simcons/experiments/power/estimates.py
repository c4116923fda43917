"""The answers that studies of people could give about two rules: four questions to simulated groups.

A sample holds for each simulated group the mean over its rounds of (outcome of rule a's statement - outcome of rule b's). Where
both choose the same statement the difference is 0, so differences are no normal sample, and the answers come from simulated
studies that draw their groups from the sample. Intervals are 95% and hold both sources of error: the sample is finite, and so is
the number of studies. `theory` has the same answers for normal differences.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from math import inf, isfinite
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.stats import kurtosis, norm

from simcons.analysis.resampling import Estimate, margin, quantile, wilson
from simcons.arrays import Bools, Floats
from simcons.experiments.power.differences import DifferenceSample
from simcons.experiments.power.studies import Studies, draw_studies, equivalent, half_width, significant
from simcons.experiments.power.theory import t_detectable

Test: TypeAlias = Callable[[Studies], Bools]

_TOLERANCE = 0.002  # relative, of a detectable effect


@dataclass(frozen=True, slots=True)
class PowerAt:
    """The probability of a test's conclusion in a study of so many groups."""

    n_groups: int
    power: Estimate


def power_curve(
    sample: DifferenceSample,
    groups: Sequence[int],
    *,
    true_difference: float | None = None,
    alpha: float = 0.05,
    replications: int = 2000,
    seed: int = 0,
) -> tuple[PowerAt, ...]:
    """Probability that a study of each size finds a difference: two-sided paired t test at ``alpha``, in either direction.

    true_difference: by default the one in the sample, whose own error is then part of the interval; a number for another, 0 for
    the rate of false alarms. Results are in ascending order of groups. Raises ValueError for sizes below 2, and for a true
    difference that the sample does not allow.
    """
    samples = possible_samples(sample, true_difference)
    return _curve(samples, groups, partial(significant, alpha=alpha), replications=replications, seed=seed)


def equivalence_power(
    sample: DifferenceSample,
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
    samples = possible_samples(sample, true_difference)
    test = partial(equivalent, margin=margin, alpha=alpha)
    return _curve(samples, groups, test, replications=replications, seed=seed)


def minimum_detectable_effect(
    sample: DifferenceSample,
    n_groups: int,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    replications: int = 2000,
    seed: int = 0,
) -> Estimate | None:
    """The true mean difference, in the direction of the sample's own, that a study of ``n_groups`` finds with ``power``.

    A larger difference looks as `DifferenceSample.tilted` makes it: rounds in which both rules choose the same statement stay at
    0, in the others outcomes in favour become more frequent. None: of the differences that the sample allows none is found with
    just this power. Raises ValueError for sizes below 2.
    """
    sample = sample.reversed() if sample.mean < 0 else sample

    @cache
    def excess(effect: float) -> float:
        test = partial(significant, alpha=alpha)
        rate = rates_of(sample.tilted(effect), [n_groups], test, replications=replications, seed=seed)
        return float(_probit(rate, replications)[0] - norm.ppf(power))

    expected = t_detectable(sample.sd, n_groups=n_groups, power=power, alpha=alpha)
    bracket = _bracket(excess, expected, *sample.reach)
    if bracket is None:
        return None
    value = float(brentq(excess, *bracket, xtol=_TOLERANCE * bracket[1], rtol=_TOLERANCE))
    slope = (excess(bracket[1]) - excess(bracket[0])) / (bracket[1] - bracket[0])
    error = share_error(power, replications) / float(norm.pdf(norm.ppf(power)))
    return _with_sd_error(value, error / slope, sample)


def minimum_detectable_shift(
    sample: DifferenceSample,
    n_groups: int,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    replications: int = 2000,
    seed: int = 0,
) -> Estimate | None:
    """The same where every group's difference grows by the same amount, as textbooks assume.

    It is a quantile over studies of the least shift that each would find. None: so many see no variation at all that none is
    found with this power. Raises ValueError for sizes below 2.
    """
    centred = (sample.differences - sample.mean) * (-1 if sample.mean < 0 else 1)
    studies = draw_studies(centred, [n_groups], replications=replications, seed=seed)
    least = np.nan_to_num(half_width(studies, alpha / 2), nan=inf) - studies.mean
    shift = quantile(least[:, 0], power)
    if shift is None or shift.interval is None or not isfinite(shift.interval[1]):
        return None
    return _with_sd_error(shift.value, (shift.interval[1] - shift.interval[0]) / 2, sample)


# --- samples and their error--------------------------------------------------------------------------------------


def possible_samples(sample: DifferenceSample, true_difference: float | None) -> list[Floats]:
    """The differences to answer from, and behind them those whose means bound what the true difference may be."""
    if true_difference is not None:
        return [sample.tilted(true_difference)]
    mean, (least, greatest) = float(sample.differences.mean()), sample.reach
    half = float(margin(sample.sd / np.sqrt(len(sample.differences)), len(sample.differences)))
    low, high = max(mean - half, (mean + least) / 2), min(mean + half, (mean + greatest) / 2)
    between = [0.0] if low < 0 < high else []
    return [sample.tilted(target) for target in [mean, low, high, *between]]


def sd_error(sample: DifferenceSample) -> float:
    """Half the relative 95% interval of the sample's SD, whose standard error is sqrt((kurtosis - 1) / (4 n)); at most .5."""
    n, excess = len(sample.differences), float(kurtosis(sample.differences))
    return min(0.5, float(np.nan_to_num(margin(np.sqrt((excess + 2) / (4 * n)), n))))


def _with_sd_error(value: float, half: float, sample: DifferenceSample) -> Estimate:
    """half: of the interval for the number of studies alone."""
    half = float(np.hypot(half, value * sd_error(sample)))
    return Estimate(value, (max(value - half, 0.0), value + half), None, len(sample.differences))


def share_error(share: float, n: int) -> float:
    """Half the 95% interval of a share of ``n`` studies; 0 for none or all of them."""
    return float(np.nan_to_num(margin(np.sqrt(share * (1 - share) / n), n)))


def check_margin(margin: float) -> None:
    """Raise ValueError for a margin that is not positive."""
    if not margin > 0:
        raise ValueError(f"margin {margin!r}: expected a positive number")


# --- curves --------------------------------------------------------------------------------------------------------


def _curve(
    samples: list[Floats], groups: Sequence[int], test: Test, *, replications: int, seed: int
) -> tuple[PowerAt, ...]:
    sizes = np.unique(np.asarray(groups))
    rates = np.stack(
        [rates_of(differences, groups, test, replications=replications, seed=seed) for differences in samples]
    )
    low, high = wilson(rates, replications)
    return tuple(
        PowerAt(
            int(n), Estimate(float(rates[0, i]), (float(low[:, i].min()), float(high[:, i].max())), None, replications)
        )
        for i, n in enumerate(sizes)
    )


def rates_of(differences: Floats, groups: Sequence[int], test: Test, *, replications: int, seed: int) -> Floats:
    """Shares of studies of each size, ascending, that end with a conclusion."""
    studies = draw_studies(differences, groups, replications=replications, seed=seed)
    return np.asarray(test(studies).mean(axis=0))


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
