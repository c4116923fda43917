"""The promises of a rule that claims to be W_a of the isoelastic family, checked by arithmetic of as many digits as it takes.

Same conventions as in `axioms.order`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, getcontext, localcontext
from math import exp, log

import numpy as np

from simcons.arrays import Floats
from simcons.welfare.axioms.violation import Profile, Violation, ask, nan_is_a_violation, written
from simcons.welfare.own import RuleFunction

_INF = float("inf")
_TIGHT, _TINY = 1e-12, 16 * 5e-324


def exact_welfare(u: Profile, alpha: float) -> Decimal:
    """W_a(u) = (mean u_i^(1-a))^(1/(1-a)) in decimal arithmetic of 60 digits, of which alpha near 1 costs some.

    u >= 0 where 0 < alpha < inf. A second opinion on `isoelastic`, a thousand times as slow: in another number system.
    """
    with localcontext(_context(60)):
        people = [+Decimal(float(x)) for x in u]
        if alpha == _INF or (alpha >= 1 and 0 in people):
            return min(people)
        if alpha == 0 or not any(people):
            return sum(people, Decimal(0)) / len(people)
        reference = min(people) if alpha > 1 else max(people)
        mean = sum(_terms(people, alpha, reference), Decimal(0)) / len(people)
        return reference * (mean.exp() if alpha == 1 else mean ** (1 / (1 - Decimal(alpha))))


def exact_order(alpha: float) -> RuleFunction:
    """The order of W_a as a rule, without rounding: minus the number of profiles that rank higher."""

    def places(u: Floats) -> Floats:
        if 0 < alpha < _INF and (u < 0).any():
            raise ValueError(f"utility {float(u.min())!r}: alpha {alpha} needs a utility of at least 0")
        profiles = u.tolist()
        return np.array([-float(sum(_compare(own, other, alpha) > 0 for other in profiles)) for own in profiles])

    return places


def _compare(u: list[float], v: list[float], alpha: float) -> int:
    """1 if W_a(v) > W_a(u), -1 if it is less, 0 if they are equal, whatever the distance of the utilities.

    Utilities that both profiles have are left out: no sum then loses what decides. Sums that agree to 200 digits are equal.
    """
    if alpha == _INF or (alpha >= 1 and 0 in (*u, *v)):
        worst = (min(u), min(v)) if alpha == _INF else (float(0 not in u), float(0 not in v))
        return (worst[1] > worst[0]) - (worst[1] < worst[0])
    only_u, only_v = Counter(u) - Counter(v), Counter(v) - Counter(u)
    for digits in (60, 200):
        with localcontext(_context(digits)):
            rise = _rise([Decimal(x) for x in only_u.elements()], [Decimal(x) for x in only_v.elements()], alpha)
        if rise:
            return rise
    return 0


def _rise(u: list[Decimal], v: list[Decimal], alpha: float) -> int:
    """The same as far as the digits of the context tell."""
    if not u:
        return 0
    reference = min(*u, *v) if alpha > 1 else max(abs(x) for x in (*u, *v))
    before, after = _terms(u, alpha, reference), _terms(v, alpha, reference)
    difference = sum(after, Decimal(0)) - sum(before, Decimal(0))
    if abs(difference) <= max(map(abs, (*before, *after))).scaleb(10 - getcontext().prec):
        return 0
    return 1 if (difference > 0) == (alpha <= 1) else -1


def _terms(people: list[Decimal], alpha: float, reference: Decimal) -> list[Decimal]:
    """(x / reference)^(1-a), or ln(x / reference) at alpha 1; none is huge, since reference is the least utility if a > 1."""
    p = 1 - Decimal(alpha)
    return [_term(x / reference, p) for x in people]


def _term(ratio: Decimal, p: Decimal) -> Decimal:
    if p == 0:
        return ratio.ln()
    return ratio if p == 1 or ratio == 0 else ratio**p


def _context(digits: int) -> Context:
    return Context(prec=digits, Emax=MAX_EMAX, Emin=MIN_EMIN)


@nan_is_a_violation
def agreement(rule: RuleFunction, u: Profile, *, alpha: float) -> Violation | None:
    """The value is W_a(u), to 1e-12 of it (of the greatest utility, where some are negative)."""
    evaluation = ask(rule, {"u": u})
    exact = float(exact_welfare(u, alpha))
    size = abs(exact) if min(u) >= 0 else max(map(abs, u))
    if abs(evaluation.values[0] - exact) <= _TIGHT * size + _TINY:
        return None
    return Violation("agreement", (evaluation,), f"At alpha {written(alpha)} the value should be {written(exact)}.")


@nan_is_a_violation
def bound_by_the_worst_off(rule: RuleFunction, u: Profile, *, alpha: float) -> Violation | None:
    """min(u) <= W_a(u) <= min(u) n^(1/(a-1)) for alpha > 1 and u >= 0 (at inf, any u)."""
    if not alpha > 1:
        raise ValueError(f"alpha {alpha!r}: expected more than 1")
    evaluation = ask(rule, {"u": u})
    worst = min(evaluation.profiles[0])
    most = worst * exp(min(log(len(evaluation.profiles[0])) / (alpha - 1), 709.0))
    if worst - _TIGHT * abs(worst) - _TINY <= evaluation.values[0] <= most + _TIGHT * abs(most) + _TINY:
        return None
    says = f"At alpha {written(alpha)} the value should be between {written(worst)} and {written(most)}."
    return Violation("bound_by_the_worst_off", (evaluation,), says)


@nan_is_a_violation
def aversion(family: Callable[[float], RuleFunction], u: Profile, *, less: float, more: float) -> Violation | None:
    """W_a(u) does not rise with alpha: more aversion to inequality never makes a profile better."""
    if not less <= more:
        raise ValueError(f"less {less!r}, more {more!r}: expected less to be at most more")
    first = ask(family(less), {f"alpha {written(less)}": u})
    second = ask(family(more), {f"alpha {written(more)}": u})
    if second.values[0] <= first.values[0] + first.noise:
        return None
    return Violation("aversion", (first, second), "More aversion to inequality should not raise the value.")
