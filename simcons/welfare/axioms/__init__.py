"""The axioms of social welfare functions as checks that return a witness: what a person needs to see that a rule breaks them."""

from simcons.welfare.axioms.family import agreement, aversion, bound_by_the_worst_off
from simcons.welfare.axioms.order import (
    common_scale,
    continuity,
    independence_of_irrelevant_candidates,
    independence_of_unconcerned,
    monotonicity,
    pigou_dalton,
    strict_monotonicity,
    symmetry,
    weak_pareto,
)
from simcons.welfare.axioms.refusals import refuses_missing, refuses_negative
from simcons.welfare.axioms.values import between_worst_and_best, homogeneity, idempotence, replication
from simcons.welfare.axioms.violation import Evaluation, Refused, Violation

__all__ = [
    "Evaluation",
    "Refused",
    "Violation",
    "agreement",
    "aversion",
    "between_worst_and_best",
    "bound_by_the_worst_off",
    "common_scale",
    "continuity",
    "homogeneity",
    "idempotence",
    "independence_of_irrelevant_candidates",
    "independence_of_unconcerned",
    "monotonicity",
    "pigou_dalton",
    "refuses_missing",
    "refuses_negative",
    "replication",
    "strict_monotonicity",
    "symmetry",
    "weak_pareto",
]
