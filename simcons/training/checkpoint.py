"""The folder that training writes.

start.json        written first: what is trained, with which recipe, on which examples
steps/            saved steps to go on from, while it trains; gone once it has ended
logs/             for TensorBoard
manifest.json     written last, after the weights: the mark of a finished checkpoint
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from pydantic import TypeAdapter, ValidationError

from simcons.engines.local.models import first_line
from simcons.errors import CheckpointError, StorageError
from simcons.storage.disk import storage_errors, write_whole
from simcons.storage.layout import MANIFEST, START

Kind: TypeAlias = Literal["sft", "reward", "persona"]

STEPS, LOGS, DRAFT = "steps", "logs", ".draft"
_STEP = "checkpoint-"  # what transformers calls a saved step, before its number
_STEP_IS_WHOLE = "trainer_state.json"  # which transformers writes last into one


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
        """See that the folder is free for ``start``, or with ``resume`` that it was begun with it. Raises CheckpointError."""
        if not first_process():
            return
        known = self._known_start()
        if known is not None:
            self._check_same(known, start, resume=resume)
        elif resume:
            raise CheckpointError(f"{self.path}: no training was begun here; expected a folder with {START}")
        elif self.path.is_file() or (self.path.is_dir() and any(self.path.iterdir())):
            raise CheckpointError(f"{self.path}: is not empty; expected a new folder")

    def begin(self, start: Start) -> None:
        """Claim the folder, and remove what an interruption left half saved in it. Raises StorageError."""
        if not first_process():
            return
        self.remove_half_steps()
        with storage_errors(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            write_whole(self.path / START, json_bytes(asdict(start)))

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
        return sorted(self.steps.glob(f"{_STEP}*"), key=lambda folder: int(folder.name.removeprefix(_STEP)))

    @property
    def draft(self) -> Path:
        """Where weights and manifest are written before they are put in place."""
        return self.path / DRAFT

    def finish(self) -> None:
        """Put the draft in place, the manifest last, and remove the saved steps. Raises StorageError."""
        with saving(self.path):
            readers = (
                (self.path / START).stat().st_mode
            )  # those of any other file: weights are written for their owner alone
            for file in sorted(self.draft.iterdir(), key=lambda file: file.name == MANIFEST):
                file.chmod(readers)
                os.replace(file, self.path / file.name)
            self.draft.rmdir()
        shutil.rmtree(self.steps, ignore_errors=True)

    def _known_start(self) -> Start | None:
        path = self.path / START
        if not path.is_file():
            return None
        try:
            return TypeAdapter(Start).validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            raise CheckpointError(f"{path}: cannot be read: {first_line(error)}") from None

    def _check_same(self, known: Start, start: Start, *, resume: bool) -> None:
        if self.finished:
            raise CheckpointError(f"{self.path}: holds a finished checkpoint; expected a new folder")
        if not resume:
            raise CheckpointError(
                f"{self.path}: holds an unfinished training; go on with it (--resume), or name a new folder"
            )
        changed = next((name for name in asdict(start) if getattr(known, name) != getattr(start, name)), None)
        if changed == "settings":
            changed = _first_difference(known.settings, start.settings)
        if changed is not None:
            raise CheckpointError(f"{self.path}: was begun with another {changed}; expected the same to go on with")


def _whole(step: Path) -> bool:
    return (step / _STEP_IS_WHOLE).is_file()


def _first_difference(before: dict[str, Any], now: dict[str, Any]) -> str:
    return next(f"setting {key}" for key in {**before, **now} if before.get(key) != now.get(key))


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
    except (OSError, SafetensorError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else first_line(error)
        raise StorageError(f"{folder}: cannot be written: {reason}") from error
