"""A run that has not finished can be looked at: while it is at work, after it was stopped, and after it was killed."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys

import pandas as pd
import pytest
from commands import typed

import simcons
from simcons.engines.dispatch import Dispatch
from simcons.errors import RunFolderError
from simcons.records import PositionRecord, TruePosition
from simcons.storage.layout import JOURNAL
from simcons.storage.start import RunStart, write_start
from simcons.storage.writer import RunWriter
from simcons.study.broker import Broker
from simcons.study.plan import make_plan
from simcons.study.run import run_study


def position(k: int) -> PositionRecord:
    return PositionRecord(f"r{k}", "p", "before", k % 7 + 1, None, 0.1 + k, 2.0)


@pytest.fixture
def at_work(tmp_path):
    """A run with two sessions recorded, and one that is being recorded."""
    with RunWriter(tmp_path / "run", row_group_rows=100) as writer:
        write_start(tmp_path / "run", RunStart({"name": "mine", "seed": 4, "mediators": []}, {}, {}, None, "now"))
        writer.write([position(1), TruePosition("r1", "p", 4.25)])
        writer.write([position(2), TruePosition("r2", "p", None)])
        yield tmp_path / "run"


def test_a_run_at_work_can_be_read_up_to_its_last_session(at_work):
    recorded = (at_work / JOURNAL).read_bytes()
    unfinished = b'[["positions",["r3","p","before",1,null,1.0,2.0]],["positio'
    for content in (recorded, *(recorded + gzip.compress(unfinished)[:size] for size in (1, 12, -8))):
        (at_work / JOURNAL).write_bytes(content)
        run = simcons.load(at_work, partial=True)
        assert run.partial
        assert run.positions["round_id"].tolist() == ["r1", "r2"]
        assert run.positions["at"].tolist() == [1.1, 2.1]
        assert run.truth("positions")["position"].isna().tolist() == [False, True]
        assert run.sql().execute("SELECT count(*) FROM positions").fetchone() == (2,)
        assert (run.manifest["name"], run.manifest["seed"]) == ("mine", 4)
        assert repr(run).startswith("unfinished run 'mine' (seed 4): 0 sessions")
        assert str(at_work) in repr(run)


def test_what_was_recovered_goes_with_the_run(at_work):
    run = simcons.load(at_work, partial=True)
    folder = run.tables_in
    assert folder != at_work
    assert (folder / "positions.parquet").exists()
    del run
    assert not folder.exists()


def test_an_unfinished_run_has_to_be_asked_for(at_work):
    with pytest.raises(RunFolderError, match=r"has not finished.*--resume.*--partial") as caught:
        simcons.load(at_work)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("line", ['[["nothing",[1]]]', '[["positions",[1]]]', "{", '"x"'])
def test_a_journal_that_is_none_is_named(at_work, line):
    (at_work / JOURNAL).write_bytes(gzip.compress(f"{line}\n".encode()))
    with pytest.raises(RunFolderError, match=rf"{JOURNAL}: line 1: ") as caught:
        simcons.load(at_work, partial=True)
    assert len(str(caught.value).splitlines()) == 1


def test_a_journal_that_is_damaged_is_named(at_work):
    (at_work / JOURNAL).write_bytes(b"nothing of the kind")
    with pytest.raises(RunFolderError, match=rf"{JOURNAL}: cannot be read") as caught:
        simcons.load(at_work, partial=True)
    assert len(str(caught.value).splitlines()) == 1


def test_the_journal_goes_once_the_tables_are_whole(tmp_path, make_scenario):
    seen = []

    def look(progress):
        seen.append((progress.sessions, len(simcons.load(progress.folder, partial=True).sessions)))

    simcons.run(make_scenario(design={"groups": 2, "rounds": 1}), out=tmp_path / "run", on_progress=look)
    assert [pair for pair in seen if pair[0]] == [(1, 1), (2, 2)]
    assert not (tmp_path / "run" / JOURNAL).exists()
    run = simcons.load(tmp_path / "run", partial=True)
    assert not run.partial
    assert len(run.sessions) == 2


def test_recovered_tables_hold_what_the_tables_would(tmp_path, make_scenario):
    plan = make_plan(make_scenario(design={"groups": 2, "rounds": 1}))
    with RunWriter(tmp_path / "run", row_group_rows=10_000) as writer:
        run_study(plan, Broker(Dispatch({})), writer)
        unfinished = simcons.load(tmp_path / "run", partial=True)
        writer.finish({})
    finished = simcons.load(tmp_path / "run")
    for name in finished.tables:
        assert unfinished.table(name).equals(finished.table(name)), name
    for name in ("personas", "positions", "opinions", "appraisals"):
        assert unfinished.truth(name).equals(finished.truth(name)), name


def test_a_run_that_was_killed_can_be_looked_at(tmp_path):
    """SIGKILL, in the middle of the third session's end."""
    code = """
import os, signal, sys
from tests.conftest import scenario_of
import simcons
def killed(progress):
    if progress.sessions == 2:
        os.kill(os.getpid(), signal.SIGKILL)
simcons.run(scenario_of(design={"groups": 4, "rounds": 1}), out=sys.argv[1], on_progress=killed)
"""
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "run"], capture_output=True, text=True)
    assert done.returncode == -9, done.stderr
    assert simcons.load(tmp_path / "run", partial=True).sessions["session_id"].tolist() == ["s00001", "s00002"]
    shown = typed("show", tmp_path / "run", "--partial")
    assert shown.returncode == 0, shown.stderr
    assert "not finished: 2 sessions were over" in " ".join(shown.stdout.split())
    refused = typed("show", tmp_path / "run")
    assert refused.returncode == 2
    assert "--partial" in refused.stderr


def test_a_journal_that_cannot_be_written_ends_no_run(tmp_path):
    (tmp_path / "run" / JOURNAL).mkdir(parents=True)
    with RunWriter(tmp_path / "run", row_group_rows=100) as writer:
        writer.write([position(1)])
        writer.finish({})
    assert json.loads((tmp_path / "run" / "manifest.json").read_text())["rows"]["positions"] == 1
    assert len(simcons.load(tmp_path / "run").positions) == 1


def test_an_unfinished_run_without_a_round_is_shown_too(at_work):
    done = typed("show", at_work, "--partial")
    assert done.returncode == 0, done.stderr
    assert "0 sessions were over" in done.stdout
    assert "No round was rated to the end" in done.stdout


@pytest.fixture(scope="module")
def stopped(make_scenario, tmp_path_factory):
    """Stopped after two of four groups."""
    folder = tmp_path_factory.mktemp("stopped") / "run"

    def stop(progress):
        if progress.sessions == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simcons.run(make_scenario(design={"groups": 4, "rounds": 1}), out=folder, on_progress=stop)
    return folder


def refused(folder, *command):
    done = typed(*command)
    assert (done.returncode, done.stdout, len(done.faults)) == (2, "", 1)
    assert "has not finished" in done.stderr
    assert f"--resume {folder}" in done.stderr


def test_a_report_of_an_unfinished_run_is_of_the_groups_that_were_over_and_says_so(stopped, tmp_path):
    page = tmp_path / "page.html"
    refused(stopped, "report", stopped, "-o", page)
    assert not page.exists()
    done = typed("report", stopped, "--partial", "-o", page)
    assert (done.returncode, done.stdout) == (0, f"Wrote {page}\n")
    text = page.read_text(encoding="utf-8")
    assert "This run has not finished: 2 sessions were over, of 4." in text
    assert (
        "has not finished; all is of the sessions that were over" in text.partition("Before you rely on this")[2][:300]
    )


def test_an_export_of_an_unfinished_run_has_the_groups_that_were_over(stopped, tmp_path):
    refused(stopped, "export", stopped, "--to", "csv", "-o", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    done = typed("export", stopped, "--partial", "--to", "csv", "-o", tmp_path / "out")
    assert done.returncode == 0
    assert "of a run that has not finished" in done.stdout
    exported = pd.read_csv(tmp_path / "out" / "ratings_by_arm.csv")
    assert set(exported["session_id"]) == set(simcons.load(stopped, partial=True).sessions["session_id"])
    assert exported["session_id"].nunique() == 2
