"""``simcons sweep``: one scenario with many settings, on processes of this machine or on a cluster. Registered in `app`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simcons.cli.console import console as make_console
from simcons.cli.console import print_bare
from simcons.cli.messages import ConsoleMessages
from simcons.cli.settings import Overrides, folder_to_write
from simcons.cli.stopping import exit_code, how
from simcons.errors import InputError, Interrupted

if TYPE_CHECKING:
    import pandas as pd

    from simcons.cli.display.sweep import SweepDisplay
    from simcons.experiments.sweep.run import TaskEnd
    from simcons.experiments.sweep.tasks import Task
    from simcons.scenario.sweep import StudySweepSettings

SWEEP_MORE = (
    "Each run has a folder of its own in FOLDER. The same command with --out FOLDER goes on with a sweep that was stopped: what"
    " is finished is skipped. With --ray the sweep runs on in the cluster when this command is stopped; the same command watches"
    " it again. Exit code 1 if a run failed for good. Guide: docs/sweep.md."
)
_RUNS, _GROUPS = "sweep", "groups"  # names of tables


def sweep(
    file: Annotated[Path, typer.Argument(metavar="SWEEP", help="A file with kind sweep.")],
    overrides: Overrides = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="A folder (default: the next runs/NAME-001).", callback=folder_to_write),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Runs at a time (default: one a core).", show_default=False)
    ] = None,
    ray: Annotated[
        str | None, typer.Option("--ray", metavar="ADDRESS", help="On a Ray cluster: HOST:PORT, auto or local.")
    ] = None,
    status: Annotated[bool, typer.Option("--status", help="Print how far the sweep in --out has come.")] = False,
    stop: Annotated[bool, typer.Option("--stop", help="End what runs on in the cluster (--ray, --out).")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but the name of the folder.")] = False,
) -> None:
    """Run one scenario with many settings; one table at the end."""
    # Loads what other commands do not need.
    from simcons.experiments.sweep.cluster import connected
    from simcons.experiments.sweep.folder import make_sweep_folder
    from simcons.experiments.sweep.tasks import tasks_of
    from simcons.scenario.sweep import load_sweep

    settings = load_sweep(file, overrides or [])
    tasks = tasks_of(settings)
    if status or stop:
        _look_or_stop(settings, tasks, out, ray, stop=stop)
        return
    messages = ConsoleMessages(make_console(quiet=quiet, stderr=True))
    with nullcontext() if ray is None else connected(ray, cores=jobs or _cores()):
        folder = make_sweep_folder(settings, out)
        ends = _run(settings, tasks, folder, messages, jobs=jobs, ray=ray)
    _finish(settings, ends, tasks, folder, quiet=quiet)
    if any(end.error for end in ends):
        raise typer.Exit(1)


def _look_or_stop(
    settings: StudySweepSettings, tasks: Sequence[Task], out: Path | None, ray: str | None, *, stop: bool
) -> None:
    """Print how far the sweep in ``out`` has come; before that, end what a cluster is at."""
    from simcons.cli.display.sweep import show_states
    from simcons.experiments.sweep.cluster import LOCAL, connected, end_on_cluster
    from simcons.experiments.sweep.folder import check_sweep_folder, task_states

    option = "--stop" if stop else "--status"
    if out is None:
        raise InputError(f"{option}: expected --out FOLDER, that of the sweep")
    if stop and ray in (None, LOCAL):
        raise InputError("--stop: expected --ray ADDRESS, that of the cluster; without one, Ctrl-C ends a sweep")
    check_sweep_folder(settings, out)
    if stop and ray is not None:
        with connected(ray, cores=1):
            end_on_cluster(out)
    show_states(task_states(tasks, out), make_console())


def _run(
    settings: StudySweepSettings,
    tasks: Sequence[Task],
    folder: Path,
    messages: ConsoleMessages,
    *,
    jobs: int | None,
    ray: str | None,
) -> list[TaskEnd]:
    """Carry out the tasks, or have a cluster do so, and show it."""
    from simcons.cli.display.sweep import SweepDisplay
    from simcons.experiments.sweep.cluster import LOCAL

    display = SweepDisplay(messages, tasks)
    try:
        if ray is not None:
            return _on_cluster(tasks, folder, display, jobs=jobs)
        return _on_this_machine(settings, tasks, folder, display, jobs=jobs)
    except KeyboardInterrupt as stop:
        again = f"the same command with --out {folder}"
        holds = f"{folder} holds what is finished; go on with {again}"
        runs_on = f"the sweep goes on in the cluster; watch it with {again}, end it with --stop as well"
        text = holds if ray in (None, LOCAL) else runs_on
        raise Interrupted(f"{how(stop)}; {text}", exit_code(stop)) from None


def _on_this_machine(
    settings: StudySweepSettings, tasks: Sequence[Task], folder: Path, display: SweepDisplay, *, jobs: int | None
) -> list[TaskEnd]:
    """A process a core; a single one where each run loads models of its own, which take what memory and cores there are."""
    from simcons.experiments.sweep.folder import SWEEP
    from simcons.experiments.sweep.local import Processes
    from simcons.experiments.sweep.run import run_tasks
    from simcons.storage.start import claimed

    shared = settings.engines == "shared"
    number = jobs or (1 if not shared and any(task.scenario.loads_models for task in tasks) else _cores())
    processes = Processes(folder, jobs=number, shared=shared, on_event=display.on_event)
    with display, claimed(folder, by=SWEEP), processes:
        return run_tasks(tasks, folder, processes, retries=settings.retries, on_event=display.on_event)


def _on_cluster(tasks: Sequence[Task], folder: Path, display: SweepDisplay, *, jobs: int | None) -> list[TaskEnd]:
    from simcons.experiments.sweep.cluster import begin_on_cluster, watch

    keeper, was_there = begin_on_cluster(folder, jobs)
    if was_there:
        display.say("The cluster is at this sweep already: watching it.")
    with display:
        return watch(keeper, tasks, folder, on_event=display.on_event)


def _finish(
    settings: StudySweepSettings, ends: Sequence[TaskEnd], tasks: Sequence[Task], folder: Path, *, quiet: bool
) -> None:
    """Write the tables and the page of what is finished, and print what came out."""
    from simcons.cli.display.sweep import show_end, show_settings
    from simcons.experiments.sweep.table import sweep_tables
    from simcons.report.study_sweep import write_sweep_page

    finished = [end.task for end in ends if not end.error]
    page = None
    if finished:
        tables = sweep_tables(finished, folder)
        _write(folder, _RUNS, tables.runs)
        _write(folder, _GROUPS, tables.groups)
        page = write_sweep_page(folder, settings, ends, tables)
        if not quiet:
            show_settings(tables, tasks, make_console())
    if quiet:
        print_bare(folder)
    else:
        show_end(ends, folder, page, make_console())


def _write(folder: Path, name: str, table: pd.DataFrame) -> None:
    import pyarrow as pa

    from simcons.storage.results import write_table

    write_table(folder, name, pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata())


def _cores() -> int:
    return os.cpu_count() or 1
