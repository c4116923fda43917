"""What a run says while it goes: on standard error for the user, and with times in ``run.log`` once there is a folder."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.text import Text

from simcons.storage.layout import RUN_LOG
from simcons.visible import visible_line

_STEP_IS_SAID_AFTER = 2.0  # seconds: what is done sooner needs no line
_FIRST_TICK, _GROWTH, _LONGEST_GAP = 2.0, 1.4, 12.0  # seconds between lines of progress


class Messages:
    """Lines for the user and for the log. What was said before the log is opened is written into it then."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._log: Path | None = None
        self._unlogged: list[str] = []
        self._lock = threading.Lock()  # lines of progress come from a thread of their own

    @property
    def live(self) -> bool:
        """Whether there is a terminal whose lines can be drawn again."""
        return self.console.is_interactive and self.console.file.isatty()

    def open_log(self, folder: Path) -> None:
        """Write into the log of the run in ``folder`` from now on, after what is there."""
        with self._lock:
            self._log = folder / RUN_LOG
            self._append(self._unlogged)
            self._unlogged = []

    def say(self, text: str, *, style: str = "") -> None:
        """One line, shown and logged."""
        self.show(text, style=style)
        self.log(text)

    def show(self, text: str, *, style: str = "") -> None:
        """One line, shown only."""
        with suppress(OSError):  # nobody reads it any more
            self.console.print(Text(visible_line(text), style=style), soft_wrap=True)

    def log(self, text: str) -> None:
        """One line, logged only."""
        line = f"{datetime.now().astimezone().isoformat(timespec='seconds')} {visible_line(text)}\n"
        with self._lock:
            if self._log is None:
                self._unlogged.append(line)
            else:
                self._append([line])

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """A step before the study begins: a spinner on a terminal; elsewhere a line, if it takes more than a moment."""
        self.log(what)
        if self.live:
            with self.console.status(Text(what)):
                yield
            return
        timer = threading.Timer(_STEP_IS_SAID_AFTER, self.show, (f"{what} ...",))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()

    def _append(self, lines: list[str]) -> None:
        """The log is no record: a disk that is full ends a run where its records can no longer be written, not here."""
        if self._log is None or not lines:
            return
        with suppress(OSError), self._log.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(lines)


class Ticker:
    """Calls ``tick`` every few seconds, at growing gaps, from a thread of its own, as long as the block runs."""

    def __init__(self, tick: Callable[[], None], *, first: float = _FIRST_TICK) -> None:
        self._tick, self._gap = tick, first
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while not self._over.wait(self._gap):
            self._tick()
            self._gap = min(_LONGEST_GAP, self._gap * _GROWTH)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
