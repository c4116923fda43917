"""A gate from its file: the comparison it asks for, the decision, and what a pipeline of continuous integration reads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from simcons.engines.base import Engine
from simcons.errors import InputError, ScenarioError
from simcons.experiments.compare.both import Both, Reading, Watching
from simcons.experiments.compare.measures import Measure, known_measures
from simcons.experiments.compare.other_worlds import OtherWorld, made_ready, run_in
from simcons.experiments.compare.pairing import Pairing, given_pairing
from simcons.experiments.compare.run import Comparison, compared, write_comparison
from simcons.experiments.gate.decide import Metric, MetricCheck, decide
from simcons.experiments.gate.metrics import and_shown, estimate_of, metrics_of, round_tables
from simcons.languages.language import Language
from simcons.rich_display import RichDisplay
from simcons.runs.folder import next_folder
from simcons.scenario.gate import GateSettings
from simcons.scenario.other_worlds import load_other_worlds

_POOL = 4  # times as many groups as a run has, from which gate runs are drawn


@dataclass(frozen=True, slots=True)
class BudgetCheck:
    """The cost of the change by round, against its limit. base, value: None where they are not known, and it does not pass.

    more: by how much of the base's the change may take more; None where the limit is a number.
    """

    name: str
    limit: float | None
    base: float | None
    value: float | None
    more: float | None = None

    @property
    def passes(self) -> bool:
        return self.value is not None and self.limit is not None and self.value <= self.limit


@dataclass(frozen=True, slots=True)
class GateInWorld:
    """The decision on the metrics in another world. metrics: none where all is there as given, and nothing was run."""

    name: str
    metrics: tuple[MetricCheck, ...]

    @property
    def passes(self) -> bool:
        return all(check.passes for check in self.metrics)


@dataclass(frozen=True, slots=True, repr=False)
class GateResult(RichDisplay):
    """A gate's decision. It passes if every metric and every budget does, whatever it is in other worlds."""

    settings: GateSettings
    comparison: Comparison
    metrics: tuple[MetricCheck, ...]
    budgets: tuple[BudgetCheck, ...]
    worlds: tuple[GateInWorld, ...] = ()

    @property
    def passes(self) -> bool:
        return all(check.passes for check in self.metrics) and all(check.passes for check in self.budgets)

    @property
    def folder(self) -> Path:
        return self.comparison.folder

    def __repr__(self) -> str:
        verdict = "passes" if self.passes else "is stopped"
        return f"GateResult({self.settings.name!r}: the change {verdict}; folder: {self.folder})"


@dataclass(frozen=True, slots=True)
class KnownWorse:
    """A change that a self-check tries, on as many groups as gate runs are drawn from."""

    name: str
    pairing: Pairing
    metrics: tuple[Metric, ...]


@dataclass(frozen=True, slots=True)
class ReadyGate:
    """A gate whose scenarios and worlds are known to be good."""

    pairing: Pairing
    metrics: tuple[Metric, ...]
    measures: tuple[Measure, ...]  # all that are read
    worlds: tuple[OtherWorld, ...]
    worse: tuple[KnownWorse, ...]


def check_settings(settings: GateSettings) -> ReadyGate:
    """The scenarios of a gate, and its metrics. Raises InputError, in a line, for what cannot be compared or measured."""
    paired = partial(
        given_pairing,
        settings.base,
        settings.change,
        overrides=settings.set,
        groups=settings.groups,
        seed=settings.seed,
    )
    pairing = paired()
    measures = tuple(known_measures((), pairing.base.participants.scales))
    metrics = tuple(metrics_of(settings, pairing))
    worse = tuple(_worse(settings, n_pool(settings, pairing)))
    worlds: list[OtherWorld] = []
    if settings.worlds is not None:
        assumed = load_other_worlds(settings.worlds)
        worlds = made_ready(assumed, pairing, lambda values: paired(assumed=values), measures)
    return ReadyGate(pairing, metrics, measures, tuple(worlds), worse)


def n_pool(settings: GateSettings, pairing: Pairing) -> int:
    """Groups that a self-check draws gate runs from."""
    return settings.self_check.groups or _POOL * pairing.base.design.groups


def _worse(settings: GateSettings, n_groups: int) -> Iterator[KnownWorse]:
    for change in settings.self_check.worse:
        try:
            pairing = given_pairing(settings.base, None, overrides=change.set, groups=n_groups, seed=settings.seed)
            yield KnownWorse(change.name, pairing, tuple(metrics_of(settings, pairing)))
        except InputError as error:
            raise ScenarioError(f"self_check.worse {change.name!r}: {error}") from None


def run_gate(
    settings: GateSettings,
    *,
    out: str | Path | None = None,
    engines: Mapping[str, Engine] | None = None,
    languages: Sequence[Language] = (),
    watching: Watching | None = None,
) -> GateResult:
    """Compare a gate's scenarios and decide. out: a new folder, by default the next of ``runs/NAME-001``.

    Raises InputError before anything is run, for metrics that there are not too, and as `simcons.run` does.
    """
    ready = check_settings(settings)
    both = with_folder(ready.pairing, folder_of(settings, ready.pairing, out), engines, languages, watching)
    comparison = compared(both, Reading.of(ready.pairing, ready.measures))
    metrics = _decided(settings, ready.metrics, both)
    played = list(run_in(ready.worlds, both))
    worlds = [
        GateInWorld(world.name, () if there is None else _decided(settings, ready.metrics, there))
        for world, there in played
    ]
    comparison = replace(comparison, worlds=tuple(world for world, _ in played))
    write_comparison(comparison, both)
    return GateResult(settings, comparison, metrics, tuple(budget_checks(settings, comparison)), tuple(worlds))


def _decided(settings: GateSettings, metrics: Sequence[Metric], both: Both) -> tuple[MetricCheck, ...]:
    tables = round_tables(both)
    metrics = and_shown(metrics, tables)
    estimates = [estimate_of(tables[metric.arm], metric) for metric in metrics]
    return tuple(decide(metrics, estimates, rule=settings.rule, alpha=settings.alpha))


# --- what is run ---------------------------------------------------------------------------------------------------


def folder_of(settings: GateSettings, pairing: Pairing, out: str | Path | None, *, ending: str = "") -> Path:
    if out is not None:
        return Path(out)
    return next_folder(Path(pairing.base.output.folder), f"{settings.name}{ending}")


def with_folder(
    pairing: Pairing,
    folder: Path,
    engines: Mapping[str, Engine] | None,
    languages: Sequence[Language],
    watching: Watching | None,
) -> Both:
    """Both sides, with a folder to be run in."""
    both = Both(pairing, folder, engines or {}, languages, watching or Watching())
    both.take_folder()
    return both


# --- what is taken -------------------------------------------------------------------------------------------------


def budget_checks(settings: GateSettings, comparison: Comparison) -> Iterator[BudgetCheck]:
    """The cost of the change against each limit, that of the arm which keeps to it least."""
    for name, given in settings.budgets.given.items():
        costs: list[tuple[float, float]] = [(cost.base, cost.change) for cost in comparison.costs if cost.name == name]
        if not costs and comparison.costs:
            costs = [(0.0, 0.0)]  # nothing of the kind on either side
        checks = [_budget(name, given, base, value) for base, value in costs]
        yield max(checks, key=_beyond, default=BudgetCheck(name, None, None, None))


def _budget(name: str, given: float | str, base: float, value: float) -> BudgetCheck:
    if not isinstance(given, str):
        return BudgetCheck(name, given, base, value)
    more = float(given.strip("+%")) / 100
    return BudgetCheck(name, base * (1 + more), base, value, more)


def _beyond(check: BudgetCheck) -> float:
    return (check.value or 0.0) - (check.limit or 0.0)


# --- for other programs --------------------------------------------------------------------------------------------


def gate_document(result: GateResult) -> dict[str, Any]:
    """A gate's result for other programs."""
    return {
        "gate": result.settings.name,
        "passes": result.passes,
        "settings": json.loads(result.settings.model_dump_json()),
        "metrics": [asdict(check) for check in result.metrics],
        "budgets": [{**asdict(check), "passes": check.passes} for check in result.budgets],
        "worlds": [{**asdict(world), "passes": world.passes} for world in result.worlds],
        "groups": result.comparison.n_groups,
        "folder": str(result.folder),
    }
