"""Tables as pages show them, with their numbers as CSV to take along; those behind panels."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from simcons.report.panels import Line, Panel
from simcons.report.sweeps import Axis
from simcons.report.words import percent, points_in_words


@dataclass(frozen=True, slots=True)
class Table:
    """Text by row and column; the first cell of a row is its name. note: what its columns mean."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


@dataclass(frozen=True, slots=True)
class DataTable:
    """A table as it is read, and as a file of numbers: a name without its ending, columns, and rows."""

    table: Table
    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]

    @property
    def href(self) -> str:
        """The CSV file as an address that a page can hold."""
        return f"data:text/csv;charset=utf-8;base64,{base64.b64encode(self._csv().encode()).decode()}"

    def _csv(self) -> str:
        text = io.StringIO()
        csv.writer(text).writerows([self.columns, *self.rows])
        return text.getvalue()


def plain(table: Table, name: str) -> DataTable:
    """A table whose file holds the same text."""
    return DataTable(table, name, table.header, table.rows)


def numbers(panel: Panel, axis: Axis, *, label: str, name: str) -> DataTable:
    """Estimates with intervals: a row a rule, a column a value; a dash where there is none. name: of the file."""
    form = percent if panel.measure.kind == "share" else points_in_words
    rows = []
    for line in panel.lines:
        cells = {point.value: form(point).replace(" points", "") for point in line.points}
        rows.append([line.name, *(cells.get(value, "–") for value in axis.values)])
    title = f"{panel.measure.title} ({panel.measure.unit}, 95% intervals in brackets), by {label}"
    columns = ["rule", label, "estimate", "low", "high", "unit", "n"]
    data = [row for line in panel.lines for row in _data(panel, line)]
    return DataTable(Table(title, ["", *axis.values], rows), name, columns, data)


def _data(panel: Panel, line: Line) -> list[list[object]]:
    """A row for each rule of a line and value, in the panel's unit."""
    scale, rows = panel.measure.scale, list[list[object]]()
    for rule in line.name.split(", "):
        for point in line.points:
            low, high = (None, None) if point.interval is None else (scale * end for end in point.interval)
            rows.append([rule, point.value, scale * point.estimate, low, high, panel.measure.unit, point.n])
    return rows
