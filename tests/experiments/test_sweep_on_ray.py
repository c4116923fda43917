"""Sweeps on a real Ray cluster of several node processes, while its nodes and drivers are killed:  make test-ray"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from playing import tables
from sharing import save_chatting, sharing_sweep
from typer.testing import CliRunner

from simcons.cli.app import app
from simcons.experiments.sweep.folder import make_sweep_folder, task_states
from simcons.experiments.sweep.local import Processes
from simcons.experiments.sweep.run import run_tasks
from simcons.experiments.sweep.table import sweep_tables
from simcons.experiments.sweep.tasks import attempt, tasks_of
from simcons.scenario.sweep import StudySweepSettings
from simcons.storage.layout import RUN_LOG
from simcons.storage.provenance import versions

SWEEP = {
    "kind": "sweep",
    "name": "test",
    "scenario": "polarised",
    "base": {"design.groups": 10, "design.rounds": 1, "questions.count": 3},
    "vary": {"kind": "grid", "values": {"mediators.0.generator.samples": [2, 4, 8]}},
    "replications": 2,
    "retries": 0,  # a node that goes away is none
}
STORE = 80_000_000  # bytes: as little shared memory as Ray takes
PATIENCE = 900  # seconds, for machines that are busy
PATIENT = {  # how long Ray waits for processes of its own; a node's first sign of life has half a minute, which nothing changes
    "RAY_gcs_server_port_wait_time_s": "300",
    "RAY_raylet_start_wait_time_s": "300",
    "RAY_agent_register_timeout_ms": "300000",
    "RAY_worker_register_timeout_seconds": "300",
}


@pytest.fixture
def sweep_file(tmp_path):
    path = tmp_path / "sweep.yaml"
    path.write_text(json.dumps(SWEEP), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("cluster", "no address; expected the HOST:PORT of a cluster's head, auto or local"),
        ("ray://127.0.0.1:10001", "no address"),
        ("127.0.0.1:{closed}", "does not answer (Connection refused)"),
        ("127.0.0.1:{silent}", "does not answer (timed out)"),
    ],
)
def test_a_dead_address_is_one_line_within_seconds(sweep_file, tmp_path, address, message):
    with socket.create_server(("127.0.0.1", 0)) as silent, socket.create_server(("127.0.0.1", 0)) as to_close:
        ports = {"silent": silent.getsockname()[1], "closed": to_close.getsockname()[1]}
        to_close.close()
        given = address.format(**ports)
        done = CliRunner().invoke(app, ["sweep", str(sweep_file), "--out", str(tmp_path / "out"), "--ray", given])
    error = str(done.exception)
    assert error.startswith(f"--ray {given}: {message}")
    assert "\n" not in error
    assert not (tmp_path / "out").exists()


def test_a_server_of_another_kind_is_no_cluster(sweep_file, tmp_path):
    def answer(listening):
        connection, _ = listening.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as web, ThreadPoolExecutor(1) as pool:
        answering = pool.submit(answer, web)
        given = f"127.0.0.1:{web.getsockname()[1]}"
        done = CliRunner().invoke(app, ["sweep", str(sweep_file), "--out", str(tmp_path / "out"), "--ray", given])
        answering.result(timeout=10)
    assert str(done.exception).startswith(f"--ray {given}: is no Ray cluster; expected ")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Ray's own
def test_a_driver_and_a_node_that_are_killed_lose_nothing_and_run_nothing_twice(sweep_file, tmp_path, cluster):
    """Both nodes have a core and a run when one of them is killed: exactly that run begins a second time."""
    settings = StudySweepSettings.model_validate(SWEEP)
    tasks = tasks_of(settings)
    folder = make_sweep_folder(settings, tmp_path / "out")
    victim = cluster.add_node(num_cpus=1, object_store_memory=STORE)
    cluster.add_node(num_cpus=1, object_store_memory=STORE)
    driver = drive(sweep_file, folder, cluster.address)
    wait_until(lambda: [times_begun(task, folder) for task in tasks].count(1) >= 2)
    wait_until(lambda: sum(state.name == "at work" for state in task_states(tasks, folder)) == 2)
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    cluster.remove_node(victim, allow_graceful=False)
    cluster.add_node(num_cpus=1, object_store_memory=STORE)
    again = drive(sweep_file, folder, cluster.address)
    _, errors = again.communicate(timeout=PATIENCE)
    assert again.returncode == 0, errors
    assert "The cluster is at this sweep already: watching it." in errors
    assert errors.count("its node went away") == 1
    assert {state.name for state in task_states(tasks, folder)} == {"finished"}
    assert sorted(times_begun(task, folder) for task in tasks) == [1] * 5 + [2]
    here = tmp_path / "here"
    here.mkdir()
    with Processes(here, jobs=2) as processes:
        run_tasks(tasks, here, processes, retries=0)
    assert sweep_tables(tasks, folder).runs.equals(sweep_tables(tasks, here).runs)


def times_begun(task, folder):
    """As its log has it: each time that it began or went on."""
    log = folder / task.name / RUN_LOG
    return log.read_text(encoding="utf-8").count(f" simcons {versions()['simcons']} ") if log.exists() else 0


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_runs_on_a_node_share_its_models(tmp_path, cluster):
    toy = save_chatting(tmp_path / "toy")
    given = sharing_sweep(toy, 3, 4)
    tasks, folder = tasks_of(given), make_sweep_folder(given, tmp_path / "out")
    cluster.add_node(num_cpus=2, object_store_memory=STORE)
    path = tmp_path / "shared.yaml"
    path.write_text(given.model_dump_json(), encoding="utf-8")
    driver = drive(path, folder, cluster.address)
    _, errors = driver.communicate(timeout=PATIENCE)
    assert driver.returncode == 0, errors
    for task in tasks:
        assert attempt(task, tmp_path / "own" / task.name) == ""
        assert tables(folder / task.name) == tables(tmp_path / "own" / task.name)


@pytest.fixture
def cluster(monkeypatch, tmp_path):
    """A head that takes no tasks."""
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    for name, value in PATIENT.items():
        monkeypatch.setenv(name, value)
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 0, "include_dashboard": False, "object_store_memory": STORE}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    yield cluster
    cluster.shutdown()


def drive(sweep_file, folder, address):
    command = [sys.executable, "-m", "simcons", "sweep", str(sweep_file), "--out", str(folder), "--ray", address]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, text=True, cwd=sweep_file.parent, env=os.environ, **pipes)


def wait_until(holds):
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.1)
