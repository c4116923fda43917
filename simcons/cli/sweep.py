"""``simcons sweep``: one scenario with many settings, on local processes. It is registered in `app`."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from simcons.cli.console import console as make_console
from simcons.cli.console import print_bare, styled
from simcons.cli.display.tables import Grid, print_grid
from simcons.cli.messages import ConsoleMessages
from simcons.cli.settings import Overrides, folder_to_write
from simcons.cli.stopping import exit_code, how
from simcons.counted import counted
from simcons.errors import Interrupted, RunFolderError
from simcons.runs.folder import new_folder
from simcons.storage.disk import storage_errors, write_whole

if TYPE_CHECKING:
    import pandas as pd

    from simcons.experiments.sweep.run import TaskEnd
    from simcons.experiments.sweep.tasks import Task
    from simcons.scenario.sweep import StudySweepSettings

SWEEP_MORE = (
    "Each run has a folder of its own in FOLDER. The same command with --out FOLDER goes on with a sweep that was stopped: what"
    " is finished is skipped. Exit code 1 if a run failed for good. Guide: docs/sweep.md."
)
_SWEEP, _TABLE = "sweep.json", "sweep"
_NONE = "-"


def sweep(
    file: Annotated[Path, typer.Argument(metavar="SWEEP", help="A file with kind sweep.")],
    overrides: Overrides = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="A folder (default: the next runs/NAME-001).", callback=folder_to_write),
    ] = None,
    jobs: Annotated[int | None, typer.Option(metavar="N", min=1, help="Processes (default: one a core).")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but the name of the folder.")] = False,
) -> None:
    """Run one scenario with many settings; one table at the end."""
    # Loads what other commands do not need.
    from simcons.experiments.sweep.table import sweep_table
    from simcons.experiments.sweep.tasks import tasks_of
    from simcons.scenario.sweep import load_sweep

    settings = load_sweep(file, overrides or [])
    tasks = tasks_of(settings)
    folder = _folder(settings, out)
    messages = ConsoleMessages(make_console(quiet=quiet, stderr=True))
    ends = _run(tasks, folder, messages, jobs=jobs or os.cpu_count() or 1, retries=settings.retries)
    finished = [end.task for end in ends if not end.error]
    if finished:
        table = sweep_table(finished, folder)
        _write(table, folder)
        if not quiet:
            print_grid(_grid(table, tasks), make_console())
    if quiet:
        print_bare(folder)
    else:
        _show_end(ends, folder, make_console())
    if len(finished) < len(tasks):
        raise typer.Exit(1)


def _folder(settings: StudySweepSettings, out: Path | None) -> Path:
    """The folder of the sweep: a new one, or that of the same sweep, to go on with. Raises RunFolderError, StorageError."""
    document = json.loads(settings.model_dump_json())
    folder = out if out is not None else new_folder(Path("runs"), settings.name)
    known = folder / _SWEEP
    if known.exists():
        if json.loads(known.read_text(encoding="utf-8")) != document:
            raise RunFolderError(
                f"{folder}: holds another sweep, or this one before it was edited; expected a new folder"
            )
        return folder
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RunFolderError(f"{folder}: is not empty, and no sweep; expected a new folder, or that of this sweep")
    with storage_errors(known):
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(known, json.dumps(document, indent=2, ensure_ascii=False).encode())
    return folder


def _run(tasks: Sequence[Task], folder: Path, messages: ConsoleMessages, *, jobs: int, retries: int) -> list[TaskEnd]:
    """Carry out the tasks, a line for each that ends."""
    from simcons.experiments.sweep.run import run_tasks

    done: Counter[str] = Counter()

    def on_end(end: TaskEnd) -> None:
        state = "failed" if end.error else "was finished" if end.skipped else "finished"
        done[state] += 1
        messages.show(f"{done.total():,} of {len(tasks):,}: {end.task.name} {state} ({end.task.label})")

    try:
        return run_tasks(tasks, folder, jobs=jobs, retries=retries, on_end=on_end)
    except KeyboardInterrupt as stop:
        again = f"go on with: simcons sweep with --out {folder}"
        raise Interrupted(f"{how(stop)}; {folder} holds what is finished; {again}", exit_code(stop)) from None


def _write(table: pd.DataFrame, folder: Path) -> None:
    import pyarrow as pa

    from simcons.storage.results import write_table

    write_table(folder, _TABLE, pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata())


def _grid(table: pd.DataFrame, tasks: Sequence[Task]) -> Grid:
    """A row a setting: runs finished, and each arm's mean agreement over them."""
    agreement = table[table["measure"] == "agreement"]
    arms = list(dict.fromkeys(agreement["arm"]))
    rows = []
    for setting in dict.fromkeys(task.setting for task in tasks):
        same = [task for task in tasks if task.setting == setting]
        numbers = [task.number for task in same]
        there = agreement[agreement["task"].isin(numbers)]
        means = there.groupby("arm")["value"].mean()
        runs = table.loc[table["task"].isin(numbers), "task"].nunique()
        cells = [f"{means[arm]:.2f}" if arm in means else _NONE for arm in arms]
        rows.append([same[0].label, f"{runs} of {len(same)}", *cells])
    note = "Mean agreement (1-7) with the statement that each arm put first, averaged over runs."
    return Grid("Settings", ["setting", "runs", *arms], rows, note)


def _show_end(ends: Sequence[TaskEnd], folder: Path, console: Console) -> None:
    """Print the tasks that failed, and where everything lies."""
    failed = [end for end in ends if end.error]
    for end in failed:
        console.print(f"{end.task.name} failed ({end.task.label}): {end.error}", soft_wrap=True)
    if failed:
        runs = counted(len(failed), "run")
        console.print(f"{runs} failed; the same command with --out {folder} tries them again.", soft_wrap=True)
    console.print(styled("\nEvery run, and sweep.csv with every number: ", (str(folder), "bold")), soft_wrap=True)
