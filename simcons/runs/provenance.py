"""The start of a run, the check that it goes on with the models it began with, and the manifest of a finished one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simcons.engines.base import Engine, Identity
from simcons.engines.calls.store import CallStore, CorruptStore
from simcons.engines.load import engine_notes
from simcons.engines.meter import Meter
from simcons.engines.pipelines.load import code_identities
from simcons.errors import RunFolderError
from simcons.mediator.own import pipelines_of
from simcons.scenario.files import parse
from simcons.scenario.inputs import check_inputs, input_hashes
from simcons.scenario.study import Scenario
from simcons.storage.layout import CALLS
from simcons.storage.load import Run
from simcons.storage.provenance import git_commit, machine, versions
from simcons.storage.start import RunStart
from simcons.study.plan import Plan
from simcons.study.run import Outcome


def begin(scenario: Scenario) -> RunStart:
    """The start of a run of the scenario here and now."""
    return RunStart(
        scenario=json.loads(scenario.model_dump_json()),  # infinity as "Infinity"
        inputs=input_hashes(scenario),
        versions=versions(),
        git_commit=git_commit(),
        began_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def scenario_of(start: RunStart, folder: Path) -> Scenario:
    """The scenario that a run began with. Raises ScenarioError where this version cannot read it."""
    return parse(Scenario, start.scenario, source=str(folder))


def known_engines(folder: Path) -> dict[str, Identity]:
    """The engines of a run that began; none where it did not get that far, or its store has yet to be mended.

    For the one process that goes on with the run: a store whose writer was killed may first have to take back a change that
    was under way, which a reader cannot.
    """
    if not (folder / CALLS).exists():
        return {}
    try:
        with CallStore(folder / CALLS) as store:
            return store.identities()
    except CorruptStore:
        return {}


def check_identities(store: CallStore, engines: Mapping[str, Engine], folder: Path) -> None:
    """Have the run in ``folder`` go on with the models it began with. Raises RunFolderError."""
    _check_same(store.identities(), {name: engine.identity for name, engine in engines.items()}, folder)


def check_finished(run: Run, scenario: Scenario) -> None:
    """Have a finished run stand for a run of its scenario now.

    Raises RunFolderError if a file that the scenario reads, or the code of a pipeline, has changed since the run.
    """
    try:
        check_inputs(run.manifest["inputs"], scenario, folder=run.folder)
        _check_same(run.manifest["models"], code_identities(pipelines_of(scenario)), run.folder)
    except RunFolderError as error:
        raise RunFolderError(f"{error}, or a new folder (--out)") from None


def _check_same(known: Mapping[str, Identity], now: Mapping[str, Identity], folder: Path) -> None:
    for name, identity in now.items():
        if name in known and dict(known[name]) != dict(identity):
            changed = next(key for key in {**known[name], **identity} if known[name].get(key) != identity.get(key))
            raise RunFolderError(
                f"{folder}: engine {name!r} has another {changed} than when this run began: {identity.get(changed)!r};"
                f" expected {known[name].get(changed)!r}"
            )


def manifest(
    plan: Plan, start: RunStart, engines: Mapping[str, Engine], outcome: Outcome, meter: Meter, store: CallStore | None
) -> dict[str, Any]:
    """Everything needed to know what a run was, and to run it again. Wall time and events are those of the last start."""
    return {
        "schema_version": 1,
        "name": plan.scenario.name,
        "seed": plan.scenario.seed,
        "scenario": start.scenario,
        "inputs": start.inputs,
        "parameters": plan.population.parameters,
        "n_questions": len(plan.questions),
        "questions": plan.chosen.counts,
        "n_people_in_pool": len(plan.population),
        "engine_notes": engine_notes(engines),
        "models": {name: dict(engine.identity) for name, engine in engines.items()},
        "versions": versions(),
        "git_commit": git_commit(),
        "machine": machine(),
        "began_at": start.began_at,
        "replay_of": start.replay_of,
        "only": list(start.only),
        "wall_seconds": round(meter.seconds, 3),
        "n_events": outcome.n_events,
        "usage": {
            "requests": outcome.usage.n_calls,
            "tokens_in": outcome.usage.tokens_in,
            "tokens_out": outcome.usage.tokens_out,
        },
        "calls": [account.row() for account in store.accounts()] if store else [],
        "engines": {
            name: {
                "busy_seconds": round(gauge.busy_seconds, 3),
                "replies": gauge.usage.n_calls,
                "from_store": gauge.usage.n_hits,
            }
            for name, gauge in meter.gauges.items()
        },
    }
