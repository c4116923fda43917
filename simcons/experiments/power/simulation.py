"""Simulated groups of a study of power: what two rules choose for them, and how people rate both choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from simcons.arrays import Floats, Ints
from simcons.errors import ScenarioError
from simcons.experiments.failed_rules import FailedRule, Failures
from simcons.experiments.measures import choose_by_rules
from simcons.experiments.world import BLOCK_GROUPS, Rounds, Signal, calibrate, draw_rounds
from simcons.scenario.power import PowerSettings, StudyOutcome
from simcons.scenario.welfare import AGREES


@dataclass(frozen=True, slots=True)
class Simulation:
    """The simulated groups. pairs: one for each of ``compare``, None where a rule of a user's own failed; ``failed`` says how."""

    pairs: tuple[Simulated | None, ...]
    failed: tuple[FailedRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Simulated:
    """The simulated groups of one pair of rules. Arrays are [groups]."""

    differences: Mapping[
        StudyOutcome, Floats
    ]  # the mean over a group's rounds of (first rule's outcome - second rule's)
    exposure: Floats  # share of a group's rounds in which the rules choose different statements


def simulated_differences(
    settings: PowerSettings, *, on_block: Callable[[int], None] = lambda done: None
) -> Simulation:
    """Differences between each pair of rules, from the same groups, candidates, predictions and ratings.

    Everybody who is there rates both statements once; a statement that both rules choose has one rating. ``on_block`` is told
    how many blocks of groups are done. Raises ScenarioError, in one line, for settings with which no round can be simulated.
    """
    blocks, failures = [], Failures()
    try:
        signal = calibrate(settings.world, seed=settings.seed) if settings.world.source == "predictions" else None
        for block, start in enumerate(range(0, settings.simulated_groups, BLOCK_GROUPS)):
            n_groups = min(BLOCK_GROUPS, settings.simulated_groups - start)
            rounds = draw_rounds(settings.world, n_groups, seed=settings.seed, block=block)
            blocks.append(_of_block(rounds, settings, signal, failures))
            on_block(block + 1)
    except ValueError as error:
        raise ScenarioError(f"{settings.name}: {error}") from None
    pairs = (
        None if any(rule in failures for rule in pair) else _joined([block[i] for block in blocks])
        for i, pair in enumerate(settings.compare)
    )
    return Simulation(tuple(pairs), tuple(failures.rows(settings.name)))


def _joined(parts: list[Simulated]) -> Simulated:
    return Simulated(
        {outcome: np.concatenate([block.differences[outcome] for block in parts]) for outcome in parts[0].differences},
        np.concatenate([block.exposure for block in parts]),
    )


def _of_block(rounds: Rounds, settings: PowerSettings, signal: Signal | None, failures: Failures) -> list[Simulated]:
    """``failures`` is told of the rules that failed, of which nothing is to be read."""
    priority = rounds.draws.rng("ties").random((rounds.truth.shape[1], len(rounds.truth))).T
    rules = list(dict.fromkeys(rule for pair in settings.compare for rule in pair))
    choices = choose_by_rules(rounds.seen(signal), rules, settings.utility_map, priority=priority)
    failures.add(choices)
    received = {rule: outcomes_of(rounds.ratings, choices[rule].index) for rule in rules}
    by_group = partial(_by_group, per_group=settings.world.people.rounds_per_group)
    return [
        Simulated(
            {outcome: by_group(_difference(received[a], received[b], outcome)) for outcome in settings.outcomes},
            by_group((choices[a].index != choices[b].index).astype(np.float64)),
        )
        for a, b in settings.compare
    ]


def outcomes_of(ratings: Floats, index: Ints) -> dict[StudyOutcome, Floats]:
    """Outcomes of chosen statements [rounds]: ``ratings`` [rounds, candidates, people] are NaN from those who have left."""
    chosen = ratings[np.arange(len(ratings)), index]
    there = ~np.isnan(chosen)
    n = there.sum(axis=1)
    return {
        "mean": np.where(there, chosen, 0).sum(axis=1) / n,
        "lowest": np.where(there, chosen, np.inf).min(axis=1),
        "agreeing": (there & (chosen >= AGREES)).sum(axis=1) / n,
    }


def _difference(a: Mapping[StudyOutcome, Floats], b: Mapping[StudyOutcome, Floats], outcome: StudyOutcome) -> Floats:
    return np.asarray(np.sign(a["mean"] - b["mean"]) if outcome == "wins" else a[outcome] - b[outcome])


def _by_group(of_rounds: Floats, *, per_group: int) -> Floats:
    return np.asarray(of_rounds.reshape(-1, per_group).mean(axis=1))
