"""A gate from its file: the comparison it asks for, the decision, and what a pipeline of continuous integration reads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from simcons.analysis.resampling import Estimate, ratio
from simcons.engines.base import Engine
from simcons.experiments.compare.both import Both, Reading, Watching
from simcons.experiments.compare.differences import check_subset, sides, subsets, together
from simcons.experiments.compare.measures import Measure, known_measures, parse_margin
from simcons.experiments.compare.other_worlds import OtherWorld, made_ready, run_in
from simcons.experiments.compare.pairing import ArmPair, Pairing, given_pairing
from simcons.experiments.compare.run import Comparison, compared, write_comparison
from simcons.experiments.compare.scores import EVERYBODY
from simcons.experiments.gate.decide import Metric, MetricCheck, decide
from simcons.experiments.gate.self_check import GroupSums, Trials, try_gate
from simcons.languages.language import Language
from simcons.messages import Message
from simcons.rich_display import RichDisplay
from simcons.runs.folder import next_folder
from simcons.scenario.gate import GateSettings
from simcons.scenario.other_worlds import load_other_worlds
from simcons.scenario.study import Scenario
from simcons.storage.results import write_manifest

_AGAIN = "-again"  # behind the name of an arm that is compared with itself
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


@dataclass(frozen=True, slots=True, repr=False)
class SelfCheck(RichDisplay):
    """A gate tried on changes whose truth is known. trials: without a change first. folder: holds both runs of the base."""

    settings: GateSettings
    folder: Path
    n_groups: int  # of a gate run
    n_pool: int  # groups that gate runs are drawn from
    trials: tuple[Trials, ...]

    def __repr__(self) -> str:
        return f"SelfCheck({self.settings.name!r}: {len(self.trials)} kinds of runs; folder: {self.folder})"


@dataclass(frozen=True, slots=True)
class ReadyGate:
    """A gate whose scenarios and worlds are known to be good."""

    pairing: Pairing
    metrics: tuple[Metric, ...]
    measures: tuple[Measure, ...]  # all that are read
    worlds: tuple[OtherWorld, ...]


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
    metrics = tuple(_metrics(settings, pairing))
    if settings.worlds is None:
        return ReadyGate(pairing, metrics, measures, ())
    assumed = load_other_worlds(settings.worlds)
    worlds = made_ready(assumed, pairing, lambda values: paired(assumed=values), measures)
    return ReadyGate(pairing, metrics, measures, tuple(worlds))


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
    both = _both(ready.pairing, _folder(settings, ready.pairing, out), engines, languages, watching)
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
    tables = _tables(both)
    estimates = [_estimate(tables[metric.arm], metric) for metric in metrics]
    return tuple(decide(metrics, estimates, rule=settings.rule, alpha=settings.alpha))


@dataclass(frozen=True, slots=True)
class Pool:
    """The base of a gate against itself: what gate runs are drawn from. folder: holds both runs."""

    folder: Path
    metrics: tuple[Metric, ...]
    sums: GroupSums
    n_groups: int  # of a gate run
    seed: int


def self_check(
    settings: GateSettings,
    *,
    out: str | Path | None = None,
    engines: Mapping[str, Engine] | None = None,
    languages: Sequence[Language] = (),
    watching: Watching | None = None,
) -> SelfCheck:
    """Try a gate on its base against itself, and with harm planted: see `simcons.experiments.gate.self_check`.

    Arguments as for `run_gate`.
    """
    result = tried(settings, pool_of(settings, out=out, engines=engines, languages=languages, watching=watching))
    write_manifest(result.folder, "gate self-check", self_check_document(result))
    return result


def pool_of(
    settings: GateSettings,
    *,
    out: str | Path | None = None,
    engines: Mapping[str, Engine] | None = None,
    languages: Sequence[Language] = (),
    watching: Watching | None = None,
) -> Pool:
    """Run a gate's base against itself. Arguments as for `run_gate`."""
    pairing = (ready := check_settings(settings)).pairing
    n_groups = pairing.base.design.groups
    again = _against_itself(pairing, settings.self_check.groups or _POOL * n_groups)
    metrics = tuple(map(_of_itself, ready.metrics))
    both = _both(again, _folder(settings, pairing, out, ending="-self-check"), engines, languages, watching)
    both.play(again.base.design.groups)
    both.watching.on_message(Message("Deciding", kind="step"))
    return Pool(both.folder, metrics, _sums(_tables(both), metrics), n_groups, pairing.base.seed)


def tried(settings: GateSettings, pool: Pool) -> SelfCheck:
    """Gate runs by a gate's rule, drawn from a pool, and how many of each kind are stopped."""
    done = try_gate(
        pool.sums,
        pool.metrics,
        n_groups=pool.n_groups,
        n_runs=settings.self_check.runs,
        rule=settings.rule,
        alpha=settings.alpha,
        seed=pool.seed,
    )
    return SelfCheck(settings, pool.folder, pool.n_groups, len(pool.sums.totals), tuple(done))


# --- what is run ---------------------------------------------------------------------------------------------------


def _folder(settings: GateSettings, pairing: Pairing, out: str | Path | None, *, ending: str = "") -> Path:
    if out is not None:
        return Path(out)
    return next_folder(Path(pairing.base.output.folder), f"{settings.name}{ending}")


def _both(
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


def _against_itself(pairing: Pairing, n_groups: int) -> Pairing:
    """The base, and the same with all arms under other names, after which their draws are keyed."""
    base = pairing.base.model_copy(update={"design": pairing.base.design.model_copy(update={"groups": n_groups})})
    again = [arm.model_copy(update={"arm": f"{arm.arm}{_AGAIN}"}) for arm in base.mediators]
    return Pairing(
        base=base,
        change=base.model_copy(update={"mediators": again}),
        arms=tuple(ArmPair(arm.base, f"{arm.base}{_AGAIN}") for arm in pairing.arms),
        untouched=(),
        changes=(),
    )


def _of_itself(metric: Metric) -> Metric:
    arm = metric.arm.split(" → ")[0]
    return Metric(f"{arm} → {arm}{_AGAIN}", metric.label, metric.measure, metric.subset)


# --- what is measured ----------------------------------------------------------------------------------------------


def _metrics(settings: GateSettings, pairing: Pairing) -> list[Metric]:
    """Every metric of every arm that the change concerns. Raises InputError for one that there is not, and for its margin."""
    return [
        metric
        for arm in pairing.arms
        for metric in _of_arm(settings, pairing.base, arm.name, alone=len(pairing.arms) == 1)
    ]


def _of_arm(settings: GateSettings, base: Scenario, arm: str, *, alone: bool) -> Iterator[Metric]:
    for given in settings.metrics:
        [measure] = known_measures([given.measure], base.participants.scales)
        margin = parse_margin(given.margin, measure)
        check_subset(measure, given.subset)
        label = given.label if alone else f"{arm}: {given.label}"
        yield Metric(arm, label, Measure(measure.name, measure.unit, margin), given.subset)


def _tables(both: Both) -> dict[str, pd.DataFrame]:
    return {arm.name: together(*both.scores(arm)) for arm in both.pairing.arms}


def _estimate(table: pd.DataFrame, metric: Metric) -> Estimate | None:
    sums = _sums({metric.arm: table}, [metric])
    return ratio(sums.totals[:, 0], sums.weights[:, 0])


def _sums(tables: Mapping[str, pd.DataFrame], metrics: Sequence[Metric]) -> GroupSums:
    """Differences by group, the same groups in every column."""
    groups = sorted({str(session) for table in tables.values() for session in table["session_id"]})
    columns = [_by_group(tables[metric.arm], metric).reindex(groups).fillna(0.0) for metric in metrics]
    return GroupSums(
        np.stack([column["total"].to_numpy(dtype=float) for column in columns], axis=1),
        np.stack([column["weight"].to_numpy(dtype=float) for column in columns], axis=1),
    )


def _by_group(table: pd.DataFrame, metric: Metric) -> pd.DataFrame:
    there = {name: (people, rounds) for name, people, rounds in subsets(table)}
    people, rounds = there.get(metric.subset, (EVERYBODY, table.iloc[:0]))  # no round of such a split
    base, change = sides(rounds, metric.measure, people)
    d = pd.DataFrame({"session_id": rounds["session_id"], "total": change - base}).dropna()
    return d.assign(weight=1.0).groupby("session_id")[["total", "weight"]].sum()


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


def self_check_document(result: SelfCheck) -> dict[str, Any]:
    """A self-check's result for other programs."""
    return {
        "gate": result.settings.name,
        "settings": json.loads(result.settings.model_dump_json()),
        "groups": result.n_groups,
        "pool": result.n_pool,
        "trials": [{**asdict(each), "stopped": asdict(each.stopped)} for each in result.trials],
        "folder": str(result.folder),
    }
