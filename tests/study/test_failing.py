"""Engines and stores that fail, and budgets that end, at any call of a study: it stops at once and can go on."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from playing import PLAYED, capricious, play, scenario_with, tables

from simcons.engines.base import Reply, Request
from simcons.engines.budget import Budget
from simcons.engines.calls.store import CorruptStore, open_store
from simcons.engines.scripted import ScriptedEngine, ScriptedStream
from simcons.errors import BudgetReached, EngineError
from simcons.scenario.engines import BudgetSettings
from simcons.study.plan import make_plan

# People leave in the middle of things, so that some answers are asked for after all, when nobody else waits.
LEAVING = {
    "participants": {"mind": PLAYED, "behaviour": {"dropout_per_hour": 2.5, "dropout_waiting_factor": 4}},
    "design": {"groups": 4, "limits": {"opinion": 60, "rating": 12, "position": 12}},
    "latency": {"kind": "drawn", "median_seconds": 150},
}


@pytest.fixture(scope="module")
def plan():
    return make_plan(scenario_with(**LEAVING))


@pytest.fixture(scope="module")
def whole(plan, tmp_path_factory):
    folder, engine = tmp_path_factory.mktemp("whole"), ScriptedEngine(capricious)
    play(plan, engine, folder)
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
def test_an_engine_that_fails_stops_the_study_at_once(plan, whole, tmp_path, kind):
    n_calls = whole[1]
    for n_good in range(0, n_calls, 14):
        engine = kind(capricious)
        engine.n_good = n_good
        with pytest.raises(EngineError, match="the server is gone"):
            play(plan, engine, tmp_path / str(n_good))
        assert engine.n_failed == 1, n_good


def test_a_budget_that_ends_anywhere_is_kept_and_the_study_goes_on(plan, whole, tmp_path):
    expected, n_calls = whole
    for limit in range(1, n_calls, 26):
        with open_store(tmp_path / f"{limit}.sqlite")[0] as store:
            budget = Budget(BudgetSettings(max_calls=limit))
            with pytest.raises(BudgetReached):
                play(plan, ScriptedEngine(capricious), tmp_path / str(limit), store=store, budget=budget)
            assert budget.spent.n_calls == limit
            assert store.total().n_calls == limit
            engine = ScriptedEngine(capricious)
            play(plan, engine, tmp_path / str(limit), store=store)
        assert sum(engine.batches) == n_calls - limit
        assert tables(tmp_path / str(limit)) == expected


def test_a_reply_that_was_damaged_stops_the_study_and_is_asked_again_by_the_next(plan, whole, tmp_path):
    """One reply's text is another, in turn: nothing is made of it, wherever in the study it is wanted."""
    expected, n_calls = whole
    path = tmp_path / "calls.sqlite"
    with open_store(path)[0] as store:
        play(plan, ScriptedEngine(capricious), tmp_path / "first", store=store)
    sound = path.read_bytes()
    for number in range(1, n_calls, 45):
        path.write_bytes(sound)
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE calls SET text = text || ' and more' WHERE rowid = ?", (number,))
        engine = ScriptedEngine(capricious)
        with open_store(path)[0] as store, pytest.raises(CorruptStore):
            play(plan, engine, tmp_path / f"a{number}", store=store)
        assert engine.batches == []
        store, note = open_store(path)
        with store:
            assert note is not None
            play(plan, engine, tmp_path / f"b{number}", store=store)
        assert sum(engine.batches) == 1
        assert tables(tmp_path / f"b{number}") == expected
