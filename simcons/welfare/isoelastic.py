"""The isoelastic (Atkinson, constant-elasticity) family of social welfare functions."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from simcons.arrays import AnyFloats, Bools, Floats
from simcons.welfare.missing import MissingRule, as_floats, counted_in, place_of

_BLOCK = 1 << 16  # utilities worked on at a time: a buffer of them fits the second-level cache of a core
# Beyond this a quotient of two floats may have under- or overflowed.
_GREATEST_RATIO, _GREATEST_EXPONENT = 1e290, 667.0


def isoelastic(u: npt.ArrayLike, alpha: npt.ArrayLike, *, missing: MissingRule = "refuse") -> AnyFloats:
    """Welfare W_a(u) = (mean u_i^(1-a))^(1/(1-a)) over the last axis, in the units of ``u``.

    The equally-distributed-equivalent form (Atkinson 1970): a=0 is the mean (utilitarian), a=1 the geometric mean
    (Bernoulli-Nash), a=inf the minimum (Rawlsian).

    u: [..., people], float32 or float64 (kept; anything else becomes float64). alpha: a number or an array in [0, inf].
    Returns ``alpha.shape + u.shape[:-1]``: one slice an alpha. Finite a > 0 needs u >= 0; a person at 0 takes welfare to 0
    when a >= 1. a=0 and a=inf take any sign.

    missing: what NaN, a person without a utility, means. ``refuse`` raises; ``leave_out`` weighs those who are there, so that
    groups of different people are compared; a number is the utility that a missing person counts as.

    Computed in float64 relative to ref = max(u) (a < 1) or min(u) (a > 1), so that nothing overflows and no digits are lost
    near a=1, and clamped to [min, max]: relative error at most ``4 eps (1 + |ln(W/ref)|)``. The logarithm is taken once for all
    alphas, in blocks that fit the cache.

    Raises ValueError, with the value and its place, for a negative or NaN alpha, no people, a missing person where that is
    refused or nobody is left, and (0 < a < inf) negative or infinite utilities.
    """
    alphas = _alphas(alpha)
    u = counted_in(_floats(u), missing)
    some_left_out = missing == "leave_out" and np.isnan(u).any()
    try:
        welfare = (_among_those_present if some_left_out else _weigh)(_people_first(u), alphas.ravel())
    except _OutOfDomain:
        raise _explain(u, alphas, missing) from None
    return welfare.reshape(alphas.shape + u.shape[:-1])


def influence(u: npt.ArrayLike, alpha: npt.ArrayLike) -> AnyFloats:
    """Each person's influence on welfare: the gradient dW/du_i = (W/u_i)^a / n.

    u: [..., people], positive where 0 < alpha < inf; alpha as in `isoelastic`. Returns ``alpha.shape + u.shape``. By Euler's
    theorem the products u_i dW/du_i of a group sum to W. At a=inf, where welfare has no gradient if several people share the
    minimum, they share an influence of 1.

    Raises ValueError as `isoelastic` does, and for a utility of 0 where 0 < alpha < inf: its influence has no finite value
    there, or none that is the same from both sides.
    """
    u, alphas = _floats(u), _alphas(alpha)
    welfare = isoelastic(u, alphas)
    inner = alphas[(alphas > 0) & (alphas < np.inf)]
    if inner.size and u.size and not u.min() > 0:
        raise ValueError(f"utility {_at(u, ~(u > 0))}: influence at alpha {_short(inner[0])} needs a positive utility")
    slices = [
        _influence(u, w, a) for a, w in zip(alphas.ravel().tolist(), welfare.reshape(-1, *u.shape[:-1]), strict=True)
    ]
    return np.stack(slices).astype(u.dtype).reshape(alphas.shape + u.shape)


def atkinson(u: npt.ArrayLike, alpha: npt.ArrayLike, *, missing: MissingRule = "refuse") -> AnyFloats:
    """The Atkinson (1970) index of inequality, 1 - W_a(u) / mean(u): the share of the mean that equality would be worth.

    Arguments, shapes and errors as for `isoelastic`, but utilities must be at least 0 under every alpha. From 0 (equal, or
    alpha 0) to 1; 0 where nobody has anything. The error is absolute: a few eps.
    """
    u, alphas = _floats(u), _alphas(alpha)
    if u.size and np.fmin.reduce(u, axis=None) < 0:
        raise ValueError(f"utility {_at(u, u < 0)}: the Atkinson index needs a utility of at least 0")
    mean = isoelastic(u, 0.0, missing=missing)
    share = isoelastic(u, alphas, missing=missing) / np.where(mean > 0, mean, 1)
    return np.asarray(np.where(mean > 0, 1 - np.minimum(share, 1), 0), dtype=u.dtype)


# --- groups as columns: [people, groups] to [alphas, groups] -------------------------------------------------------


class _OutOfDomain(Exception):
    """Somewhere there is a utility that an alpha cannot weigh."""


def _weigh(people: AnyFloats, alphas: Floats) -> AnyFloats:
    welfare = np.empty((len(alphas), people.shape[1]), dtype=people.dtype)
    any_inner = bool(((alphas > 0) & (alphas < np.inf)).any())
    step = max(1, _BLOCK // len(people))
    work = np.empty((_Groups.N_BUFFERS, len(people), min(step, people.shape[1])))
    for start in range(0, people.shape[1], step) if len(alphas) else ():
        columns = slice(start, start + step)
        groups = _Groups(people[:, columns], work)
        groups.check(any_inner)
        for k, alpha in enumerate(alphas.tolist()):
            welfare[k, columns] = groups.welfare(alpha)
    return welfare


def _among_those_present(people: AnyFloats, alphas: Floats) -> AnyFloats:
    """Groups of equal size at a time; sorting moves those who are missing to the end, and welfare does not see who is who."""
    people = np.sort(people, axis=0)
    n_present = len(people) - np.isnan(people).sum(axis=0)
    if not n_present.all():
        raise _OutOfDomain
    welfare = np.empty((len(alphas), people.shape[1]), dtype=people.dtype)
    for n in np.unique(n_present).tolist():
        columns = n_present == n
        welfare[:, columns] = _weigh(people[:n, columns], alphas)
    return welfare


class _Groups:
    """A block of groups, with what all alphas share: extremes and logarithms. ``work`` serves one block after another, as new
    memory would cost as much time as the logarithm.
    """

    N_BUFFERS = 4  # of the size of a block

    def __init__(self, block: AnyFloats, work: Floats) -> None:
        self.people, for_low, for_high, self._buffer = work[:, :, : block.shape[1]]
        np.copyto(self.people, block)
        self.low: Floats = self.people.min(axis=0)
        self.high: Floats = self.people.max(axis=0)
        self._within = bool(
            (self.low > self.high / _GREATEST_RATIO).all()
        )  # no quotient of utilities leaves the floats
        self._to_fill = {"low": for_low, "high": for_high}
        self._log_ratios: dict[str, Floats] = {}

    def check(self, any_inner: bool) -> None:
        """Extremes tell: NaN passes into them. Raises _OutOfDomain; any_inner: whether some alpha is in (0, inf)."""
        least, greatest = self.low.min(), self.high.max()
        if np.isnan(least) or (any_inner and (least < 0 or greatest == np.inf)):
            raise _OutOfDomain

    def welfare(self, alpha: float) -> Floats:
        if alpha == 0:
            return np.minimum(np.maximum(self._mean(), self.low), self.high)
        if alpha == np.inf:
            return self.low
        which: Literal["low", "high"] = "low" if alpha > 1 else "high"
        reference = self.low if which == "low" else self.high
        exponent = self._mean_exponent(self._log_ratio(which), 1 - alpha)
        welfare = reference * np.exp(exponent) if self._within else _scaled(reference, exponent)
        if alpha >= 1 and not self.low.all():
            welfare = np.where(self.low > 0, welfare, 0.0)
        return np.minimum(np.maximum(welfare, self.low, out=welfare), self.high, out=welfare)

    def _mean(self) -> Floats:
        """Sums first: the mean of whole numbers is then rounded once, whoever is named first."""
        with np.errstate(over="ignore"):
            mean = self.people.sum(axis=0) / len(self.people)
        return mean if np.isfinite(mean).all() else np.asarray((self.people / len(self.people)).sum(axis=0))

    def _log_ratio(self, which: Literal["low", "high"]) -> Floats:
        """ln(u / reference), made once; 0 where the reference is 0, and so is welfare."""
        if which not in self._log_ratios:
            reference = self.low if which == "low" else self.high
            out = self._to_fill[which]
            self._log_ratios[which] = _log_ratio(self.people, reference, within=self._within, out=out)
        return self._log_ratios[which]

    def _mean_exponent(self, d: Floats, p: float) -> Floats:
        """ln of the power mean of exp(d) with exponent p, for p*d <= 0.

        Near 0 it is log1p(mean expm1(p d)) / p: all terms have one sign, so nothing cancels, however small p is. Far from 0,
        where log1p would magnify the error of its argument, and for |p| >= 1/2, it is log(mean exp(p d)) / p, which is as good
        there; NumPy's exp is seven times as fast as its expm1.
        """
        if p == 0:
            return np.asarray(_sum(d, keep=True) / len(d))
        z = np.multiply(d, p, out=self._buffer)
        if abs(p) >= 0.5:
            return np.asarray(np.log(_sum(np.exp(z, out=z)) / len(d)) / p)
        less_one = _sum(np.expm1(z, out=z)) / len(d)
        near = less_one > -0.5
        if near.all():
            return np.asarray(np.log1p(less_one) / p)
        plain = np.log(_sum(np.exp(np.multiply(d, p, out=z), out=z)) / len(d))
        return np.asarray(np.where(near, np.log1p(np.where(near, less_one, 0.0)), plain) / p)


def _sum(terms: Floats, *, keep: bool = False) -> Floats:
    """Sums over people by halves: errors grow with the logarithm of their number. Writes over ``terms`` unless told to keep."""
    n = len(terms)
    if keep and n > 1:
        half = n // 2
        terms, n = np.concatenate([terms[:half] + terms[n - half :], terms[half : n - half]]), n - half
    while n > 1:
        half = n // 2
        terms[:half] += terms[n - half : n]
        n -= half
    return np.asarray(terms[0])


def _log_ratio(u: Floats, reference: Floats, *, within: bool, out: Floats) -> Floats:
    """Exact near 1. ``within``: no quotient leaves the floats; else logarithms are taken apart where one of a huge and a tiny
    number would.
    """
    if within:
        return np.asarray(np.log(np.divide(u, reference, out=out), out=out))
    with np.errstate(divide="ignore", over="ignore", under="ignore", invalid="ignore"):
        ratio = np.where(reference > 0, u / reference, 1.0)
        safe = (ratio > 1 / _GREATEST_RATIO) & (ratio < _GREATEST_RATIO)
        return np.where(safe, np.log(ratio), np.log(u) - np.log(reference))


def _scaled(reference: Floats, exponent: Floats) -> Floats:
    """reference * exp(exponent), through logarithms where the second factor alone would leave the range of floats."""
    safe = np.abs(exponent) < _GREATEST_EXPONENT
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return np.where(safe, reference * np.exp(np.where(safe, exponent, 0.0)), np.exp(np.log(reference) + exponent))


def _influence(u: AnyFloats, welfare: AnyFloats, alpha: float) -> Floats:
    n = u.shape[-1]
    if alpha == 0:
        return np.full(u.shape, 1 / n)
    if alpha == np.inf:
        at_minimum = (u == welfare[..., None]).astype(np.float64)
        return np.asarray(at_minimum / at_minimum.sum(axis=-1, keepdims=True))
    wide = np.asarray(u, dtype=np.float64)
    return np.asarray(np.exp(alpha * (np.log(np.asarray(welfare, dtype=np.float64))[..., None] - np.log(wide))) / n)


# --- layout and domain ---------------------------------------------------------------------------------------------


def _floats(u: npt.ArrayLike) -> AnyFloats:
    u = as_floats(u)
    if u.ndim == 0 or u.shape[-1] == 0:
        raise ValueError(f"utilities need at least one person on the last axis, got shape {u.shape}")
    return u


def _alphas(alpha: npt.ArrayLike) -> Floats:
    alphas = np.asarray(alpha, dtype=np.float64)
    if not (alphas >= 0).all():
        place = f" at {place_of(~(alphas >= 0))}" if alphas.ndim else ""
        raise ValueError(f"alpha must be at least 0, got {float(alphas[~(alphas >= 0)].flat[0])!r}{place}")
    return alphas


def _people_first(u: AnyFloats) -> AnyFloats:
    """[people, groups] as a view: people's axis moved to the front, whichever way the memory lies."""
    people = np.moveaxis(u, -1, 0)
    return people.reshape(len(people), -1) if people.flags.c_contiguous else u.reshape(-1, u.shape[-1]).T


def _explain(u: AnyFloats, alphas: Floats, missing: MissingRule) -> ValueError:
    """The error that names the fault in ``u`` and its place."""
    absent = np.isnan(u)
    if missing == "refuse" and absent.any():
        needs = f"alpha {_short(alphas.flat[0])} needs a number, or a rule for missing people"
        return ValueError(f"utility {_at(u, absent)}: {needs}")
    nobody = np.asarray(absent.all(axis=-1))
    if nobody.any():
        return ValueError(f"group {place_of(nobody)}: everybody is missing; expected at least one utility")
    inner = alphas[(alphas > 0) & (alphas < np.inf)]
    needs = f"alpha {_short(inner[0])} needs a finite utility of at least 0"
    return ValueError(f"utility {_at(u, (u < 0) | (u == np.inf))}: {needs}")


def _at(u: AnyFloats, wrong: Bools) -> str:
    """The first wrong value and its place."""
    place = place_of(wrong)
    return f"{float(u[place])!r} at {place}"


def _short(alpha: np.float64) -> str:
    return f"{float(alpha)}"
