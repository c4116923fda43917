"""A loop shown while it goes, and how far one has come."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from shlex import quote

from rich.console import Console

from simcons.cli.console import styled
from simcons.cli.display.loop_plan import show_leaks, show_plan, status_grid
from simcons.cli.display.tables import print_grid
from simcons.cli.messages import ConsoleMessages
from simcons.cli.progress import RunDisplay
from simcons.cli.stopping import exit_code, how
from simcons.counted import listed
from simcons.errors import BudgetReached, EngineError, Interrupted, SimconsError, StorageError
from simcons.loop.budget import begin_within_budget, plan_loop
from simcons.loop.folder import LoopFolder, StageStatus
from simcons.loop.lessons import leaks
from simcons.loop.page import write_page
from simcons.loop.recipe import LoopRecipe, load_loop
from simcons.loop.results import stage_lines
from simcons.loop.reuse import take_stages
from simcons.loop.run import Listener, begin_loop, go_on
from simcons.messages import Message, OnMessage
from simcons.runs import RunProgress
from simcons.runs.folder import new_folder
from simcons.training.progress import TrainingProgress

_GAP = 10.0  # seconds between two lines on training
_LOOPS = Path("loops")


def begun(
    recipe: str, overrides: Sequence[str], out: Path | None, console: Console, *, earlier: Sequence[LoopFolder]
) -> LoopFolder:
    """A new loop, its stages checked, and planned where it has a budget, in a folder of its own. Raises SimconsError.

    What is the same in earlier loops is taken from there.
    """
    loop = begun_in(load_loop(recipe, overrides), out, console, parent=_LOOPS, earlier=earlier)
    for other in earlier:
        take(loop, other, console)
    return loop


def begun_in(
    recipe: LoopRecipe, out: Path | None, console: Console, *, parent: Path, earlier: Sequence[LoopFolder] = ()
) -> LoopFolder:
    """A new loop by a recipe that is loaded, in ``out`` or the next folder of its name in ``parent``.

    earlier: loops that stages will be taken from, which a plan takes into account.
    """
    if out is not None:
        return _begun(recipe, out, console, earlier)
    folder = new_folder(parent, recipe.name)
    try:
        return _begun(recipe, folder, console, earlier)
    except (SimconsError, KeyboardInterrupt):
        with suppress(OSError):
            folder.rmdir()  # nothing is left of a recipe that is wrong
        raise


def _begun(recipe: LoopRecipe, folder: Path, console: Console, earlier: Sequence[LoopFolder]) -> LoopFolder:
    if recipe.budget is None:
        loop = begin_loop(recipe, folder)
    else:
        loop = begin_within_budget(recipe, folder, _said(console), earlier=earlier)
    if loop.plan is not None:
        show_plan(loop.plan, console)
    show_leaks(loop.leaks(), console)
    return loop


def _said(console: Console) -> OnMessage:
    messages = ConsoleMessages(console)
    return lambda message: messages.show(message.text)


def plan_alone(
    recipe: str, overrides: Sequence[str], progress: Console, console: Console, *, earlier: Sequence[LoopFolder]
) -> None:
    """Print the plan of a loop that is not begun. Raises SimconsError."""
    loaded = load_loop(recipe, overrides)
    scenarios, plan = plan_loop(loaded, _LOOPS / loaded.name, _said(progress), earlier=earlier)
    show_plan(plan, console)
    show_leaks(leaks(loaded, scenarios), console)


def take(loop: LoopFolder, earlier: LoopFolder, console: Console) -> None:
    """Take what is the same from an earlier loop, and say what that is. Raises StorageError."""
    taken = take_stages(loop, earlier)
    said = f"Taken from {earlier.path}: {listed(taken)}" if taken else f"No stage is the same in {earlier.path}"
    console.print(said, soft_wrap=True)


def carry_out(loop: LoopFolder, console: Console) -> LoopFolder:
    """Go on with a loop to its end, shown on ``console``; what stops it says what to type to go on. Raises SimconsError.

    Returns the loop as it is at its end, with the sizes that its studies had.
    """
    began = time.perf_counter()
    display = _LoopDisplay(console, n_stages=len(loop.recipe.stages))
    try:
        with display.shown():
            listener = Listener(display.stage, display.study, display.training, display.message)
            ended = go_on(loop, listener, workers=os.cpu_count() or 1)
            write_page(ended)
    except (KeyboardInterrupt, BudgetReached, StorageError, EngineError) as error:
        raise _with_command(error, loop, time.perf_counter() - began) from None
    return ended


def _with_command(error: BaseException, loop: LoopFolder, seconds: float) -> BaseException:
    """The error that stopped a loop after ``seconds``, with the command that goes on with it."""
    command = f"simcons loop --resume {quote(str(loop.path))}"
    if isinstance(error, KeyboardInterrupt):
        left = f"{loop.path} is unfinished and holds what had been done; go on with: {command}"
        return Interrupted(f"{how(error)} after {seconds:.0f} s; {left}", exit_code(error))
    kind = next(kind for kind in (BudgetReached, StorageError, EngineError) if isinstance(error, kind))
    return kind(f"{error}; {loop.path} holds what had been done; go on with: {command}")


class _LoopDisplay:
    """A line for each stage; within it what a run shows, or a line on training every few seconds."""

    def __init__(self, console: Console, *, n_stages: int) -> None:
        self._console, self._n_stages = console, n_stages
        self._run = RunDisplay(console)
        self._next_line, self._unshown = 0.0, ""

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Whatever is drawn is ended with the block."""
        try:
            yield
        finally:
            self._end_stage()

    def stage(self, status: StageStatus) -> None:
        self._end_stage()
        goes_on = ", goes on" if status.state == "begun" else ""
        self._console.print(
            styled(f"Stage {status.place} of {self._n_stages}: ", (status.name, "bold"), f" ({status.kind}){goes_on}"),
            soft_wrap=True,
        )

    def study(self, progress: RunProgress) -> None:
        self._run.progress(progress)

    def training(self, progress: TrainingProgress) -> None:
        self._unshown = str(progress)
        if time.monotonic() >= self._next_line:
            self._next_line = time.monotonic() + _GAP
            self._show_training()

    def message(self, message: Message) -> None:
        self._run.message(message)

    def _end_stage(self) -> None:
        self._run.__exit__(None, None, None)
        self._show_training()
        self._run, self._next_line = RunDisplay(self._console), 0.0

    def _show_training(self) -> None:
        if self._unshown:
            self._console.print(self._unshown, soft_wrap=True)
        self._unshown = ""


def show_status(loop: LoopFolder, console: Console) -> None:
    """Print the state, size and time of each stage of a loop."""
    print_grid(status_grid(loop), console)
    console.print()
    for stage in stage_lines(loop):
        if stage.extent:
            console.print(styled((f"{stage.place:02d} {stage.name}", "bold"), f": {stage.extent}"), soft_wrap=True)
    if not loop.finished:
        console.print(f"\nGo on with:  simcons loop --resume {quote(str(loop.path))}", soft_wrap=True)


def show_page(loop: LoopFolder, console: Console) -> None:
    """Make the page of a loop, as far as it has come, and say where it lies."""
    console.print(styled("Page: ", (str(write_page(loop)), "bold")), soft_wrap=True)
