"""A rule of a user's own: a function by its name, guarded, and as a rule like the others."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from simcons.arrays import AnyFloats, Floats
from simcons.errors import InputError
from simcons.named_code import in_one_line, line_raising, load_named, shown
from simcons.welfare.missing import MissingRule
from simcons.welfare.ordinal import whole_people

RuleFunction: TypeAlias = Callable[[Floats], Any]  # utilities [candidates, people] -> values [candidates]
INCONSISTENT = "the rule gives other values when it is asked the same again; expected a function of the utilities alone"
_MOST_NUMBERS = 24  # of utilities in a message


def own_rule(reference: str, *, missing: MissingRule = "refuse") -> Callable[[AnyFloats], Floats]:
    """The function that ``reference`` names, as a rule: [..., candidates, people] -> [..., candidates].

    The function is asked slate by slate. missing: as in `ordinal.leximin`; it does not see who is left out. Raises InputError
    for a function that is not there, that raises anything but ValueError, and that does not return one number a candidate;
    ValueError for utilities that it refuses, for NaN that it returns, and as `leximin` does.
    """
    name = shown(reference)
    try:
        function = guarded(load_named(reference))
    except InputError as error:
        raise InputError(f"rule {name!r}: {error}") from error

    def rule(u: AnyFloats) -> Floats:
        u = whole_people(name, u, missing)
        slates = u.reshape(-1, *u.shape[-2:]).astype(np.float64)  # a copy, which the function may write into
        return np.array([_values(function, slate, name) for slate in slates]).reshape(u.shape[:-1])

    return rule


def guarded(rule: Callable[[Floats], Any]) -> RuleFunction:
    """``rule`` without its warnings; what it raises, other than ValueError, comes out as InputError."""

    def guarded_rule(u: Floats) -> Any:
        asked = _told(u)  # before the rule can write into u
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return rule(u)
        except ValueError:
            raise
        except (Exception, SystemExit) as error:
            raise InputError(
                f"the rule raised {in_one_line(error)}{line_raising(error)} for the utilities {asked};"
                " expected a value for each candidate, or ValueError to refuse them"
            ) from error

    return guarded_rule


def as_values(returned: Any, shape: tuple[int, ...]) -> Floats:
    """What a rule returned for utilities of this shape. Raises InputError where it is not one number a candidate."""
    expected = f"[candidates, people]; expected one number a candidate, shape ({shape[0]},)"
    try:
        values = np.asarray(returned, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"the rule returned {type(returned).__name__} {returned!r} for utilities of shape {shape} {expected}"
        ) from error
    if values.shape != shape[:1]:
        raise InputError(f"the rule returned shape {values.shape} for utilities of shape {shape} {expected}")
    return values


def _told(u: Floats) -> str:
    """Utilities [candidates, people] for a message: all of a small slate, and of a large one the first candidate's."""
    if u.size <= _MOST_NUMBERS:
        return str(u.tolist())
    return f"of {u.shape[0]} candidates to {u.shape[1]} people, the first of them {np.round(u[0], 4).tolist()}"


def _values(function: RuleFunction, slate: Floats, name: str) -> Floats:
    there = slate[:, ~np.isnan(slate).any(axis=0)]
    asked = _told(there)
    try:
        values = as_values(function(there), there.shape)
    except InputError as error:
        raise InputError(f"{name}: {error}") from error
    except ValueError as error:
        raise ValueError(f"{name} refuses the utilities {asked}: {error}") from None
    if np.isnan(values).any():
        raise ValueError(f"{name} returned nan for the utilities {asked}; expected numbers")
    return values
