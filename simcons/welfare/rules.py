"""All rules by name: a number is an alpha of the isoelastic family; the others are what it is compared with, a user's own too."""

from __future__ import annotations

from functools import partial
from typing import Protocol, get_args

import numpy as np

from simcons.arrays import AnyFloats, Floats, Texts
from simcons.errors import InputError
from simcons.named_code import shown
from simcons.scenario.welfare import AGREES, NAMED_ALPHAS, OrdinalRule, RuleSpec, read_rule
from simcons.welfare.isoelastic import isoelastic
from simcons.welfare.missing import MissingRule
from simcons.welfare.ordinal import approval, borda, leximin
from simcons.welfare.own import own_rule
from simcons.welfare.schulze import schulze

__all__ = [
    "NAMED_ALPHAS",
    "OrdinalRule",
    "Rule",
    "RuleSpec",
    "has_values",
    "is_own",
    "label",
    "parse_rule",
    "rule_for",
    "valued",
]

_LABELS = {0.0: "utilitarian", 1.0: "Nash", float("inf"): "Rawlsian", "schulze": "Schulze", "borda": "Borda"}


class Rule(Protocol):
    """An order of the candidates of a slate."""

    def __call__(self, u: AnyFloats, /) -> AnyFloats:
        """Values [..., candidates] of utilities [..., candidates, people]: the higher the better.

        All candidates of a slate are given together, and values can be compared within a slate only. Raises ValueError outside
        the rule's domain.
        """
        ...


def rule_for(spec: RuleSpec, *, threshold: float | None = None, missing: MissingRule = "refuse") -> Rule:
    """The rule that ``spec`` names: an alpha of `isoelastic`, `leximin`, `schulze`, `borda`, `approval`, or a user's own.

    threshold: for approval alone; 5 if not given. missing: what NaN means; see each rule. Raises ValueError for a spec that is
    none of these and for a threshold that the rule has no use for, and InputError for a function that cannot be used.
    """
    if threshold is not None and spec != "approval":
        raise ValueError(f"threshold {threshold!r}: {label(spec)} has none")
    match spec:
        case "leximin":
            return partial(leximin, missing=missing)
        case "schulze":
            return partial(schulze, missing=missing)
        case "borda":
            return partial(borda, missing=missing)
        case "approval":
            return partial(approval, threshold=AGREES if threshold is None else threshold, missing=missing)
        case str() if is_own(spec):
            return own_rule(spec, missing=missing)
        case int() | float() if spec >= 0:
            return partial(isoelastic, alpha=float(spec), missing=missing)
    raise ValueError(f"rule {spec!r}: expected a number of at least 0 or one of {', '.join(get_args(OrdinalRule))}")


def is_own(spec: RuleSpec) -> bool:
    """True of a function of a user's own, by its name."""
    return isinstance(spec, str) and ":" in spec


def valued(spec: RuleSpec, rule: Rule, utilities: Floats) -> tuple[Floats, Texts]:
    """Values [slates, candidates] under ``rule``, which ``spec`` names, and [slates] how it failed, "" where it did not.

    A rule of a user's own is asked slate by slate, and may fail in some: its values are 0 there. Raises ValueError outside the
    domain of any other.
    """
    failure: Texts = np.full(len(utilities), "", dtype=object)
    if not is_own(spec):
        return np.asarray(rule(utilities), dtype=np.float64), failure
    values = np.zeros(utilities.shape[:-1])
    for place, slate in enumerate(utilities):
        try:
            values[place] = rule(slate)
        except (ValueError, InputError) as error:
            failure[place] = str(error)
    return values, failure


def has_values(spec: RuleSpec) -> bool:
    """True if a rule gives more than an order: an amount of welfare, a share, a count, to be compared between slates."""
    return spec not in ("leximin", "schulze")


def label(spec: RuleSpec) -> str:
    """The name of a rule in tables: "utilitarian", "Nash", "Rawlsian", "alpha 2", "leximin", "Schulze", "Borda", "approval",
    "mine.py:my_rule".
    """
    return _LABELS.get(spec, shown(spec) if isinstance(spec, str) else f"alpha {spec:g}")


def parse_rule(text: str) -> RuleSpec:
    """The rule that a user named: "0", "inf", "2", "nash", "leximin" ... Raises InputError."""
    try:
        return read_rule(text)
    except ValueError as error:
        raise InputError(str(error)) from None
