"""``simcons train sft`` and ``simcons train reward`` as a user meets them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result
from written_study import usual, write_study

from simcons.cli.app import app
from simcons.engines.local.reward_manifest import read_manifest
from simcons.errors import CheckpointError, MissingPackage, TrainingDataError
from simcons.training import packages
from simcons.training.data.build import build
from simcons.training.data.folder import save
from simcons.training.data.settings import DataSettings
from simcons.training.manifest import read_checkpoint
from simcons.training.toy import toy_model

SHORT = ("--set", "steps=1", "--set", "machine.device=cpu", "--set", "machine.dtype=float32", "--set", "lora.layers=2")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two examples a group: three groups to learn from, one held out."""
    folder = tmp_path_factory.mktemp("data")
    run = write_study(folder / "run", *map(usual, range(1, 5)))
    save(build([run], DataSettings(least=1, validation=0.2)), folder / "data")
    return folder / "data"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy_model(tmp_path_factory.mktemp("base"), context=2048)


def train(kind: str, data: Path, base: Path, out: Path, *more: str) -> Result:
    return CliRunner().invoke(
        app, ["train", kind, str(data), "--out", str(out), "--set", f"model={base}", *SHORT, *more]
    )


def test_a_mediator_is_trained_and_a_scenario_named(data: Path, base: Path, tmp_path: Path) -> None:
    done = train("sft", data, base, tmp_path / "out")
    assert done.exit_code == 0, done.output
    manifest = read_checkpoint(tmp_path / "out")
    assert manifest.training["data"] == str(data)
    assert manifest.training["settings"]["lora"] == {"rank": 16, "alpha": 32.0, "dropout": 0.0, "layers": 2}
    said = " ".join(done.stdout.split())
    assert f"examples {manifest.training['examples']} held out {manifest.training['held_out']}" in said
    assert f"engines: {{sft: {{kind: transformers, model: {base}, adapter: {tmp_path / 'out'}}}}}" in done.stdout
    assert list((tmp_path / "out" / "logs").glob("events.out.tfevents.*"))


def test_a_reward_model_is_trained(data: Path, base: Path, tmp_path: Path) -> None:
    done = train("reward", data, base, tmp_path / "out", "--format", "json")
    assert done.exit_code == 0, done.output
    manifest = read_manifest(tmp_path / "out")
    assert json.loads(done.stdout) == manifest.model_dump(mode="json")
    assert manifest.calibration is not None
    assert manifest.training["metrics"]["held_out_pairs"] > 0


def test_what_goes_wrong_is_an_error_of_one_line(data: Path, base: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").touch()
    assert isinstance(train("sft", data, base, tmp_path / "full").exception, CheckpointError)
    assert isinstance(train("sft", data, base, tmp_path / "new", "--resume").exception, CheckpointError)
    assert isinstance(train("sft", tmp_path, base, tmp_path / "new").exception, TrainingDataError)


def test_a_package_that_is_not_installed_is_named_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "NEEDED", ("trl", "no_such_package"))
    with pytest.raises(
        MissingPackage, match=r"'no_such_package', which is not installed: pip install 'simcons\[train\]'"
    ):
        packages.check_packages()
