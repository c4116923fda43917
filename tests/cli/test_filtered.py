"""A study at a server that filters some of its requests, as a user meets it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml
from commands import Done, typed

from simcons.records import TABLES, TRUTH_TABLES

STUB = Path(__file__).parents[1] / "engines" / "stub_server.py"
NAMES = [*TABLES, *(f"truth/{name}" for name in TRUTH_TABLES)]


@pytest.fixture
def server():
    command = [sys.executable, str(STUB)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/squeamish/v1"
        finally:
            process.terminate()


def cli(*arguments: object, cwd: Path) -> Done:
    done = typed(*arguments, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_a_study_of_which_a_server_filters_a_part_goes_on_and_is_replayed(server, tmp_path):
    """One request in three is filtered: a slate is made of the others."""
    scenario = {
        "name": "filtered",
        "seed": 5,
        "questions": {"kind": "bank", "bank": "core"},
        "design": {"groups": 2, "group_sizes": [3], "rounds": 2, "passes": 1},
        "mediators": [
            {"arm": "model",
             "generator": {"kind": "language_model", "engine": "m", "prompt": "zero_shot", "samples": 4},
             "scorer": "none", "select": 1},
        ],
        "engines": {"m": {"kind": "openai", "base_url": server, "model": "stub"}},
        "readers": {"reader": {"matching": "words"}},
    }  # fmt: skip
    (tmp_path / "filtered.yaml").write_text(yaml.safe_dump(scenario))
    told = cli("run", "filtered.yaml", "--out", "first", cwd=tmp_path)
    with sqlite3.connect(tmp_path / "first" / "calls.sqlite") as database:
        finishes = Counter(finish for (finish,) in database.execute("SELECT finish FROM calls"))
        seen = {seen for (seen,) in database.execute("SELECT seen FROM calls WHERE finish = 'filtered'")}
    database.close()
    assert finishes.keys() == {"stop", "filtered"}
    assert seen == {"status 400: The prompt was filtered."}
    lines = [line.split() for line in cli("calls", "first", cwd=tmp_path).stdout.splitlines()]
    assert [line[-3:] for line in lines if line[-1:] == ["price"]] == [["none", "seconds", "price"]]
    [row] = [line for line in lines if line[:2] == ["candidate", "(m)"]]
    assert row[-3] == str(finishes["filtered"])
    note = "Engine m: min_p is not sent: servers of dialect 'openai' do not take it"
    assert "min_p" not in told.stderr
    assert note in " ".join(told.stdout.split("Ratings by arm")[1].split())
    assert note.removeprefix("Engine m: ") in (tmp_path / "first" / "run.log").read_text()
    cli("run", "--replay", "first", "--out", "again", cwd=tmp_path)
    for name in NAMES:
        assert (tmp_path / "first" / f"{name}.parquet").read_bytes() == (
            tmp_path / "again" / f"{name}.parquet"
        ).read_bytes(), name
