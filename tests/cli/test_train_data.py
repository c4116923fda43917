"""``simcons train data`` as a user meets it."""

from __future__ import annotations

import re

import pytest

from simcons.cli.app import app
from simcons.cli.ending import end
from simcons.training.data.folder import load_training_data, read_card

SETTINGS = (
    "--sft-rule",
    "top 50% by agreement within the study",
    "--validation",
    "0.3",
    "--least",
    "2",
    "--ties",
    "keep",
)


@pytest.fixture(scope="module")
def run(simulate):
    """A study of five groups whose scripted mediator shows three statements a round."""
    arms = [{"arm": "scripted", "generator": {"kind": "scripted", "samples": 3}, "select": 3}]
    questions = {"kind": "bank", "split": "train"}
    return simulate(seed=3, questions=questions, design={"groups": 5, "rounds": 2}, mediators=arms).run.folder


def train_data(capsys, *arguments):
    """Exit code, output and errors."""
    try:
        code = app(["train", "data", *map(str, arguments)], standalone_mode=False) or 0
    except Exception as error:
        code = end(error)
    return code, *capsys.readouterr()


def test_a_folder_is_made_and_counted(run, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    code, out, err = train_data(capsys, run, "--out", tmp_path / "data", *SETTINGS)
    assert (code, err) == (0, "")
    card = read_card(tmp_path / "data")
    assert card["settings"]["sft_rule"] == "top 50% by agreement within the study"
    for filters in card["filters"].values():
        for name, n in filters.items():
            assert f"\n{name} " in out
            assert f" {n:,}\n" in out
    assert max(map(len, out.splitlines()[:-1])) <= 80
    data = load_training_data(tmp_path / "data")
    assert ["ratings", str(len(data.learn.ratings)), str(len(data.validation.ratings))] in map(
        str.split, out.splitlines()
    )


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (
            ("--sft-rule", "best"),
            "--sft-rule: 'best': expected `quality >= 6`, `top 10% by quality within the study`, or `top 10% by",
        ),
        (("--validation", "0.7"), "--validation: value 0.7: expected a number of at most 0.5"),
        (("--least", "0"), "--least: value 0: expected a whole number of at least 1"),
        (("--prompt", "none"), "prompt 'none': no such file, and not a shipped one"),
        (("--least", "5000"), r"\d+ SFT examples to learn from; expected at least 5,000; .* filter `top 50%"),
    ],
)
def test_what_cannot_be_used_is_one_line(run, tmp_path, capsys, options, line):
    code, out, err = train_data(capsys, run, "--out", tmp_path / "data", *SETTINGS[:4], *options)
    assert (code, out) == (2, "")
    assert re.match(f"simcons: {line}", err)
    assert err.count("\n") == 1
    assert not (tmp_path / "data").exists()


def test_runs_that_cannot_be_used(run, tmp_path, capsys):
    unfinished = tmp_path / "unfinished"
    unfinished.mkdir()
    (unfinished / "UNFINISHED").write_text("")
    for runs, line in (
        ([unfinished], f"simcons: {unfinished}: this run has not finished"),
        ([tmp_path], f"simcons: {tmp_path}: is not a run folder"),
        ([run, run], f"simcons: {run}: has the records of {run}; expected each run once"),
    ):
        code, _, err = train_data(capsys, *runs, "--out", tmp_path / "data")
        assert code == 2
        assert err.startswith(line)
        assert err.count("\n") == 1


def test_a_folder_with_something_in_it_is_refused_before_anything_is_read(tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("mine")
    code, _, err = train_data(capsys, tmp_path / "no_run", "--out", tmp_path)
    assert (code, err) == (2, f"simcons: output {tmp_path}: is not empty; expected a new folder\n")
