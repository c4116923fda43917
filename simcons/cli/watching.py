"""Comparisons shown while they run; a stop by the user says how to go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from simcons.cli.progress import RunDisplay
from simcons.cli.stopping import exit_code, how
from simcons.errors import Interrupted
from simcons.experiments.compare.both import Watching


@contextmanager
def watched(console: Console) -> Iterator[Watching]:
    """Who is told how both runs get on, on ``console``."""
    folders: list[Path] = []
    try:
        with RunDisplay(console) as display:
            yield Watching(display.begin, display.progress, display.message, folders.append)
    except KeyboardInterrupt as stop:
        again = f"; go on with: the same command, with --out {folders[-1]}" if folders else ""
        raise Interrupted(f"{how(stop)} before the end{again}", exit_code(stop)) from None
