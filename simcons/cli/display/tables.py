"""Tables that never break a word: labels fold at spaces and hyphens only, and where that is not enough rows are stacked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding

from simcons.cli.console import styled
from simcons.visible import visible

_GAP = 2
_PIECES = re.compile(r"[^\s-]*-+|[^\s-]+|\s+")  # a hyphen ends the piece that it stands in


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of text: the first column holds labels, and the rest short cells such as numbers, set to the right.

    note: a line or two under the table, which say what its columns mean.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


def print_grid(grid: Grid, console: Console) -> None:
    """Print ``grid`` as wide as the terminal allows."""
    if grid.title:
        console.print(f"\n{grid.title}", style="bold")
    columns = [visible(name) for name in grid.columns]
    rows = [[visible(cell) for cell in row] for row in grid.rows]
    widths = [max(map(cell_len, column)) for column in zip(columns, *rows, strict=True)]
    room = console.width - sum(widths[1:]) - _GAP * (len(widths) - 1)
    if max(map(cell_len, (piece for row in [columns, *rows] for piece in _pieces(row[0])))) <= room:
        _print_rows(columns, rows, [min(widths[0], room), *widths[1:]], console)
    else:
        _print_stacked(columns, rows, console)
    if grid.note:
        console.print(grid.note, style="dim")


def _print_rows(columns: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int], console: Console) -> None:
    console.print(styled("\n".join(_lines(columns, widths)), style="bold"), soft_wrap=True)
    console.print(styled("─" * min(console.width, sum(widths) + _GAP * (len(widths) - 1)), style="dim"), soft_wrap=True)
    for row in rows:
        for line in _lines(row, widths):
            console.print(line, soft_wrap=True)


def _lines(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    """A row as lines: the label folded, the other cells on its first line."""
    first, *more = fold(row[0], widths[0])
    cells = [" " * (width - cell_len(cell)) + cell for cell, width in zip(row[1:], widths[1:], strict=True)]
    padded = first + " " * (widths[0] - cell_len(first))
    return [(" " * _GAP).join([padded, *cells]).rstrip(), *more]


def _print_stacked(columns: Sequence[str], rows: Sequence[Sequence[str]], console: Console) -> None:
    for label, *cells in rows:
        console.print("\n".join(fold(label, console.width)), soft_wrap=True)
        for name, cell in zip(columns[1:], cells, strict=True):
            if cell:
                console.print(Padding(f"{name} {cell}", (0, 0, 0, 2)))


def fold(text: str, width: int) -> list[str]:
    """``text`` in lines of at most ``width`` cells, broken at spaces and after hyphens; a longer word has a line of its own."""
    lines = [""]
    for piece in _pieces(text, spaces=True):
        if cell_len(lines[-1] + piece.rstrip()) > width and lines[-1].strip():
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        if lines[-1] or piece.strip():
            lines[-1] += piece
    return [*lines[:-1], lines[-1].rstrip()]


def _pieces(text: str, *, spaces: bool = False) -> list[str]:
    return [piece for piece in _PIECES.findall(text) if spaces or not piece.isspace()] or [""]
