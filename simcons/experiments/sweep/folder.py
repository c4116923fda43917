"""The folder of a sweep: its document, its runs, and how far each has come."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from simcons.errors import RunFolderError
from simcons.experiments.sweep.failures import read_failures
from simcons.experiments.sweep.tasks import Task
from simcons.runs.folder import new_folder
from simcons.scenario.sweep import StudySweepSettings
from simcons.storage.disk import storage_errors, write_whole
from simcons.storage.layout import START
from simcons.storage.start import is_at_work, is_finished

SWEEP = "sweep.json"

StateName: TypeAlias = Literal["finished", "at work", "begun", "failed", "waiting"]
STATES: tuple[StateName, ...] = ("finished", "at work", "begun", "failed", "waiting")


@dataclass(frozen=True, slots=True)
class TaskState:
    """How far a task has come; begun: by a process that ended. error: in a line, where it failed for good."""

    task: Task
    name: StateName
    error: str = ""


def make_sweep_folder(sweep: StudySweepSettings, out: Path | None) -> Path:
    """The folder of a sweep: a new one, or that of the same sweep, to go on with. Raises RunFolderError, StorageError."""
    folder = out if out is not None else new_folder(Path("runs"), sweep.name)
    if (folder / SWEEP).exists():
        check_sweep_folder(sweep, folder)
        return folder
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RunFolderError(f"{folder}: is not empty, and no sweep; expected a new folder, or that of this sweep")
    with storage_errors(folder / SWEEP):
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / SWEEP, json.dumps(_document(sweep), indent=2, ensure_ascii=False).encode())
    return folder


def check_sweep_folder(sweep: StudySweepSettings, folder: Path) -> None:
    """Raises RunFolderError for a folder that is not this sweep's."""
    known = folder / SWEEP
    if not known.exists():
        raise RunFolderError(f"{folder}: holds no sweep; expected the folder of one that was begun")
    if json.loads(known.read_text(encoding="utf-8")) != _document(sweep):
        raise RunFolderError(f"{folder}: holds another sweep, or this one before it was edited; expected a new folder")


def read_sweep(folder: Path) -> StudySweepSettings:
    """The sweep whose folder it is."""
    return StudySweepSettings.model_validate_json((folder / SWEEP).read_bytes())


def _document(sweep: StudySweepSettings) -> object:
    return json.loads(sweep.model_dump_json())


def task_states(tasks: Sequence[Task], folder: Path) -> list[TaskState]:
    """How far each task has come, by its folder alone: whoever is at it, and wherever."""
    errors = read_failures(folder)
    return [_state(task, folder / task.name, errors.get(task.number, "")) for task in tasks]


def _state(task: Task, folder: Path, error: str) -> TaskState:
    if is_finished(folder):
        return TaskState(task, "finished")
    if is_at_work(folder):
        return TaskState(task, "at work")
    if error:
        return TaskState(task, "failed", error)
    return TaskState(task, "begun" if (folder / START).exists() else "waiting")
