"""``simcons analyse`` as typed: tables on the terminal and in files, and input that cannot be used in one line."""

from __future__ import annotations

import json
import subprocess
import sys

import pandas as pd
import pytest

ARMS = [
    {
        "arm": "ours",
        "generator": {"kind": "scripted", "samples": 4},
        "scorer": "reader",
        "welfare": {"alpha": 0},
        "select": 1,
    },
    {"arm": "theirs", "generator": {"kind": "scripted", "samples": 1, "skill": 0.1}, "scorer": "none", "select": 1},
]


def cli(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "simcons", "analyse", *map(str, arguments)], capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def run(simulate):
    return simulate(mediators=ARMS, design={"groups": 3, "rounds": 2}).run.folder


def test_tables_are_shown_and_written_whole(run, tmp_path):
    done = cli(run, "--out", tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, "")
    for text in ("ours over theirs", "--only win_rates", "exclusion_effect: none, as no statement was made without"):
        assert text in " ".join(done.stdout.split())
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    for name, n_rows in manifest["rows"].items():
        assert len(pd.read_csv(tmp_path / "out" / f"{name}.csv")) == n_rows
    assert manifest["runs"][0]["label"] == run.name


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--only", "wins"), "analysis 'wins': expected one of win_rates"),
        (("nowhere",), "nowhere"),
    ],
)
def test_input_that_cannot_be_used_is_told_in_a_line(run, more, told):
    done = cli(run, *more)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
