"""What a run says while it goes: where output is no terminal, on one, and in its log."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import time
from io import StringIO
from itertools import pairwise
from pathlib import Path

import pytest
from processes import simcons_started
from rich.console import Console

from simcons.cli.messages import Messages, Ticker
from simcons.cli.progress import StudyProgress, duration
from simcons.cli.run import resume_run, run_scenario
from simcons.engines.base import Message, Request
from simcons.engines.dispatch import Dispatch
from simcons.engines.scripted import ScriptedEngine
from simcons.scenario.engines import SamplingSettings
from simcons.scenario.load import load_scenario
from simcons.study.progress import Progress

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d ")
LONG = ["run", "paper_collection_1", "--set", "design.groups=100000", "--out", "cut"]


def spoken() -> tuple[Messages, StringIO]:
    said = StringIO()
    return Messages(Console(file=said, width=40)), said


def texts(log: Path) -> list[str]:
    """The lines of a log without their times."""
    lines = log.read_text().splitlines()
    assert all(STAMP.match(line) for line in lines)
    return [STAMP.sub("", line) for line in lines]


# --- the log ------------------------------------------------------------------------------------------------------


def test_the_log_has_what_was_said_before_it_was_opened_and_is_gone_on_with(tmp_path):
    for word in ("first", "second"):
        messages, said = spoken()
        messages.say(f"{word} before\nand [bold] a long line that no terminal of forty columns holds")
        messages.open_log(tmp_path)
        messages.log(f"{word} after")
        assert said.getvalue().count("\n") == 1
    whole = "before and [bold] a long line that no terminal of forty columns holds"
    assert texts(tmp_path / "run.log") == [f"first {whole}", "first after", f"second {whole}", "second after"]


def test_a_log_that_cannot_be_written_ends_nothing(tmp_path):
    messages, _ = spoken()
    messages.open_log(tmp_path / "nowhere")
    messages.log("unheard")


def test_a_run_logs_its_start_and_end_and_a_resumption_goes_on_below(tmp_path):
    """It is no table: two runs of one scenario differ in it alone."""
    scenario = load_scenario("paper_baselines", ["design.groups=1", "design.rounds=1"])
    run_scenario(scenario, out=tmp_path / "run", force=False, console=Console(quiet=True))
    (tmp_path / "run" / "manifest.json").unlink()
    resume_run(tmp_path / "run", (), console=Console(quiet=True))
    lines = texts(tmp_path / "run" / "run.log")
    starts = [place for place, line in enumerate(lines) if "paper_baselines, seed 2, 1 session of 1 round" in line]
    assert len(starts) == 2
    assert " begins " in lines[starts[0]]
    assert " goes on with " in lines[starts[1]]
    assert lines.count("1 of 1 session, 1 of 1 round") == 2
    assert lines[-1].startswith("finished after ")
    run_scenario(scenario, out=tmp_path / "run", force=True, console=Console(quiet=True))
    assert len(texts(tmp_path / "run" / "run.log")) < len(lines)


# --- steps --------------------------------------------------------------------------------------------------------


def test_a_step_is_said_only_if_it_takes_more_than_a_moment(tmp_path):
    messages, said = spoken()
    with messages.step("Reading"):
        pass
    with messages.step("Loading"):
        time.sleep(2.2)
    assert said.getvalue() == "Loading ...\n"
    messages.open_log(tmp_path)
    assert texts(tmp_path / "run.log") == ["Reading", "Loading"]


def test_gaps_between_lines_grow():
    ticks: list[float] = []
    with Ticker(lambda: ticks.append(time.perf_counter()), first=0.05):
        time.sleep(0.6)
    gaps = [later - earlier for earlier, later in pairwise(ticks)]
    assert 3 <= len(ticks) <= 6
    assert all(gap > 0.06 for gap in gaps)


# --- the line -----------------------------------------------------------------------------------------------------


@pytest.fixture
def scenario():
    return load_scenario("paper_baselines", ["design.groups=4", "design.rounds=3"])


class Slot:
    wanted = True

    def deliver(self, reply):
        pass


def asked(n: int) -> Dispatch:
    """An engine that two calls fit into at a time, with ``n`` calls open."""
    dispatch = Dispatch({"m": ScriptedEngine(lambda request: "five words of a reply", batch_limit=2)})
    for seed in range(n):
        dispatch.ask(Request("m", (Message("user", str(seed)),), SamplingSettings(), seed), Slot())
    return dispatch


def test_calls_answered_and_known_are_counted_and_the_time_left_follows_from_the_rounds(scenario):
    """6 rounds begun ask 5 calls each. 3 rounds over and 24 calls answered of 12 rounds in 48 s: (12 x (30 / 6 + 24 / 3) / 2
    - 24) more calls at 2 s each are 108 s.
    """
    progress, dispatch = StudyProgress(scenario, spoken()[0]), asked(30)
    progress.follow(dispatch)
    progress.update(numbers := Progress(rounds_begun=6))
    assert progress.line() == "0 of 4 sessions, 0 of 12 rounds · 0 of 30 known model calls answered"
    while dispatch.meter.gauges.get("m") is None or dispatch.meter.gauges["m"].usage.n_calls < 24:
        dispatch.wait()
    answered = dispatch.meter.gauges["m"].usage.n_calls
    progress._began = time.perf_counter() - 2 * answered
    counted = rf"{answered} of 30 known model calls answered · \d+ tokens/s"
    assert re.fullmatch(f"0 of 4 sessions, 0 of 12 rounds · {counted} · at least 1 min left", progress.line())
    numbers.rounds_over = 3
    assert re.fullmatch(f"0 of 4 sessions, 3 of 12 rounds · {counted} · about 2 min left", progress.line())


def test_without_language_models_sessions_and_rounds_are_counted(scenario):
    progress = StudyProgress(scenario, spoken()[0])
    progress.update(Progress(sessions=1, rounds_begun=7, rounds_over=5))
    assert progress.line() == "1 of 4 sessions, 5 of 12 rounds"
    progress._began -= 50
    assert progress.line() == "1 of 4 sessions, 5 of 12 rounds · about 1 min left"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "5 s"), (42, "40 s"), (56, "1 min"), (3_000, "50 min"), (7_900, "2 h 10 min"), (9e5, "250 h")],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


# --- the program --------------------------------------------------------------------------------------------------


def test_lines_go_to_standard_error_and_results_alone_to_standard_output(tmp_path):
    with (
        (tmp_path / "out").open("w") as out,
        (tmp_path / "err").open("w") as err,
        simcons_started(*LONG, cwd=tmp_path, stdout=out, stderr=err) as process,
    ):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and (tmp_path / "err").read_text().count(" sessions, ") < 2:
            time.sleep(0.1)
        process.terminate()
        assert process.wait(60) == 143
    assert (tmp_path / "out").read_text() == ""
    *progress, last = (tmp_path / "err").read_text().splitlines()
    assert len(progress) >= 2
    assert all(re.match(r"[\d,]+ of 100,000 sessions, [\d,]+ of ", line) or line.endswith(" ...") for line in progress)
    kept = "cut is unfinished and holds what had been recorded; go on with: simcons run --resume cut"
    assert re.fullmatch(rf"simcons: terminated after \d+ s; {kept}", last)
    logged = texts(tmp_path / "cut" / "run.log")
    assert logged[-1] == f"stopped: {last.removeprefix('simcons: ')}"
    assert [line for line in logged if " of 100,000 sessions" in line] == [line for line in progress if " of " in line]


def test_quiet_says_nothing_but_the_folder(tmp_path):
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "simcons",
            "run",
            "paper_baselines",
            "--set",
            "design.groups=1",
            "--quiet",
            "--out",
            "q",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("q\n", "")


def test_on_a_terminal_there_is_a_bar_and_no_line(tmp_path):
    """Standard error is a terminal here, and standard output a file: the file has no bar in it."""
    ours, theirs = pty.openpty()
    arguments = ["run", "paper_baselines", "--set", "design.groups=150", "--out", "run"]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    drawn = b""
    with (
        (tmp_path / "out").open("w") as out,
        simcons_started(*arguments, cwd=tmp_path, stdout=out, stderr=theirs, env=environment) as process,
    ):
        os.close(theirs)
        while chunk := _read(ours):
            drawn += chunk
        assert process.wait(60) == 0
    os.close(ours)
    assert b"\x1b[" in drawn
    assert "150/150" in drawn.decode()
    assert b" of 150 sessions" not in drawn
    written = (tmp_path / "out").read_text()
    assert "Run folder: run" in written
    assert "150/150" not in written
    assert any(" of 150 sessions" in line for line in texts(tmp_path / "run" / "run.log"))


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # its other end is closed
        return b""
