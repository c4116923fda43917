"""Power where differences are normal: what the simulation is held against.

Both tests depend on the sample mean and SD, which are independent; so power is the mean, over the distribution of the SD, of a
normal probability (midpoint quadrature over its quantiles). That is the noncentral t for the first test, and Phillips 1990
(J. Pharmacokin. Biopharm. 18) for the second. SciPy's own noncentral t is not used: far in its tails it is not a number.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq
from scipy.stats import chi2, norm

from simcons.analysis import resampling
from simcons.arrays import Floats

_QUANTILES = 500


def t_power(effect: float, sd: float, *, n_groups: int, alpha: float = 0.05) -> float:
    """Power of the two-sided paired t test, in either direction, for a true difference ``effect``."""
    half_width = _half_widths(n_groups, alpha / 2)
    shift = effect / sd * np.sqrt(n_groups)
    return float(np.mean(norm.sf(half_width - shift) + norm.cdf(-half_width - shift)))


def loss_power(loss: float, sd: float, *, n_groups: int, level: float, alpha: float) -> float:
    """Probability that the one-sided t test at ``level`` shows a true loss, and that at ``alpha`` does not place it below
    ``loss``. The latter alone has probability 1 - alpha.
    """
    room = loss / sd * np.sqrt(n_groups) - _half_widths(n_groups, level)
    return float(np.mean(norm.cdf(np.minimum(room, _half_widths(n_groups, alpha)))))


def t_detectable(sd: float, *, n_groups: int, power: float = 0.8, alpha: float = 0.05) -> float:
    """The effect at which ``t_power`` is ``power``; about (t(1 - alpha/2) + t(power)) sd / sqrt(n) (Cohen 1988)."""
    top = (_half_widths(n_groups, alpha / 2).max() + norm.ppf(power) + 1) * sd / np.sqrt(n_groups)
    return float(brentq(lambda effect: t_power(effect, sd, n_groups=n_groups, alpha=alpha) - power, 0.0, top))


def t_groups(
    effect: float, sd: float, *, power: float = 0.8, alpha: float = 0.05, smallest: int = 2, cap: int = 10_000
) -> int | None:
    """The least number of groups from ``smallest`` with at least ``power``; None where it is more than ``cap``."""
    return _least(lambda n: t_power(effect, sd, n_groups=n, alpha=alpha), power, smallest, cap)


def tost_power(effect: float, margin: float, sd: float, *, n_groups: int, alpha: float = 0.05) -> float:
    """Probability that both one-sided t tests place a true difference ``effect`` within (-margin, margin)."""
    root = np.sqrt(n_groups) / sd
    room = np.maximum(margin * root - _half_widths(n_groups, alpha), 0)
    return float(np.mean(norm.cdf(room - effect * root) - norm.cdf(-room - effect * root)))


def tost_groups(
    effect: float,
    margin: float,
    sd: float,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    smallest: int = 2,
    cap: int = 10_000,
) -> int | None:
    """The same for showing equivalence; None also where no number would do."""
    return _least(lambda n: tost_power(effect, margin, sd, n_groups=n, alpha=alpha), power, smallest, cap)


def _half_widths(n_groups: int, tail: float) -> Floats:
    """Of intervals of standard normal differences, times the root of ``n_groups``: one a quantile of the sample SD."""
    return resampling.margin(_sds(n_groups), n_groups, tail=tail)


def _sds(n_groups: int) -> Floats:
    """Quantiles of the sample SD of ``n_groups`` standard normal differences."""
    levels = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    return np.asarray(np.sqrt(chi2.ppf(levels, n_groups - 1) / (n_groups - 1)))


def _least(power_of: Callable[[int], float], power: float, smallest: int, cap: int) -> int | None:
    """The least n in [smallest, cap] with ``power_of(n) >= power``, by bisection: power grows with n."""
    low, high = smallest - 1, cap
    if power_of(cap) < power:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power_of(middle) >= power else (middle, high)
    return high
