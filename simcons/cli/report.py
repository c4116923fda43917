"""``simcons report``: the page of one or more runs; and the one that a run ends with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from simcons.errors import InputError, SimconsError
from simcons.storage.layout import REPORT
from simcons.storage.load import Run, load


def make_report(folders: Sequence[Path], out: Path | None, *, partial: bool, figures: Path | None = None) -> Path:
    """Write the page of the runs in ``folders``, and return its file: by default in the folder of the single run.

    figures: a new folder for the figures as files.

    Raises InputError for several runs without ``out``, and whatever `write_study_report` does.
    """
    if out is None and len(folders) > 1:
        raise InputError(f"report: {len(folders)} runs, and no file; expected --out FILE")
    runs = [load(folder, partial=partial) for folder in folders]
    path = folders[0] / REPORT if out is None else out
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise InputError(
            f"--out {path}: {'is a folder' if path.is_dir() else 'its folder is not there'}; expected a file"
        )
    _write(runs, path, figures)
    return path


def report_of(run: Run, console: Console) -> Path | None:
    """The page of a run that has just finished, in its folder; None, and a line that says why, where it cannot be made."""
    try:
        _write([run], run.folder / REPORT, None)
    except SimconsError as error:
        console.print(f"No report: {error}", soft_wrap=True, style="yellow")
        return None
    return run.folder / REPORT


def _write(runs: Sequence[Run], path: Path, figures: Path | None) -> None:
    from simcons.report.study.write import (
        write_study_report,
    )  # here, as charts take longer to load than most commands to run

    write_study_report(runs, path, figures=figures)
