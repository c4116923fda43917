"""The time that the stages of a loop took, added up over all sittings: a sitting ends with the stage, or with an interruption."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import ValidationError

from simcons.errors import StorageError
from simcons.runs import RunProgress
from simcons.scenario.parameters import StrictModel
from simcons.storage.disk import storage_errors
from simcons.training.progress import TrainingProgress

TIMES = "times.jsonl"


@dataclass(frozen=True, slots=True)
class StageTime:
    """Seconds of a stage: on the wall, of processors, and those in which a model wrote, scored or was trained."""

    wall_seconds: float = 0.0
    processor_seconds: float = 0.0
    model_seconds: float = 0.0

    def __add__(self, other: StageTime) -> StageTime:
        return StageTime(
            self.wall_seconds + other.wall_seconds,
            self.processor_seconds + other.processor_seconds,
            self.model_seconds + other.model_seconds,
        )

    @property
    def share_outside(self) -> float | None:
        """The share of the wall time in which no model was at work; None where no time has passed."""
        return max(0.0, 1 - self.model_seconds / self.wall_seconds) if self.wall_seconds else None

    def document(self) -> dict[str, float]:
        """As manifests have it."""
        return {name: round(seconds, 1) for name, seconds in asdict(self).items()}


class _Noted(StrictModel):
    """A line of the file."""

    stage: str
    wall_seconds: float
    processor_seconds: float
    model_seconds: float
    taken: bool = False  # from another loop, with the stage


class Sitting:
    """The time of one stage in one process. It hears the stage's progress, which knows how long models were at work."""

    def __init__(self) -> None:
        self._wall, self._processors = time.perf_counter(), _processor_seconds()
        self._studies: dict[Path, float] = {}
        self._training = 0.0

    def study(self, progress: RunProgress) -> None:
        self._studies[progress.folder] = progress.busy_share * progress.seconds

    def training(self, progress: TrainingProgress) -> None:
        self._training = progress.seconds

    @property
    def spent(self) -> StageTime:
        """The time until now."""
        wall, processors = time.perf_counter() - self._wall, _processor_seconds() - self._processors
        return StageTime(wall, processors, sum(self._studies.values()) + self._training)


@contextmanager
def sitting(folder: Path, stage: str) -> Iterator[Sitting]:
    """Note the time of a block that works on a stage of the loop in ``folder``, however it ends. Raises StorageError."""
    spent = Sitting()
    try:
        yield spent
    except BaseException:
        with suppress(StorageError):  # what ends the block says more than a disk that is full
            _note(folder, stage, spent.spent)
        raise
    _note(folder, stage, spent.spent)


def copy_times(earlier: Path, folder: Path, stages: Collection[str]) -> None:
    """Note for the loop in ``folder`` what stages that were copied to it took in ``earlier``. Raises StorageError."""
    for stage, spent in stage_times(earlier).items():
        if stage in stages:
            _note(folder, stage, spent, taken=True)


def _note(folder: Path, stage: str, spent: StageTime, *, taken: bool = False) -> None:
    line = json.dumps({"stage": stage, **spent.document(), **({"taken": True} if taken else {})})
    with storage_errors(folder / TIMES), (folder / TIMES).open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")


def stage_times(folder: Path) -> Mapping[str, StageTime]:
    """The time of each stage that was begun, by name."""
    times: dict[str, StageTime] = {}
    for noted in _noted(folder):
        spent = StageTime(noted.wall_seconds, noted.processor_seconds, noted.model_seconds)
        times[noted.stage] = times.get(noted.stage, StageTime()) + spent
    return times


def taken_stages(folder: Path) -> set[str]:
    """The stages that were copied to the loop in ``folder``, on which it spent no time itself."""
    return {noted.stage for noted in _noted(folder) if noted.taken}


def _noted(folder: Path) -> Iterator[_Noted]:
    """The lines of a loop. One that is damaged, as by a full disk, is passed over."""
    path = folder / TIMES
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        with suppress(ValidationError):
            yield _Noted.model_validate_json(line)


def _processor_seconds() -> float:
    """Of this process and of those that it started and that have ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system
