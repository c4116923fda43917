"""Engines and stores that fail, and budgets that end, at any call of a study: it stops at once and can go on."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest
from playing import PLAYED, capricious, scenario_with, tables
from schedules import ScriptedStream

import simcons
from simcons.engines.base import Reply, Request
from simcons.engines.calls.store import CorruptStore, open_read_only
from simcons.engines.scripted import ScriptedEngine
from simcons.errors import BudgetReached, EngineError
from simcons.storage.layout import CALLS

# People leave in the middle of things, so that some answers are asked for after all, when nobody else waits.
LEAVING = {
    "participants": {"mind": PLAYED, "behaviour": {"dropout_per_hour": 2.5, "dropout_waiting_factor": 4}},
    "design": {"groups": 4, "limits": {"opinion": 60, "rating": 12, "position": 12}},
    "latency": {"kind": "drawn", "median_seconds": 150},
}


SCENARIO = scenario_with(**LEAVING)


def run(folder, engine, **overrides):
    """Begin the study in ``folder``, or go on with it."""
    if (folder / "start.json").exists():
        return simcons.resume(folder, engines={"m": engine}, overrides=overrides)
    return simcons.run(SCENARIO, out=folder, engines={"m": engine}, overrides=overrides)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Its tables, and how many calls it makes."""
    folder, engine = tmp_path_factory.mktemp("whole"), ScriptedEngine(capricious)
    run(folder, engine)
    return tables(folder), sum(engine.batches)


class Failing:
    """Answers ``n_good`` requests; counts what it was asked after it had failed."""

    n_good = 0
    n_failed = 0

    def reply(self, request: Request) -> Reply:
        if self.n_good == 0:
            self.n_failed += 1
            raise EngineError("the server is gone")
        self.n_good -= 1
        return super().reply(request)


class FailingBatch(Failing, ScriptedEngine):
    pass


class FailingStream(Failing, ScriptedStream):
    pass


@pytest.mark.parametrize("kind", [FailingBatch, FailingStream])
def test_an_engine_that_fails_stops_the_study_at_once(whole, tmp_path, kind):
    n_calls = whole[1]
    for n_good in range(0, n_calls, 14):
        engine = kind(capricious)
        engine.n_good = n_good
        with pytest.raises(EngineError, match="the server is gone"):
            run(tmp_path / str(n_good), engine)
        assert engine.n_failed == 1, n_good


def test_a_budget_that_ends_anywhere_is_kept_and_the_study_goes_on(whole, tmp_path):
    expected, n_calls = whole
    for limit in range(1, n_calls, 26):
        folder, engine = tmp_path / str(limit), ScriptedEngine(capricious)
        with pytest.raises(BudgetReached):
            run(folder, engine, **{"budget.max_calls": limit})
        assert sum(engine.batches) == limit
        with open_read_only(folder / CALLS) as store:
            assert store.total().n_calls == limit
        run(folder, engine, **{"budget.max_calls": None})
        assert sum(engine.batches) == n_calls
        assert tables(folder) == expected


def test_a_reply_that_was_damaged_stops_the_study_and_is_asked_again_by_the_next(whole, tmp_path):
    """One reply's text is another, in turn: nothing is made of it, wherever in the study it is wanted."""
    expected, n_calls = whole
    run(tmp_path / "first", ScriptedEngine(capricious))
    (tmp_path / "first" / "manifest.json").unlink()
    for number in range(1, n_calls, 45):
        folder, engine = tmp_path / str(number), ScriptedEngine(capricious)
        shutil.copytree(tmp_path / "first", folder)
        with closing(sqlite3.connect(folder / CALLS)) as connection, connection:
            connection.execute("UPDATE calls SET text = text || ' and more' WHERE rowid = ?", (number,))
        with pytest.raises(CorruptStore):
            run(folder, engine)
        assert engine.batches == []
        told = []
        simcons.resume(folder, engines={"m": engine}, on_message=told.append)
        assert "set aside" in " ".join(message.text for message in told)
        assert sum(engine.batches) == 1
        assert tables(folder) == expected
