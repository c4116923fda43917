"""Studies of power on the terminal, and as a table in a folder of results."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table

from simcons.cli.console import styled
from simcons.experiments.power.run import PowerResult, PowerRow, rows
from simcons.report.power import power_markdown, tables
from simcons.report.tables import Table as TextTable
from simcons.storage.results import write_records

POWER = "power"


def show_power(result: PowerResult, console: Console) -> None:
    """The tables of one study of power, and what they say."""
    description = f": {result.settings.description}" if result.settings.description else ""
    console.print(styled("\n", (result.settings.name, "bold"), description, "\n"))
    for printed in tables(result):
        console.print(_table(printed))
    console.print(Markdown(power_markdown(result), hyperlinks=False))


def _table(printed: TextTable) -> Table:
    """Pairs of rules head their rows, so that a line has room for the numbers."""
    table = Table(title=printed.title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(printed.header[1], no_wrap=True)
    for column in printed.header[2:]:
        table.add_column(column, justify="right")
    pair = None
    for head, *cells in printed.rows:
        if head != pair:
            table.add_row(styled((head, "dim")))
        table.add_row(*cells)
        pair = head
    return table


def write_power(folder: Path, results: Sequence[PowerResult]) -> None:
    """``power.parquet`` and ``power.csv`` in an existing folder, a row a number. Raises StorageError."""
    write_records(folder, POWER, [row for result in results for row in rows(result)], record_type=PowerRow)
