"""``simcons train persona-data``, ``persona`` and ``persona-check`` as a user meets them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result
from written_run import simulated_run

from simcons.actors.blind import OPINIONS
from simcons.cli.app import app
from simcons.errors import SimconsError
from simcons.training.data.persona import load_persona_data
from simcons.training.manifest import read_checkpoint
from simcons.training.toy import toy_model


def train(command: str, *arguments: object) -> Result:
    return CliRunner().invoke(app, ["train", command, *map(str, arguments)])


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    run, _ = simulated_run(folder / "run")
    made = train("persona-data", run, "--out", folder / "data", "--least", 1, "--validation", 0.5)
    assert made.exit_code == 0, made.output
    assert "answers: agreement" in made.stdout
    assert "Held out:" in (folder / "data" / "README.md").read_text(encoding="utf-8")
    return folder / "data"


def test_a_model_is_taught_checked_and_read(data: Path, tmp_path: Path) -> None:
    base, out, check = toy_model(tmp_path / "base", context=4096), tmp_path / "out", tmp_path / "check"
    settings = [f"--set={part}" for part in (f"model={base}", "steps=1", "machine.device=cpu", "machine.dtype=float32")]
    too_few = train("persona", data, "--out", out, *settings)
    assert (too_few.exit_code, out.exists()) == (1, False)
    assert "lessons.0.examples: value 160" in str(too_few.exception)
    taught = train("persona", data, "--out", out, *settings, "--set=lessons=[]")
    assert taught.exit_code == 0, taught.output
    assert f"engines: {{actor: {{kind: transformers, model: {base}, adapter: {out}}}}}" in taught.stdout
    assert read_checkpoint(out).training["metrics"]["examples_of_people"] == 0
    checked = train("persona-check", data, "--model", base, "--adapter", out, "--people", 2, "--out", check)
    assert checked.exit_code == 0, checked.output
    assert "r with another person told" in checked.stdout
    figures = json.loads((check / "manifest.json").read_text(encoding="utf-8"))["models"]
    assert [*figures] == ["as it comes", "with the adapter"]
    assert [some["act"] for some in figures["as it comes"]["ratings"]] == ["agreement", "position"]
    told_apart = train(
        "persona-check", data.parent / "run", "--model", base, "--adapter", out, "--out", tmp_path / "run"
    )
    assert told_apart.exit_code == 0, told_apart.output
    asked = {row["question"] for row in _rows(tmp_path / "run" / OPINIONS)}
    learnt = {example.question for example in load_persona_data(data).learn}
    assert len(asked) == len(learnt) == 2
    assert not asked & learnt
    _fill_in(check / OPINIONS)
    read = train("persona-check", "--read", check)
    assert read.exit_code == 0, read.output
    assert "on the side told" in read.stdout


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _fill_in(path: Path) -> None:
    rows = _rows(path)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "on_question": "no", "side": "neither"} for row in rows)


@pytest.mark.parametrize(
    ("command", "arguments", "error"),
    [
        ("persona-data", ["nowhere", "--out", "out"], "nowhere: no such run folder"),
        ("persona-data", ["nowhere", "--out", "out", "--validation", "2"], "--validation: value 2.0"),
        ("persona", ["nowhere", "--out", "out"], "nowhere"),
        ("persona", ["nowhere", "--out", "out", "--set", "people=2"], "people: value 2"),
        ("persona-check", ["nowhere"], "expected PEOPLE and --out FOLDER, or --read FOLDER"),
        ("persona-check", ["nowhere", "--out", "out", "--people", "3"], "nowhere"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(command: str, arguments: list[str], error: str, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    refused = train(command, *arguments)
    assert isinstance(refused.exception, SimconsError), refused.output
    assert error in str(refused.exception)
    assert not Path("out").exists()
