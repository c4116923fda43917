"""A re-selection on a terminal: tables, then sentences, scorer by scorer."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from simcons.analysis.reselect.reselection import Reselection
from simcons.cli.console import styled
from simcons.report.reselection import reselection_sentences
from simcons.report.reselection_tables import reselection_tables
from simcons.report.scorers import recorded_picks, scorer_heading
from simcons.report.tables import Table as TextTable

_ROOMY = 3  # columns with an interval each that leave room for a wider gap


def show_reselection(result: Reselection, console: Console) -> None:
    """Print what the rules chose and what it means."""
    heading = styled("\n", (result.name, "bold"), ", chosen again: synthetic participants, not people")
    console.print(heading, soft_wrap=True)
    for account in result.accounts:
        console.print(f"\n{scorer_heading(result, account)}", style="bold")
        for table in reselection_tables(result, account):
            console.print(f"\n{table.title}", style="bold")
            console.print(_printed(table))
            if table.note:
                console.print(table.note, style="dim")
        console.print("\nReading", style="bold")
        for sentence in reselection_sentences(result, account):
            console.print(Padding(sentence, (0, 0, 0, 2)))
    console.print("\nRecorded picks", style="bold")
    for line in recorded_picks(result):
        console.print(Padding(line, (0, 0, 0, 2)))


def _printed(table: TextTable) -> Table:
    first, *columns = table.header
    gap = 0 if len(columns) > _ROOMY else 1
    printed = Table(box=box.SIMPLE_HEAD, padding=(0, gap, 0, 0), show_edge=False, pad_edge=False)  # to fit 80 columns
    printed.add_column(first, no_wrap=True)
    for column in columns:
        printed.add_column(column, justify="right")
    for rule, *cells in table.rows:
        printed.add_row(rule, *(cell.replace(", ", ",") for cell in cells))
    return printed
