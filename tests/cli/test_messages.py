"""What a command says while it works: where output is no terminal, and on one."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

from processes import simcons_started
from rich.console import Console

from simcons.cli.messages import ConsoleMessages
from simcons.cli.progress import RunDisplay
from simcons.runs import Message

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d ")
LONG = ["run", "paper_collection_1", "--set", "design.groups=100000", "--out", "cut"]


def texts(log: Path) -> list[str]:
    """The lines of a log without their times."""
    lines = log.read_text().splitlines()
    assert all(STAMP.match(line) for line in lines)
    return [STAMP.sub("", line) for line in lines]


# --- steps --------------------------------------------------------------------------------------------------------


def test_a_step_is_said_only_if_it_takes_more_than_a_moment():
    said = StringIO()
    messages = ConsoleMessages(Console(file=said, width=40))
    with messages.step("Reading"):
        pass
    with messages.step("Loading"):
        time.sleep(2.2)
    assert said.getvalue() == "Loading ...\n"


def test_a_message_is_one_line_whatever_the_terminal_and_ends_the_step_before_it():
    said = StringIO()
    with RunDisplay(Console(file=said, width=40)) as display:
        display.message(Message("Reading", "step"))
        display.message(Message("a note with [bold] that no terminal of forty columns holds", "note"))
        time.sleep(2.2)
    assert said.getvalue() == "a note with [bold] that no terminal of forty columns holds\n"


# --- the program --------------------------------------------------------------------------------------------------


def test_lines_go_to_standard_error_and_results_alone_to_standard_output(tmp_path):
    with (
        (tmp_path / "out").open("w") as out,
        (tmp_path / "err").open("w") as err,
        simcons_started(*LONG, cwd=tmp_path, stdout=out, stderr=err) as process,
    ):
        shown, log = tmp_path / "err", tmp_path / "cut" / "run.log"  # each has a clock of its own
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and min(_progress_lines(shown), _progress_lines(log)) < 2:
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
    assert re.fullmatch(r"stopped after \d+ s: terminated", logged[-1])
    assert sum(" of 100,000 sessions" in line for line in logged) >= 2


def _progress_lines(file: Path) -> int:
    return file.read_text().count(" of 100,000 sessions, ") if file.exists() else 0


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
