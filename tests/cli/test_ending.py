"""How the program ends: one line and an exit code, whatever comes up."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from commands import typed
from processes import simcons_started, started

from simcons.cli import ending
from simcons.cli.stopping import Stopped
from simcons.errors import BudgetReached, Interrupted, ScenarioError

LONG = ["run", "paper_collection_1", "--set", "design.groups=100000", "--out", "cut"]


def come(condition) -> None:
    deadline = time.monotonic() + 60
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert condition()


# --- errors -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (ScenarioError("x.yaml: seed:\n  value 'a'"), 2, "x.yaml: seed: value 'a'"),
        (BudgetReached("budget.max_calls 4 is reached"), 3, "budget.max_calls 4 is reached"),
        (Interrupted("interrupted; go on"), 130, "interrupted; go on"),
        (Interrupted("terminated; go on", 143), 143, "terminated; go on"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (Stopped(signal.SIGTERM), 143, "terminated"),
        (Stopped(signal.SIGHUP), 129, "hung up"),
        (
            MemoryError("Unable to allocate 72.8 TiB"),
            2,
            "out of memory: Unable to allocate 72.8 TiB; expected a smaller study, or more memory",
        ),
        (OSError(errno.ENOSPC, "No space left on device", "out/x.csv"), 2, "out/x.csv: No space left on device"),
        (OSError(errno.EROFS, "Read-only file system"), 2, "Read-only file system"),
        (
            RecursionError("maximum recursion depth exceeded"),
            2,
            "something given is nested too deeply (RecursionError: maximum recursion depth exceeded); expected fewer levels",
        ),
    ],
)
def test_every_error_is_one_line(error, code, line, capsys):
    assert ending.end(error) == code
    assert capsys.readouterr().err == f"simcons: {line}\n"


def test_an_error_that_nobody_foresaw_is_one_line_that_says_where_it_came_up(capsys, monkeypatch):
    def fault():
        try:
            ending._close_output(1)  # type: ignore[call-arg]
        except TypeError as error:
            return error

    assert ending.end(fault()) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("simcons: TypeError: ")
    assert "this is a fault of simcons; please report it" in line
    assert "SIMCONS_TRACEBACK=1" in line
    monkeypatch.setenv("SIMCONS_TRACEBACK", "1")
    assert ending.end(fault()) == 1
    said = capsys.readouterr().err
    assert said.startswith("Traceback (most recent call last)")
    assert said.splitlines()[-1] == line


def test_output_may_be_closed():
    for closed in (">&-", "2>&-", ">&- 2>&-"):
        command = f'"{sys.executable}" -m simcons codebook ratings {closed}'
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    done = typed("run", "paper_baselines", "--set", "design.groups=1", "--out", tmp_path / "file" / "run")
    assert (done.returncode, len(done.faults)) == (2, 1)
    assert "Traceback" not in done.stderr


# --- output that nobody reads -------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["schema", "persona -n 900", "check core", "show run"])
def test_output_may_be_cut_off(command, tmp_path):
    if command == "show run":
        arguments = ("run", "paper_baselines", "--set", "design.groups=1", "--quiet", "--out", "run")
        assert typed(*arguments, cwd=tmp_path).returncode == 0
    reading, writing = os.pipe()
    os.close(reading)
    with simcons_started(*command.split(), cwd=tmp_path, stdout=writing, stderr=subprocess.PIPE) as process:
        os.close(writing)
        _, said = process.communicate(timeout=60)
        assert (process.returncode, said) == (141, "")


# --- signals ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that nothing stopped, of the settings that come first."""
    settings = ["paper_baselines", "--set", "design.groups=30", "--set", "output.row_group_rows=100"]
    folder = tmp_path_factory.mktemp("ending") / "whole"
    assert typed("run", *settings, "--out", folder, "--quiet").returncode == 0
    return settings, folder


@pytest.mark.parametrize(("number", "word"), [(signal.SIGTERM, "terminated"), (signal.SIGHUP, "hung up")])
def test_a_signal_ends_a_run_with_a_line_and_it_goes_on_later(number, word, whole, tmp_path):
    """On the run's tables: resumed, it ends with those of a run that nothing stopped."""
    settings, unstopped = whole
    with simcons_started("run", *settings, "--out", "cut", cwd=tmp_path, stderr=subprocess.PIPE) as process:
        table = tmp_path / "cut" / "ratings.parquet"
        come(lambda: table.exists() and table.stat().st_size > 4)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 128 + number
    last = said.splitlines()[-1]
    assert last.startswith(f"simcons: {word} after ")
    assert last.endswith("go on with: simcons run --resume cut")
    assert typed("run", "--resume", "cut", "--quiet", cwd=tmp_path).returncode == 0
    for table in unstopped.glob("*.parquet"):
        assert table.read_bytes() == (tmp_path / "cut" / table.name).read_bytes()


def test_a_signal_before_the_study_begins_is_one_line(tmp_path):
    with simcons_started(*LONG, cwd=tmp_path, stderr=subprocess.PIPE) as process:
        program = psutil.Process(process.pid)
        come(lambda: any("pandas" in part.path for part in program.memory_maps()))  # libraries are being loaded
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert said == "simcons: interrupted\n"
    # Python itself ends by the signal where it came up inside a library's own loading; a shell says 130 for both.
    assert process.returncode in (130, -signal.SIGINT)


def test_code_that_keeps_pythons_lock_is_ended_by_sigquit_alone_which_tells_its_line(tmp_path):
    (tmp_path / "hangs.py").write_text(
        "import re, resource\n"
        "from simcons.cli.stopping import stop_on_signals\n"
        "from threading import Thread\n"
        "def work():\n"
        "    print('at work', flush=True)\n"
        "    re.match('(a+)+$', 40 * 'a' + 'b')\n"
        "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
        "stop_on_signals()\n"
        "Thread(target=work).start()\n"
    )
    with started(sys.executable, tmp_path / "hangs.py", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        time.sleep(0.2)  # until it matches
        process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.3)
        process.send_signal(signal.SIGQUIT)
        _, told = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGQUIT
    assert f'File "{tmp_path}/hangs.py", line 6 in work' in told


def test_what_is_ignored_from_the_start_stays_ignored(tmp_path):
    """As under nohup: a program that is to outlive its terminal does. SIGTERM ends it."""
    code = (
        "import os, signal, sys; [signal.signal(n, signal.SIG_IGN) for n in (signal.SIGINT, signal.SIGHUP)];"
        "os.execv(sys.executable, [sys.executable, '-m', 'simcons', *sys.argv[1:]])"
    )
    with started(sys.executable, "-c", code, *LONG, cwd=tmp_path, stderr=subprocess.PIPE) as process:
        come((tmp_path / "cut" / "sessions.parquet").exists)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGHUP)
        time.sleep(1)
        assert process.poll() is None
        process.terminate()
        assert process.wait(60) == 143


def test_processes_of_a_stress_test_end_with_it(tmp_path):
    with simcons_started(
        *("stress", "polarisation", "--rounds", "400000", "--jobs", "2", "--out", "out"),
        cwd=tmp_path,
        stderr=subprocess.PIPE,
    ) as process:
        parent = psutil.Process(process.pid)
        come(lambda: len(parent.children(recursive=True)) >= 2)
        time.sleep(2)  # they are at work
        children = parent.children(recursive=True)
        process.terminate()
        _, said = process.communicate(timeout=60)
        assert process.returncode == 143
        assert said.splitlines()[-1] == "simcons: terminated before the end; no results were written"
        assert not psutil.wait_procs(children, timeout=20)[1]


def test_a_run_at_work_is_neither_resumed_nor_replaced(tmp_path):
    with simcons_started(*LONG, cwd=tmp_path, stderr=subprocess.PIPE) as process:
        come((tmp_path / "cut" / "sessions.parquet").exists)
        for arguments in (["run", "--resume", "cut"], [*LONG, "--force"]):
            done = typed(*arguments, cwd=tmp_path)
            assert (done.returncode, len(done.faults)) == (2, 1)
            assert "cut: is being run now by another process" in done.stderr
        assert process.poll() is None


def test_no_process_is_left(tmp_path):
    """Of this file's own: whatever it started has been waited for."""
    assert not [child for child in psutil.Process().children() if Path(child.exe()).name.startswith("python")]
