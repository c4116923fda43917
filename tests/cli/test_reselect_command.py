"""``simcons reselect`` as a user meets it."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from commands import typed

from simcons.analysis.reselect.reselection import ReselectionSettings
from simcons.cli.reselect import read_settings
from simcons.errors import InputError

NOTHING = {"alphas": (), "rules": (), "maps": (), "scorers": (), "judges": (), "missing": "refuse", "seed": 0}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reselect") / "run"
    done = typed("run", "polarised", "--set", "design.groups=4", "--out", folder, "--quiet")
    assert done.returncode == 0, done.stderr
    return folder


def test_a_run_is_chosen_from_again_and_read(run, tmp_path):
    done = typed("reselect", run, "--map", "likert", "--map", "exp:1", "--out", tmp_path / "again")
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if str(tmp_path) not in line]
    assert max(map(len, lines)) <= 80
    for text in (
        "synthetic participants, not people",
        "Scorer reader, map likert",
        "Regret",
        "Reading",
        "Arm nash: 12 of 12",
    ):
        assert text in done.stdout
    for rule in ("utilitarian", "alpha 0.5", "Nash", "alpha 2", "Rawlsian", "leximin", "Schulze", "Borda", "approval"):
        assert f"\n{rule} " in done.stdout
    assert "upper bound" not in done.stdout
    assert "\nTrue agreement with it, points\n" in done.stdout
    assert "true agreement is latent: it has no bounds" in " ".join(done.stdout.split())

    choices = pd.read_parquet(tmp_path / "again" / "reselection.parquet")
    pd.testing.assert_index_equal(choices.columns, pd.read_csv(tmp_path / "again" / "reselection.csv").columns)
    rounds = pd.read_parquet(run / "rounds.parquet")
    assert len(choices) == rounds["slate_at"].notna().sum() * 9 * 2
    findings = pd.read_parquet(tmp_path / "again" / "findings.parquet")
    assert set(findings["sweep"]) == {"reselect"}
    manifest = json.loads((tmp_path / "again" / "manifest.json").read_text())
    assert manifest["kind"] == "reselect"
    assert "By scores of the" in (tmp_path / "again" / "reading.md").read_text()
    assert (tmp_path / "again" / "report.html").exists()
    assert manifest["settings"]["maps"] == ["likert", "exp:1"]
    assert manifest["rows"] == {"reselection": len(choices), "findings": len(findings)}


def test_what_is_asked_for_is_what_is_compared(run):
    done = typed("reselect", run, "--alpha", "1,inf", "--rule", "leximin", "--scorer", "oracle", "--judge", "0")
    assert done.returncode == 0, done.stderr
    rows = [line.split()[0] for line in done.stdout.splitlines() if "[" in line and not line.startswith(" ")]
    assert set(rows) >= {"utilitarian", "Nash", "Rawlsian", "leximin", "ratings"}
    assert not {"alpha", "Schulze", "Borda", "approval"} & set(rows)
    [header] = [line.split() for line in done.stdout.splitlines() if line.startswith("rule") and " by " in line]
    assert header == ["rule", "by", "utilitarian"]
    assert "Scorer oracle (sees the truth: an upper bound, not a mediator)" in done.stdout


def test_a_rule_of_ones_own_chooses_as_the_one_that_it_copies(run, tmp_path):
    (tmp_path / "ours.py").write_text("def worst_off(u):\n    return u.min(axis=-1)\n", encoding="utf-8")
    rules = ("--rule", "ours.py:worst_off", "--rule", "rawlsian")
    done = typed("reselect", run, *rules, "--out", "again", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "\nours.py:worst_off " in done.stdout
    choices = pd.read_parquet(tmp_path / "again" / "reselection.parquet").set_index(
        ["round_id", "generator", "omitted"]
    )
    ours, rawlsian = (choices[choices["rule"] == rule] for rule in ("ours.py:worst_off", "Rawlsian"))
    assert len(ours) > 5
    for column in ("candidate_id", "value", "n_tied"):
        assert ours[column].equals(rawlsian[column])


def test_the_same_question_has_the_same_answer(run, tmp_path):
    for name in ("one", "two"):
        assert typed("reselect", run, "--out", tmp_path / name).returncode == 0
    for file in ("reselection.parquet", "findings.parquet", "reselection.csv", "findings.csv"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rules": ["dictator"]}, "rule 'dictator': expected"),
        ({"alphas": ["-1"]}, "rule '-1': expected an alpha of at least 0"),
        ({"alphas": ["leximin"]}, "alpha 'leximin': expected a number"),
        ({"judges": ["borda"]}, "alpha 'borda': expected a number"),
        ({"maps": ["cube"]}, "map 'cube': expected one of likert, exp:TEMPERATURE"),
        ({"maps": ["exp:0"]}, "map 'exp:0': temperature: value 0.0: expected a number above 0"),
        ({"maps": ["exp:warm"]}, "map 'exp:warm': temperature 'warm': expected a number"),
    ],
)
def test_options_that_are_none_are_refused(options, message):
    with pytest.raises(InputError) as raised:
        read_settings(**{**NOTHING, **options})
    assert message in str(raised.value)


def test_options_may_be_repeated_and_hold_several():
    asked = read_settings(**{**NOTHING, "alphas": ["0,1", "inf"], "rules": ["borda", "nash"], "maps": ["exp", "exp:1"]})
    assert asked.specs == (0.0, 1.0, float("inf"), "borda")
    assert len(asked.maps) == 1
    assert read_settings(**NOTHING) == ReselectionSettings()


def test_what_cannot_be_used_is_one_line_and_exit_code_2(run):
    for options, message in (
        (["--map", "raw", "--alpha", "2"], "map 'raw': utility_map raw with alpha 2.0"),
        (["--rule", "no_such_module:rule"], "rule 'no_such_module:rule': module 'no_such_module': not found in"),
        (["--scorer", "judge"], "no scores by 'judge'; expected one of reader, oracle"),
    ):
        done = typed("reselect", run, *options)
        assert done.returncode == 2
        assert message in done.stderr
        assert len(done.faults) == 1
        assert not done.stdout


def test_folders_that_are_no_finished_run_or_not_empty_are_refused(run, tmp_path):
    (tmp_path / "UNFINISHED").write_text("")
    for folder, message in ((tmp_path / "none", "no such run folder"), (tmp_path, "has not finished")):
        done = typed("reselect", folder)
        assert done.returncode == 2
        assert message in done.stderr
    done = typed("reselect", run, "--out", tmp_path)
    assert done.returncode == 2
    assert "is not empty; expected a new folder" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["UNFINISHED"]
