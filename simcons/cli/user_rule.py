"""A user's own welfare function, named as ``module:function`` or ``path/to/file.py:function``."""

from __future__ import annotations

from contextlib import suppress

from simcons.errors import InputError
from simcons.named_code import load_named
from simcons.welfare.axioms.violation import NoValue, Refused, ask
from simcons.welfare.own import INCONSISTENT, RuleFunction, guarded


def load_rule(reference: str) -> RuleFunction:
    """The function that ``reference`` names, guarded: what it raises, other than ValueError, comes out as InputError.

    Modules are looked for in the current folder first. Raises InputError for what cannot be imported, is not there or cannot be
    called, and for a function that does not return one number for each of two candidates.
    """
    rule = guarded(load_named(reference))
    _try_out(rule)
    return rule


def _try_out(rule: RuleFunction) -> None:
    """Two calls that every rule should stand, before thousands: InputError for a wrong shape, or two answers to one question."""
    with suppress(Refused, NoValue):
        first, again = (ask(rule, {"u": [1.0, 2.0, 3.0], "v": [4.0, 5.0, 6.0]}) for _ in range(2))
        if first != again:
            raise InputError(INCONSISTENT)
