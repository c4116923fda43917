"""Runs for other programs: JSON and CSV that hold what the terminal says, and nothing else on standard output."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys

import pandas as pd
import pytest
from commands import typed

import simcons
from simcons.errors import RunFolderError
from simcons.records import TABLES, TRUTH_TABLES
from simcons.storage.codebook import codebook_markdown
from simcons.storage.export import export

SMALL = ("--set", "design.groups=2", "--set", "design.rounds=1")


def cli(*arguments, check=True):
    done = typed(*arguments)
    if check:
        assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A run whose summary was asked for as JSON."""
    folder = tmp_path_factory.mktemp("formats") / "run"
    return folder, json.loads(cli("run", "paper_exclusion", *SMALL, "--out", folder, "--format", "json").stdout)


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """A run that asked a language model, a scripted one."""
    folder = tmp_path_factory.mktemp("formats") / "asked"
    scripted = ("--set", "engines.small={kind: scripted}", "--set", "readers.reader.matching=words")
    cli("run", "quickstart", *SMALL, *scripted, "--out", folder, "--quiet")
    return folder


def test_run_and_show_give_the_same_figures(told):
    folder, document = told
    run = simcons.load(folder)
    assert document == json.loads(cli("show", folder, "--format", "json").stdout)
    assert document["people"]["recruited"] == len(run.participants)
    assert document["rounds"]["begun"] == len(run.rounds)
    assert document["ratings"]["n_ratings"] == run.ratings["agreement"].notna().sum()
    assert document["synthetic"] is True
    assert document["partial"] is False
    (arm,) = document["arms"]
    assert arm["scales"]["agreement"]["mean"]["value"] == pytest.approx(run.ratings["agreement"].mean())
    levels = [row for row in document["by_opinions_left_out"] if row["measure"] == "agreement_of_used"]
    assert [row["omitted"] for row in levels] == [0, 1, 2]
    assert document["truth"]["model_as_people"]["asked"] == []


def test_a_round_as_json_has_the_truth_only_if_asked(told):
    folder, _ = told
    run = simcons.load(folder)
    round_id = run.rounds["round_id"].iloc[0]
    plain = json.loads(cli("show", folder, "--round", round_id, "--format", "json").stdout)
    assert plain["round"]["question"] == run.rounds["question"].iloc[0]
    assert "truth" not in plain
    truth = json.loads(cli("show", folder, "--round", round_id, "--format", "json", "--truth").stdout)["truth"]
    positions = run.truth("positions").query("round_id == @round_id").set_index("participant_id")["position"]
    assert {who: one["position"] for who, one in truth.items()} == positions.to_dict()


def test_calls_as_json_and_csv(asked):
    document = json.loads(cli("calls", asked, "--format", "json").stdout)
    rows = list(csv.DictReader(io.StringIO(cli("calls", asked, "--format", "csv").stdout)))
    assert document["finished"] is True
    assert list(document["models"]) == ["small"]
    assert [row["act"] for row in rows] == [account["act"] for account in document["accounts"]] == ["candidate"]
    assert int(rows[0]["n_calls"]) == document["accounts"][0]["n_calls"] > 0
    assert "candidate (small)" in cli("calls", asked).stdout


def test_a_run_without_calls_says_so_in_a_sentence(told, tmp_path):
    folder, _ = told
    assert cli("calls", folder).stdout == f"{folder}: this run has asked no language model.\n"
    document = json.loads(cli("calls", folder, "--format", "json").stdout)
    assert document == {"finished": True, "models": {}, "accounts": []}
    assert len(cli("calls", folder, "--format", "csv").stdout.splitlines()) == 1
    refused = cli("calls", tmp_path, check=False)
    assert refused.returncode == 2
    assert "is not a run folder" in refused.stderr


def test_calls_are_recommended_only_where_there_are_any(tmp_path, asked):
    assert "simcons calls" not in cli("run", "paper_baselines", *SMALL, "--out", tmp_path / "a").stdout
    replayed = cli("run", "--replay", asked, "--out", tmp_path / "b")
    assert ("simcons calls" in replayed.stdout) == (tmp_path / "b" / "calls.sqlite").exists()


def read_csv(path) -> pd.DataFrame:
    return pd.read_csv(path, keep_default_na=False, na_values={}, dtype=str)


@pytest.mark.parametrize("truth", [False, True])
def test_tables_are_exported_as_csv_with_their_codebook(told, tmp_path, truth):
    run = simcons.load(told[0])
    written = export(run, tmp_path / "out", form="csv", truth=truth)
    names = {*TABLES} | ({f"truth/{name}" for name in TRUTH_TABLES} if truth else set())
    assert {path.relative_to(tmp_path / "out").with_suffix("").as_posix() for path in written} == names
    assert (tmp_path / "out" / "truth").exists() == truth
    assert (tmp_path / "out" / "codebook.md").read_text() == codebook_markdown()
    about = json.loads((tmp_path / "out" / "about.json").read_text())
    assert (about["name"], about["unfinished"]) == ("paper_exclusion", False)
    for name in TABLES:
        frame, read = run.frame(name), read_csv(tmp_path / "out" / f"{name}.csv")
        assert list(read.columns) == list(frame.columns)
        assert len(read) == len(frame)
    assert read_csv(tmp_path / "out" / "opinions.csv")["text"].tolist() == run.opinions["text"].tolist()
    cells = read_csv(tmp_path / "out" / "candidates.csv")["opinion_ids"]
    assert [json.loads(cell) for cell in cells] == [list(ids) for ids in run.candidates["opinion_ids"]]
    ratings = pd.read_csv(tmp_path / "out" / "ratings.csv")
    assert ratings["agreement"].astype(float).equals(run.ratings["agreement"])


def test_tables_are_exported_as_parquet(told, tmp_path):
    run = simcons.load(told[0])
    cli("export", told[0], "--to", "parquet", "-o", tmp_path / "out")
    assert pd.read_parquet(tmp_path / "out" / "ratings.parquet")["candidate_id"].equals(run.ratings["candidate_id"])
    assert not (tmp_path / "out" / "truth").exists()
    with pytest.raises(RunFolderError, match="is not empty"):
        export(run, tmp_path / "out", form="parquet")


def test_a_damaged_run_is_not_exported_in_part(told, tmp_path):
    folder = tmp_path / "run"
    run = simcons.load(told[0])
    folder.mkdir()
    for name in ("manifest.json", *(f"{name}.parquet" for name in TABLES if name != "mediations")):
        (folder / name).write_bytes((run.folder / name).read_bytes())
    refused = cli("export", folder, "--to", "csv", "-o", tmp_path / "out", check=False)
    assert refused.returncode == 2
    assert "mediations.parquet: the table is missing" in refused.stderr
    assert not (tmp_path / "out").exists()


def test_any_encoding_of_the_output_will_do(told):
    """The pound sign is not in ASCII."""
    command, environment = [sys.executable, "-m", "simcons", "show", told[0]], {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | environment)
    assert r"\xa3" in done.stdout
