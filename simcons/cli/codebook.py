"""``simcons codebook``: what the tables, columns and measures of a run mean."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding

from simcons.cli.console import styled
from simcons.storage.codebook import TableDescription, codebook, described, explained, table_named
from simcons.storage.meanings import MEASURES


def show_codebook(name: str | None, console: Console) -> None:
    """One table, the measures, or all of it. Raises InputError for an unknown name."""
    if name is not None and name != "measures":
        _print_table(table_named(name), console)
        return
    for table in codebook() if name is None else ():
        _print_table(table, console)
    console.print("\nMeasures", style="bold")
    for measure, text in MEASURES.items():
        console.print(styled((measure, "cyan")))
        console.print(Padding(text, (0, 0, 0, 2)))


def _print_table(table: TableDescription, console: Console) -> None:
    truth = " Truth: no study of people could know it." if table.truth else ""
    console.print(styled("\n", (table.name, "bold")))
    console.print(f"{table.meaning}{truth}")
    for column in table.columns:
        console.print(styled((column.name, "cyan"), f" ({described(column)})"))
        console.print(Padding(explained(column), (0, 0, 0, 2)))
