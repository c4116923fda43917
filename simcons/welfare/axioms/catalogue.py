"""All axioms in one list, each with its plain sentence and with how a case for it is made from what was drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypeAlias

import numpy as np

from simcons.arrays import Floats
from simcons.welfare.axioms import family, order, refusals, values
from simcons.welfare.axioms.domains import Domain
from simcons.welfare.axioms.violation import Violation
from simcons.welfare.own import RuleFunction

Case: TypeAlias = dict[str, Any]  # the arguments of a check, by name


@dataclass(frozen=True, slots=True)
class Draw:
    """The random part of a case: one draw serves a case of every axiom. Lists have one entry a person."""

    u: tuple[float, ...]
    v: tuple[float, ...]
    w: tuple[float, ...]
    same: tuple[bool, ...]  # who has the same utility in two profiles
    chosen: tuple[bool, ...]
    order: tuple[int, ...]  # a rearrangement of the people
    person: int  # two people, different if there are two
    other: int
    factor: float
    upward: bool
    copies: int
    portion: int  # of a transfer


@dataclass(frozen=True, slots=True)
class Axiom:
    """An axiom as the tables name it. ``case`` gives None where a draw makes no case, such as too few people."""

    name: str  # that of the check
    label: str
    says: str
    concerns: Literal["order", "values", "refusals"]
    check: Callable[..., Violation | None]
    case: Callable[[Draw, Domain], Case | None]

    def violation(self, rule: RuleFunction, draw: Draw, domain: Domain) -> Violation | None:
        """Raises Refused if the rule refuses the case. Not for a draw that makes none."""
        case = self.case(draw, domain)
        return None if case is None else self.check(rule, **case)


# --- cases ---------------------------------------------------------------------------------------------------------


def _beside(draw: Draw) -> tuple[Floats, Floats]:
    """Two profiles, in which some people have the same utility."""
    u, v = np.array(draw.u), np.array(draw.v)
    return u, np.where(draw.same, u, v)


def _one_gains(draw: Draw, domain: Domain) -> Case:
    u = np.array(draw.u)
    low, high = domain.apart(draw.u[draw.person], draw.v[draw.person])
    u[draw.person] = low
    return {"u": u, "person": draw.person, "gain": high - low}


def _nobody_loses(draw: Draw, domain: Domain) -> Case:
    u, v = _beside(draw)
    low = np.minimum(u, v)
    return {"u": low, "gains": np.maximum(u, v) - low}


def _everybody_gains(draw: Draw, domain: Domain) -> Case:
    low, high = np.array([domain.apart(a, b) for a, b in zip(draw.u, draw.v, strict=True)]).T
    return {"u": low, "gains": high - low}


def _rearranged(draw: Draw, domain: Domain) -> Case:
    return {"u": np.array(draw.u), "order": list(draw.order)}


def _nudged(draw: Draw, domain: Domain) -> Case:
    u, v = _beside(draw)
    less, more = (np.where(draw.chosen, domain.moved(v, share), v) for share in (-0.1, 0.1))
    nudge = order.NUDGE if draw.upward else -order.NUDGE
    return {"u": u, "v": v, "nudged": domain.moved(u, nudge), "less": less, "more": more}


def _traded(draw: Draw, domain: Domain) -> tuple[Floats, Floats]:
    """Two profiles that differ in two people, of whom one gains and one loses a step or two: a closer choice than most are."""
    u = np.array(draw.u)
    v = u.copy()
    for person, steps in ((draw.person, 1 + draw.upward), (draw.other, -1 - (draw.portion > 1))):
        step = domain.unit or 0.1 * abs(u[person])
        v[person] = np.clip(u[person] + steps * step, domain.low, domain.high)
    return u, v


def _some_unconcerned(draw: Draw, domain: Domain) -> Case | None:
    """At least one person is unconcerned and two are not. Then the unconcerned have something else, or the least there is."""
    people = len(draw.u)
    if people < 3:
        return None
    if draw.portion % 2:
        (u, v), unconcerned = _traded(draw, domain), [k for k in draw.order if k not in (draw.person, draw.other)]
    else:
        u, v = np.array(draw.u), np.array(draw.v)
        unconcerned = [person for person in draw.order if draw.same[person]][: people - 2] or [draw.person]
        v[unconcerned] = u[unconcerned]
    unconcerned.sort()
    instead = [draw.w[person] if draw.upward else domain.low for person in unconcerned]
    return {"u": u, "v": v, "unconcerned": unconcerned, "instead": instead}


def _two_units(draw: Draw, domain: Domain) -> Case:
    u, v = _traded(draw, domain) if draw.portion % 2 else _beside(draw)
    return {"u": u, "v": v, "factor": draw.factor}


def _transfer(draw: Draw, domain: Domain) -> Case | None:
    if len(draw.u) < 2:
        return None
    u = np.array(draw.u)
    low, high = domain.apart(draw.u[draw.person], draw.u[draw.other], units=2)
    u[draw.other], u[draw.person] = low, high
    whole = domain.unit if domain.unit else (high - low) / 8
    most = int((high - low) / 2 // whole)
    amount = whole * (1 + draw.portion % most)
    return {"u": u, "rich": draw.person, "poor": draw.other, "amount": amount}


def _strict_transfer(draw: Draw, domain: Domain) -> Case | None:
    case = _transfer(draw, domain)
    return case and {**case, "strict": True}


def _third_candidate(draw: Draw, domain: Domain) -> Case:
    return {"u": np.array(draw.u), "v": np.array(draw.v), "third": np.array(draw.w)}


def _alone(draw: Draw, domain: Domain) -> Case:
    return {"u": np.array(draw.u)}


def _equal(draw: Draw, domain: Domain) -> Case:
    return {"level": min(draw.u), "people": len(draw.u)}


def _copied(draw: Draw, domain: Domain) -> Case:
    return {"u": np.array(draw.u), "copies": draw.copies}


def _scaled(draw: Draw, domain: Domain) -> Case:
    return {"u": np.array(draw.u), "factor": draw.factor}


def _one_missing(draw: Draw, domain: Domain) -> Case:
    return {"u": np.array(draw.u), "person": draw.person}


AXIOMS = (
    Axiom(
        "strict_monotonicity",
        "A1 strict monotonicity",
        "If one person gains and nobody loses, the profile ranks strictly higher.",
        "order",
        order.strict_monotonicity,
        _one_gains,
    ),
    Axiom(
        "monotonicity",
        "   weak monotonicity",
        "If nobody loses, the profile does not rank lower.",
        "order",
        order.monotonicity,
        _nobody_loses,
    ),
    Axiom(
        "weak_pareto",
        "   weak Pareto",
        "If everybody gains, the profile ranks strictly higher.",
        "order",
        order.weak_pareto,
        _everybody_gains,
    ),
    Axiom(
        "symmetry",
        "A2 symmetry",
        "Who has which utility does not matter.",
        "order",
        order.symmetry,
        _rearranged,
    ),
    Axiom(
        "continuity",
        "A3 continuity",
        "A change that is small enough does not turn a clear order round.",
        "order",
        order.continuity,
        _nudged,
    ),
    Axiom(
        "independence_of_unconcerned",
        "A4 unconcerned people",
        "People with the same utility in two profiles do not matter to their order, whatever that utility is.",
        "order",
        order.independence_of_unconcerned,
        _some_unconcerned,
    ),
    Axiom(
        "common_scale",
        "A5 common scale",
        "The order does not depend on the unit in which all utilities are measured.",
        "order",
        order.common_scale,
        _two_units,
    ),
    Axiom(
        "pigou_dalton",
        "A6 Pigou-Dalton",
        "A transfer to a worse-off person, of at most half the distance, does not rank lower.",
        "order",
        order.pigou_dalton,
        _transfer,
    ),
    Axiom(
        "strict_pigou_dalton",
        "   strict Pigou-Dalton",
        "Such a transfer ranks strictly higher.",
        "order",
        order.pigou_dalton,
        _strict_transfer,
    ),
    Axiom(
        "independence_of_irrelevant_candidates",
        "irrelevant candidates",
        "The order of two candidates does not depend on what others there are.",
        "order",
        order.independence_of_irrelevant_candidates,
        _third_candidate,
    ),
    Axiom(
        "between_worst_and_best",
        "worst <= W <= best",
        "Welfare lies between the lowest and the highest utility.",
        "values",
        values.between_worst_and_best,
        _alone,
    ),
    Axiom(
        "idempotence",
        "W(c,...,c) = c",
        "Where all have the same utility, welfare is that utility.",
        "values",
        values.idempotence,
        _equal,
    ),
    Axiom(
        "replication",
        "W(u,u) = W(u)",
        "A group and a group of several such groups have the same welfare.",
        "values",
        values.replication,
        _copied,
    ),
    Axiom(
        "homogeneity",
        "W(ku) = kW(u)",
        "Welfare is measured in the unit of the utilities.",
        "values",
        values.homogeneity,
        _scaled,
    ),
    Axiom(
        "refuses_missing",
        "refuses the missing",
        "A person without a utility is refused with ValueError, not passed over.",
        "refusals",
        refusals.refuses_missing,
        _one_missing,
    ),
)


def claims(alpha: float) -> tuple[Axiom, ...]:
    """The axioms, beyond `AXIOMS`, of a rule that claims to be W_alpha."""
    asked = [
        Axiom(
            "agreement",
            f"W = W_{alpha:g}(u)",
            f"The value is that of the isoelastic family at alpha {alpha:g}.",
            "values",
            partial(family.agreement, alpha=alpha),
            _alone_in_the_domain_of(alpha),
        )
    ]
    if alpha > 1:
        asked.append(
            Axiom(
                "bound_by_the_worst_off",
                "bound by the worst off",
                f"Welfare is between the lowest utility and {'it' if alpha == np.inf else 'n^(1/(alpha-1)) times it'}.",
                "values",
                partial(family.bound_by_the_worst_off, alpha=alpha),
                _alone_in_the_domain_of(alpha),
            )
        )
    if 0 < alpha < np.inf:
        asked.append(
            Axiom(
                "refuses_negative",
                "refuses negatives",
                "A negative utility is refused with ValueError.",
                "refusals",
                refusals.refuses_negative,
                _one_negative,
            )
        )
    return tuple(asked)


def _alone_in_the_domain_of(alpha: float) -> Callable[[Draw, Domain], Case | None]:
    """Negative utilities have no W_alpha to agree with, unless alpha is 0 or inf."""
    return lambda draw, domain: None if domain.signed and 0 < alpha < np.inf else _alone(draw, domain)


def _one_negative(draw: Draw, domain: Domain) -> Case:
    """The utilities of the domain, but for one person who is below 0."""
    u = np.array(draw.u)
    u[draw.person] = -abs(u[draw.person]) or -1.0
    return {"u": u, "person": draw.person}


def axiom_named(name: str) -> Axiom:
    """The axiom of this name in `AXIOMS`. Raises KeyError for an unknown one."""
    return {axiom.name: axiom for axiom in AXIOMS}[name]
