"""Stress tests: one setting of a numeric world takes its values in turn, and every rule chooses in the same rounds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import TypeVar

from simcons.analysis.findings import Finding, SweepPoint, adjusted, finding
from simcons.errors import ScenarioError
from simcons.experiments import measures
from simcons.experiments.failed_rules import FailedRule, Failures
from simcons.experiments.tally import Tally
from simcons.experiments.world import BLOCK_GROUPS, Rounds, Signal, calibrate, draw_rounds
from simcons.runs.processes import fresh_processes
from simcons.scenario.files import parse
from simcons.scenario.welfare import LikertMapSettings
from simcons.scenario.worlds import StressSettings
from simcons.welfare.rules import rule_for

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Condition:
    """A stress test with one value of what it varies. ``position`` is its place on an axis."""

    value: str
    position: float
    stress: StressSettings


@dataclass(frozen=True, slots=True)
class StressResult:
    """The findings of conditions, and the rules of a user's own that failed in some, of which those have none."""

    findings: tuple[Finding, ...]
    failed: tuple[FailedRule, ...] = ()


def conditions(stress: StressSettings) -> list[Condition]:
    """One condition a value.

    Raises ScenarioError for a path that names no setting, and values that it cannot take; InputError for a rule of a user's own
    that is not there.
    """
    for rule in stress.rules:
        rule_for(rule)
    conditions_of_sweep, names = [], stress.vary.names or [describe(value) for value in stress.vary.values]
    for place, (value, name) in enumerate(zip(stress.vary.values, names, strict=True)):
        try:
            document = stress.at(value)
        except ValueError as error:
            raise ScenarioError(f"{stress.name}: {error}") from None
        changed = parse(StressSettings, document, source=f"{stress.name}: vary.values.{place}")
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        conditions_of_sweep.append(Condition(name, float(value) if is_number else float(place), changed))
    return conditions_of_sweep


def describe(value: object) -> str:
    """A value as tables print it: numbers as they are, and a kind with its settings as "exp (temperature 2)"."""
    if not isinstance(value, dict):
        return f"{value:g}" if isinstance(value, float) else str(value)
    kind, *settings = (str(value.get("kind", "")), *(f"{k} {describe(v)}" for k, v in value.items() if k != "kind"))
    return f"{kind} ({', '.join(settings)})".strip() if settings else kind


def run_stress(
    stresses: Sequence[StressSettings], *, jobs: int = 1, on_done: Callable[[int, int], None] = lambda done, of: None
) -> StressResult:
    """All findings, stress test by stress test and condition by condition.

    jobs: processes that share the conditions; results do not depend on it. ``on_done`` is told how many of how many conditions
    are done. Raises ScenarioError, in one line, for settings with which a condition cannot be run.
    """
    todo = [condition for stress in stresses for condition in conditions(stress)]
    if jobs <= 1 or len(todo) == 1:
        return _together(list(_counted(map(run_condition, todo), len(todo), on_done)))
    return _together(_run_in_processes(todo, jobs, on_done))


def _together(results: Sequence[StressResult]) -> StressResult:
    findings = adjusted([finding for result in results for finding in result.findings])
    return StressResult(tuple(findings), tuple(rule for result in results for rule in result.failed))


def _run_in_processes(todo: Sequence[Condition], jobs: int, on_done: Callable[[int, int], None]) -> list[StressResult]:
    """Conditions shared among fresh processes."""
    by_size = sorted(todo, key=_size, reverse=True)  # so that the last to finish are short
    try:
        with fresh_processes(min(jobs, len(todo))) as pool:
            started = {id(condition): pool.submit(run_condition, condition) for condition in by_size}
            for done in _counted(as_completed(started.values()), len(todo), on_done):
                done.result()
    except BrokenProcessPool:
        raise ScenarioError(
            "a process of the stress test was killed; expected enough memory: use fewer --jobs"
        ) from None
    return [started[id(condition)].result() for condition in todo]


def _counted(done: Iterable[T], total: int, on_done: Callable[[int, int], None]) -> Iterator[T]:
    for count, item in enumerate(done, start=1):
        yield item
        on_done(count, total)


def _size(condition: Condition) -> int:
    world = condition.stress.world
    return condition.stress.rounds * world.people.group_size * world.candidates.number


def run_condition(condition: Condition) -> StressResult:
    """All findings of one condition, not yet adjusted for the others; none where every rule failed.

    Raises ScenarioError, in one line, for settings with which it cannot be run.
    """
    stress = condition.stress
    tally, failures = Tally(stress.world.people.rounds_per_group), Failures()
    try:
        signal = calibrate(stress.world, seed=stress.seed) if stress.world.source == "predictions" else None
        for rounds in blocks(stress):
            for key, values in _measure(rounds, stress, signal, failures):
                tally.add(key, values)
    except ValueError as error:
        raise ScenarioError(f"{stress.name}: {stress.vary.key} {condition.value}: {error}") from None
    place = SweepPoint(stress.name, stress.vary.key, condition.value, condition.position)
    failed = tuple(failures.rows(place.sweep, place.parameter, place.value))
    if all(spec in failures for spec in stress.rules):
        return StressResult((), failed)
    of_others = (each for each in tally.estimates() if failures.labels.isdisjoint((each[0].rule, each[0].versus)))
    return StressResult(tuple(finding(place, key, estimate) for key, estimate in of_others), failed)


def blocks(stress: StressSettings) -> Iterator[Rounds]:
    """Enough groups, block by block, for the rounds asked for."""
    n_groups = -(-stress.rounds // stress.world.people.rounds_per_group)
    for block, start in enumerate(range(0, n_groups, BLOCK_GROUPS)):
        yield draw_rounds(stress.world, min(BLOCK_GROUPS, n_groups - start), seed=stress.seed, block=block)


def _measure(rounds: Rounds, stress: StressSettings, signal: Signal | None, failures: Failures) -> measures.Measured:
    """``failures`` is told of the rules that failed, of which nothing is to be read."""
    reports = rounds.honest(signal)
    seen = rounds.reported(reports)
    priority = rounds.draws.rng("ties").random((rounds.truth.shape[1], len(rounds.truth))).T
    choices = measures.choose_by_rules(seen, stress.rules, stress.utility_map, priority=priority)
    asked = [choices]
    yield from measures.measure(rounds, choices, stress.judges)
    if stress.world.source != "truth":
        yield from measures.of_accuracy(rounds, seen)
    if isinstance(stress.utility_map, LikertMapSettings):
        yield from measures.of_proxy(rounds, choices)
    else:
        by_likert = measures.choose_by_rules(seen, stress.rules, LikertMapSettings(), priority=priority)
        asked.append(by_likert)
        yield from measures.of_map(choices, by_likert)
    if stress.world.strategy.kind != "honest":
        honest = measures.choose_by_rules(reports, stress.rules, stress.utility_map, priority=priority)
        asked.append(honest)
        yield from measures.of_strategy(rounds, choices, honest)
    failures.add(*asked)
