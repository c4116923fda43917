"""The tasks of a sweep: every run that it is made of."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from simcons.engines.base import Engine, Identity
from simcons.engines.shared.client import shared_engines
from simcons.engines.shared.messages import Address
from simcons.errors import RunFolderError, ScenarioError, SimconsError
from simcons.experiments.stress import describe
from simcons.named_code import in_one_line
from simcons.runs import resume, run
from simcons.runs.provenance import known_engines
from simcons.scenario.load import load_scenario
from simcons.scenario.study import Scenario
from simcons.scenario.sweep import StudySweepSettings, Values
from simcons.storage.layout import START
from simcons.storage.start import claimed, read_start


@dataclass(frozen=True, slots=True)
class Task:
    """One run of a sweep. setting: its place among the settings, from 0; replication: from 0."""

    number: int  # from 1
    setting: int
    replication: int
    values: Values
    scenario: Scenario

    @property
    def name(self) -> str:
        """Of its run folder, too."""
        return f"task-{self.number:04d}"

    @property
    def label(self) -> str:
        """Its setting in words: ``rounds 2, select 1``, keys by their last parts where these differ."""
        return _in_words(self.values)


def _in_words(values: Values) -> str:
    last = [key.rpartition(".")[2] for key in values]
    names = last if len(set(last)) == len(last) else list(values)
    return ", ".join(f"{name} {describe(value)}" for name, value in zip(names, values.values(), strict=True))


def tasks_of(sweep: StudySweepSettings) -> list[Task]:
    """All runs, setting by setting. Raises ScenarioError for a key or value that the scenario does not take."""
    return list(_tasks(sweep))


def _tasks(sweep: StudySweepSettings) -> Iterator[Task]:
    base = _overrides(sweep.base)
    number = 0
    for setting, values in enumerate(sweep.vary.settings(seed=sweep.seed)):
        try:
            first = load_scenario(sweep.scenario, [*base, *_overrides(values)])
        except ScenarioError as error:
            raise ScenarioError(f"{sweep.name}: setting {_in_words(values)}: {error}") from None
        for replication in range(sweep.replications):
            number += 1
            seeded = first.model_copy(update={"seed": first.seed + replication})
            yield Task(number, setting, replication, values, seeded)


def _overrides(values: Values) -> list[str]:
    return [f"{key}={json.dumps(value)}" for key, value in values.items()]


def attempt(task: Task, folder: Path, shared: Address | None = None) -> str:
    """Carry a task out, whatever it raises: "" once it is finished, or the error in a line.

    shared: where its models answer; none for a run that is to load its own.
    """
    try:
        if shared is None:
            carry_out(task, folder)
        else:
            scenario, known = task.scenario, _known_engines(folder)
            with shared_engines(scenario.engines, scenario.engines_used, shared, known=known) as engines:
                carry_out(task, folder, engines)
    except SimconsError as error:
        return " ".join(str(error).split())
    except Exception as error:
        return in_one_line(error)
    return ""


def _known_engines(folder: Path) -> dict[str, Identity]:
    """The engines of a task that was begun before."""
    if not (folder / START).exists():
        return {}
    with claimed(folder):
        return known_engines(folder)


def carry_out(task: Task, folder: Path, engines: Mapping[str, Engine] = MappingProxyType({})) -> None:
    """Run a task into ``folder``, or go on with it; one that is finished is left as it is.

    engines: those that are not to be loaded.
    Raises SimconsError; RunFolderError where the folder holds a run of another scenario.
    """
    if not (folder / START).exists():
        run(task.scenario, out=folder, force=True, engines=engines)
        return
    if read_start(folder).scenario != json.loads(task.scenario.model_dump_json()):
        raise RunFolderError(
            f"{folder}: holds a run of another scenario; expected that of this sweep, or no such folder"
        )
    resume(folder, engines=engines)
