"""What `simcons --help`, `--version` and `--seed` say and do."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from typer.testing import CliRunner

import simcons
from simcons.cli.app import app

COMMANDS = [
    *("run", "show", "report", "calls", "codebook", "analyse", "believe", "calibrate", "compare", "gate", "exploits"),
    *("export", "import", "plan", "serve", "sweep"),
    *("check", "check-reader", "new", "schema", "persona", "bank"),
    *("reselect", "axioms", "stress"),
    *("loop", "evaluate", "train"),
]  # in the order in which help lists them
LONGEST_OPTION = 10


def said(*arguments: str, width: int) -> str:
    done = CliRunner().invoke(app, [*arguments, "--help"], env={"COLUMNS": str(width), "TERMINAL_WIDTH": str(width)})
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize(
    "command", ["", *COMMANDS, "bank draft", "train data", "train sft", "train reward", "train export", "train push"]
)
def test_every_entry_of_a_list_fits_its_line(command, width):
    lines = said(*command.split(), width=width).splitlines()
    assert max(map(len, lines)) <= width
    rows = [line.strip("│").removeprefix(" *") for line in lines if line.startswith("│")]
    assert len(rows) >= 2
    assert not [row for row in rows if row.startswith(" " * LONGEST_OPTION)], "an entry goes on in a second line"


def test_commands_are_listed_in_parts():
    lines = said(width=80).splitlines()
    listed = [line.split()[1] for line in lines if line.startswith("│ ") and not line.startswith("│ --")]
    assert listed == COMMANDS
    assert [line.split()[1] for line in lines if line.startswith("╭")] == [
        "Options",
        "Studies",
        "Input",
        "Welfare",
        "Training",
    ]


def test_the_version_comes_with_what_results_depend_on_and_loads_nothing_heavy():
    heavy = {"torch", "transformers", "ray", "hypothesis", "scipy"}
    code = (
        "import sys; sys.argv = ['simcons', '--version']\nfrom simcons.cli import main\n"
        f"try:\n    main()\nfinally:\n    print([name for name in {sorted(heavy)} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    first, *others, loaded = done.stdout.splitlines()
    assert first.split()[:2] == ["simcons", metadata.version("simcons")]
    assert dict(line.split(" ", 1) for line in others) == {
        "python": sys.version.split()[0],
        **{name: metadata.version(name) for name in ("torch", "transformers")},
    }
    assert loaded == "[]"


def test_a_seed_is_short_for_setting_it(tmp_path: Path):
    small = ["paper_baselines", "--set", "design.groups=1", "--set", "design.rounds=1", "--quiet"]
    for name, seed in (("short", ["--seed", "7"]), ("long", ["--set", "seed=7"])):
        done = CliRunner().invoke(app, ["run", *small, *seed, "--out", str(tmp_path / name)])
        assert done.exit_code == 0, done.output
    assert simcons.load(tmp_path / "short").manifest["seed"] == 7
    tables = [(tmp_path / name / "opinions.parquet").read_bytes() for name in ("short", "long")]
    assert tables[0] == tables[1]


def test_the_seed_of_a_stress_test(tmp_path: Path):
    arguments = ["stress", "polarisation", "--rounds", "50", "--jobs", "1", "--seed", "9", "--quiet"]
    assert CliRunner().invoke(app, [*arguments, "--out", str(tmp_path / "out")]).exit_code == 0
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["tests"][0]["seed"] == 9


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["check", "quickstart", "--seed", "1", "--set", "seed=2"],
            "--seed 1 and --set 'seed=2': expected one of them",
        ),
        (["run", "--replay", "x", "--seed", "1"], "--set 'seed=1': a replay keeps its scenario; expected no --set"),
    ],
)
def test_a_seed_that_cannot_be_set(arguments, line):
    assert str(CliRunner().invoke(app, arguments).exception) == line
