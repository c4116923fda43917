"""Inputs that a rule must refuse with ValueError, because any value would be made up.

A refusal is the right answer here: the checks return None for it, and never raise Refused.
"""

from __future__ import annotations

import numpy as np

from simcons.welfare.axioms.violation import Profile, Refused, Violation, ask, nan_is_a_violation, written
from simcons.welfare.own import RuleFunction


@nan_is_a_violation
def refuses_missing(rule: RuleFunction, u: Profile, *, person: int) -> Violation | None:
    """A person without a utility (NaN) is refused, not passed over: the welfare of those who stayed is another group's."""
    incomplete = np.array(u, dtype=np.float64)
    incomplete[person] = np.nan
    return _refused("refuses_missing", rule, incomplete, f"Person {person + 1} is missing (nan)")


@nan_is_a_violation
def refuses_negative(rule: RuleFunction, u: Profile, *, person: int) -> Violation | None:
    """A negative utility is refused; asked of rules that claim an alpha between 0 and inf, whose powers need u >= 0."""
    negative = np.array(u, dtype=np.float64)
    if not negative[person] < 0:
        raise ValueError(f"person {person}: expected somebody with a negative utility, not {float(negative[person])!r}")
    return _refused("refuses_negative", rule, negative, f"Person {person + 1} has {written(negative[person])}")


def _refused(axiom: str, rule: RuleFunction, u: Profile, circumstance: str) -> Violation | None:
    try:
        evaluation = ask(rule, {"u": u})
    except Refused:
        return None
    return Violation(axiom, (evaluation,), f"{circumstance}, and the rule returns a value; it should raise ValueError.")
