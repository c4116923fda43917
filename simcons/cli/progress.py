"""How a run gets on: a bar on a terminal, else a plain line every few seconds; the lines go into the run's log in any case."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

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

from simcons.cli.messages import Messages, Ticker
from simcons.counted import counted, days_and_hours
from simcons.engines.dispatch import Dispatch
from simcons.engines.usage import NOTHING
from simcons.scenario.study import Scenario
from simcons.study.progress import Progress as Numbers

_EARLIEST_ESTIMATE = 5.0  # seconds of work after which the time left may be estimated


class StudyProgress:
    """To be used as a context manager around `run_study`. What other threads read here are whole numbers that only grow."""

    def __init__(self, scenario: Scenario, messages: Messages, *, n_sessions: int | None = None) -> None:
        self._scenario, self._messages = scenario, messages
        self._n_sessions = n_sessions or scenario.design.groups
        self._numbers = Numbers()
        self._tokens = 0
        self._dispatch: Dispatch | None = None
        self._began = time.perf_counter()
        self._answered_at_round = (0, 0)  # rounds over, and calls answered by then
        self._open = ExitStack()
        self._on_session: Callable[[int], None] = lambda n: None

    def follow(self, dispatch: Dispatch) -> None:
        """Show how the engines behind ``dispatch`` get on."""
        self._dispatch = dispatch
        for engine in dispatch.engines.values():
            if hasattr(engine, "on_tokens"):
                engine.on_tokens = self._count_tokens

    def update(self, numbers: Numbers) -> None:
        """Show these numbers from now on, as they grow."""
        self._numbers = numbers
        self._on_session(numbers.sessions)

    def line(self) -> str:
        """How far the run is, in one line without ornament."""
        numbers = self._numbers
        parts = [
            f"{numbers.sessions:,} of {counted(self._n_sessions, 'session')}",
            f"{numbers.rounds_over:,} of {counted(self._n_rounds, 'round')}",
            self._calls(),
            self._left(),
        ]
        return " · ".join(part for part in (", ".join(parts[:2]), *parts[2:]) if part)

    def _count_tokens(self, n: int) -> None:
        """Tokens of replies that are still being written, where an engine tells."""
        self._tokens += n

    @property
    def _n_rounds(self) -> int:
        return self._n_sessions * self._scenario.design.rounds

    @property
    def _seconds(self) -> float:
        return max(1e-9, time.perf_counter() - self._began)

    def _calls(self) -> str:
        """Model calls answered and known so far, and speed; nothing where no language model is asked."""
        if self._dispatch is None or not self._dispatch.engines:
            return ""
        counts = _Counts.of(self._dispatch)
        kept = f" ({counts.hits:,} kept from before)" if counts.hits else ""
        speed = f" · {self._speed(counts):,.0f} tokens/s" if counts.replies or self._tokens else ""
        return f"{counts.answered:,} of {counts.known:,} known model calls answered{kept}{speed}"

    def _speed(self, counts: _Counts) -> float:
        return max(self._tokens, counts.tokens_out) / self._seconds

    def _left(self) -> str:
        """The time left, as far as it can be told from the rounds over and the calls that they took."""
        numbers, over = self._numbers, self._numbers.rounds_over
        if self._seconds < _EARLIEST_ESTIMATE or self._n_rounds <= over:
            return ""
        if self._dispatch is None or not self._dispatch.engines:
            return f"about {duration(self._seconds * (self._n_rounds - over) / over)} left" if over else ""
        counts = _Counts.of(self._dispatch)
        if not counts.replies or not numbers.rounds_begun:
            return ""
        at_least = counts.known / numbers.rounds_begun  # calls a round; those begun may still ask more
        if over > self._answered_at_round[0]:
            self._answered_at_round = (over, counts.answered)
        rounds, answered = self._answered_at_round
        a_round = (at_least + answered / rounds) / 2 if rounds else at_least
        seconds = max(0.0, a_round * self._n_rounds - counts.answered) * self._seconds / counts.replies
        return f"{'about' if rounds else 'at least'} {duration(seconds)} left"

    def _tick(self) -> None:
        line = self.line()
        self._messages.log(line)
        if not self._messages.live:
            self._messages.show(line)

    def __enter__(self) -> Self:
        self._began = time.perf_counter()
        if self._messages.live:
            self._open.enter_context(self._bar())
        self._open.enter_context(Ticker(self._tick))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    # --- the bar ---

    def _bar(self) -> Progress:
        bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", style="bold", markup=False),
            BarColumn(bar_width=12),
            MofNCompleteColumn(),
            _Live(self._beside_the_bar),
            TimeElapsedColumn(),
            console=self._messages.console,
        )
        task = bar.add_task(self._scenario.name, total=self._n_sessions)
        self._on_session = lambda n: bar.update(task, completed=n)
        return bar

    def _beside_the_bar(self) -> str:
        """Rounds, simulated time; then speed, share of the time at work, and queue of all engines together."""
        numbers = self._numbers
        study = f"sessions · {numbers.rounds_over} rounds · simulated {days_and_hours(numbers.simulated_seconds)}"
        if self._dispatch is None or not self._dispatch.engines:
            return study
        counts = _Counts.of(self._dispatch)
        return (
            f"{study} · {self._speed(counts):,.0f} tokens/s · {counts.known - counts.answered:,} open"
            f" · busy {min(1.0, self._dispatch.busy_seconds() / self._seconds):.0%}"
            + (f" · {counts.hits:,} from store" if counts.hits else "")
        )


@dataclass(frozen=True, slots=True)
class _Counts:
    """Calls of all engines of a run together."""

    replies: int  # that an engine came back with
    hits: int  # answered from the store
    known: int  # answered, under way, or waiting
    tokens_out: int

    @classmethod
    def of(cls, dispatch: Dispatch) -> _Counts:
        total = sum((gauge.usage for gauge in list(dispatch.meter.gauges.values())), NOTHING)
        known = total.n_calls + total.n_hits + sum(dispatch.load())
        return cls(total.n_calls, total.n_hits, known, total.tokens_out)

    @property
    def answered(self) -> int:
        return self.replies + self.hits


class _Live(ProgressColumn):
    """Text that is asked for at every refresh."""

    def __init__(self, text: Callable[[], str]) -> None:
        super().__init__()
        self._text = text

    def render(self, task: Task) -> Text:
        return Text(self._text())


def duration(seconds: float) -> str:
    """Time that is only roughly known: ``20 s``, ``3 min``, ``2 h 10 min``."""
    if seconds < 55:
        return f"{max(5, 5 * round(seconds / 5))} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(10 * round(minutes / 10), 60)
    return f"{hours} h {minutes} min" if minutes and hours < 10 else f"{hours} h"
