"""``simcons analyse``: what one or more runs say, in tables with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import typer

from simcons.analysis.analyse import ANALYSES, SLOW, analyse
from simcons.analysis.results import Analysis
from simcons.analysis.sides import Neutral
from simcons.cli.console import console as make_console
from simcons.cli.console import styled
from simcons.cli.display.analysis import show_analysis
from simcons.cli.settings import folder_to_write
from simcons.storage.load import Run, load
from simcons.storage.results import check_result_folder, make_result_folder, write_manifest, write_table

ANALYSE_MORE = (
    f"Analyses: {', '.join([*ANALYSES, *SLOW])}. Several runs are analysed side by side, each by itself; they must have asked the"
    " same kind of people about the same bank on the same scales. What each number means: docs/analysis.md."
)


def analyse_command(
    run_folders: Annotated[list[Path], typer.Argument(metavar="RUN", help="Run folders.")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="A new folder for every table, whole.", callback=folder_to_write),
    ] = None,
    partial: Annotated[bool, typer.Option("--partial", help="What there is of runs that have not finished.")] = False,
    only: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="One analysis, all its rows; repeatable.")
    ] = None,
    mixed: Annotated[bool, typer.Option("--mixed", help="A mixed ordinal model too: minutes.")] = False,
    neutral: Annotated[
        Neutral,
        typer.Option(metavar="SIDE", help="What a 4 counts as: neither side, or own_side.", show_default=False),
    ] = "neither",
) -> None:
    """Analyse runs: win rates, differences and more, with intervals."""
    if out is not None:
        check_result_folder(out)
    runs = [load(folder, partial=partial) for folder in run_folders]
    analysis = analyse(runs, only=only or (), mixed=mixed, neutral=neutral)
    console = make_console()
    show_analysis(analysis, console, whole=bool(only))
    if out is not None:
        write_analysis(out, runs, analysis, neutral=neutral)
        console.print(styled("\nEvery table, as CSV and Parquet: ", (str(out), "bold")), soft_wrap=True)


def write_analysis(folder: Path, runs: Sequence[Run], analysis: Analysis, *, neutral: Neutral) -> None:
    """Every result as a table in a new folder, the manifest last. Raises RunFolderError, StorageError."""
    make_result_folder(folder)
    rows = {}
    for name, result in analysis.results.items():
        if result.rows:
            table = pa.Table.from_pandas(result.frame(), preserve_index=False).replace_schema_metadata()
            write_table(folder, name, table)
            rows[name] = table.num_rows
    about = {name: {"about": result.about, "n": result.counted} for name, result in analysis.results.items()}
    of = [{"label": label, **_origin(run)} for label, run in zip(analysis.labels, runs, strict=True)]
    told = {"runs": of, "neutral": neutral, "rows": rows, "results": about, "notes": list(analysis.notes)}
    write_manifest(folder, "analyse", told)


def _origin(run: Run) -> dict[str, object]:
    return {
        "folder": run.folder.name,
        "name": run.manifest.get("name"),
        "seed": run.manifest.get("seed"),
        "git_commit": run.manifest.get("git_commit"),
        "partial": run.partial,
    }
