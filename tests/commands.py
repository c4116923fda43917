"""Commands as typed, in this process: what a terminal gets of them, without the seconds that a program takes to load.

Where the process itself is what is tested (signals, closed output, what is loaded), `processes` starts one.
"""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from pathlib import Path

import pytest

from simcons.cli.app import app
from simcons.cli.ending import end


@dataclass(frozen=True)
class Done:
    """How a command ended; named as `subprocess` names it."""

    returncode: int
    stdout: str
    stderr: str

    @property
    def faults(self) -> list[str]:
        """The lines that say what is wrong, without the steps that a busy machine gets to tell of."""
        return [line for line in self.stderr.splitlines() if not line.endswith(" ...")]


def typed(*arguments: object, cwd: Path | None = None, columns: int = 80) -> Done:
    """``simcons ARGUMENTS`` in a folder, for a terminal of so many columns."""
    output, errors = io.StringIO(), io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.chdir(cwd or Path.cwd()),
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(errors),
    ):
        patch.setenv("COLUMNS", str(columns))
        try:
            code = app([*map(str, arguments)], standalone_mode=False)
        except Exception as error:
            code = end(error)
    return Done(code if isinstance(code, int) else 0, output.getvalue(), errors.getvalue())
