"""`simcons compare` and `simcons gate`: what they print, their exit codes, and their refusals in one line."""

from __future__ import annotations

import json

import pytest
import yaml
from rated_by_people import imported
from typer.testing import CliRunner

from simcons.cli.app import app
from simcons.cli.ending import end

BASE = {
    "name": "base",
    "seed": 3,
    "questions": {"kind": "bank", "bank": "core", "topics": ["transport"]},
    "design": {"groups": 4, "group_sizes": [3], "rounds": 2, "passes": 1},
    "mediators": [{"arm": "ours", "generator": {"kind": "scripted", "samples": 4}, "scorer": "reader", "select": 1}],
}
NONSENSE = 'mediators.0.generator={"kind": "exploit", "exploit": "nonsense", "samples": 4}'
GATE = {
    "kind": "gate",
    "name": "guard",
    "base": "base.yaml",
    "set": {"mediators.0.generator": {"kind": "exploit", "exploit": "nonsense", "samples": 4}},
    "groups": 5,
    "metrics": [{"measure": "true_agreement", "margin": "0.1 points"}],
}


@pytest.fixture
def simcons(tmp_path, monkeypatch):
    """Calls a command in a folder with a scenario and a gate."""
    (tmp_path / "base.yaml").write_text(yaml.safe_dump(BASE))
    (tmp_path / "gate.yaml").write_text(yaml.safe_dump(GATE))
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(app, list(arguments), env={"COLUMNS": "80"})


def test_a_comparison_prints_findings_tables_and_rounds_within_80_columns(simcons, tmp_path):
    done = simcons("compare", "base.yaml", "--set", NONSENSE, "--measure", "agreement", "--out", "out")
    assert done.exit_code == 0, done.output
    for title in ("All rounds and people", "By people and rounds", "What a round takes", "Rounds that changed most"):
        assert title in done.stdout
    assert "* The change is" in done.stdout
    table = [line for line in done.stdout.splitlines() if line.startswith(("agreement", "measure", "minority"))]
    assert max(map(len, table)) <= 80
    assert (tmp_path / "out" / "compare.md").read_text().startswith("# A change of base: 4 groups")


def test_a_few_people_stand_beside_the_simulation(simcons, tmp_path):
    imported(tmp_path / "people")
    people = ["--people", "people/few", "--arm", "base=old", "--arm", "change=new", "--anew", "2"]
    done = simcons("compare", "base.yaml", "--set", NONSENSE, "--measure", "agreement", *people, "--out", "out")
    assert done.exit_code == 0, done.output
    assert "* 8 groups of people (few) say -1.88 [-2.57, -1.18] points in agreement" in " ".join(done.stdout.split())
    assert "A few people, and predictions of them" in done.stdout
    assert (tmp_path / "out" / "people.csv").read_text().count("\n") == 2
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "8 groups of people" in page
    assert 'id="people"' in page


def test_a_gate_stops_with_code_1_and_json(simcons, tmp_path):
    done = simcons("gate", "gate.yaml", "--format", "json", "--out", "out")
    assert done.exit_code == 1, done.output
    assert json.loads(done.stdout)["passes"] is False
    assert (tmp_path / "out" / "junit.xml").exists()


OURS = """
def ours(question, opinions, client):
    return opinions[0]
"""


def test_a_gate_that_passes_has_code_0_and_its_verdict_does_not_outlive_the_code(simcons, capsys, tmp_path):
    (tmp_path / "mine.py").write_text(OURS)
    code = {"arm": "ours", "mediator": {"kind": "python", "call": "mine.py:ours"}, "select": 1}
    kept = {"measure": "true_agreement", "margin": "3 points"}
    gate = {**GATE, "set": {"mediators.0": code}, "groups": 2, "metrics": [kept]}
    (tmp_path / "gate.yaml").write_text(yaml.safe_dump(gate))
    first = simcons("gate", "gate.yaml", "--out", "out")
    assert first.exit_code == 0, first.output
    assert simcons("gate", "gate.yaml", "--out", "out").stdout == first.stdout

    (tmp_path / "mine.py").write_text(OURS.replace("opinions[0]", '"the the the"'))
    again = simcons("gate", "gate.yaml", "--out", "out")
    assert end(again.exception) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "out/change: engine 'arm ours' has another code than when this run began" in line
    assert line.endswith("or a new folder (--out)")


def test_a_gate_is_checked_like_any_other_input(simcons):
    done = simcons("check", "gate.yaml")
    assert done.exit_code == 0, done.output
    assert "guard: good: " in done.stdout
    assert "5 groups of both; guards true_agreement" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["compare", "base.yaml"], "is the same as base"),
        (["compare", "base.yaml", "--set", "population.name=uk"], "population.name"),
        (["compare", "base.yaml", "--set", NONSENSE, "--margin", "agreement"], "--margin 'agreement': expected"),
        (["compare", "base.yaml", "--set", NONSENSE, "--margin", "agreement=0.1"], "a number with its unit"),
        (["compare", "base.yaml", "--set", NONSENSE, "--stop-early"], "--stop-early with design.groups 4"),
        (["compare", "base.yaml", "--set", NONSENSE, "--anew", "3"], "--anew: expected --people IMPORT beside it"),
        (
            ["compare", "base.yaml", "--set", NONSENSE, "--people", "x", "--arm", "old"],
            "--arm 'old': expected one of ours",
        ),
        (["compare", "base.yaml", "--set", NONSENSE, "--people", "absent"], "absent: no such run folder"),
        (["compare", "gate.yaml", "base.yaml"], "is of kind gate; expected kind scenario (simcons gate takes it)"),
        (["gate", "absent.yaml"], "absent.yaml"),
        (["gate", "base.yaml"], "base.yaml: is of kind scenario; expected kind gate (simcons run takes it)"),
        (["gate", "gate.yaml", "--set", "rule=kind"], "rule"),
        (["gate", "gate.yaml", "--self-check", "--format", "junit"], "--format junit: a self-check decides nothing"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_code_2(simcons, capsys, arguments, expected):
    done = simcons(*arguments)
    assert done.exception is not None
    assert end(done.exception) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert expected in line
