"""Sentences on axioms that a rule breaks, refuses or keeps."""

from __future__ import annotations

from collections.abc import Sequence

from simcons.welfare.axioms.violation import Violation, table
from simcons.welfare.search import DomainSample, Examined


def witness_lines(violation: Violation, examined: Examined) -> list[str]:
    """The utilities that break the axiom with the values of the rule, and what they show."""
    lines = [*table(violation.evaluations), violation.says]
    if examined.standing == "rounds":
        lines.append("This is rounding: in exact arithmetic the axiom holds here.")
    return lines


def refusal_lines(examined: Sequence[Sequence[Examined]]) -> list[str]:
    """One line a domain in which the rule refused something that it was asked to order or weigh."""
    first = [next((axiom for axiom in over_domain if axiom.refusal), None) for over_domain in examined]
    return [f"Refused over {refused.domain.name}: {refused.refusal}" for refused in first if refused]


def legend_lines(samples: Sequence[DomainSample], *, width: int) -> list[str]:
    """The domains, their names in ``width`` characters, and the words of the table."""
    return [
        *(f"{sample.domain.name:<{width}}{sample.domain.says}" for sample in samples),
        f"holds: no violation in {samples[0].examples} random draws of 1 to 5 people, which is no proof; holds*: in part refused",
        "rounds: holds in exact arithmetic, and float64 does not see it; refused: all of it; -: there is no such case",
    ]
