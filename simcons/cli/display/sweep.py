"""A sweep shown while it runs, how far it has come, and what came out."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from simcons.cli.console import styled
from simcons.cli.display.tables import Grid, print_grid
from simcons.cli.messages import ConsoleMessages
from simcons.counted import counted
from simcons.experiments.sweep.executor import EventKind, TaskEvent
from simcons.experiments.sweep.folder import STATES, StateName, TaskState
from simcons.experiments.sweep.run import TaskEnd
from simcons.experiments.sweep.tasks import Task
from simcons.visible import visible_line

if TYPE_CHECKING:
    from simcons.experiments.sweep.table import SweepTables

_NONE = "-"
_ROWS = 12  # tasks at work that are shown one by one
_ENDS: Mapping[EventKind, str] = {"finished": "finished", "skipped": "was finished", "failed": "failed"}


class SweepDisplay:
    """A table of the tasks at work on a terminal; elsewhere a line for each that ends. To be used as a context manager."""

    def __init__(self, messages: ConsoleMessages, tasks: Sequence[Task]) -> None:
        self._messages = messages
        self._tasks = {task.number: task for task in tasks}
        self._ended: dict[int, EventKind] = {}
        self._at_work: dict[int, tuple[float, str]] = {}  # since when, on which node
        self._live = Live(get_renderable=self._table, console=messages.console, refresh_per_second=2, transient=True)

    def say(self, text: str) -> None:
        self._messages.show(text)

    def on_event(self, event: TaskEvent) -> None:
        """Take note of what happened to a task."""
        if event.kind == "began":
            self._at_work[event.number] = time.monotonic(), event.node
            return
        self._at_work.pop(event.number, None)
        task = self._tasks[event.number]
        if event.kind == "again":
            self._messages.show(f"{task.name} is tried again ({task.label}): {event.error}")
            return
        self._ended[event.number] = event.kind
        if not self._messages.live or event.error:
            self._messages.show(f"{self._count()}: {task.name} {_ENDS[event.kind]} ({task.label})")

    def __enter__(self) -> Self:
        if self._messages.live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def _count(self) -> str:
        return f"{len(self._ended):,} of {len(self._tasks):,}"

    def _table(self) -> RenderableType:
        """A bar over all tasks, and those at work: the longest first."""
        now, at_work = time.monotonic(), dict(self._at_work)
        head, rows = Table.grid(padding=(0, 2)), Table.grid(padding=(0, 2))
        failed = Counter(self._ended.values())["failed"]
        words = f"{self._count()} runs · {len(at_work):,} at work" + (f" · {failed:,} failed" if failed else "")
        head.add_row(ProgressBar(len(self._tasks), len(self._ended), width=24), Text(words, style="bold"))
        longest = sorted(at_work, key=lambda number: at_work[number])
        for number in longest[:_ROWS]:
            since, node = at_work[number]
            task = self._tasks[number]
            cells = [f"  {task.name}", f"{now - since:,.0f} s", node, visible_line(task.label)]
            rows.add_row(*(Text(cell, overflow="ellipsis", no_wrap=True) for cell in cells))
        more = len(longest) - _ROWS
        return Group(head, rows, *([Text(f"  and {more:,} more")] if more > 0 else []))


def show_states(states: Sequence[TaskState], console: Console) -> None:
    """How far a sweep has come: a row a setting, and those that failed."""
    totals = Counter(state.name for state in states)
    shown = [name for name in STATES if totals[name]]
    settings: dict[int, list[TaskState]] = {}
    for state in states:
        settings.setdefault(state.task.setting, []).append(state)
    rows = [_state_row(of_setting, shown) for of_setting in settings.values()]
    words = ", ".join(f"{totals[name]:,} {name}" for name in shown)
    print_grid(Grid(f"{counted(len(states), 'run')}: {words}", ["setting", *shown], rows), console)
    _show_failures([(state.task, state.error) for state in states if state.error], console)


def _state_row(of_setting: Sequence[TaskState], shown: Iterable[StateName]) -> list[str]:
    counts = Counter(state.name for state in of_setting)
    return [of_setting[0].task.label, *(f"{counts[name]:,}" if counts[name] else _NONE for name in shown)]


def _show_failures(failures: Iterable[tuple[Task, str]], console: Console) -> None:
    for task, error in failures:
        console.print(f"{task.name} failed ({task.label}): {error}", soft_wrap=True)


def show_settings(tables: SweepTables, tasks: Sequence[Task], console: Console) -> None:
    """A row a setting: runs finished, and each arm's mean agreement over them."""
    table = tables.runs
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
    if tables.n_runs_with_gaps:
        note += (
            f" In {counted(tables.n_runs_with_gaps, 'run')} an arm had nothing to show in some rounds, which are left out: shown"
            " in sweep.csv is the share of rounds with a statement."
        )
    print_grid(Grid("Settings", ["setting", "runs", *arms], rows, note), console)


def show_end(ends: Sequence[TaskEnd], folder: Path, page: Path | None, console: Console) -> None:
    """The tasks that failed, and where everything lies. page: none where no run finished."""
    failed = [end for end in ends if end.error]
    _show_failures([(end.task, end.error) for end in failed], console)
    if failed:
        runs = counted(len(failed), "run")
        console.print(f"{runs} failed; the same command with --out {folder} tries them again.", soft_wrap=True)
    if page is not None:
        console.print(styled("\nCurves, interactions and every number: ", (str(page), "bold")), soft_wrap=True)
    console.print(styled("Every run, and sweep.csv: ", (str(folder), "bold")), soft_wrap=True)
