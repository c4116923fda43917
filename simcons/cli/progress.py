"""The progress display of a run: sessions, rounds, the simulated clock, and the language model's speed."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from simcons.engines.dispatch import Dispatch
from simcons.scenario.study import Scenario
from simcons.study.run import Progress as Numbers


class StudyProgress:
    """A Rich display; silent on a quiet console, a plain line at the end where there is no terminal."""

    def __init__(self, scenario: Scenario, console: Console) -> None:
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", style="bold", markup=False),
            BarColumn(bar_width=12),
            MofNCompleteColumn(),
            TextColumn("sessions · {task.fields[rounds]} rounds · simulated {task.fields[clock]}"),
            _Live(self._engines),
            TimeElapsedColumn(),
            console=console,
        )
        self._task = self._bar.add_task(scenario.name, total=scenario.design.groups, rounds=0, clock="0:00", start=True)
        self._tokens = 0
        self._dispatch: Dispatch | None = None
        self._began = time.perf_counter()

    def follow(self, dispatch: Dispatch) -> None:
        """Show how the engines behind ``dispatch`` get on."""
        self._dispatch = dispatch
        for engine in dispatch.engines.values():
            if hasattr(engine, "on_tokens"):
                engine.on_tokens = self._count_tokens

    def update(self, numbers: Numbers) -> None:
        self._bar.update(
            self._task, completed=numbers.sessions, rounds=numbers.rounds, clock=clock(numbers.simulated_seconds)
        )

    def _count_tokens(self, n: int) -> None:
        """Tokens of replies that are still being written, where an engine tells."""
        self._tokens += n

    def _engines(self) -> str:
        """Speed, share of the time at work, and queue of all engines together; nothing where there are none."""
        if self._dispatch is None or not self._dispatch.engines:
            return ""
        seconds = max(1e-9, time.perf_counter() - self._began)
        gauges = list(self._dispatch.meter.gauges.values())
        written = max(self._tokens, sum(gauge.tokens_out for gauge in gauges))
        waiting, under_way = self._dispatch.load()
        hits = sum(gauge.hits for gauge in gauges)
        return (
            f" · {written / seconds:,.0f} tokens/s · {under_way + waiting:,} open"
            f" · busy {min(1.0, self._dispatch.busy_seconds() / seconds):.0%}"
            + (f" · {hits:,} from store" if hits else "")
        )

    def __enter__(self) -> Self:
        self._bar.start()
        self._began = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()


class _Live(ProgressColumn):
    """Text that is asked for at every refresh."""

    def __init__(self, text: Callable[[], str]) -> None:
        super().__init__()
        self._text = text

    def render(self, task: Task) -> Text:
        return Text(self._text())


def clock(seconds: float) -> str:
    """Simulated time as days, hours and minutes: ``2 d 3:05``."""
    minutes = int(seconds // 60)
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    return (f"{days} d " if days else "") + f"{hours}:{minutes:02d}"
