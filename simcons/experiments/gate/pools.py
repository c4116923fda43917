"""A gate's self-check: the base run against itself, changes known to be worse, and gate runs drawn from their groups."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from simcons.analysis.resampling import Estimate, ratio
from simcons.engines.base import Engine
from simcons.experiments.compare.both import Both, Watching
from simcons.experiments.compare.measures import known_measures
from simcons.experiments.compare.pairing import ArmPair, Pairing
from simcons.experiments.compare.scores import EVERYBODY
from simcons.experiments.gate.decide import Metric
from simcons.experiments.gate.metrics import and_shown, estimate_of, group_sums, round_tables
from simcons.experiments.gate.run import KnownWorse, check_settings, folder_of, n_pool, with_folder
from simcons.experiments.gate.self_check import GateRuns, GroupSums, Trials, WorseTrials, times_stopped, try_gate
from simcons.languages.language import Language
from simcons.messages import Message
from simcons.rich_display import RichDisplay
from simcons.scenario.gate import GateSettings
from simcons.storage.results import write_manifest

WORSE = "worse"  # the folder with a folder for each change that is known to be
_AGAIN = "-again"  # behind the name of an arm that is compared with itself
_TRUTH = "true_agreement"


@dataclass(frozen=True, slots=True, repr=False)
class SelfCheck(RichDisplay):
    """A gate tried on changes whose truth is known. trials: without a change first. folder: holds all runs, of the base too."""

    settings: GateSettings
    folder: Path
    n_groups: int  # of a gate run
    n_pool: int  # groups that gate runs are drawn from
    trials: tuple[Trials, ...]
    worse: tuple[WorseTrials, ...] = ()

    def __repr__(self) -> str:
        return f"SelfCheck({self.settings.name!r}: {len(self.trials)} kinds of runs; folder: {self.folder})"


@dataclass(frozen=True, slots=True)
class WorsePool:
    """A change that is known to be worse, against the base. truth: the difference in true agreement over all arms concerned."""

    name: str
    metrics: tuple[Metric, ...]
    sums: GroupSums
    truth: Estimate | None


@dataclass(frozen=True, slots=True)
class Pool:
    """The base of a gate against itself and changes known to be worse: what gate runs are drawn from. folder: holds all runs."""

    folder: Path
    metrics: tuple[Metric, ...]
    sums: GroupSums
    worse: tuple[WorsePool, ...]
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
    """Try a gate on its base against itself, with harm planted, and on changes known to be worse: see
    `simcons.experiments.gate.self_check`. Arguments as for `run_gate`.
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
    """Run a gate's base against itself, and what is known to be worse. Arguments as for `run_gate`."""
    pairing = (ready := check_settings(settings)).pairing
    again = _against_itself(pairing, n_pool(settings, pairing))
    metrics = tuple(map(_of_itself, ready.metrics))
    folder = folder_of(settings, pairing, out, ending="-self-check")
    both = with_folder(again, folder, engines, languages, watching)
    both.play(again.base.design.groups)
    worse = tuple(_worse_pools(ready.worse, both))
    both.watching.on_message(Message("Deciding", kind="step"))
    tables = round_tables(both)
    metrics = and_shown(metrics, tables)
    sums = group_sums(tables, metrics)
    return Pool(both.folder, metrics, sums, worse, pairing.base.design.groups, pairing.base.seed)


def _worse_pools(changes: Sequence[KnownWorse], beside: Both) -> Iterator[WorsePool]:
    for change in changes:
        both = Both(
            change.pairing,
            beside.folder / WORSE / change.name,
            beside.engines,
            beside.languages,
            beside.watching.within(change.name),
            shared=beside.shared,
        )
        both.take_folder()
        both.play_beside(beside)
        tables = round_tables(both)
        metrics = and_shown(change.metrics, tables)
        yield WorsePool(change.name, metrics, group_sums(tables, metrics), _truth(both, tables))


def _truth(both: Both, tables: Mapping[str, pd.DataFrame]) -> Estimate | None:
    [measure] = known_measures([_TRUTH], both.pairing.base.participants.scales)
    return estimate_of(pd.concat(tables.values(), ignore_index=True), Metric("", _TRUTH, measure, EVERYBODY))


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


# --- gate runs -----------------------------------------------------------------------------------------------------


def tried(settings: GateSettings, pool: Pool) -> SelfCheck:
    """Gate runs by a gate's rule, drawn from a pool, and how many of each kind are stopped."""
    runs = GateRuns(pool.n_groups, settings.self_check.runs, settings.rule, settings.alpha, pool.seed)
    trials = tuple(try_gate(pool.sums, pool.metrics, runs))
    worse = tuple(_tried(each, runs) for each in pool.worse)
    return SelfCheck(settings, pool.folder, pool.n_groups, len(pool.sums.totals), trials, worse)


def _tried(worse: WorsePool, runs: GateRuns) -> WorseTrials:
    totals, weights = worse.sums.totals, worse.sums.weights
    lost = {}
    for place, metric in enumerate(worse.metrics):
        if (estimate := ratio(totals[:, place], weights[:, place])) is not None:
            lost[metric.label] = -estimate.value / metric.measure.margin
    most = max(lost, key=lambda label: lost[label], default=None)
    n_stopped = times_stopped(worse.sums, worse.metrics, runs)
    return WorseTrials(worse.name, worse.truth, most, None if most is None else lost[most], runs.n_runs, n_stopped)


def self_check_document(result: SelfCheck) -> dict[str, Any]:
    """A self-check's result for other programs."""
    return {
        "gate": result.settings.name,
        "settings": json.loads(result.settings.model_dump_json()),
        "groups": result.n_groups,
        "pool": result.n_pool,
        "trials": [{**asdict(each), "stopped": asdict(each.stopped)} for each in result.trials],
        "worse": [{**asdict(each), "stopped": asdict(each.stopped)} for each in result.worse],
        "folder": str(result.folder),
    }
