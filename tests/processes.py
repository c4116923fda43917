"""Programs that a test starts and that end with it, whatever happens to either."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1  # Linux's prctl: the signal that a process gets when its parent dies


def end_with_parent() -> None:
    """Have this process killed when the one that started it ends, also by SIGKILL (on Linux; elsewhere nothing happens)."""
    if hasattr(_LIBC, "prctl"):
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _as_from_a_terminal() -> None:
    """Signals as a shell with job control leaves them, though the tests may run in the background or under nohup."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    end_with_parent()


@contextmanager
def started(*command: str | Path, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """A program in a process group of its own, all of which is killed when the block is left."""
    process = subprocess.Popen(
        [*map(str, command)], text=True, start_new_session=True, preexec_fn=_as_from_a_terminal, **options
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@contextmanager
def simcons_started(*arguments: str | Path, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """The program under test, as `started`."""
    with started(sys.executable, "-m", "simcons", *arguments, **options) as process:
        yield process
