"""``simcons run``: a study run, resumed or replayed with a display of how it gets on, and errors that say what to type next."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

import simcons.runs
from simcons.cli.progress import RunDisplay
from simcons.cli.stopping import exit_code, how
from simcons.engines.calls.store import CorruptStore
from simcons.errors import (
    BudgetReached,
    EngineError,
    Interrupted,
    NothingUsable,
    ProcessesEnded,
    RunFolderError,
    ScenarioError,
    StorageError,
)
from simcons.scenario.shipped import find_scenario
from simcons.storage.load import Run


def run_scenario(
    scenario: str,
    overrides: Sequence[str],
    *,
    out: Path | None,
    force: bool,
    only: Sequence[str],
    workers: int,
    console: Console,
) -> Run:
    """Run a study, shown on ``console``; results are the caller's to print. Raises SimconsError."""
    with _shown(console) as display:
        return simcons.runs.run(
            scenario,
            overrides=overrides,
            out=out,
            force=force,
            only=only,
            workers=workers,
            on_begin=display.begin,
            on_progress=display.progress,
            on_message=display.message,
        )


def resume_run(folder: Path, overrides: Sequence[str], *, workers: int, console: Console) -> Run:
    """Go on with an interrupted run. Only budget and engine speed may be changed. Raises SimconsError."""
    _refuse_scenario(folder, "--resume")
    with _shown(console) as display:
        return simcons.runs.resume(
            folder,
            overrides=overrides,
            workers=workers,
            on_begin=display.begin,
            on_progress=display.progress,
            on_message=display.message,
        )


def replay_run(
    source: Path, *, out: Path | None, force: bool, only: Sequence[str], workers: int, console: Console
) -> Run:
    """Simulate a run again from the replies it kept, into a new folder; no model is loaded or asked. Raises SimconsError."""
    _refuse_scenario(source, "--replay")
    with _shown(console, replay_of=source) as display:
        return simcons.runs.replay(
            source,
            out=out,
            force=force,
            only=only,
            workers=workers,
            on_begin=display.begin,
            on_progress=display.progress,
            on_message=display.message,
        )


def _refuse_scenario(folder: Path, option: str) -> None:
    """Raises RunFolderError where ``option`` names a scenario, and a run folder is expected."""
    if folder.is_dir():
        return
    try:
        find_scenario(str(folder))
    except ScenarioError:
        return
    raise RunFolderError(f"{option} {folder}: is a scenario; expected a run folder, or: simcons run {folder}")


@contextmanager
def _shown(console: Console, *, replay_of: Path | None = None) -> Iterator[RunDisplay]:
    """A display while the block runs; once its run has begun, what stops it says what to type to go on."""
    began = time.perf_counter()
    display = RunDisplay(console)
    try:
        with display:
            yield display
    except (
        KeyboardInterrupt,
        CorruptStore,
        BudgetReached,
        StorageError,
        EngineError,
        ProcessesEnded,
        MemoryError,
    ) as error:
        if display.folder is None or (replay_of is not None and isinstance(error, (CorruptStore, EngineError))):
            raise
        go_on = f"simcons run --resume {display.folder}" if replay_of is None else f"simcons run --replay {replay_of}"
        raise _with_command(error, display.folder, go_on, time.perf_counter() - began) from None


def _with_command(error: BaseException, folder: Path, go_on: str, seconds: float) -> BaseException:
    """The error that stopped the run in ``folder`` after ``seconds``, with the command that goes on with it."""
    match error:
        case KeyboardInterrupt():
            left = f"{folder} is unfinished and holds what had been recorded; go on with: {go_on}"
            return Interrupted(f"{how(error)} after {seconds:.0f} s; {left}", exit_code(error))
        case CorruptStore():
            return CorruptStore(f"{error}; {go_on} sets it aside, keeps its sound calls and goes on")
        case BudgetReached():
            return BudgetReached(f"{error}; {folder} can go on with: {go_on} --set budget.LIMIT=MORE")
        case NothingUsable():
            return NothingUsable(f"{error}; to go on all the same: {go_on}")
        case StorageError():
            return StorageError(f"{error}; once that is mended go on with: {go_on}")
        case ProcessesEnded():
            return ProcessesEnded(f"{error}; {folder} holds what had been recorded; go on with: {go_on}")
        case MemoryError():
            return MemoryError(f"{error}; {folder} holds what had been recorded; go on with: {go_on}")
        case _:
            return EngineError(f"{error}; {folder} holds what had been recorded; go on with: {go_on}")
