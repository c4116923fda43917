"""Folders that commands write to: what they may be called."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

import simcons
from simcons.cli.app import app
from simcons.errors import ScenarioError

SMALL = ("--set", "design.groups=1", "--set", "design.rounds=1", "--quiet")


def invoke(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)))


@pytest.mark.parametrize(
    ("name", "said"),
    [("a\udcff", "U+DCFF"), ("a\x1b[31m", "U+001B"), ("a\x7f", "U+007F"), ("a\nb", "a line end")],
)
@pytest.mark.parametrize(
    "command",
    [
        ("run", "quickstart", "--out"),
        ("reselect", "nowhere", "--out"),
        ("stress", "polarisation", "--out"),
        ("export", "nowhere", "--to", "csv", "--out"),
        ("new", "x", "--folder"),
    ],
    ids=lambda command: command[0],
)
def test_a_folder_whose_name_cannot_be_written_is_refused_at_once(tmp_path, command, name, said):
    result = invoke(*command, f"{tmp_path}/{name}")
    assert isinstance(result.exception, ScenarioError)
    assert f"holds {'' if said == 'a line end' else 'the character '}{said}; expected a name" in str(result.exception)
    assert len(str(result.exception).splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_home_is_a_home_in_every_shell(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    assert invoke("run", "paper_baselines", *SMALL, "--out=~/mine").exit_code == 0
    assert invoke("run", "paper_baselines", *SMALL, "--set", "output.folder=~/runs").exit_code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"home"}
    for folder in ("mine", "runs/paper_baselines-001"):
        assert len(simcons.load(tmp_path / "home" / folder).rounds) == 1
    assert "no such home folder" in str(invoke("run", "paper_baselines", "--out=~nobody-here/x").exception)


@pytest.mark.parametrize("name", ["~", "~/o[draft]", "税金 a*b"])
def test_odd_names_are_folders_like_any_other(tmp_path, monkeypatch, name):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    assert invoke("run", "paper_baselines", *SMALL, "--out", tmp_path / name).exit_code == 0
    assert invoke("show", tmp_path / name).exit_code == 0
    assert invoke("export", tmp_path / name, "--to", "csv", "-o", tmp_path / name / ".." / "as csv").exit_code == 0
    assert not (tmp_path / "home").exists()
    assert len(simcons.load(tmp_path / name).sql().execute("SELECT * FROM rounds").fetchall()) == 1
