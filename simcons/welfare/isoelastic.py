"""The isoelastic (Atkinson, constant-elasticity) family of social welfare functions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

# Beyond these a quotient of two floats may have under- or overflowed.
_LEAST_RATIO, _GREATEST_RATIO, _GREATEST_EXPONENT = 1e-290, 1e290, 667.0


def isoelastic(u: npt.ArrayLike, alpha: float) -> Array:
    """Welfare W_a(u) = (mean u_i^(1-a))^(1/(1-a)) over the last axis, in the units of ``u``.

    The equally-distributed-equivalent form (Atkinson 1970): a=0 is the mean (utilitarian), a=1 the geometric mean
    (Bernoulli-Nash), a=inf the minimum (Rawlsian).

    u: [..., people], alpha in [0, inf]. Returns [...]. Finite a > 0 needs u >= 0; a person at 0 takes welfare to 0 when
    a >= 1. a=0 and a=inf take any sign. Computed relative to ref = max(u) (a < 1) or min(u) (a > 1), so that nothing
    overflows and no digits are lost near a=1; the result is clamped to [min, max].

    Raises ValueError for a negative or NaN alpha, no people, NaN, and (0 < a < inf) negative or infinite utilities.
    """
    u = np.asarray(u, dtype=np.float64)
    _check(u, alpha)
    if alpha == 0:
        return np.asarray(u.mean(axis=-1))
    low, high = u.min(axis=-1), u.max(axis=-1)
    if alpha == np.inf:
        return np.asarray(low)
    positive = low > 0 if alpha >= 1 else high > 0
    reference = np.where(positive, low if alpha > 1 else high, 1.0)
    d = _log_ratio(np.where(positive[..., None], u, 1.0), reference[..., None])
    welfare = np.where(positive, _scaled(reference, _mean_exponent(d, 1 - alpha)), 0.0)
    return np.clip(welfare, low, high)


def _scaled(reference: Array, exponent: Array) -> Array:
    """reference * exp(exponent), through logarithms where the second factor alone would leave the range of floats."""
    safe = np.abs(exponent) < _GREATEST_EXPONENT
    return np.where(safe, reference * np.exp(np.where(safe, exponent, 0.0)), np.exp(np.log(reference) + exponent))


def _log_ratio(u: Array, reference: Array) -> Array:
    """ln(u / reference): exact near 1, and right where the quotient of a huge and a tiny number leaves the floats."""
    with np.errstate(divide="ignore", over="ignore", under="ignore"):
        ratio = u / reference
        safe = (ratio > _LEAST_RATIO) & (ratio < _GREATEST_RATIO)
        return np.where(safe, np.log(ratio), np.log(u) - np.log(reference))


def _mean_exponent(d: Array, p: float) -> Array:
    """ln of the power mean of exp(d) with exponent p, for p*d <= 0: log1p(mean expm1(p d)) / p.

    All terms have one sign, so nothing cancels, however small p is.
    """
    if p == 0:
        return np.asarray(d.mean(axis=-1))
    return np.asarray(np.log1p(np.expm1(p * d).mean(axis=-1)) / p)


def _check(u: Array, alpha: float) -> None:
    if not alpha >= 0:
        raise ValueError(f"alpha must be at least 0, got {alpha!r}")
    if u.ndim == 0 or u.shape[-1] == 0:
        raise ValueError(f"utilities need at least one person on the last axis, got shape {u.shape}")
    wrong = np.isnan(u) if alpha in (0, np.inf) else ~((u >= 0) & np.isfinite(u))
    if wrong.any():
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        expected = "a number" if alpha in (0, np.inf) else "a finite utility of at least 0"
        raise ValueError(f"utility {float(u[place])!r} at {place}: alpha {alpha} needs {expected}")
