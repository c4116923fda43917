"""Runs as calls from Python: what is given, what comes back, what callbacks hear, and what is left when a run is stopped."""

from __future__ import annotations

import asyncio
import doctest
import gc
import pickle
import signal
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
import yaml
from playing import capricious, scenario_with, tables
from schedules import ScriptedStream

import simcons
import simcons.runs.start
from simcons.engines.scripted import ScriptedEngine
from simcons.errors import ArgumentError, RunFolderError, ScenarioError
from simcons.records import TABLES
from simcons.scenario.load import load_scenario
from simcons.scenario.shipped import find_scenario

SMALL = {"design.groups": 2, "design.rounds": 1}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_the_examples_in_the_docstrings_are_true(capfd):
    names = {"simcons": simcons}
    tests = [
        test
        for function in (simcons.run, simcons.resume, simcons.replay)
        for test in doctest.DocTestFinder().find(function, globs=names)
    ]
    results = [doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, clear_globs=False) for test in tests]
    assert sum(result.attempted for result in results) >= 5
    assert sum(result.failed for result in results) == 0, capfd.readouterr().out


# --- what is given -----------------------------------------------------------------------------------------------


def test_a_name_a_file_a_document_and_a_scenario_make_the_same_run(tmp_path):
    path = find_scenario("paper_baselines")
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    before = pickle.dumps(document)
    given = ("paper_baselines", path, str(path), document, load_scenario("paper_baselines"))
    runs = [simcons.run(one, overrides=SMALL, out=tmp_path / str(place)) for place, one in enumerate(given)]
    assert len({pickle.dumps(tables(run.folder)) for run in runs}) == 1
    assert pickle.dumps(document) == before
    assert runs[0].manifest["scenario"] == runs[3].manifest["scenario"]


def test_values_are_set_by_key_as_on_the_command_line(tmp_path):
    by_key = simcons.run("paper_baselines", overrides={**SMALL, "latency": {"kind": "drawn"}}, seed=9, out="a")
    options = ["design.groups=2", "design.rounds=1", "latency={kind: drawn}", "seed=9"]
    assert tables(simcons.run("paper_baselines", overrides=options, out="b").folder) == tables(by_key.folder)
    assert by_key.manifest["seed"] == 9
    with pytest.raises(ScenarioError, match=r"design\.grops"):
        simcons.run("paper_baselines", overrides={"design.grops": 2})
    with pytest.raises(ScenarioError, match=r"scenario: .*mediators"):
        simcons.run({"name": "x"})
    assert not Path("runs").exists()


def test_folders_are_numbered_where_none_is_given_and_never_overwritten():
    runs = [simcons.run("paper_baselines", overrides=SMALL) for _ in range(2)]
    assert [str(run.folder) for run in runs] == ["runs/paper_baselines-001", "runs/paper_baselines-002"]
    with pytest.raises(RunFolderError, match="is not empty; expected a new folder, or force"):
        simcons.run("paper_baselines", overrides=SMALL, out=runs[0].folder)
    assert simcons.run("paper_baselines", overrides=SMALL, out=runs[0].folder, force=True).folder == runs[0].folder


# --- engines of one's own ----------------------------------------------------------------------------------------


class Mine(ScriptedEngine):
    identity = {"kind": "mine", "model": "v1"}  # as a class attribute, which the protocol allows


def test_an_engine_of_ones_own_is_asked_and_recorded_and_a_resumption_wants_the_same():
    scenario = scenario_with(engines={"m": {"kind": "transformers", "model": "/nowhere"}})
    engine = Mine(capricious)
    run = simcons.run(scenario, out="run", engines={"m": engine})
    assert run.manifest["models"] == {"m": {"kind": "mine", "model": "v1"}}
    assert sum(engine.batches) == sum(account["n_calls"] for account in run.manifest["calls"]) > 0
    (run.folder / "manifest.json").unlink()
    with pytest.raises(RunFolderError, match="engine 'm' has another kind than when this run began: 'scripted'"):
        simcons.resume("run", engines={"m": ScriptedEngine(capricious)})
    asked = sum(engine.batches)
    assert tables(simcons.resume("run", engines={"m": engine}).folder) == tables(run.folder)
    assert sum(engine.batches) == asked


def test_an_engine_by_a_name_that_the_scenario_does_not_have():
    with pytest.raises(ArgumentError, match="engines 'n': the scenario has no such engine; expected one of its own: m"):
        simcons.run(scenario_with(), engines={"m": ScriptedEngine(), "n": ScriptedEngine()})


class Nested(ScriptedEngine):
    identity = {"model": {"a": 1}}


@pytest.mark.parametrize(
    ("engine", "told"),
    [
        (object(), "is <object object"),
        (ScriptedEngine, "expected an object with an identity and complete"),
        (Nested(), "has the identity model: {'a': 1}; expected a text or a number"),
    ],
)
def test_what_cannot_be_an_engine_is_refused_before_there_is_a_folder(engine, told):
    scenario = scenario_with(engines={"m": {"kind": "transformers", "model": "/nowhere"}})
    with pytest.raises(ArgumentError, match=f"engines 'm': .*{told}"):
        simcons.run(scenario, out="run", engines={"m": engine})
    assert not Path("run").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"scenario": None}, "scenario None: expected a shipped name, a file, a document as a mapping, or a Scenario"),
        ({"overrides": "seed=1"}, r"overrides 'seed=1': expected values by key, or a list"),
        ({"overrides": None}, "overrides None: expected values by key"),
        ({"languages": ["de_DE"]}, "languages 'de_DE': expected languages as objects"),
        ({"only": [1]}, r"only \[1\]: expected a list of sessions"),
        ({"only": "s00001"}, r"only 's00001': expected a list of sessions"),
    ],
)
def test_arguments_of_another_shape_are_told_in_a_line(arguments, told):
    with pytest.raises(ArgumentError, match=told):
        simcons.run(**{"scenario": "paper_baselines", **arguments})
    assert list(Path().iterdir()) == []


def test_a_document_with_a_key_that_is_no_text():
    document = {**yaml.safe_load(find_scenario("paper_baselines").read_text(encoding="utf-8")), "latency": {3: 4}, 5: 6}
    with pytest.raises(ScenarioError) as refused:
        simcons.run(document)
    assert "key 5: expected a text" in str(refused.value)


def test_overrides_may_be_numbers_of_numpy_and_sessions_any_iterable():
    changes = {"design.groups": np.int64(2), "design.rounds": np.int64(1), "design.launch_every_hours": np.float32(4)}
    run = simcons.run("paper_baselines", overrides=changes, only=(name for name in ("s00002", "s00002")))
    assert run.folder.name == "paper_baselines-s00002-001"
    assert list(run.sessions["session_id"]) == ["s00002"]
    assert run.manifest["scenario"]["design"]["launch_every_hours"] == 4


class Cut(Exception):
    """What a callback raises."""


def test_engines_serve_one_run_after_another_also_after_one_that_was_stopped(tmp_path):
    """What the stopped run had asked for may still come out of the engine: it is no answer to what the next one asks."""
    alone = [
        simcons.run(scenario_with(seed=seed), out=tmp_path / f"alone{seed}", engines={"m": ScriptedEngine(capricious)})
        for seed in (1, 2)
    ]
    engine = ScriptedStream(capricious, at_once=1)

    def stop(progress):
        if progress.sessions == 1:
            raise Cut

    with pytest.raises(Cut):
        simcons.run(scenario_with(design={"groups": 6}), out=tmp_path / "cut", engines={"m": engine}, on_progress=stop)
    for seed, expected in zip((1, 2), alone, strict=True):
        run = simcons.run(scenario_with(seed=seed), out=tmp_path / f"shared{seed}", engines={"m": engine})
        assert tables(run.folder) == tables(expected.folder)


# --- callbacks and stops -----------------------------------------------------------------------------------------


def test_callbacks_hear_the_folder_then_the_progress_which_grows():
    heard = []
    run = simcons.run(
        scenario_with(),
        out="run",
        engines={"m": ScriptedEngine(capricious)},
        on_begin=heard.append,
        on_progress=lambda progress: heard.append((progress, progress.sessions, str(progress))),
        on_message=heard.append,
    )
    assert str(heard[0]) == "Reading the scenario"
    assert heard[1] == run.folder
    [*snapshots] = heard[2:]
    assert [n_sessions for _, n_sessions, _ in snapshots] == [0, 1, 2]
    assert len({id(progress) for progress, _, _ in snapshots}) == 1
    progress, _, line = snapshots[-1]
    assert line.startswith("2 of 2 sessions, 4 of 4 rounds · ")
    assert (progress.calls_open, progress.calls_from_store) == (0, 0)
    assert progress.calls_answered == sum(account["n_calls"] for account in run.manifest["calls"])
    assert progress.tokens_out == run.manifest["usage"]["tokens_out"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), Cut("enough"), MemoryError()])
def test_whatever_stops_a_run_comes_out_as_it_is_and_the_run_goes_on(stop):
    def interrupt(progress):
        if progress.sessions == 1:
            raise stop

    engines = {"m": ScriptedEngine(capricious)}
    with pytest.raises(type(stop)) as error:
        simcons.run(scenario_with(), out="run", engines=engines, on_progress=interrupt)
    assert error.value is stop
    assert stop.__notes__ == ["run is unfinished and holds what had been recorded; go on with: simcons.resume('run')"]
    with pytest.raises(RunFolderError, match="has not finished"):
        simcons.load("run")
    assert len(simcons.load("run", partial=True).sessions) == 1
    expected = simcons.run(scenario_with(), out="whole", engines=engines)
    assert tables(simcons.resume("run", engines=engines).folder) == tables(expected.folder)


def test_a_run_that_its_first_callback_stops_says_how_it_goes_on():
    with pytest.raises(ZeroDivisionError) as stopped:
        simcons.run("paper_baselines", overrides=SMALL, out="run", on_begin=lambda folder: 1 / 0)
    assert stopped.value.__notes__[0].endswith("go on with: simcons.resume('run')")
    assert len(simcons.resume("run").sessions) == 2


def test_a_run_prints_nothing_and_leaves_signals_alone(capfd):
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    simcons.run("paper_baselines", overrides=SMALL)
    assert capfd.readouterr() == ("", "")
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before


def test_the_garbage_collector_passes_over_what_was_there_while_a_study_is_simulated_and_no_longer():
    """Also where it is stopped; a program that has frozen its objects finds them so."""
    frozen = []

    def stop(progress):
        frozen.append(gc.get_freeze_count())
        raise KeyboardInterrupt

    def stopped_run():
        with pytest.raises(KeyboardInterrupt):
            simcons.run("paper_baselines", overrides=SMALL, on_progress=stop)

    stopped_run()
    assert frozen[0] > 10_000
    assert gc.get_freeze_count() == 0
    gc.freeze()
    try:
        stopped_run()
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()


def test_a_run_goes_where_an_event_loop_runs_as_in_a_notebook():
    async def cell():
        return simcons.run("paper_baselines", overrides=SMALL)

    assert len(asyncio.run(cell()).sessions) == 2


# --- many runs ---------------------------------------------------------------------------------------------------


def test_processes_run_side_by_side_into_folders_of_their_own_and_hand_back_their_runs():
    """Arguments and runs are pickled on the way."""
    work = partial(simcons.run, "paper_baselines", overrides=SMALL)
    with ProcessPoolExecutor(2, mp_context=get_context("forkserver")) as pool:
        runs = [future.result() for future in [pool.submit(work, seed=seed) for seed in (1, 2, 3)]]
    assert len({run.folder for run in runs}) == 3
    assert [run.manifest["seed"] for run in runs] == [1, 2, 3]
    assert all(len(getattr(run, table)) == run.table(table).num_rows for run in runs for table in TABLES)
