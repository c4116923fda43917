"""The decision of a gate on paired differences, a metric at a time, and the harm that it would notice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from simcons.analysis.resampling import Estimate, holm
from simcons.experiments.compare.differences import FixedTest
from simcons.experiments.compare.measures import Measure
from simcons.experiments.power import theory
from simcons.scenario.gate import GateRule

_TEST = FixedTest()


@dataclass(frozen=True, slots=True)
class Metric:
    """A measure with its margin, of one arm, over some of the rounds or people."""

    arm: str
    label: str
    measure: Measure
    subset: str


@dataclass(frozen=True, slots=True)
class MetricCheck:
    """One metric against its margin.

    p_worse: of being no worse at all, adjusted over the metrics; p_within: of being worse by the margin or more. Both
    one-sided. None: nothing could be measured, and the metric does not pass. power: with which a run like this one would stop a
    loss of the margin in every group, or, where only what is shown passes, let through what makes no difference.
    """

    metric: Metric
    difference: Estimate | None
    p_worse: float | None
    p_within: float | None
    power: float | None
    passes: bool


def decide(
    metrics: Sequence[Metric], estimates: Sequence[Estimate | None], *, rule: GateRule, alpha: float, power: bool = True
) -> list[MetricCheck]:
    """A gate's decision on each of its metrics: it lets a change through if all pass. power: False to leave that out."""
    p_worse = holm([None if each is None else p_of_no_harm(each) for each in estimates])
    checks = []
    for metric, estimate, p in zip(metrics, estimates, p_worse, strict=True):
        within = None if estimate is None else p_of_harm(estimate, metric.measure)
        shown_within = within is not None and within <= alpha
        passes = (
            shown_within if rule == "shown_not_worse" else estimate is not None and (shown_within or (p or 0) > alpha)
        )
        notices = _power(estimate, metric.measure, rule, alpha, len(metrics)) if power and estimate else None
        checks.append(MetricCheck(metric, estimate, p, within, notices, passes))
    return checks


def p_of_no_harm(estimate: Estimate) -> float:
    """One-sided, of a difference of 0 or more; by the sign test where groups do not vary."""
    if estimate.error is not None:
        return _TEST.one_sided(-estimate.value, estimate.error, estimate.n)
    return 2.0**-estimate.n if estimate.value < 0 else 1.0


def p_of_harm(estimate: Estimate, measure: Measure) -> float:
    """One-sided, of a loss of the margin or more.

    Where groups do not vary, a share of at most 1 - p^(1/n) of all groups could differ from those seen, by the whole scale.
    """
    room = estimate.value + measure.margin
    if estimate.error is not None:
        return _TEST.one_sided(room, estimate.error, estimate.n)
    return float((1 - min(room / measure.range, 1.0)) ** estimate.n) if room > 0 else 1.0


def _power(estimate: Estimate, measure: Measure, rule: GateRule, alpha: float, n_metrics: int) -> float | None:
    """Of t tests, at the variation that was seen; of several metrics the strictest level of Holm's."""
    if estimate.error is None:
        return None
    n, sd = estimate.n, estimate.error * sqrt(estimate.n)
    if rule == "shown_not_worse":
        return theory.t_power(measure.margin, sd, n_groups=n, alpha=2 * alpha)  # the other tail is next to nothing
    return theory.loss_power(measure.margin, sd, n_groups=n, level=alpha / n_metrics, alpha=alpha)
