"""Axioms about the values of a rule, not only about the order.

They make welfare an amount of utility that can be compared between groups of different sizes (the equally-distributed equivalent:
Atkinson 1970; Blackorby and Donaldson 1978). A rule can order profiles as the isoelastic family does and fail all of these, a sum
in place of a mean for one. Same conventions as in `axioms.order`; each profile is a slate of its own. Values agree if they do to
1e-9; equal utilities are their own welfare to 1e-12 of it.
"""

from __future__ import annotations

from math import isinf

import numpy as np

from simcons.welfare.axioms.violation import (
    Evaluation,
    Profile,
    Violation,
    ask,
    nan_is_a_violation,
    written,
)
from simcons.welfare.own import RuleFunction

_TIGHT, _TINY = 1e-12, 16 * 5e-324
_INFINITE = "The value is infinite, and no utility is."


@nan_is_a_violation
def between_worst_and_best(rule: RuleFunction, u: Profile) -> Violation | None:
    """Welfare is at least the lowest and at most the highest utility."""
    evaluation = ask(rule, {"u": u})
    slack = _TIGHT * max(map(abs, evaluation.profiles[0])) + _TINY
    if min(evaluation.profiles[0]) - slack <= evaluation.values[0] <= max(evaluation.profiles[0]) + slack:
        return None
    return Violation(
        "between_worst_and_best", (evaluation,), "The value is not between the lowest and the highest utility."
    )


@nan_is_a_violation
def idempotence(rule: RuleFunction, level: float, *, people: int) -> Violation | None:
    """W(c, ..., c) = c: where all have the same utility, welfare is that utility."""
    evaluation = ask(rule, {"equal": [level] * people})
    if abs(evaluation.values[0] - level) <= _TIGHT * abs(level) + _TINY:
        return None
    return Violation(
        "idempotence", (evaluation,), f"Everybody has {written(level)}; the value should be {written(level)}."
    )


@nan_is_a_violation
def replication(rule: RuleFunction, u: Profile, *, copies: int) -> Violation | None:
    """W(u, u) = W(u): a group and a group of several such groups have the same welfare (Dalton's principle of population)."""
    once = ask(rule, {"once": u})
    more = ask(rule, {f"{copies} times": np.tile(np.asarray(u, dtype=np.float64), copies)})
    if not _apart(once, more, factor=1.0):
        return None
    says = f"The same people, {copies} times over, should have the same value."
    return Violation("replication", (once, more), _INFINITE if _infinite(once, more) else says)


@nan_is_a_violation
def homogeneity(rule: RuleFunction, u: Profile, *, factor: float) -> Violation | None:
    """W(k u) = k W(u): welfare is measured in the unit of the utilities."""
    if not factor > 0:
        raise ValueError(f"factor {factor!r}: expected a positive number")
    plain = ask(rule, {"u": u})
    scaled = ask(rule, {"scaled": factor * np.asarray(u, dtype=np.float64)})
    if not _apart(plain, scaled, factor=factor):
        return None
    expected = factor * plain.values[0]
    says = f"The utilities are {written(factor)} times as large; the value should be {written(expected)}."
    return Violation("homogeneity", (plain, scaled), _INFINITE if _infinite(plain, scaled) else says)


def _infinite(first: Evaluation, second: Evaluation) -> bool:
    return isinf(first.values[0]) or isinf(second.values[0])


def _apart(first: Evaluation, second: Evaluation, *, factor: float) -> bool:
    """True if the second value differs from ``factor`` times the first, beyond rounding; an infinite value always does."""
    difference = second.values[0] - factor * first.values[0]
    return not abs(difference) <= factor * first.noise + second.noise
