"""``simcons import``: a study of people, kept in tables, as a run folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simcons.cli.console import console as make_console
from simcons.cli.console import styled
from simcons.cli.settings import folder_to_write
from simcons.counted import counted
from simcons.report.imported import imported_sentences
from simcons.runs.folder import next_folder
from simcons.scenario.mapping import load_mapping
from simcons.storage.imported.write import import_study
from simcons.storage.load import load

IMPORT_MORE = (
    "Shipped mappings: deliberation_people, habermas. Tables: CSV, Parquet, JSON Lines. The run has the tables of a simulated"
    " one: analyse, report, export and train data take it. Guide: docs/people.md."
)
_RUNS = Path("runs")


def import_command(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the study's tables are.")],
    mapping: Annotated[str, typer.Option(metavar="FILE", help="What columns mean; a file or a name.")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="RUN", help="A new folder (default: the next runs/NAME).", callback=folder_to_write),
    ] = None,
) -> None:
    """Read a study of people from its tables into a run folder."""
    run_folder = out if out is not None else next_folder(_RUNS, load_mapping(mapping)[0].name)
    imported = import_study(folder, mapping, run_folder)
    console = make_console()
    rows = [counted(imported.rows[name], name.removesuffix("s")) for name in ("participants", "rounds", "ratings")]
    console.print(
        styled("Imported ", (f"{rows[0]}, {rows[1]} and {rows[2]}", "bold"), f" to {run_folder}"), soft_wrap=True
    )
    for sentence in imported_sentences(load(run_folder)):
        console.print(sentence, soft_wrap=True)
    console.print(f"Look at it with:  simcons analyse {run_folder}", soft_wrap=True, style="dim")
