"""The folder that training writes.

start.json        written first: what is trained, with which recipe, on which examples
steps/            saved steps to go on from, while it trains; gone once it has ended
logs/             for TensorBoard
manifest.json     written last, after the weights: the mark of a finished checkpoint
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from pydantic import TypeAdapter, ValidationError

from simcons.engines.local.models import first_line
from simcons.errors import CheckpointError, StorageError
from simcons.storage.disk import storage_errors, write_whole
from simcons.storage.layout import MANIFEST, START
from simcons.storage.start import claimed, refuse_at_work

Kind: TypeAlias = Literal["sft", "reward", "persona"]

STEPS, LOGS, DRAFT = "steps", "logs", ".draft"
_STEP = re.compile(r"checkpoint-(\d+)")  # what transformers calls a saved step
_STEP_IS_WHOLE = "trainer_state.json"  # which transformers writes last into one
_FULL = 2**20  # bytes that are free on a disk on which a file of weights could not be written


@dataclass(frozen=True, slots=True)
class Start:
    """All that a training run depends on. Two that are equal train to the same weights on the same machine."""

    kind: Kind
    base_hash: str
    data: str  # the folder
    data_hash: str
    settings: dict[str, Any]


def first_process() -> bool:
    """True in the process that writes and speaks, of those that ``accelerate launch`` starts."""
    return os.environ.get("RANK", "0") == "0"


class TrainingFolder:
    """A folder in which something is trained: begun or gone on with, and finished. The first of several processes minds it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def steps(self) -> Path:
        return self.path / STEPS

    @property
    def logs(self) -> Path:
        return self.path / LOGS

    @property
    def finished(self) -> bool:
        return (self.path / MANIFEST).exists()

    def check(self, start: Start, *, resume: bool) -> None:
        """See that the folder is free for ``start``, or with ``resume`` that it was begun with it.

        Raises CheckpointError, and RunFolderError where another process is at work in it.
        """
        if not first_process():
            return
        known = self._known_start()
        if known is not None:
            self._check_same(known, start, resume=resume)
        elif resume:
            raise CheckpointError(f"{self.path}: no training was begun here; expected a folder with {START}")
        elif self.path.is_file() or (self.path.is_dir() and any(self.path.iterdir())):
            raise CheckpointError(f"{self.path}: is not empty; expected a new folder")

    @contextmanager
    def begun(self, start: Start, *, resume: bool) -> Iterator[None]:
        """Have the folder to oneself while the block trains. What an interruption left half saved in it is removed.

        Raises what `check` does, as the folder may have been begun since, and StorageError.
        """
        if not first_process():
            yield
            return
        self.check(start, resume=resume)
        if not resume:
            with storage_errors(self.path):
                self.path.mkdir(parents=True, exist_ok=True)
                write_whole(self.path / START, json_bytes(asdict(start)))
        with claimed(self.path):
            self.remove_half_steps()
            yield

    def start(self) -> Start:
        """The training that was begun here. Raises CheckpointError."""
        known = self._known_start()
        if known is None:
            raise CheckpointError(f"{self.path}: no training was begun here; expected a folder with {START}")
        return known

    def last_step(self) -> Path | None:
        """The last saved step; None where there is none."""
        whole = [folder for folder in self._saved() if _whole(folder)]
        return whole[-1] if whole else None

    def remove_half_steps(self) -> None:
        """Remove steps that an interruption, or a disk that was full, left half saved."""
        for folder in self._saved():
            if not _whole(folder):
                shutil.rmtree(folder, ignore_errors=True)

    def _saved(self) -> list[Path]:
        named = ((_STEP.fullmatch(folder.name), folder) for folder in self.steps.glob("*"))
        return [folder for _, folder in sorted((int(match[1]), folder) for match, folder in named if match)]

    @property
    def draft(self) -> Path:
        """Where weights and manifest are written before they are put in place."""
        return self.path / DRAFT

    def finish(self) -> None:
        """Put the draft in place, the manifest last, and remove the saved steps. Raises StorageError."""
        with saving(self.path):
            readable_as(self.path / START, self.draft.iterdir())
            for file in sorted(self.draft.iterdir(), key=lambda file: file.name == MANIFEST):
                os.replace(file, self.path / file.name)
            self.draft.rmdir()
        shutil.rmtree(self.steps, ignore_errors=True)

    def _known_start(self) -> Start | None:
        path = self.path / START
        if not path.is_file():
            return None
        try:
            return TypeAdapter(Start).validate_json(path.read_bytes())
        except OSError as error:
            raise CheckpointError(f"{path}: cannot be read: {error.strerror or error}") from None
        except ValidationError:
            raise CheckpointError(
                f"{path}: is damaged, or of another version; expected the start of a training"
            ) from None

    def _check_same(self, known: Start, start: Start, *, resume: bool) -> None:
        if self.finished:
            raise CheckpointError(f"{self.path}: holds a finished checkpoint; expected a new folder")
        refuse_at_work(self.path)
        if not resume:
            raise CheckpointError(
                f"{self.path}: holds an unfinished training; go on with it (--resume), or name a new folder"
            )
        changed = next(_differences(known, start), None)
        if changed is not None:
            raise CheckpointError(f"{self.path}: was begun with {changed}; expected the same to go on with")


def _whole(step: Path) -> bool:
    try:
        json.loads((step / _STEP_IS_WHOLE).read_bytes())
    except (OSError, ValueError):
        return False
    return True


def _differences(before: Start, now: Start) -> Iterator[str]:
    """What is not the same. Data and base are known by their hashes, wherever they lie."""
    if before.kind != now.kind:
        yield f"another kind of recipe, {before.kind}"
    if before.base_hash != now.base_hash:
        yield f"another base model, {before.settings.get('model')}"
    if before.data_hash != now.data_hash:
        yield f"other data, {before.data}"
    for key in {**before.settings, **now.settings}:
        if key != "model" and before.settings.get(key) != now.settings.get(key):
            yield f"another setting {key}, {before.settings.get(key)}"


def readable_as(other: Path, files: Iterable[Path]) -> None:
    """Have whoever may read ``other`` read ``files``: libraries write weights for their owner alone."""
    mode = other.stat().st_mode
    for file in files:
        file.chmod(mode)


def json_bytes(document: Any) -> bytes:
    return f"{json.dumps(document, indent=2, ensure_ascii=False)}\n".encode()


@contextmanager
def saving(folder: Path) -> Iterator[None]:
    """Whatever a library raises while it writes weights comes out as a StorageError in one line: they have errors of their own
    for a disk that is full.
    """
    from safetensors import SafetensorError

    try:
        yield
    except Exception as error:
        of_tokenizers = type(error) is Exception  # they raise no other
        if not (of_tokenizers or isinstance(error, (OSError, SafetensorError, RuntimeError))):
            raise
        raise StorageError(f"{folder}: cannot be written: {_reason(error, folder)}") from error


def _reason(error: Exception, folder: Path) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    full = shutil.disk_usage(there).free < _FULL  # torch says no more than at which byte it stopped
    return os.strerror(errno.ENOSPC) if full else first_line(error)
