"""A run shown while it goes: a bar on a terminal, else a plain line every few seconds; and what the run has to say."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
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

from simcons.cli.messages import ConsoleMessages
from simcons.counted import days_and_hours
from simcons.runs import Message, RunProgress
from simcons.runs.messages import Ticker


class RunDisplay:
    """Shows a run on ``console``, or several one after another; its methods are the callbacks of `simcons.run`. To be used as a
    context manager around them.
    """

    def __init__(self, console: Console) -> None:
        self._messages = ConsoleMessages(console)
        self._step, self._running = ExitStack(), ExitStack()
        self._on_sessions: Callable[[int], None] | None = None
        self.folder: Path | None = None  # of the run, once it has begun

    def begin(self, folder: Path) -> None:
        self.folder = folder
        self._running.close()
        self._on_sessions = None

    def message(self, message: Message) -> None:
        """A step, shown until the next message comes, in place of a run that is over; anything else as a line."""
        self._step.close()
        if message.kind == "step":
            self._running.close()
            self._on_sessions = None
            self._step.enter_context(self._messages.step(message.text))
        else:
            self._messages.tell(message)

    def progress(self, progress: RunProgress) -> None:
        """Show ``progress`` from now on, as it grows."""
        if self._on_sessions is None:
            self._step.close()
            self._on_sessions = self._bar(progress) if self._messages.live else self._lines(progress)
        self._on_sessions(progress.sessions)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._step.close()
        self._running.close()

    def _lines(self, progress: RunProgress) -> Callable[[int], None]:
        self._running.enter_context(Ticker(lambda: self._messages.show(str(progress))))
        return lambda n_sessions: None

    def _bar(self, progress: RunProgress) -> Callable[[int], None]:
        bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", style="bold", markup=False),
            BarColumn(bar_width=12),
            MofNCompleteColumn(),
            _Live(lambda: _beside_the_bar(progress)),
            TimeElapsedColumn(),
            console=self._messages.console,
        )
        task = bar.add_task(progress.name, total=progress.n_sessions)
        self._running.enter_context(bar)
        return lambda n_sessions: bar.update(task, completed=n_sessions)


class _Live(ProgressColumn):
    """Text that is asked for at every refresh."""

    def __init__(self, text: Callable[[], str]) -> None:
        super().__init__()
        self._text = text

    def render(self, task: Task) -> Text:
        return Text(self._text())


def _beside_the_bar(progress: RunProgress) -> str:
    """Rounds, simulated time; then speed, share of the time at work, and queue of all engines together."""
    study = f"sessions · {progress.rounds} rounds · simulated {days_and_hours(progress.simulated_seconds)}"
    if not progress.asks_models:
        return study
    hits = progress.calls_from_store
    return (
        f"{study} · {progress.tokens_per_second:,.0f} tokens/s · {progress.calls_open:,} open"
        f" · busy {progress.busy_share:.0%}" + (f" · {hits:,} from store" if hits else "")
    )
