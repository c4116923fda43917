"""A gate tried on changes whose truth is known: how often it stops none, and how often it lets harm through.

The base is run against itself, its arms under other names, so that its mediators draw anew for the same people: what differs
between the two is chance. Gate runs are drawn from that: as many groups as a run has, with replacement, each with its two sides
exchanged by the toss of a coin. The true difference of such runs is nil, exactly. Harm is planted in them, one metric at a time:

* *even*: every group loses the margin;
* *rare*: one group in ten loses ten times the margin, others nothing, as where a pipeline sometimes breaks.

So hundreds of runs cost no more than one longer comparison, and people, questions and ratings stay as simulated. What another
population would do they do not show.
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
class Trials:
    """Gate runs of one kind. metric: where harm was planted; times: its size in margins; stopped: the share that was stopped."""

    planted: Planted
    metric: str
    times: float
    n_runs: int
    n_stopped: int

    @property
    def stopped(self) -> Estimate:
        share = trials(self.n_stopped, self.n_runs)
        if share is None:
            raise ValueError(f"n_runs {self.n_runs!r}: expected at least one")
        return share


def try_gate(
    sums: GroupSums,
    metrics: Sequence[Metric],
    *,
    n_groups: int,
    n_runs: int,
    rule: GateRule,
    alpha: float,
    seed: int,
) -> list[Trials]:
    """Gate runs without a change, then with harm of the margin and of twice the margin planted in each metric."""

    def run(planted: Planted, place: int | None, times: float) -> Trials:
        n_stopped = sum(
            _stopped(sums, metrics, place, times, planted, (seed, k), n_groups=n_groups, rule=rule, alpha=alpha)
            for k in range(n_runs)
        )
        return Trials(planted, "" if place is None else metrics[place].label, times, n_runs, n_stopped)

    kinds: tuple[Planted, ...] = ("even", "rare")
    planted = [run(kind, place, times) for kind in kinds for place in range(len(metrics)) for times in (1.0, 2.0)]
    return [run("none", None, 0.0), *planted]


def _stopped(
    sums: GroupSums,
    metrics: Sequence[Metric],
    place: int | None,
    times: float,
    planted: Planted,
    key: tuple[int, int],
    *,
    n_groups: int,
    rule: GateRule,
    alpha: float,
) -> bool:
    """One gate run. The same groups are drawn whatever is planted (common random numbers)."""
    rng = stream(key[0], "gate", key[1])
    drawn = rng.integers(len(sums.totals), size=n_groups)
    signs = rng.choice([-1.0, 1.0], size=(n_groups, 1))
    breaks = rng.random(n_groups) < _RARE
    totals, weights = sums.totals[drawn] * signs, sums.weights[drawn]
    if place is not None:
        loss = times * metrics[place].measure.margin
        each = np.full(n_groups, loss) if planted == "even" else np.where(breaks, loss / _RARE, 0.0)
        totals[:, place] -= each * weights[:, place]
    estimates = [ratio(totals[:, k], weights[:, k]) for k in range(len(metrics))]
    return not all(check.passes for check in decide(metrics, estimates, rule=rule, alpha=alpha, power=False))
