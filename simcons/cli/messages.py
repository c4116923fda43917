"""Lines on standard error while a command works."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from rich.console import Console
from rich.text import Text

from simcons.messages import Message, MessageKind
from simcons.visible import visible_line

_STEP_IS_SAID_AFTER = 2.0  # seconds: what is done sooner needs no line

_STYLES: Mapping[MessageKind, str] = {"step": "", "note": "yellow", "warning": "bold yellow"}


class ConsoleMessages:
    """Lines for the user, on ``console``."""

    def __init__(self, console: Console) -> None:
        self.console = console

    @property
    def live(self) -> bool:
        """True if there is a terminal whose lines can be drawn again."""
        return self.console.is_interactive and self.console.file.isatty()

    def show(self, text: str, *, style: str = "") -> None:
        """One line."""
        with suppress(OSError):  # nobody reads it any more
            self.console.print(Text(visible_line(text), style=style), soft_wrap=True)

    def tell(self, message: Message) -> None:
        """A message on one line, in the colour of its kind."""
        self.show(message.text, style=_STYLES[message.kind])

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """A step of the work: a spinner on a terminal; elsewhere a line, if it takes more than a moment."""
        if self.live:
            with self.console.status(Text(name)):
                yield
            return
        timer = threading.Timer(_STEP_IS_SAID_AFTER, self.show, (f"{name} ...",))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()
