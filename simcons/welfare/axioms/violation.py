"""The questions that an axiom's check asks of a rule, and the witness that it returns if the rule breaks the axiom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from math import isfinite, isnan
from typing import ParamSpec, TypeAlias

import numpy as np

from simcons.arrays import Floats
from simcons.welfare.own import RuleFunction, as_values
from simcons.welfare.selection import RELATIVE_TOLERANCE, mean_rounding

Profile: TypeAlias = Sequence[float] | Floats  # a utility a person
P = ParamSpec("P")

_EPS, _TINY = float(np.finfo(np.float64).eps), 5e-324


class Refused(Exception):
    """The rule raised ValueError: it does not take these utilities. Carries the rule's message."""


class NoValue(Exception):
    """The rule returned NaN. Carries the slate."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Profiles that were handed to the rule together, and the values that it returned."""

    names: tuple[str, ...]
    profiles: tuple[tuple[float, ...], ...]
    values: tuple[float, ...]

    @property
    def rise(self) -> float:
        """The second value minus the first; 0 if they are equal, infinite ones too."""
        first, second = self.values[:2]
        return 0.0 if first == second else second - first

    @property
    def size(self) -> float:
        """The greater finite one of the first two values, in absolute terms."""
        return max((abs(value) for value in self.values[:2] if isfinite(value)), default=0.0)

    @property
    def noise(self) -> float:
        """A difference of values up to this may be rounding: what selection calls a tie. Between utilities of both signs, sums
        cancel.
        """
        signed = any(x < 0 for profile in self.profiles[:2] for x in profile)
        cancelled = float(mean_rounding(self.profiles[:2]).max()) if signed else 0.0
        return RELATIVE_TOLERANCE * self.size + cancelled + 16 * _TINY

    @property
    def order(self) -> int | None:
        """1: the second is clearly above the first, -1: clearly below, 0: the same but for the last bits. Else None: not told."""
        if abs(self.rise) > self.noise:
            return 1 if self.rise > 0 else -1
        return 0 if abs(self.rise) <= 4 * _EPS * self.size else None


@dataclass(frozen=True, slots=True)
class Violation:
    """A witness: profiles with the values that the rule gave them, and what is wrong, to be checked by hand."""

    axiom: str
    evaluations: tuple[Evaluation, ...]
    says: str

    def __str__(self) -> str:
        return "\n".join([*table(self.evaluations), self.says])


def ask(rule: RuleFunction, profiles: Mapping[str, Profile]) -> Evaluation:
    """Hand ``profiles`` to ``rule`` together, as the candidates of one slate.

    Raises Refused if the rule raises ValueError, and InputError if it does not return one number a candidate.
    """
    u = np.array(list(profiles.values()), dtype=np.float64)
    utilities = tuple(map(tuple, u.tolist()))  # before the rule can write into u
    try:
        with np.errstate(all="ignore"):  # what a rule returns is judged, not how it got there
            returned = rule(u)
    except ValueError as refusal:
        raise Refused(str(refusal)) from refusal
    evaluation = Evaluation(tuple(profiles), utilities, tuple(as_values(returned, u.shape).tolist()))
    if any(map(isnan, evaluation.values)):
        raise NoValue(evaluation)
    return evaluation


def nan_is_a_violation(check: Callable[P, Violation | None]) -> Callable[P, Violation | None]:
    """Make a check return a violation where the rule gives NaN: it has neither ordered the profiles nor refused them."""

    @wraps(check)
    def checked(*args: P.args, **kwargs: P.kwargs) -> Violation | None:
        try:
            return check(*args, **kwargs)
        except NoValue as found:
            (evaluation,) = found.args
            return Violation(
                check.__name__, (evaluation,), "The value is nan: the rule neither orders this profile nor refuses it."
            )

    return checked


def written(x: float) -> str:
    """All digits that tell ``x`` from its neighbours, and no more: 2, 0.1, 1e-300."""
    return repr(float(x)).removesuffix(".0")


def table(evaluations: Sequence[Evaluation]) -> list[str]:
    """One line a profile: its name, everybody's utility, its value. Slates are told apart by an empty line."""
    rows = [
        [
            (name, *map(written, profile), written(value))
            for name, profile, value in zip(s.names, s.profiles, s.values, strict=True)
        ]
        for s in evaluations
    ]
    flat = [row for evaluation in rows for row in evaluation]
    name_width = max(len(row[0]) for row in flat)
    width = max(len(cell) for row in flat for cell in row[1:-1])
    lines = []
    for k, evaluation in enumerate(rows):
        lines += [""] if k else []
        lines += [
            f"{r[0]:<{name_width}}  {'  '.join(f'{c:>{width}}' for c in r[1:-1])}   value {r[-1]}" for r in evaluation
        ]
    return lines
