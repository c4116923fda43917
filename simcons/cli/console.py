"""The terminal: every command prints through `console`, so that no text can steer it.

Strings are printed as they are: square brackets are no markup and ``:smile:`` is no emoji. Styles are given with `styled`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import IO, Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from simcons.visible import visible


class _SafeConsole(Console):
    """A Rich console that spells out control characters in all that it renders."""

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(visible(text), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(visible(segment.text), segment.style)

    def on_broken_pipe(self) -> None:
        """Leave it to whoever prints, as for any other file; Rich would end the program with code 1."""
        raise BrokenPipeError


def console(
    *, quiet: bool = False, stderr: bool = False, file: IO[str] | None = None, width: int | None = None
) -> Console:
    """A console for standard output, or for standard error. file and width: for tests."""
    return _SafeConsole(quiet=quiet, stderr=stderr, file=file, width=width, markup=False, emoji=False)


def styled(*parts: str | tuple[str, str], style: str = "") -> Text:
    """Text of parts, each plain or with a style of its own: ``styled("Round ", (round_id, "bold"))``."""
    shown = [visible(piece) if isinstance(piece, str) else (visible(piece[0]), piece[1]) for piece in parts]
    return Text.assemble(*shown, style=style)


def print_bare(text: str | os.PathLike[str]) -> None:
    """A line for other programs to read, as it is; on a terminal as it may be shown."""
    line = os.fspath(text)
    print(visible(line) if sys.stdout.isatty() else line)
