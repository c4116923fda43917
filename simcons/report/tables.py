"""The numbers behind panels as tables of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simcons.report.panels import Panel
from simcons.report.sweeps import Axis
from simcons.report.words import percent, points_in_words


@dataclass(frozen=True, slots=True)
class Table:
    """Text by row and column; the first cell of a row is its name. note: what its columns mean."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


def numbers(panel: Panel, axis: Axis, *, label: str) -> Table:
    """Estimates with intervals: a row a rule, a column a value; a dash where there is none."""
    form = percent if panel.measure.kind == "share" else points_in_words
    rows = []
    for line in panel.lines:
        cells = {point.value: form(point).replace(" points", "") for point in line.points}
        rows.append([line.name, *(cells.get(value, "–") for value in axis.values)])
    title = f"{panel.measure.title} ({panel.measure.unit}, 95% intervals in brackets), by {label}"
    return Table(title, ["", *axis.values], rows)
