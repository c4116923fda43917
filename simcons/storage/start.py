"""The start of a run, which it needs to go on after an interruption: ``start.json``, written before anything else."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from simcons.errors import RunFolderError
from simcons.storage.disk import storage_errors, write_whole
from simcons.storage.layout import MANIFEST, START
from simcons.storage.parquet import REMEDY


@dataclass(frozen=True, slots=True)
class Source:
    """The file that a scenario was read from, as it was then, and what was set on the command line besides, in which folder."""

    path: str
    sha256: str
    overrides: tuple[str, ...] = ()
    working: str | None = None

    @classmethod
    def of(cls, path: Path, overrides: Sequence[str]) -> Source:
        """Raises OSError."""
        return cls(str(path.resolve()), hashlib.sha256(path.read_bytes()).hexdigest(), tuple(overrides), os.getcwd())

    @property
    def has_changed(self) -> bool:
        """True if the file is there and is not what it was."""
        path = Path(self.path)
        return path.is_file() and self.of(path, self.overrides).sha256 != self.sha256


@dataclass(frozen=True, slots=True)
class RunStart:
    """The start of a run: its scenario, and what it was made with.

    replay_of: the run whose replies it uses, if it is a replay.
    only: the sessions that are run, where that is not the whole study.
    """

    scenario: dict[str, Any]
    inputs: dict[str, str]
    versions: dict[str, str | None]
    git_commit: str | None
    began_at: str
    replay_of: str | None = None
    source: Source | None = None
    only: tuple[str, ...] = ()


def write_start(folder: Path, start: RunStart) -> None:
    """Write it whole or not at all. Raises StorageError."""
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / START, f"{json.dumps(asdict(start), indent=2, ensure_ascii=False)}\n".encode())


def read_start(folder: Path) -> RunStart:
    """The start of the run in ``folder``. Raises RunFolderError, in one line."""
    if not folder.is_dir():
        raise RunFolderError(f"{folder}: no such run folder")
    path = folder / START
    try:
        return TypeAdapter(RunStart).validate_json(path.read_bytes())
    except FileNotFoundError:
        raise RunFolderError(f"{folder}: has no {START}; expected a run begun by this version of simcons") from None
    except OSError as error:
        raise RunFolderError(f"{path}: cannot be read: {error.strerror or error}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise RunFolderError(f"{path}: is damaged{f' at {where}' if where else ''}: {first['msg']}; {REMEDY}") from None


def is_finished(folder: Path) -> bool:
    return (folder / MANIFEST).exists()


@contextmanager
def claimed(folder: Path, *, by: str = START) -> Iterator[None]:
    """Have the run that was begun in ``folder`` to oneself while the block runs; the end of the process lets go of it too.

    by: the file in it that stands for it. Raises RunFolderError where another process has it.
    """
    with storage_errors(folder):
        file = os.open(folder / by, os.O_RDONLY)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunFolderError(
                f"{folder}: is being run now by another process; expected a run that is not at work"
            ) from None
        yield
    finally:
        os.close(file)


def refuse_at_work(folder: Path) -> None:
    """Raises RunFolderError where a run is at work in ``folder``."""
    if (folder / START).exists():
        with claimed(folder):
            return


def is_at_work(folder: Path) -> bool:
    """True where a process has the run that was begun in ``folder``."""
    try:
        refuse_at_work(folder)
    except RunFolderError:
        return True
    return False
