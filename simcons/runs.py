"""A run and its folder: what is to be run, where, how it began, and what its manifest says of it.

Nothing here prints or asks a model. ``simcons.cli.run`` puts these parts together and tells the user how it goes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simcons.engines.base import Engine, Identity
from simcons.engines.budget import Budget
from simcons.engines.calls.store import CallStore, CorruptStore
from simcons.engines.load import engine_notes
from simcons.engines.meter import Meter
from simcons.engines.usage import Prices
from simcons.errors import RunFolderError
from simcons.scenario.engines import BudgetSettings
from simcons.scenario.files import parse
from simcons.scenario.inputs import input_hashes
from simcons.scenario.study import Scenario
from simcons.storage.begun import Begun, refuse_at_work, write_begun
from simcons.storage.layout import CALLS
from simcons.storage.provenance import git_commit, machine, versions
from simcons.storage.writer import prepare_folder
from simcons.study.plan import Plan
from simcons.study.run import Outcome


@dataclass(frozen=True, slots=True)
class Job:
    """A study to be run into a folder: from its beginning, on from where it stopped, or from another run's replies."""

    plan: Plan
    engines: Mapping[str, Engine]
    folder: Path
    begun: Begun
    replay_of: Path | None = None
    resumed: bool = False


# --- the folder ---


def next_folder(parent: Path, name: str) -> Path:
    """The first free of NAME-001, NAME-002, ... after the highest there is."""
    pattern = re.compile(rf"^{re.escape(name)}-(\d+)$")
    taken = [int(match[1]) for path in parent.glob(f"{name}-*") if (match := pattern.match(path.name))]
    return parent / f"{name}-{max(taken, default=0) + 1:03d}"


def sessions_to_replay(begun: Begun, only: Sequence[str], source: Path) -> Sequence[str]:
    """The sessions that a replay is to have: those named, of those that its run has."""
    absent = next((name for name in only if begun.only and name not in begun.only), None)
    if absent is not None:
        raise RunFolderError(
            f"--only {absent}: {source} is a run of {', '.join(begun.only)} alone; expected one of these"
        )
    return only or begun.only


def folder_name(name: str, only: Sequence[str]) -> str:
    """What the folder of a study is called, or of some of its sessions."""
    return f"{name}-{only[0]}" if len(only) == 1 else f"{name}-part" if only else name


def make_folder(folder: Path, begun: Begun, *, force: bool) -> None:
    """Claim a folder for a run and write how it began. Raises RunFolderError, StorageError."""
    refuse_at_work(folder)
    prepare_folder(folder, force=force)
    write_begun(folder, begun)


# --- how a run began ---


def begin(scenario: Scenario) -> Begun:
    """How a run of the scenario begins here and now."""
    return Begun(
        scenario=json.loads(scenario.model_dump_json()),  # infinity as "Infinity"
        inputs=input_hashes(scenario),
        versions=versions(),
        git_commit=git_commit(),
        began_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def scenario_of(begun: Begun, folder: Path) -> Scenario:
    """The scenario that a run began with. Raises ScenarioError where this version cannot read it."""
    return parse(Scenario, begun.scenario, source=str(folder))


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


def check_identities(store: CallStore, job: Job) -> None:
    """Have a run go on with the models it began with. Raises RunFolderError."""
    known = store.identities()
    for name, engine in job.engines.items():
        if name in known and dict(known[name]) != dict(engine.identity):
            changed = next(
                key for key in {**known[name], **engine.identity} if known[name].get(key) != engine.identity.get(key)
            )
            raise RunFolderError(
                f"{job.folder}: engine {name!r} has another {changed} than when this run began: {engine.identity.get(changed)!r};"
                f" expected {known[name].get(changed)!r}"
            )


def budget_of(job: Job, store: CallStore | None) -> Budget:
    """The budget that is left: a run that goes on has spent what its calls took."""
    scenario = job.plan.scenario
    prices = Prices({name: settings.price_per_million for name, settings in scenario.engines.items()})
    if store is None or job.replay_of is not None:  # a replay asks nobody, so there is nothing to spend
        return Budget(BudgetSettings(), prices)
    return Budget(scenario.budget, prices, spent=store.total())


# --- what a run was ---


def manifest(job: Job, outcome: Outcome, meter: Meter, store: CallStore | None) -> dict[str, Any]:
    """Everything needed to know what a run was, and to run it again. Wall time is that of the last start."""
    plan = job.plan
    return {
        "schema_version": 1,
        "name": plan.scenario.name,
        "seed": plan.scenario.seed,
        "scenario": job.begun.scenario,
        "inputs": job.begun.inputs,
        "parameters": plan.population.parameters,
        "n_questions": len(plan.questions),
        "questions": plan.chosen.counts,
        "n_people_in_pool": len(plan.population),
        "engine_notes": engine_notes(job.engines),
        "models": {name: dict(engine.identity) for name, engine in job.engines.items()},
        "versions": versions(),
        "git_commit": git_commit(),
        "machine": machine(),
        "began_at": job.begun.began_at,
        "replay_of": job.begun.replay_of,
        "only": list(job.begun.only),
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
