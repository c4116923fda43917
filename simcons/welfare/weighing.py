"""From predicted scores to what a rule makes of them: the map, the rule and what may not go together, in one place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcons.arrays import AnyFloats
from simcons.scenario.welfare import AGREES, UTILITARIAN, RuleSpec, UtilityMapSettings, check_map
from simcons.welfare.missing import MissingRule
from simcons.welfare.rules import Rule, rule_for
from simcons.welfare.selection import Rounding, mean_rounding
from simcons.welfare.utility import utility


@dataclass(frozen=True, slots=True)
class Weighed:
    """Candidates as a rule sees and values them."""

    utilities: AnyFloats  # [..., candidates, people]
    values: AnyFloats  # [..., candidates], the higher the better
    rounding: Rounding = None  # [..., candidates], of the values, for `selection`


def weigh(
    scores: npt.ArrayLike,
    utility_map: UtilityMapSettings,
    *,
    spec: RuleSpec,
    threshold: float | None = None,
    missing: MissingRule = "refuse",
    rule: Rule | None = None,
) -> Weighed:
    """Utilities of ``scores`` [..., candidates, people] under a map, and their values under a rule (`rules.rule_for`).

    threshold: for approval alone; if not given, the utility of a score of 5, so that the map decides nothing there. rule: what
    ``spec`` names, where that is at hand.

    Raises ValueError where the map does not go with the rule (raw scores and 0 < alpha < inf), where the map has no value for a
    score, and outside the rule's domain.
    """
    rule = rule or rule_under(utility_map, spec, threshold=threshold, missing=missing)
    utilities = utility(scores, utility_map)
    return Weighed(utilities, rule(utilities), rounding_under(spec, utilities))


def rule_under(
    utility_map: UtilityMapSettings, spec: RuleSpec, *, threshold: float | None = None, missing: MissingRule = "refuse"
) -> Rule:
    """The rule that `weigh` applies to the utilities of a map. Raises ValueError where the two do not go together."""
    check_map(utility_map, spec)
    if spec == "approval" and threshold is None:
        threshold = float(utility(AGREES, utility_map))
    return rule_for(spec, threshold=threshold, missing=missing)


def rounding_under(spec: RuleSpec, utilities: AnyFloats) -> Rounding:
    """The absolute rounding error of a rule's values of ``utilities``, [..., candidates]; None where selection's relative
    tolerance covers it.

    That is the mean of utilities of which some are negative. Other rules count, compare or sum what has one sign, and a mean of
    what has one sign is no smaller than the greatest utility by people.
    """
    signed = spec == UTILITARIAN and utilities.size and np.fmin.reduce(utilities, axis=None) < 0
    return mean_rounding(utilities) if signed else None
