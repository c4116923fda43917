"""The end of the program: what went wrong comes out as one line (a line for each fault of an input file), never as a
traceback, and as an exit code.

0 done; 1 an axiom fails (``axioms --strict``), an exploit wins (``exploits --gate``), a change is stopped (``gate``), a run of a
sweep or a rule of a user's own comes to nothing (``sweep``, ``stress``), or a fault of simcons; 2 input that cannot be used, an
engine that does not answer, a disk or memory that is full; 3 a budget that is reached; 128 and the number of the signal that
ended it (130 for Ctrl-C, 143 for SIGTERM); 141 where what reads the output has gone.
"""

from __future__ import annotations

import os
import sys
import traceback
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from simcons.cli.stopping import exit_code, how, stop_on_signals
from simcons.cli.usage import is_usage_error, usage_line
from simcons.errors import ArgumentError, BudgetReached, Interrupted, ScenarioProblems, SimconsError
from simcons.visible import visible_line

TRACEBACK = "SIMCONS_TRACEBACK"  # set to 1 it shows where in simcons an error came up
_BROKEN_PIPE = 141  # as a program that SIGPIPE ends


def main() -> None:
    """Run a command and end the program."""
    any_text_can_be_written()
    stop_on_signals()
    let_threads_sleep()
    try:
        from simcons.cli.app import app  # here, as loading it takes a moment in which Ctrl-C may come

        code = app(standalone_mode=False)  # its errors come here; of a command it returns the exit code, if any
        sys.exit(code if isinstance(code, int) else 0)
    except (Exception, KeyboardInterrupt) as error:
        sys.exit(end(error))


def let_threads_sleep() -> None:
    """Have the threads of a product that wait for each other sleep rather than spin, unless the user has said otherwise.

    With a neighbour on the machine, spinning takes half as much processor time again, and keeps the one waited for from running.
    Must come before torch is loaded, which reads it once.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def any_text_can_be_written() -> None:
    """Where the output's encoding has no such character, its escape is written: ``\\xa3`` for a pound sign in ASCII."""
    sys.stdout, sys.stderr = sys.stdout or _nowhere(), sys.stderr or _nowhere()  # None where they were closed (`>&-`)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")


def end(error: BaseException) -> int:
    """Say what happened, and return the exit code."""
    if isinstance(error, BrokenPipeError):
        _close_output()
        return _BROKEN_PIPE
    if os.environ.get(TRACEBACK, "0") not in ("", "0"):
        traceback.print_exception(error)
    for line in _lines(error):
        print(_one_line(line), file=sys.stderr)
    return _code(error)


def _lines(error: BaseException) -> list[str]:
    """One line; where an input file has several faults, how many and a line for each."""
    if isinstance(error, ScenarioProblems):
        return [f"simcons: {error.summary}", *(f"  {problem}" for problem in error.problems)]
    if is_usage_error(error):
        line = usage_line(error)
        return [] if line is None else [f"simcons: {line}"]
    return [f"simcons: {_says(error)}"]


def _one_line(text: str) -> str:
    """``text`` on one line, indented as it was."""
    return "  " * text.startswith("  ") + visible_line(text)


def _code(error: BaseException) -> int:
    if isinstance(error, Interrupted):
        return error.exit_code
    if isinstance(error, KeyboardInterrupt):
        return exit_code(error)
    if isinstance(error, BudgetReached):
        return 3
    return 2 if is_usage_error(error) or isinstance(error, (SimconsError, OSError, MemoryError, RecursionError)) else 1


def _says(error: BaseException) -> str:
    if isinstance(error, ArgumentError):
        return f"--{error}"  # options are called as arguments are
    if isinstance(error, SimconsError):
        return str(error)
    if isinstance(error, KeyboardInterrupt):
        return how(error)
    if isinstance(error, MemoryError):
        return f"out of memory{_after_colon(error)}; expected a smaller study, or more memory"
    if isinstance(error, RecursionError):
        return f"something given is nested too deeply (RecursionError{_after_colon(error)}); expected fewer levels"
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or error}"
    return (
        f"{type(error).__name__}{_after_colon(error)} ({_where(error)}): this is a fault of simcons; please report it as"
        f" CONTRIBUTING.md says, with what the same command prints under {TRACEBACK}=1"
    )


def _after_colon(error: BaseException) -> str:
    return f": {error}" if str(error) else ""


def _where(error: BaseException) -> str:
    """The last line of simcons that the error went through."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "simcons" in frame.filename]
    return f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else "outside simcons"


def _close_output() -> None:
    """Let what is still to be written go nowhere, so that Python does not complain of it at its own end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
