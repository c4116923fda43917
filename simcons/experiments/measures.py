"""Rules applied to a block of rounds: their choices, and the measures of them, one number a round."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from simcons.analysis.findings import Key
from simcons.analysis.subgroups import mean_among
from simcons.arrays import Bools, Floats, Ints, Texts
from simcons.experiments.world import Rounds
from simcons.scenario.welfare import UTILITARIAN, RuleSpec, UtilityMapSettings
from simcons.welfare.isoelastic import influence, isoelastic
from simcons.welfare.rankings import kendall_tau
from simcons.welfare.rules import label, valued
from simcons.welfare.selection import Rounding, weak_ranks, winners
from simcons.welfare.utility import utility
from simcons.welfare.weighing import rounding_under, rule_under

_MOST_RANKED = 64  # candidates up to which whole rankings are compared: pairs grow with the square


@dataclass(frozen=True, slots=True)
class RuleChoice:
    """The choices of one rule. Arrays are [rounds], but for values [rounds, candidates].

    Where a rule of a user's own failed, ``failure`` says how, and nothing else of that round is to be read.
    """

    values: Floats
    index: Ints
    n_tied: Ints
    rounding: Rounding = None  # of the values
    failure: Texts | None = None  # "" where the rule chose; None: it did in all rounds


RuleChoices: TypeAlias = Mapping[RuleSpec, RuleChoice]
Measured: TypeAlias = Iterator[tuple[Key, Floats]]


def choose_by_rules(
    seen: Floats, rules: Sequence[RuleSpec], utility_map: UtilityMapSettings, *, priority: Floats
) -> dict[RuleSpec, RuleChoice]:
    """The choices of each rule by ``seen`` [rounds, candidates, people], ties broken by ``priority`` [rounds, candidates].

    NaN is a member who has left, and is not weighed. The threshold of approval is the utility of a 5. A rule of a user's own may
    fail in some rounds.
    """
    missing: Literal["refuse", "leave_out"] = "leave_out" if np.isnan(seen).any() else "refuse"
    u = utility(seen, utility_map)
    choices = {}
    for spec in rules:
        values, failure = valued(spec, rule_under(utility_map, spec, missing=missing), u)
        rounding = rounding_under(spec, u)
        best = winners(values, priority, rounding=rounding)
        choices[spec] = RuleChoice(values, best.index, best.n_tied, rounding, failure)
    return choices


def measure(rounds: Rounds, choices: RuleChoices, judges: Sequence[float]) -> Measured:
    """All measures of one block but those of reports: see `of_outcomes`, `of_pairs`. Arrays are [rounds], NaN where undefined."""
    outcomes = {spec: selected(rounds.truth, choice.index) for spec, choice in choices.items()}
    for spec, choice in choices.items():
        yield Key(label(spec), None, "tied"), (choice.n_tied > 1).astype(np.float64)
    yield from of_outcomes(rounds, outcomes)
    yield from of_regret(rounds, choices, judges)
    yield from of_pairs(choices)


def selected(truth: Floats, index: Ints) -> Floats:
    """[rounds, people]: what everybody truly thinks of the candidate chosen."""
    return np.asarray(truth[np.arange(len(truth)), index])


def of_outcomes(rounds: Rounds, outcomes: Mapping[RuleSpec, Floats]) -> Measured:
    """Means, the worst-off, the camps, and differences from the utilitarian choice in the same rounds."""
    best_for = {camp: mean_among(rounds.truth, who[:, None, :]).max(axis=1) for camp, who in _camps(rounds).items()}
    for spec, outcome in outcomes.items():
        rule = label(spec)
        yield Key(rule, None, "mean_utility"), outcome.mean(axis=-1)
        yield Key(rule, None, "worst_off"), outcome.min(axis=-1)
        of_camp = {camp: mean_among(outcome, who) for camp, who in _camps(rounds).items()}
        for camp, mean in of_camp.items():
            yield Key(rule, None, camp), mean
            yield Key(rule, None, f"{camp}_regret"), best_for[camp] - mean
        yield Key(rule, None, "minority_gap"), of_camp["majority"] - of_camp["minority"]
        if not isinstance(spec, str):
            of_everybody = np.asarray(influence(outcome, spec), dtype=np.float64)
            yield Key(rule, None, "influence_worst_off"), np.where(_is_lowest(outcome), of_everybody, 0.0).sum(axis=-1)
    if UTILITARIAN in outcomes:
        reference = outcomes[UTILITARIAN]
        for spec in (spec for spec in outcomes if spec != UTILITARIAN):
            yield from _changes(rounds, label(spec), outcomes[spec], reference)


def _changes(rounds: Rounds, rule: str, outcome: Floats, reference: Floats) -> Measured:
    """Against the utilitarian choice in the same rounds."""
    versus = label(UTILITARIAN)
    yield Key(rule, versus, "mean_cost"), reference.mean(axis=-1) - outcome.mean(axis=-1)
    yield Key(rule, versus, "worst_off_gain"), outcome.min(axis=-1) - reference.min(axis=-1)
    for camp, who in _camps(rounds).items():
        yield Key(rule, versus, f"{camp}_gain"), mean_among(outcome, who) - mean_among(reference, who)


def _is_lowest(outcome: Floats) -> Bools:
    """Marks one person a round, the first of those with the lowest utility."""
    return np.asarray(np.arange(outcome.shape[-1]) == outcome.argmin(axis=-1)[:, None])


def _camps(rounds: Rounds) -> dict[str, Bools]:
    return {"minority": rounds.minority, "majority": ~rounds.minority}


def of_regret(rounds: Rounds, choices: RuleChoices, judges: Sequence[float]) -> Measured:
    """The loss to a judging alpha, in points: its welfare of the candidate best by the truth, less that of the one chosen."""
    for judge, welfare in zip(judges, isoelastic(rounds.truth, list(judges)), strict=True):
        best = welfare.max(axis=-1)
        for spec, choice in choices.items():
            yield Key(label(spec), label(judge), "regret"), best - welfare[np.arange(len(best)), choice.index]


def of_proxy(rounds: Rounds, choices: RuleChoices) -> Measured:
    """Over-optimisation: what isoelastic rules predicted of their choice, and what it is, both by their own alpha."""
    for spec, choice in choices.items():
        if not isinstance(spec, str):
            predicted = choice.values[np.arange(len(choice.index)), choice.index]
            yield Key(label(spec), None, "proxy_welfare"), predicted
            true = np.asarray(isoelastic(selected(rounds.truth, choice.index), spec), dtype=np.float64)
            yield Key(label(spec), None, "true_welfare"), true
            yield Key(label(spec), None, "proxy_gap"), predicted - true


def of_pairs(choices: RuleChoices) -> Measured:
    """Rounds in which two rules choose differently, and similarity of rankings to the utilitarian one (Kendall's tau-b)."""
    specs = list(choices)
    for k, spec in enumerate(specs):
        for other in specs[k + 1 :]:
            differ = (choices[spec].index != choices[other].index).astype(np.float64)
            yield Key(label(spec), label(other), "different_winner"), differ
            yield Key(label(other), label(spec), "different_winner"), differ
    n_candidates = choices[specs[0]].values.shape[-1]
    if UTILITARIAN not in choices or not 1 < n_candidates <= _MOST_RANKED:
        return
    orders = [weak_ranks(choice.values, choice.rounding) for choice in choices.values()]
    tau = kendall_tau(np.stack(orders))[specs.index(UTILITARIAN)]
    for spec, of_rule in zip(specs, tau, strict=True):
        if spec != UTILITARIAN:
            yield Key(label(spec), label(UTILITARIAN), "kendall_tau"), of_rule


def of_map(choices: RuleChoices, by_likert: RuleChoices) -> Measured:
    """Rounds in which a rule chooses differently from its choice if utilities were the scores themselves, on 1-7."""
    for spec, choice in choices.items():
        differ = (choice.index != by_likert[spec].index).astype(np.float64)
        yield Key(label(spec), "likert", "different_by_map"), differ


def of_accuracy(rounds: Rounds, seen: Floats) -> Measured:
    """Shares in which, of two neighbouring candidates, the one a person truly prefers is seen as better; level counts half."""
    n_pairs = seen.shape[1] // 2
    if not n_pairs:
        return
    gaps = [values[:, : 2 * n_pairs : 2] - values[:, 1 : 2 * n_pairs : 2] for values in (rounds.truth, seen)]
    right = (1 + np.sign(gaps[0]) * np.sign(gaps[1])) / 2
    for name, who in (("pair_accuracy", rounds.present), ("pair_accuracy_minority", rounds.present & rounds.minority)):
        with np.errstate(invalid="ignore"):
            shares = np.where(who[:, None, :], right, 0.0).sum(axis=(1, 2)) / (who.sum(axis=-1) * n_pairs)
        yield Key("predictions", None, name), shares


def of_strategy(rounds: Rounds, choices: RuleChoices, honest: RuleChoices) -> Measured:
    """The gain from misreporting to those who do it, and the loss to the others, against honest reports in the same rounds."""
    n = rounds.world.strategy.people
    for spec, choice in choices.items():
        change = selected(rounds.truth, choice.index) - selected(rounds.truth, honest[spec].index)
        yield Key(label(spec), None, "strategist_gain"), change[:, :n].mean(axis=-1)
        yield Key(label(spec), None, "others_loss"), -change[:, n:].mean(axis=-1)
