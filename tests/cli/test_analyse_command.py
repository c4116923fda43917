"""``simcons analyse`` as typed: tables on the terminal and in files, and input that cannot be used in one line."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from commands import typed

import simcons
from simcons.analysis.analyse import ANALYSES, analyse
from simcons.report.analysis import first_rows, result_table

ARMS = [
    {
        "arm": "ours",
        "generator": {"kind": "scripted", "samples": 4},
        "scorer": "reader",
        "welfare": {"alpha": 0},
        "select": 1,
    },
    {"arm": "theirs", "generator": {"kind": "scripted", "samples": 1, "skill": 0.1}, "scorer": "none", "select": 1},
    {"arm": "third", "generator": {"kind": "scripted", "samples": 2, "skill": 0.5}, "scorer": "oracle", "select": 1},
]


def cli(*arguments):
    return typed("analyse", *arguments)


@pytest.fixture(scope="module")
def run(simulate):
    design = {"groups": 3, "rounds": 2, "omissions": [0, 1, 2], "others_opinions": True}
    stages = ["position", "opinion", "rating", "ranking"]
    return simulate(mediators=ARMS, design={**design, "stages": stages}).run.folder


@pytest.fixture(scope="module")
def other(simulate):
    design = {"groups": 2, "rounds": 1, "stages": ["position", "opinion", "rating", "ranking"]}
    return simulate(mediators=ARMS[:2], design=design, seed=9).run.folder


def test_tables_are_shown_and_written_whole(run, tmp_path):
    done = cli(run, "--out", tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, "")
    for text in ("ours over theirs", "--only win_rates", "adjusted over all pairs of arms, by one scale"):
        assert text in " ".join(done.stdout.split())
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    for name, n_rows in manifest["rows"].items():
        assert len(pd.read_csv(tmp_path / "out" / f"{name}.csv")) == n_rows
    assert manifest["runs"][0]["label"] == run.name


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--only", "wins"), "analysis 'wins': expected one of win_rates"),
        (("--neutral", "both"), "neither"),
        (("nowhere",), "nowhere"),
    ],
)
def test_input_that_cannot_be_used_is_told_in_a_line(run, more, told):
    done = cli(run, *more)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert len(done.faults) == 1


def test_every_row_that_is_printed_has_a_label_of_its_own(run, other):
    """Of three arms in a study that has something of every kind; and of two runs side by side."""
    one = simcons.load(run)
    for runs in ([one], [one, simcons.load(other)]):
        analysis = analyse(runs)
        for name in ANALYSES:
            for result in (analysis[name], first_rows(analysis[name])):
                labels = [label for label, *_ in result_table(result, single_run=len(runs) == 1).rows]
                assert len(set(labels)) == len(labels) > 0, name


def test_an_unfinished_run_is_refused_unless_it_is_asked_for(make_scenario, tmp_path):
    """Interrupted after two of four groups: --partial analyses these, and says so."""
    scenario = make_scenario(mediators=ARMS, design={"groups": 4, "rounds": 1})

    def stop(progress):
        if progress.sessions == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simcons.run(scenario, out=tmp_path / "run", on_progress=stop)
    refused = cli(tmp_path / "run")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "has not finished" in refused.stderr
    assert "--partial" in refused.stderr
    done = cli(tmp_path / "run", "--partial", "--only", "arm_differences", "--out", tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, "")
    assert "run: has not finished; all is of the sessions that were over" in " ".join(done.stdout.split())
    table = pd.read_csv(tmp_path / "out" / "arm_differences.csv")
    assert set(table.loc[table["subset"] == "all", "groups"]) == {2}
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["runs"][0]["partial"]


def test_runs_stand_side_by_side_or_are_refused_in_a_line(run, other, simulate):
    done = cli(run, other, "--only", "win_rates")
    assert (done.returncode, done.stderr) == (0, "")
    for folder in (run, other):
        assert f"{folder.name}, agreement, " in done.stdout
    strangers = simulate(design={"groups": 1, "rounds": 1}, population={"kind": "margins", "name": "uk"}).run.folder
    refused = cli(run, strangers)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert len(refused.faults) == 1
    assert "population differs (name: 'uk_crowd' and 'uk')" in refused.stderr
