"""Records are the same bytes however calls are answered: alone or in any batches, on any clocks, from the store or anew."""

from __future__ import annotations

import itertools
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from playing import EVERY_STAGE, MODEL_ARM, PLAYED, SCRIPTED_ARM, capricious, play, scenario_with, tables
from schedules import BlockingBroker, SameTimeClock, ScriptedStream

import simcons
from simcons.engines.calls.store import open_store
from simcons.engines.scripted import ScriptedEngine
from simcons.study.clock import Clock
from simcons.study.plan import Plan, make_plan

ORACLE_ARM = {**MODEL_ARM, "arm": "oracle", "scorer": "oracle"}
SCENARIOS = {
    "latent minds, model mediator": {"mediators": [SCRIPTED_ARM, MODEL_ARM, ORACLE_ARM]},
    "model for everything": {"participants": {"mind": PLAYED}},
    "latent writer, model judge": {
        "participants": {"mind": {**PLAYED, "writer": "latent", "beliefs": "latent"}},
        "design": {"passes": 2, "others_opinions": True, "omissions": [0, 1], "stages": EVERY_STAGE},
    },
    "model writer, latent judge": {
        "participants": {"mind": {**PLAYED, "judge": "latent", "beliefs": "latent"}},
        "mediators": [SCRIPTED_ARM, ORACLE_ARM],
    },
    "hostile people": {
        "participants": {
            "mind": {**PLAYED, "elicitation": {"by": "choice", "order": "both"}},
            "hostility": {"share": 0.5, "attack": "escape"},
        }
    },
    "ears that ask": {
        "participants": {"reader": "heard"},
        "readers": {
            "heard": {"kind": "model", "engine": "m"},
            "composed": {"kind": "model", "engine": "m", "by": "structured"},
        },
        "scorers": {"asked": {"kind": "reader", "reader": "heard"}},
        "mediators": [
            {**SCRIPTED_ARM, "generator": {"kind": "scripted", "samples": 3, "reader": "composed"}},
            {**MODEL_ARM, "scorer": "asked"},
            ORACLE_ARM,
        ],
        "design": {"others_opinions": True, "omissions": [0, 1]},
    },
    "a shared service": {
        "participants": {"mind": PLAYED},
        "design": {"groups": 3},
        "latency": {"kind": "service", "capacity": 1, "median_seconds": 200, "log_sd": 0.5},
    },
    "cut short": {
        "participants": {"mind": PLAYED, "behaviour": {"dropout_per_hour": 2.5, "dropout_waiting_factor": 4}},
        "design": {
            "groups": 4,
            "stages": EVERY_STAGE,
            "limits": {"opinion": 60, "rating": 12, "position": 12, "ranking": 20},
        },
        "latency": {"kind": "drawn", "median_seconds": 150},
    },
}


class LedStream(ScriptedStream):
    """Requests that share the beginning of their prompt wait for the first of them."""

    leads = True


def batch(limit: int | None = None) -> ScriptedEngine:
    return ScriptedEngine(capricious, batch_limit=limit)


def led(at_once: int) -> ScriptedEngine:
    return LedStream(capricious, at_once=at_once)


def streamed(at_once: int) -> ScriptedEngine:
    return ScriptedStream(capricious, at_once=at_once)


MODES = {
    "blocking": (batch, {"broker": BlockingBroker}),
    "blocking on one clock": (batch, {"broker": BlockingBroker, "clock": Clock}),
    "same time": (batch, {"clock": SameTimeClock}),
    "same time, stream": (lambda: streamed(3), {"clock": SameTimeClock}),
    "one clock flushing": (batch, {"clock": Clock}),
    "one clock asynchronous": (lambda: streamed(3), {"clock": Clock}),
    "a batch of 1": (lambda: batch(1), {}),
    "batches of 3": (lambda: batch(3), {"live": 3}),
    "batches of 1000, one live": (lambda: batch(1000), {"live": 1}),
    "stream of 1": (lambda: streamed(1), {}),
    "stream of 3, one live": (lambda: streamed(3), {"live": 1}),
    "stream of 1000, three live": (lambda: streamed(1000), {"live": 3}),
    "led stream of 1": (lambda: led(1), {"clock": Clock}),
    "led stream of 3": (lambda: led(3), {}),
    "led stream of 1000": (lambda: led(1000), {}),
}


@dataclass
class Reference:
    """A scenario's plan and its records from a clock per session and the largest batches."""

    plan: Plan
    folder: Path
    files: dict[str, bytes]


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    made: dict[str, Reference] = {}

    def reference(name: str) -> Reference:
        if name not in made:
            plan, folder = make_plan(scenario_with(**SCENARIOS[name])), tmp_path_factory.mktemp("run")
            play(plan, batch(), folder)
            made[name] = Reference(plan, folder, tables(folder))
        return made[name]

    return reference


def differing(files: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    return [name for name, data in files.items() if other[name] != data]


def check_modes(expected: Reference, modes: list[str], folder: Path) -> None:
    for name in modes:
        engine, how = MODES[name]
        play(expected.plan, engine(), folder / name, **how)
        assert differing(expected.files, tables(folder / name)) == [], name


@pytest.mark.parametrize(("place", "scenario"), list(enumerate(SCENARIOS)))
def test_records_do_not_depend_on_how_calls_are_answered(reference, tmp_path, place, scenario):
    """Every way for one scenario, for each of the others every fourth, another fourth from one to the next."""
    modes = list(MODES) if scenario == "model for everything" else list(MODES)[place % 4 :: 4]
    check_modes(reference(scenario), modes, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_records_do_not_depend_on_how_calls_are_answered_in_any_scenario(reference, tmp_path, scenario):
    check_modes(reference(scenario), list(MODES), tmp_path)


@pytest.mark.parametrize(
    ("scenario", "engine"),
    [("model for everything", batch), ("a shared service", lambda: streamed(3)), ("cut short", lambda: led(3))],
    ids=["batch", "stream", "led"],
)
def test_records_do_not_depend_on_what_is_in_the_store(reference, tmp_path, scenario, engine):
    """Empty, full, and holding every other call: the model is asked what is missing, and nothing twice."""
    expected = reference(scenario)
    paths = [tmp_path / name for name in ("first", "again", "half")]
    asked = []
    for path in paths:
        asked.append(engine())
        store, _ = open_store(tmp_path / ("half.sqlite" if path.name == "half" else "calls.sqlite"))
        with store:
            play(expected.plan, asked[-1], path, store=store)
        if path.name == "again":
            keep_half(tmp_path)
        assert differing(expected.files, tables(path)) == [], path.name
    first, again, half = (sum(engine.batches) for engine in asked)
    assert again == 0
    assert 0 < half < first


def keep_half(folder: Path) -> None:
    """``half.sqlite``: the calls of ``calls.sqlite`` but for every other one."""
    shutil.copy(folder / "calls.sqlite", folder / "half.sqlite")
    with closing(sqlite3.connect(folder / "half.sqlite")) as connection, connection:
        connection.execute("DELETE FROM calls WHERE rowid % 2")


def test_the_scenarios_have_what_could_go_wrong_in_them(reference):
    """Retries, answers that never come, drop-outs, time limits, abandoned calls, queues: the comparisons are no empty shells."""
    runs = {name: simcons.load(reference(name).folder) for name in SCENARIOS}
    everything = runs["model for everything"].truth("elicitations")
    for about in ("position", "opinion", "agreement", "quality"):
        part = everything[everything["about"] == about]
        assert set(part["attempts"]) == {1, 2}, about
        assert 0 < part["missing"].notna().sum() < len(part), about
    cut = runs["cut short"]
    assert {"dropped_out", "finished"} <= set(cut.participants["outcome"])
    assert cut.screens["timed_out"].any()
    assert {"time_limit"} < set(cut.rankings["missing"].dropna())
    assert cut.positions["moment"].nunique() == 2
    assert (cut.rounds["opinions_at"].notna() & cut.rounds["slate_at"].isna()).any()
    assert runs["a shared service"].mediations["queued_seconds"].max() > 0
    assert runs["hostile people"].truth("opinions")["attack"].notna().any()


def test_engines_are_given_what_the_clocks_make_possible(reference, tmp_path):
    """A clock per session makes larger batches than same-time ones, and those larger ones than blocking calls."""
    plan = reference("model for everything").plan
    mean = {}
    for how in ({}, {"clock": SameTimeClock}, {"broker": BlockingBroker}):
        engine, folder = batch(), tmp_path / str(len(mean))
        play(plan, engine, folder, **how)
        mean[folder.name] = sum(engine.batches) / len(engine.batches)
    assert all(more > fewer for more, fewer in itertools.pairwise(mean.values()))
