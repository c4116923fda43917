"""A folder where a file is wanted: commands say what it is and what to type."""

from __future__ import annotations

import shutil

import pytest
from typer.testing import CliRunner

from simcons.cli.app import app
from simcons.errors import ScenarioError
from simcons.scenario.shipped import data_folder


def invoke(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)))


def said(*arguments):
    result = invoke(*arguments)
    assert isinstance(result.exception, ScenarioError), result.output
    assert len(str(result.exception).splitlines()) == 1
    return str(result.exception)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A finished run, one that was begun, banks, scenarios, and nothing."""
    place = tmp_path_factory.mktemp("given")
    small = ("--set", "design.groups=1", "--set", "design.rounds=1")
    assert invoke("run", "paper_baselines", *small, "--out", place / "a run", "--quiet").exit_code == 0
    (place / "begun").mkdir()
    (place / "begun" / "UNFINISHED").write_text("")
    (place / "result").mkdir()
    (place / "result" / "manifest.json").write_text('{"kind": "stress"}')
    shutil.copytree(data_folder("scenarios") / "questions", place / "banks")
    (place / "studies").mkdir()
    for name in ("quickstart", "llm_writer"):
        shutil.copy(data_folder("scenarios") / "studies" / f"{name}.yaml", place / "studies")
    (place / "studies" / "broken.yaml").write_text("a: [")
    (place / "people").mkdir()
    shutil.copy(data_folder("personas") / "uk.yaml", place / "people")
    (place / "empty").mkdir()
    (place / "topics").mkdir()
    (place / "topics" / "t.yaml").write_text("topic: t\nquestions: []\n")
    return place


@pytest.mark.parametrize("command", ["check", "run"])
def test_runs(folder, command):
    assert f"is a finished run, not an input file; look at it with: simcons show '{folder}/a run'" in said(
        command, folder / "a run"
    )
    assert f"is an unfinished run, not an input file; go on with: simcons run --resume {folder}/begun" in said(
        command, folder / "begun"
    )
    assert "is a result of simcons stress, not an input file" in said(command, folder / "result")


@pytest.mark.parametrize("command", ["check", "run"])
def test_folders_of_inputs(folder, command):
    assert (
        f"is a folder with 3 question banks; check one of them, such as: simcons check {folder}/banks/american"
        in said(command, folder / "banks")
    )
    assert (
        f"is a folder with 2 scenarios; expected one of them, such as: simcons {command} {folder}/studies/llm_writer.yaml"
        in said(command, folder / "studies")
    )
    assert "is a folder without input files; expected a scenario" in said(command, folder / "empty")


def test_a_bank_is_checked_but_not_run(folder):
    result = invoke("check", folder / "banks" / "core")
    assert result.exit_code == 0
    assert "56 questions" in result.stdout
    assert (
        f"is a question bank, not a scenario; name it in one (questions.bank) and check it with: simcons check {folder}"
        in said("run", folder / "banks" / "core")
    )
    assert "t.yaml" in said("check", folder / "topics")
    (folder / "topics" / "t.yaml").write_text("topic: [")
    assert "t.yaml: line 2: " in said("check", folder / "topics")


def test_populations_are_checked_one_by_one(folder):
    assert f"with 1 input file; expected one of them, such as: simcons check {folder}/people/uk.yaml" in said(
        "check", folder / "people"
    )
    assert "is a folder without input files" in said("run", folder / "people")
