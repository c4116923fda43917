"""Runs of a sweep that ask one process for their models: the same tables and replies as with models of their own."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path

import pytest
from playing import tables
from sharing import save_chatting, served, sharing_sweep

from simcons.engines.shared.messages import Address
from simcons.experiments.sweep.engines import models_of
from simcons.experiments.sweep.executor import TaskEvent
from simcons.experiments.sweep.local import Processes
from simcons.experiments.sweep.run import run_tasks
from simcons.experiments.sweep.tasks import Task, attempt, tasks_of
from simcons.storage.layout import CALLS


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_chatting(tmp_path_factory.mktemp("toy"))


def tasks_with(toy: Path, *seeds: int, **base: object) -> list[Task]:
    return tasks_of(sharing_sweep(toy, *seeds, **base))


def calls(folder: Path) -> list[tuple[object, ...]]:
    """What was asked, how it was read and what was replied, as it is stored."""
    with closing(sqlite3.connect(folder / CALLS)) as store:
        return sorted(store.execute("SELECT key, engine, read_as, text, tokens_in, tokens_out, finish FROM calls"))


def test_a_run_is_the_same_with_a_shared_model_and_can_go_on_elsewhere(toy, tmp_path):
    (task,) = tasks_with(toy, 3)
    shared, own = tmp_path / "shared", tmp_path / "own"
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = Address(*closed.getsockname(), b"")
    assert "engine 'writer': the process that holds its model cannot be reached" in attempt(task, shared, nobody)
    assert attempt(task, shared, served()) == ""
    assert attempt(task, own) == ""
    assert tables(shared) == tables(own)
    assert len(calls(own)) > 3
    assert calls(shared) == calls(own)


def test_models_are_shared_by_runs_that_ask_the_same_ones(toy):
    first, second = tasks_with(toy, 3, 4)
    assert models_of(first.scenario) == models_of(second.scenario) != ""
    (dearer,) = tasks_with(toy, 3, **{"engines.writer.price_per_million": {"input": 1.0}})
    assert models_of(dearer.scenario) == models_of(first.scenario)
    (other,) = tasks_with(toy, 3, **{"engines.writer.dtype": "bfloat16"})
    assert models_of(other.scenario) not in ("", models_of(first.scenario))
    (none,) = tasks_with(toy, 3, **{"engines.writer": {"kind": "scripted"}})
    assert models_of(none.scenario) == ""


def test_runs_that_ask_other_models_wait_until_those_in_use_are_free(toy, tmp_path):
    first, second = tasks_with(toy, 3, 4)
    (other,) = tasks_with(toy, 3, **{"engines.writer.dtype": "bfloat16"})
    (none,) = tasks_with(toy, 3, **{"engines.writer": {"kind": "scripted"}})
    processes, apart = (Processes(tmp_path, jobs=3, shared=shared) for shared in (True, False))
    for executor in (processes, apart):
        executor._under_way = {Future(): none}
        assert executor.has_room(first)
        executor._under_way[Future()] = first
    assert [processes.has_room(task) for task in (second, other, none)] == [True, False, True]
    assert apart.has_room(other)


@pytest.mark.slow  # three processes begin, each with torch
def test_runs_beside_one_another_ask_one_process_and_outlive_it(toy, tmp_path):
    tasks, begun = tasks_with(toy, 3, 4), []

    def on_event(event: TaskEvent) -> None:
        begun.append((event.number, event.kind))
        if begun == [(1, "began"), (2, "began")]:
            os.kill(processes._engines._process.pid, signal.SIGKILL)

    shared, own = tmp_path / "shared", tmp_path / "own"
    shared.mkdir()
    with Processes(shared, jobs=2, on_event=on_event) as processes:
        ends = run_tasks(tasks, shared, processes, retries=1)
        process = processes._engines._process
        assert process.is_alive()
    assert processes._engines._process is None
    assert [end.error for end in ends] == ["", ""]
    assert sorted(begun) == [(1, "began"), (1, "began"), (2, "began"), (2, "began")]
    for task in tasks:
        assert attempt(task, own / task.name) == ""
        assert tables(shared / task.name) == tables(own / task.name)
        assert calls(shared / task.name) == calls(own / task.name)
