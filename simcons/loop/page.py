"""The page of a loop, and rounds of it to be read, written into its folder."""

from __future__ import annotations

from pathlib import Path

from simcons.loop.folder import LoopFolder
from simcons.loop.results import results
from simcons.report.loops.page import render, render_rounds
from simcons.storage.disk import storage_errors, write_whole

PAGE, ROUNDS = "report.html", "rounds.md"


def write_page(loop: LoopFolder) -> Path:
    """Write ``report.html``, and ``rounds.md`` where there are rounds, in place of earlier ones; the path of the page.

    Raises RunFolderError for a stage that cannot be read, StorageError, MissingPackage.
    """
    gathered = results(loop)
    with storage_errors(loop.path):
        if gathered.rounds:
            write_whole(loop.path / ROUNDS, render_rounds(gathered).encode())
        write_whole(loop.path / PAGE, render(gathered).encode())
    return loop.path / PAGE
