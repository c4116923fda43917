"""What a rule promises that claims to be W_a of the isoelastic family: checked against arithmetic of as many digits as it takes.

Same conventions as in `axioms.order`.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Context, Decimal, localcontext

import numpy as np
import numpy.typing as npt

from simcons.welfare.axioms.violation import Profile, Rule, Violation, ask, nan_is_a_violation, number

_INF = float("inf")
_TIGHT, _TINY = 1e-12, 16 * 5e-324


def exact_welfare(u: Profile, alpha: float, *, digits: int = 50) -> Decimal:
    """W_a(u) = (mean u_i^(1-a))^(1/(1-a)) in decimal arithmetic: right in all but the last few of ``digits``, less those that
    alpha near 1 costs. u >= 0 where 0 < alpha < inf.

    A second opinion on `isoelastic`, a thousand times as slow: the formula as it is written, in another number system.
    """
    with localcontext(_context(digits)):
        mean = _generalised_mean(u, alpha)
        if mean.is_infinite():
            return Decimal(0)
        if alpha in (0, _INF):
            return mean
        return mean.exp() if alpha == 1 else _power(abs(mean), 1 / (1 - Decimal(alpha)))


def exact_order(alpha: float) -> Rule:
    """The order of W_a as a rule: minus the place of each profile, with as many digits as it takes where float64 sees ties."""

    def places(u: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        if 0 < alpha < _INF and (u < 0).any():
            raise ValueError(f"utility {float(u.min())!r}: alpha {alpha} needs a utility of at least 0")
        digits = _digits_needed(u, alpha)
        with localcontext(_context(digits)):
            means = [_generalised_mean(profile, alpha) for profile in u]
        with localcontext(_context(digits - 20)):
            rounded = [+mean for mean in means]
        return np.array([-float(len({mean for mean in rounded if mean > own})) for own in rounded])

    return places


def _generalised_mean(u: Profile, alpha: float) -> Decimal:
    """What W_a is an increasing function of: the minimum, the mean logarithm, or the mean power, below 0 if alpha > 1."""
    people = [+Decimal(float(x)) for x in u]
    if alpha == _INF:
        return min(people)
    if alpha >= 1 and min(people) == 0:
        return Decimal("-Infinity")
    p = 1 - Decimal(alpha)
    terms = [x.ln() if p == 0 else _power(x, p) for x in people]
    return sum(terms, Decimal(0)) / len(people) * (-1 if p < 0 else 1)


@nan_is_a_violation
def agreement(rule: Rule, u: Profile, *, alpha: float) -> Violation | None:
    """The value is W_a(u), to 1e-12 of it (of the greatest utility, where some are negative)."""
    slate = ask(rule, {"u": u})
    exact = float(exact_welfare(u, alpha))
    size = abs(exact) if min(u) >= 0 else max(map(abs, u))
    if abs(slate.values[0] - exact) <= _TIGHT * size + _TINY:
        return None
    return Violation("agreement", (slate,), f"At alpha {number(alpha)} the value should be {number(exact)}.")


@nan_is_a_violation
def bound_by_the_worst_off(rule: Rule, u: Profile, *, alpha: float) -> Violation | None:
    """min(u) <= W_a(u) <= min(u) n^(1/(a-1)) for alpha > 1 and u >= 0 (at inf, any u)."""
    if not alpha > 1:
        raise ValueError(f"alpha {alpha!r}: expected more than 1")
    slate = ask(rule, {"u": u})
    worst = min(slate.profiles[0])
    most = worst * len(slate.profiles[0]) ** (1 / (alpha - 1))
    slack = _TIGHT * abs(most) + _TINY
    if worst - slack <= slate.values[0] <= most + slack:
        return None
    says = f"At alpha {number(alpha)} the value should be between {number(worst)} and {number(most)}."
    return Violation("bound_by_the_worst_off", (slate,), says)


@nan_is_a_violation
def aversion(family: Callable[[float], Rule], u: Profile, *, less: float, more: float) -> Violation | None:
    """W_a(u) does not rise with alpha: more aversion to inequality never makes a profile better."""
    if not less <= more:
        raise ValueError(f"less {less!r}, more {more!r}: expected less to be at most more")
    first = ask(family(less), {f"alpha {number(less)}": u})
    second = ask(family(more), {f"alpha {number(more)}": u})
    if second.values[0] <= first.values[0] + first.noise:
        return None
    return Violation("aversion", (first, second), "More aversion to inequality should not raise the value.")


def _context(digits: int) -> Context:
    return Context(prec=digits, Emax=10**15, Emin=-(10**15))


def _digits_needed(u: npt.NDArray[np.float64], alpha: float) -> int:
    """Enough for the smallest of the powers that are summed to be seen beside the greatest, and 60 more."""
    sizes = np.abs(u[u != 0])
    spread = float(np.log10(sizes.max()) - np.log10(sizes.min())) if sizes.size else 0.0
    return 60 + int(spread * (abs(1 - alpha) if alpha < _INF else 0))


def _power(x: Decimal, p: Decimal) -> Decimal:
    return Decimal(0) if x == 0 and p > 0 else x**p
