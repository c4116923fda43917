"""Social welfare functions: the isoelastic family and rules to compare it with, maps to utilities, selection and its ties."""

from simcons.welfare.isoelastic import atkinson, influence, isoelastic
from simcons.welfare.ordinal import approval, borda, leximin
from simcons.welfare.rules import Rule, RuleSpec, label, parse_rule, rule_for
from simcons.welfare.schulze import schulze
from simcons.welfare.selection import Selection, Winners, select, weak_ranks, winners
from simcons.welfare.utility import utility
from simcons.welfare.weighing import Weighed, weigh

__all__ = [
    "Rule",
    "RuleSpec",
    "Selection",
    "Weighed",
    "Winners",
    "approval",
    "atkinson",
    "borda",
    "influence",
    "isoelastic",
    "label",
    "leximin",
    "parse_rule",
    "rule_for",
    "schulze",
    "select",
    "utility",
    "weak_ranks",
    "weigh",
    "winners",
]
