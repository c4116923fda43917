"""The progress display of a run: sessions, rounds, the simulated clock, and the language model's speed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from simcons.engines.base import Engine
from simcons.scenario.study import Scenario
from simcons.study.run import Progress as Numbers


class StudyProgress:
    """A Rich display; silent on a quiet console, a plain line at the end where there is no terminal."""

    def __init__(self, scenario: Scenario, console: Console) -> None:
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("[bold]{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("sessions · {task.fields[rounds]} rounds · simulated {task.fields[clock]}{task.fields[speed]}"),
            TimeElapsedColumn(),
            console=console,
        )
        self._task = self._bar.add_task(
            scenario.name, total=scenario.design.groups, rounds=0, clock="0:00", speed="", start=True
        )
        self._tokens = 0
        self._began = time.perf_counter()

    def follow(self, engines: Mapping[str, Engine]) -> None:
        """Count the tokens that local engines write while they write them."""
        for engine in engines.values():
            if hasattr(engine, "on_tokens"):
                engine.on_tokens = self._count_tokens

    def update(self, numbers: Numbers) -> None:
        self._bar.update(
            self._task, completed=numbers.sessions, rounds=numbers.rounds, clock=clock(numbers.simulated_seconds)
        )

    def _count_tokens(self, n: int) -> None:
        self._tokens += n
        speed = self._tokens / max(1e-9, time.perf_counter() - self._began)
        self._bar.update(self._task, speed=f" · {speed:,.0f} tokens/s")

    def __enter__(self) -> Self:
        self._bar.start()
        self._began = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()


def clock(seconds: float) -> str:
    """Simulated time as days, hours and minutes: ``2 d 3:05``."""
    minutes = int(seconds // 60)
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    return (f"{days} d " if days else "") + f"{hours}:{minutes:02d}"
