"""The time of a loop's stages."""

from __future__ import annotations

from pathlib import Path

import pytest

from simcons.errors import StorageError
from simcons.loop.times import TIMES, StageTime, sitting, stage_times
from simcons.training.progress import TrainingProgress


def progress(seconds: float) -> TrainingProgress:
    return TrainingProgress(1, 2, 1, 1.0, 1.0, seconds, 100, 10.0)


def test_the_time_of_a_stage_is_that_of_all_its_sittings(tmp_path: Path) -> None:
    def interrupted(seconds: float) -> None:
        with sitting(tmp_path, "writer") as time:
            time.training(progress(seconds - 1))
            time.training(progress(seconds))
            raise KeyboardInterrupt

    for seconds in (20.0, 30.0):
        with pytest.raises(KeyboardInterrupt):
            interrupted(seconds)
    with sitting(tmp_path, "judge"):
        sum(range(1000))
    times = stage_times(tmp_path)
    assert times["writer"].model_seconds == 50
    assert times["judge"].model_seconds == 0


def test_shares_and_a_line_that_was_cut_short(tmp_path: Path) -> None:
    row = '{"stage": "a", "wall_seconds": 40, "processor_seconds": 50, "model_seconds": 30}\n'
    (tmp_path / TIMES).write_text(row + "3\n" + '{"stage": "a"}\n' + row + row[:20])
    assert stage_times(tmp_path) == {"a": StageTime(80, 100, 60)}
    assert stage_times(tmp_path)["a"].share_outside == pytest.approx(0.25)
    assert StageTime().share_outside is None
    assert stage_times(tmp_path / "none") == {}


def test_what_ends_a_stage_is_not_hidden_by_a_disk_that_cannot_be_written(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    with pytest.raises(ValueError, match="the cause"), sitting(gone, "a"):
        raise ValueError("the cause")
    with pytest.raises(StorageError, match="cannot be written"), sitting(gone, "a"):
        pass
