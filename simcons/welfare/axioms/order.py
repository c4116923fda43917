"""Axioms about the order of profiles (Moulin 1988, chapter 2; 2003, chapter 3).

Each takes a rule, profiles (a utility a person) and what is done to them, and returns the witness if the rule breaks the axiom
there, else None. Profiles that are compared are handed to the rule together, as the candidates of one slate, so that rules which
give an order and no values can be examined too. People are counted from 0 in arguments and from 1 in witnesses.

Strict claims are tested to the last bit. Ties are told as selection tells them (1e-9 of the value, and what cancels in a mean).
An order is said to change only if it is clear, by more than a tie, on one side, and reversed or tied to the last bits on the
other, so that rounding is not taken for a violation; in float64 it can still be one where utilities lie many orders of magnitude
apart.

All raise Refused where the rule raises ValueError, and ValueError for an empty case (a gain of 0, say).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simcons.arrays import Floats
from simcons.welfare.axioms.violation import (
    Evaluation,
    Profile,
    Violation,
    ask,
    nan_is_a_violation,
    written,
)
from simcons.welfare.own import RuleFunction

NUDGE = 1e-6  # continuity: how far a profile may be moved, as a share of each utility
_JUMP = 1e-3  # and how large a difference of values such a move does not make, as a share of the value

_WORDS = {1: "ranks above", 0: "ties with", -1: "ranks below"}


@nan_is_a_violation
def strict_monotonicity(rule: RuleFunction, u: Profile, *, person: int, gain: float) -> Violation | None:
    """A1: if one person gains and nobody loses, the profile ranks strictly higher (strong Pareto)."""
    before = _array(u)
    after = before.copy()
    after[person] += gain
    if not after[person] > before[person]:
        raise ValueError(f"gain {gain!r} of person {person}: expected one that raises {float(before[person])!r}")
    evaluation = ask(rule, {"before": before, "after": after})
    if evaluation.rise > 0:
        return None
    words = "ranks below" if evaluation.rise < 0 else "ties with"
    gained = f"Person {person + 1} gains, from {written(before[person])} to {written(after[person])}, and nobody loses"
    return Violation("strict_monotonicity", (evaluation,), f'{gained}, yet "after" {words} "before".')


@nan_is_a_violation
def monotonicity(rule: RuleFunction, u: Profile, *, gains: Profile) -> Violation | None:
    """If nobody loses, the profile does not rank lower."""
    evaluation = _after_gains(rule, u, gains, strict=False)
    if evaluation.order != -1:
        return None
    return Violation(
        "monotonicity", (evaluation,), 'Somebody gains and nobody loses, yet "after" ranks below "before".'
    )


@nan_is_a_violation
def weak_pareto(rule: RuleFunction, u: Profile, *, gains: Profile) -> Violation | None:
    """If everybody gains, the profile ranks strictly higher."""
    evaluation = _after_gains(rule, u, gains, strict=True)
    if evaluation.rise > 0:
        return None
    words = "ranks below" if evaluation.rise < 0 else "ties with"
    return Violation("weak_pareto", (evaluation,), f'Everybody gains, yet "after" {words} "before".')


@nan_is_a_violation
def symmetry(rule: RuleFunction, u: Profile, *, order: Sequence[int]) -> Violation | None:
    """A2: who has which utility does not matter: a profile ties with every rearrangement of it (anonymity)."""
    if sorted(order) != list(range(len(u))):
        raise ValueError(f"order {list(order)!r}: expected the people 0 to {len(u) - 1}, each once")
    evaluation = ask(rule, {"as they are": u, "rearranged": _array(u)[list(order)]})
    if abs(evaluation.rise) <= evaluation.noise:
        return None
    words = "above" if evaluation.rise > 0 else "below"
    return Violation(
        "symmetry", (evaluation,), f'The same utilities, held by other people, yet "rearranged" ranks {words}.'
    )


@nan_is_a_violation
def continuity(
    rule: RuleFunction, u: Profile, v: Profile, *, nudged: Profile, less: Profile, more: Profile
) -> Violation | None:
    """A3: what ranks above v, or below it, by a clear distance still does so after an arbitrarily small change.

    With finite numbers: ``nudged`` is u with nobody's utility moved by more than 1e-6 of it (or by 1e-100). ``less`` and ``more``
    are v with some people a good deal worse or better off. Violated if v and ``less`` clearly rank above u, but ``nudged`` ranks
    at least as high as v; or if v and ``more`` clearly rank below u, and ``nudged`` does not rank higher than v. Clearly: by a
    thousandth of the value. A rule that is continuous and not a thousand times as steep as its argument cannot do that.
    """
    _check_nudge(_array(u), _array(nudged))
    far = ask(rule, {"u": u, "v": v})
    side = _clear_side(far)
    if side == 0:
        return None
    name, nearer = ("v, less", less) if side > 0 else ("v, more", more)
    near = ask(rule, {"u": u, name: nearer})
    after = ask(rule, {"u, nudged": nudged, "v": v})
    if _clear_side(near) != side or side * after.rise > after.noise:
        return None
    says = (
        f'"v" {_WORDS[side]} "u", and so does "{name}"; yet "u, nudged", in which nobody moves by more than'
        f' {_distance(_array(u), _array(nudged))}, {"is not below" if side > 0 else "is not above"} "v".'
    )
    return Violation("continuity", (far, near, after), says)


@nan_is_a_violation
def independence_of_unconcerned(
    rule: RuleFunction, u: Profile, v: Profile, *, unconcerned: Sequence[int], instead: Sequence[float]
) -> Violation | None:
    """A4: people who have the same utility in two profiles do not matter to their order, whatever that utility is (separability).

    ``instead``: the utility, one for each of the ``unconcerned``, that they have in both profiles the second time.
    """
    first, second = _array(u), _array(v)
    people = list(unconcerned)
    if (first[people] != second[people]).any():
        raise ValueError(f"unconcerned {people!r}: expected people whose utility is the same in both profiles")
    evaluation = ask(rule, {"u": first, "v": second})
    first, second = first.copy(), second.copy()
    first[people] = second[people] = list(instead)
    other = ask(rule, {"u'": first, "v'": second})
    if not _changed(evaluation, other):
        return None
    who = "Person " if len(people) == 1 else "People "
    who += " and ".join(str(person + 1) for person in people)
    says = f"{who} cannot tell u from v nor u' from v', and nobody else can tell u from u' or v from v'; yet"
    return Violation("independence_of_unconcerned", (evaluation, other), f"{says} {_two_orders(evaluation, other)}.")


@nan_is_a_violation
def common_scale(rule: RuleFunction, u: Profile, v: Profile, *, factor: float) -> Violation | None:
    """A5: the order does not depend on the unit in which all utilities are measured."""
    if not factor > 0:
        raise ValueError(f"factor {factor!r}: expected a positive number")
    evaluation = ask(rule, {"u": u, "v": v})
    other = ask(rule, {"u'": factor * _array(u), "v'": factor * _array(v)})
    if not _changed(evaluation, other):
        return None
    says = f"u' and v' are u and v times {written(factor)}; yet"
    return Violation("common_scale", (evaluation, other), f"{says} {_two_orders(evaluation, other)}.")


@nan_is_a_violation
def pigou_dalton(
    rule: RuleFunction, u: Profile, *, rich: int, poor: int, amount: float, strict: bool = False
) -> Violation | None:
    """A6: a transfer from a better-off to a worse-off person, of at most half their distance, does not rank lower.

    strict: it ranks strictly higher.
    """
    before = _array(u)
    after = before.copy()
    after[rich] -= amount
    after[poor] += amount
    distance = float(before[rich] - before[poor])
    if not 0 < amount <= distance / 2:
        raise ValueError(f"amount {amount!r}: expected more than 0 and at most half of the distance, {distance!r}")
    evaluation = ask(rule, {"before": before, "after": after})
    if evaluation.rise > 0 or (not strict and evaluation.order != -1):
        return None
    words = "ranks below" if evaluation.rise < -evaluation.noise else "does not rank above"
    says = f"Person {rich + 1} gives {written(amount)} to the worse-off person {poor + 1}"
    name = "strict_pigou_dalton" if strict else "pigou_dalton"
    return Violation(name, (evaluation,), f'{says}, yet "after" {words} "before".')


@nan_is_a_violation
def independence_of_irrelevant_candidates(
    rule: RuleFunction, u: Profile, v: Profile, third: Profile
) -> Violation | None:
    """The order of two profiles does not depend on what other candidates there are."""
    evaluation = ask(rule, {"u": u, "v": v})
    other = ask(rule, {"u": u, "v": v, "third": third})
    if not _changed(evaluation, other):
        return None
    says = f"v {_WORDS[evaluation.order or 0]} u; yet v {_WORDS[other.order or 0]} u once there is a third candidate."
    return Violation("independence_of_irrelevant_candidates", (evaluation, other), says)


# --- parts ---------------------------------------------------------------------------------------------------------


def _array(profile: Profile) -> Floats:
    return np.asarray(profile, dtype=np.float64)


def _after_gains(rule: RuleFunction, u: Profile, gains: Profile, *, strict: bool) -> Evaluation:
    before, gained = _array(u), _array(gains)
    after = before + gained
    if not (after > before if strict else gained >= 0).all():
        raise ValueError(f"gains {gained.tolist()!r}: expected {'a gain for everybody' if strict else 'none below 0'}")
    return ask(rule, {"before": before, "after": after})


def _changed(evaluation: Evaluation, other: Evaluation) -> bool:
    """True if two orders that should be equal differ, as far as can be told."""
    return evaluation.order is not None and other.order is not None and evaluation.order != other.order


def _two_orders(evaluation: Evaluation, other: Evaluation) -> str:
    return f"v {_WORDS[evaluation.order or 0]} u while v' {_WORDS[other.order or 0]} u'"


def _clear_side(evaluation: Evaluation) -> int:
    """1 or -1 if the second is above or below the first by more than any continuous rule moves for a nudge; else 0."""
    utilities = max(abs(x) for profile in evaluation.profiles for x in profile)
    clear = _JUMP * evaluation.size + 10 * NUDGE * min(1.0, utilities)
    return 0 if abs(evaluation.rise) <= clear else (1 if evaluation.rise > 0 else -1)


def _check_nudge(u: Floats, nudged: Floats) -> None:
    if not (np.abs(nudged - u) <= np.maximum(1.1 * NUDGE * np.abs(u), 1e-100)).all():
        raise ValueError(f"nudged {nudged.tolist()!r}: expected nobody to be more than {NUDGE} of {u.tolist()!r} away")


def _distance(u: Floats, nudged: Floats) -> str:
    """The size of a nudge, in words."""
    from_zero = bool((nudged[u == 0] != 0).any())
    return "a millionth of their utility" + (" (or, from 0, more than 1e-100)" if from_zero else "")
