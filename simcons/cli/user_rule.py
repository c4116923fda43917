"""A user's own welfare function, named as ``module:function`` or ``path/to/file.py:function``."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from simcons.arrays import Floats
from simcons.errors import InputError
from simcons.named_code import in_one_line, load_named
from simcons.welfare.axioms.violation import NoValue, Refused, RuleFunction, ask
from simcons.welfare.search import INCONSISTENT


def load_rule(reference: str) -> RuleFunction:
    """The function that ``reference`` names, guarded: what it raises, other than ValueError, comes out as InputError.

    Modules are looked for in the current folder first. Raises InputError for what cannot be imported, is not there or cannot be
    called, and for a function that does not return one number for each of two candidates.
    """
    rule = load_named(reference)
    guarded = _guarded(rule)
    _try_out(guarded)
    return guarded


def _guarded(rule: Callable[[Floats], Any]) -> RuleFunction:
    def guarded(u: Floats) -> Any:
        asked = u.tolist()  # before the rule can write into u
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return rule(u)
        except ValueError:
            raise
        except (Exception, SystemExit) as error:
            raise InputError(
                f"the rule raised {in_one_line(error)} for the utilities {asked};"
                " expected a value for each candidate, or ValueError to refuse them"
            ) from error

    return guarded


def _try_out(rule: RuleFunction) -> None:
    """Two calls that every rule should stand, before thousands: InputError for a wrong shape, or two answers to one question."""
    with suppress(Refused, NoValue):
        first, again = (ask(rule, {"u": [1.0, 2.0, 3.0], "v": [4.0, 5.0, 6.0]}) for _ in range(2))
        if first != again:
            raise InputError(INCONSISTENT)
