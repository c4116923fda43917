"""Rules that are wrong, each in a way that somebody has written or proposed, with the axiom that shows it.

A suite of axioms that lets one of them pass has a hole. Domains are those of `simcons.welfare.axioms.domains`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simcons.welfare.ordinal import leximin

INF = float("inf")


@dataclass(frozen=True)
class Mutant:
    """A wrong rule and every axiom that must find a violation, over a domain."""

    name: str
    rule: Callable
    killed_by: tuple[str, ...]
    domain: str = "ratings"
    claims: float | None = None  # the alpha it is passed off as
    only: tuple[str, ...] = ()  # the axioms of A1-A6 that it breaks, over `domain`, if they are few


def geometric_mean(u):
    with np.errstate(divide="ignore"):
        return np.exp(np.log(u).mean(-1))


def nash_with_zeros_dropped(u):
    with np.errstate(divide="ignore"):
        logs = np.where(u > 0, np.log(u), 0)
    return np.exp(logs.sum(-1) / np.maximum((u > 0).sum(-1), 1))


def trimmed_mean(u):
    n = u.shape[-1]
    return np.sort(u, -1)[..., 1 : n - 1].mean(-1) if n > 2 else u.mean(-1)


def gini_welfare(u):
    """mean (1 - Gini): the k-th worst-off of n weighs 2(n - k) + 1."""
    n = u.shape[-1]
    return (np.sort(u, -1) * (2 * np.arange(n)[::-1] + 1)).sum(-1) / n**2


def index_weights(u):
    weights = 1.0 / np.arange(1, u.shape[-1] + 1)
    return (u * weights).sum(-1) / weights.sum()


def power_mean_as_written(p):
    def rule(u):
        with np.errstate(all="ignore"):
            return (u**p).mean(-1) ** (1 / p)

    return rule


def batch_z_scores(u):
    """Every person's utilities put on one scale by those of the candidates that are there."""
    spread = u.std(0, keepdims=True)
    return ((u - u.mean(0, keepdims=True)) / np.where(spread > 0, spread, 1)).mean(-1)


def nanmean(u):
    return np.nansum(u, -1) / np.maximum((~np.isnan(u)).sum(-1), 1)


def shifted_by_the_batch_minimum(u):
    return geometric_mean(u - u.min() + 1)


def crra_sum(u):
    return (u ** (1 - 2.0) / (1 - 2.0)).sum(-1)


MUTANTS = (
    Mutant(
        "median", lambda u: np.median(u, -1), ("strict_monotonicity", "pigou_dalton", "independence_of_unconcerned")
    ),
    Mutant("mean - variance", lambda u: u.mean(-1) - u.var(-1), ("monotonicity", "common_scale", "homogeneity")),
    Mutant("mean - sd", lambda u: u.mean(-1) - u.std(-1), ("monotonicity",)),
    Mutant("Nash, zeros dropped", nash_with_zeros_dropped, ("monotonicity", "continuity"), domain="zeros", claims=1.0),
    Mutant(
        "min over those included", lambda u: np.where(np.isnan(u), INF, u).min(-1), ("refuses_missing",), claims=INF
    ),
    Mutant("min over all but the last", lambda u: u[..., : max(u.shape[-1] - 1, 1)].min(-1), ("symmetry",), claims=INF),
    Mutant("sum", lambda u: u.sum(-1), ("replication", "idempotence", "between_worst_and_best"), claims=0.0),
    Mutant("power sum", lambda u: np.sqrt(u).sum(-1) ** 2, ("replication", "idempotence", "agreement"), claims=0.5),
    Mutant(
        "outer root forgotten", lambda u: np.sqrt(u).mean(-1), ("homogeneity", "idempotence", "agreement"), claims=0.5
    ),
    Mutant(
        "sign of the power flipped (RMS)",
        lambda u: np.sqrt((u**2).mean(-1)),
        ("pigou_dalton", "agreement"),
        claims=3.0,
        only=("pigou_dalton",),
    ),
    Mutant("trimmed mean", trimmed_mean, ("strict_monotonicity", "pigou_dalton")),
    Mutant("maximin as a family member", lambda u: u.min(-1), ("agreement", "strict_monotonicity"), claims=9.0),
    Mutant("leximin", leximin, ("continuity",), only=("continuity",)),
    Mutant(
        "(mean + min) / 2",
        lambda u: (u.mean(-1) + u.min(-1)) / 2,
        ("independence_of_unconcerned",),
        only=("independence_of_unconcerned",),
    ),
    Mutant("Gini", gini_welfare, ("independence_of_unconcerned",), only=("independence_of_unconcerned",)),
    Mutant("Kolm-Pollak", lambda u: -np.log(np.exp(-u).mean(-1)), ("common_scale",), only=("common_scale",)),
    Mutant("log(u + 1)", lambda u: np.log1p(u).mean(-1), ("common_scale",), only=("common_scale",)),
    Mutant("fixed index weights", index_weights, ("symmetry", "pigou_dalton"), only=("symmetry", "pigou_dalton")),
    Mutant(
        "unanimity bonus",
        lambda u: u.mean(-1) + 2 * (u >= 4).all(-1),
        ("continuity", "independence_of_unconcerned", "common_scale"),
    ),
    Mutant("share agreeing", lambda u: (u >= 5).mean(-1), ("strict_monotonicity", "weak_pareto", "continuity")),
    Mutant("rounded mean", lambda u: np.round(u.mean(-1)), ("strict_monotonicity", "continuity")),
    Mutant(
        "constant", lambda u: np.ones(len(u)), ("strict_monotonicity", "weak_pareto"), only=("strict_monotonicity",)
    ),
    Mutant("max", lambda u: u.max(-1), ("strict_monotonicity", "pigou_dalton")),
    Mutant(
        "midrange",
        lambda u: (u.max(-1) + u.min(-1)) / 2,
        ("strict_monotonicity", "independence_of_unconcerned", "pigou_dalton"),
    ),
    Mutant("CRRA sum", crra_sum, ("idempotence", "replication", "between_worst_and_best", "homogeneity"), claims=2.0),
    Mutant("mean softplus", lambda u: np.logaddexp(0, u).mean(-1), ("pigou_dalton", "idempotence"), domain="signs"),
    Mutant(
        "geometric mean x exp(-var log)", lambda u: geometric_mean(u) * np.exp(-np.log(u).var(-1)), ("monotonicity",)
    ),
    Mutant("nanmean over drop-outs", nanmean, ("refuses_missing",), claims=0.0),
    Mutant(
        "negatives at even power",
        power_mean_as_written(-2),
        ("monotonicity", "refuses_negative"),
        domain="signs",
        claims=3.0,
    ),
    Mutant("z-scores of the batch", batch_z_scores, ("independence_of_irrelevant_candidates",)),
    Mutant("shifted by the batch's minimum", shifted_by_the_batch_minimum, ("independence_of_irrelevant_candidates",)),
    Mutant("alpha 1 as 1 + 1e-9", power_mean_as_written(-1e-9), ("idempotence", "agreement"), claims=1.0),
    Mutant("alpha inf as 1000", power_mean_as_written(-999.0), ("agreement",), claims=INF),
)

# Those that order every profile as a member of the family does: no axiom about order may find anything.
ORDINALLY_RIGHT = ("sum", "power sum", "outer root forgotten", "CRRA sum")
