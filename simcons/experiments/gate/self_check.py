"""A gate tried on changes whose truth is known: how often it stops none, and how often it lets harm through.

The base is run against itself, its arms under other names, so that its mediators draw anew for the same people: what differs
between the two is chance. Gate runs are drawn from that: as many groups as a run has, with replacement, each with its two sides
exchanged by the toss of a coin. The true difference of such runs is nil, exactly. Harm is planted in them, one metric at a time:

* *even*: every group loses the margin;
* *rare*: one group in ten loses ten times the margin, others nothing, as where a pipeline sometimes breaks.

So hundreds of runs cost no more than one longer comparison, and people, questions and ratings stay as simulated. What another
population would do they do not show.

Harm that is planted in numbers need not look like that of a pipeline which is worse: that stretches intervals too, and hurts some
groups more than others. So changes that are known to be worse can be tried as they are, with gate runs drawn from their groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from simcons.analysis.resampling import Estimate, ratio, trials
from simcons.arrays import Floats
from simcons.experiments.gate.decide import Metric, decide
from simcons.scenario.gate import GateRule
from simcons.seeds import stream

Planted: TypeAlias = Literal["none", "even", "rare"]
_RARE = 0.1  # share of groups


@dataclass(frozen=True, slots=True)
class GroupSums:
    """Differences of every metric by group: their sums over rounds, and numbers of rounds [groups, metrics]."""

    totals: Floats
    weights: Floats


@dataclass(frozen=True, slots=True)
class GateRuns:
    """Gate runs to be drawn: each of ``n_groups`` groups, with replacement, and decided by the gate's rule."""

    n_groups: int
    n_runs: int
    rule: GateRule
    alpha: float
    seed: int

    def rng(self, k: int) -> np.random.Generator:
        """The draws of run ``k``."""
        return stream(self.seed, "gate", k)


@dataclass(frozen=True, slots=True)
class Trials:
    """Gate runs of one kind. metric: where harm was planted; times: its size in margins; stopped: the share that was stopped."""

    planted: Planted
    metric: str
    times: float
    n_runs: int
    n_stopped: int

    @property
    def stopped(self) -> Estimate:
        return _share_of(self.n_stopped, self.n_runs)


@dataclass(frozen=True, slots=True)
class WorseTrials:
    """Gate runs of a change that is known to be worse.

    truth: by how much people's true agreement differs, over all groups that runs are drawn from and the arms concerned.
    most_lost: the metric that loses most of its margins there; times: how many. None where nothing could be measured.
    """

    name: str
    truth: Estimate | None
    most_lost: str | None
    times: float | None
    n_runs: int
    n_stopped: int

    @property
    def stopped(self) -> Estimate:
        return _share_of(self.n_stopped, self.n_runs)


def _share_of(n: int, n_runs: int) -> Estimate:
    share = trials(n, n_runs)
    if share is None:
        raise ValueError(f"n_runs {n_runs!r}: expected at least one")
    return share


def try_gate(sums: GroupSums, metrics: Sequence[Metric], runs: GateRuns) -> list[Trials]:
    """Gate runs without a change, then with harm of the margin and of twice the margin planted in each metric."""

    def trial(planted: Planted, place: int | None, times: float) -> Trials:
        losses = np.zeros(len(metrics))
        if place is not None:
            losses[place] = times * metrics[place].measure.margin
        n_stopped = sum(_harmed_and_stopped(sums, metrics, losses, planted, runs, k) for k in range(runs.n_runs))
        return Trials(planted, "" if place is None else metrics[place].label, times, runs.n_runs, n_stopped)

    kinds: tuple[Planted, ...] = ("even", "rare")
    planted = [trial(kind, place, times) for kind in kinds for place in range(len(metrics)) for times in (1.0, 2.0)]
    return [trial("none", None, 0.0), *planted]


def times_stopped(sums: GroupSums, metrics: Sequence[Metric], runs: GateRuns) -> int:
    """How many gate runs of a change are stopped, drawn from groups that have met it."""
    drawn = (runs.rng(k).integers(len(sums.totals), size=runs.n_groups) for k in range(runs.n_runs))
    return sum(_is_stopped(sums.totals[groups], sums.weights[groups], metrics, runs) for groups in drawn)


def _harmed_and_stopped(
    sums: GroupSums, metrics: Sequence[Metric], losses: Floats, planted: Planted, runs: GateRuns, k: int
) -> bool:
    """One gate run with no true difference but the losses: of the same groups whatever is planted (common random numbers)."""
    rng = runs.rng(k)
    drawn = rng.integers(len(sums.totals), size=runs.n_groups)
    signs = rng.choice([-1.0, 1.0], size=(runs.n_groups, 1))
    breaks = rng.random(runs.n_groups) < _RARE
    share = np.where(breaks, 1 / _RARE, 0.0) if planted == "rare" else np.ones(runs.n_groups)
    weights = sums.weights[drawn]
    return _is_stopped(sums.totals[drawn] * signs - share[:, None] * losses * weights, weights, metrics, runs)


def _is_stopped(totals: Floats, weights: Floats, metrics: Sequence[Metric], runs: GateRuns) -> bool:
    estimates = [ratio(totals[:, k], weights[:, k]) for k in range(len(metrics))]
    return not all(check.passes for check in decide(metrics, estimates, rule=runs.rule, alpha=runs.alpha, power=False))
