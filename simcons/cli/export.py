"""``simcons export``: a run in the form of another tool."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simcons.cli.console import console as make_console
from simcons.cli.settings import folder_to_write
from simcons.counted import counted
from simcons.export.run import Form, export_run
from simcons.storage.load import load

EXPORT_MORE = (
    "Forms: csv, parquet, inspect, hf, alpacaeval. csv and parquet: all ratings joined with what is known of each, every table,"
    " and a codebook. inspect: logs of Inspect. hf: data sets of Hugging Face in TRL's forms. alpacaeval: annotations and a"
    " leaderboard. Guide: docs/export.md."
)


def export(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    to: Annotated[Form, typer.Option(metavar="FORM", help="The form, of those below.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FOLDER", help="A new folder for it.", callback=folder_to_write)
    ],
    truth: Annotated[bool, typer.Option("--truth", help="Tables of the truth too (csv, parquet).")] = False,
    against: Annotated[
        str | None,
        typer.Option(metavar="ARM", help="Reference arm of alpacaeval (else the first).", show_default=False),
    ] = None,
    partial: Annotated[bool, typer.Option("--partial", help="What there is of a run that has not finished.")] = False,
) -> None:
    """Write a run as other tools want it: tables, logs, data sets."""
    run = load(run_folder, partial=partial)
    written = export_run(run, out, form=to, truth=truth, against=against)
    contents = "data sets" if to == "hf" else counted(len(written), "file")
    unfinished = " of a run that has not finished" if run.partial else ""
    make_console().print(f"Wrote {contents}{unfinished} to {out}", soft_wrap=True)
