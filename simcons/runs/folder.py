"""The folder of a run: its name, and claiming it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from simcons.storage.disk import storage_errors
from simcons.storage.start import RunStart, refuse_at_work, write_start
from simcons.storage.writer import prepare_folder


def next_folder(parent: Path, name: str) -> Path:
    """The first free of NAME-001, NAME-002, ... after the highest there is."""
    pattern = re.compile(rf"^{re.escape(name)}-(\d+)$")
    taken = [int(match[1]) for path in parent.glob(f"{name}-*") if (match := pattern.match(path.name))]
    return parent / f"{name}-{max(taken, default=0) + 1:03d}"


def folder_name(name: str, only: Sequence[str]) -> str:
    """The name for the folder of a study, or of some of its sessions."""
    return f"{name}-{only[0]}" if len(only) == 1 else f"{name}-part" if only else name


def new_folder(parent: Path, name: str) -> Path:
    """Make the next free folder and return it; two processes never get the same. Raises StorageError."""
    while True:
        folder = next_folder(parent, name)
        with storage_errors(folder):
            parent.mkdir(parents=True, exist_ok=True)
            try:
                folder.mkdir()
            except FileExistsError:  # another process was faster
                continue
        return folder


def make_folder(folder: Path, start: RunStart, *, force: bool) -> None:
    """Make ``folder`` ready for a run and write how it began. Raises RunFolderError, StorageError."""
    refuse_at_work(folder)
    prepare_folder(folder, force=force)
    write_start(folder, start)
