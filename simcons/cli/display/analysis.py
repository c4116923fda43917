"""The results of an analysis on a terminal: the rows that are read first, and where the others are."""

from __future__ import annotations

from rich.console import Console

from simcons.analysis.results import Analysis, Result
from simcons.cli.console import styled
from simcons.cli.display.tables import Grid, print_grid
from simcons.report.analysis import first_rows, result_table
from simcons.report.imported import whose


def show_analysis(analysis: Analysis, console: Console, *, whole: bool) -> None:
    """Print every result. whole: all rows of each, not only those that are read first."""
    console.print(
        styled("\n", (", ".join(analysis.labels), "bold"), f": {whose(len(analysis.imported), len(analysis.labels))}")
    )
    for result in analysis.results.values():
        shown = result if whole else first_rows(result)
        if shown.rows:
            print_grid(_grid(result, shown, single_run=len(analysis.labels) == 1), console)
    for note in analysis.notes:
        console.print(note, style="yellow", soft_wrap=True, markup=False)


def _grid(result: Result, shown: Result, *, single_run: bool) -> Grid:
    table = result_table(shown, single_run=single_run)
    left = len(result.rows) - len(shown.rows)
    more = f" {left:,} more rows: --only {result.name}" if left else ""
    return Grid(table.title, table.header, table.rows, f"{table.note}{more}")
