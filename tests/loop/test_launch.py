"""Training that a command starts in processes of its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from simcons.errors import CheckpointError, TrainingStopped
from simcons.loop.launch import launch_training, program
from simcons.training.recipes import SftSettings, load_recipe

# Stands for `accelerate launch`: notes what it is called with, and leaves the manifest of a checkpoint.
LAUNCHER = """
import json, pathlib, sys
folder = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
folder.mkdir(exist_ok=True)
(folder / "arguments").write_text(json.dumps(sys.argv[1:]))
base = {"base": "org/model", "base_hash": "0", "adapter": False, "end_token": "<e>", "pad_token": "<p>"}
record = {"steps": 3, "seconds": 8.5, "tokens": 90, "tokens_per_second": 10.6, "metrics": {"loss": 1.5}}
(folder / "manifest.json").write_text(json.dumps({"kind": "sft", **base, "training": record}))
"""


@pytest.fixture
def launcher(tmp_path: Path) -> list[str]:
    (tmp_path / "launcher.py").write_text(LAUNCHER)
    return [sys.executable, str(tmp_path / "launcher.py")]


@pytest.mark.parametrize("resume", [False, True])
def test_a_command_trains_by_the_recipe(tmp_path: Path, launcher: list[str], resume: bool) -> None:
    settings, folder = SftSettings(model="org/model", epochs=3), tmp_path / "writer"
    progress = launch_training(launcher, settings, tmp_path / "data", folder, resume=resume)
    assert (progress.step, progress.seconds, progress.loss) == (3, 8.5, 1.5)
    arguments = json.loads((folder / "arguments").read_text())
    assert arguments[:5] == ["-m", "simcons", "train", "sft", str(tmp_path / "data")]
    assert ("--resume" in arguments) == resume
    assert load_recipe(SftSettings, arguments[arguments.index("--recipe") + 1]) == settings


def test_a_program_is_found_beside_python_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """As accelerate is where simcons is started by its path, in an environment that was not activated."""
    monkeypatch.setenv("PATH", "")
    assert program([Path(sys.executable).name, "-m", "x"]) == sys.executable
    assert program(["no_such_command"]) is None


def test_a_command_that_fails_or_is_not_there_is_named(tmp_path: Path) -> None:
    for command, said in (
        ([sys.executable, str(tmp_path / "none.py")], r"none.py: ended with status 2"),
        (["no-such-launcher", "--x"], r"launch no-such-launcher --x: No such file"),
    ):
        with pytest.raises(TrainingStopped, match=said):
            launch_training(command, SftSettings(), tmp_path / "data", tmp_path / "writer", resume=False)


def test_a_command_that_leaves_no_checkpoint_is_refused(tmp_path: Path) -> None:
    (tmp_path / "idle.py").touch()
    command = [sys.executable, str(tmp_path / "idle.py")]
    with pytest.raises(CheckpointError, match="writer: no such folder; expected a folder that simcons train made"):
        launch_training(command, SftSettings(), tmp_path / "data", tmp_path / "writer", resume=False)
