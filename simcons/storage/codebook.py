"""The codebook of a run folder: every table and column with type, unit, meaning and allowed values, from the record types."""

from __future__ import annotations

import sys
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from simcons.errors import InputError
from simcons.records import TABLES, TELEMETRY_TABLES, TRUTH_TABLES, Record
from simcons.scale import AGREEMENT, SCALES
from simcons.storage.meanings import MEANINGS, MEASURES, SHARED, TABLE_MEANINGS, WHERE_ASKED
from simcons.storage.schema import Column, columns_of

_TYPES = {str: "text", int: "whole number", float: "number", bool: "true or false"}
_UNITS = {
    "_at": "simulated seconds since the study opened",
    "_seconds": "seconds",
    "_gbp": "GBP",
    "_wall": "seconds of wall time",
}
_UNITS_BY_NAME = {"at": "simulated seconds since the study opened", "seconds": "seconds", "age": "years"}


@dataclass(frozen=True, slots=True)
class ColumnDescription:
    name: str
    type: str
    can_be_missing: bool
    unit: str  # "" for none
    meaning: str
    values: tuple[str, ...]  # all that are allowed; empty where there is no such list


@dataclass(frozen=True, slots=True)
class TableDescription:
    """truth: what no study of people could know; kept under truth/ and read by ``run.truth(name)``."""

    name: str
    meaning: str
    columns: tuple[ColumnDescription, ...]

    @property
    def truth(self) -> bool:
        return self.name.startswith("truth/")


def codebook() -> list[TableDescription]:
    """All tables, those of a study first, then truth and telemetry."""
    parts: tuple[tuple[str, dict[str, type[Record]]], ...] = (
        ("", TABLES),
        ("truth/", TRUTH_TABLES),
        ("telemetry/", TELEMETRY_TABLES),
    )
    return [_table(f"{folder}{name}", kind) for folder, tables in parts for name, kind in tables.items()]


def table_named(name: str) -> TableDescription:
    """One table, such as ratings or truth/personas; truth may be left out where that leaves one. Raises InputError."""
    tables = {table.name: table for table in codebook()}
    named = tables.get(name) or tables.get(f"truth/{name}") or tables.get(f"telemetry/{name}")
    if named is None:
        raise InputError(f"table {name!r}: expected one of {', '.join(tables)}, or measures")
    return named


def _table(name: str, kind: type[Record]) -> TableDescription:
    columns = [_column(column.name, column.hint, _meaning(name, column)) for column in columns_of(kind, tuple(SCALES))]
    return TableDescription(name, TABLE_MEANINGS[name], tuple(columns))


def _meaning(table: str, column: Column) -> str:
    meaning = MEANINGS[table].get(column.field) or SHARED[column.field]
    if not column.of_scale:
        return meaning
    scale = SCALES[column.name]
    return meaning.format(meaning=scale.meaning, where="" if scale == AGREEMENT else WHERE_ASKED)


def _column(name: str, hint: typing.Any, meaning: str) -> ColumnDescription:
    union = isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union
    options = typing.get_args(hint) if union else (hint,)
    (kind,) = (option for option in options if option is not type(None))
    values = typing.get_args(kind) if typing.get_origin(kind) is typing.Literal else ()
    unit = _UNITS_BY_NAME.get(name) or next((unit for end, unit in _UNITS.items() if name.endswith(end)), "")
    return ColumnDescription(name, _type(kind), len(options) > 1, unit, meaning, tuple(map(str, values)))


def _type(kind: typing.Any) -> str:
    if typing.get_origin(kind) is typing.Literal:
        return "text"
    if typing.get_origin(kind) is list:
        return f"list of {_TYPES[typing.get_args(kind)[0]]}"
    return _TYPES[kind]


def codebook_markdown() -> str:
    """The whole codebook as a document."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield from ["# Codebook", "", "<!-- made by: python -m simcons.storage.codebook docs/codebook.md -->", ""]
    yield from [
        "Every table and column of a run folder. `simcons codebook` prints it; `simcons codebook TABLE` prints one table.",
        "",
    ]
    yield from [
        "Tables under `truth/` hold what no study of people could know: `run.truth(name)`. Where a number can be missing, a"
    ]
    yield from ["frame has float64 with NaN.", ""]
    for table in codebook():
        yield from [f"## {table.name}", "", table.meaning, "", "| column | type | meaning |", "| --- | --- | --- |"]
        for column in table.columns:
            yield f"| `{column.name}` | {described(column)} | {explained(column)} |"
        yield ""
    yield from ["## Measures", "", "Of summaries and tables on the terminal.", ""]
    yield from [f"* **{name}**: {text}" for name, text in MEASURES.items()]


def described(column: ColumnDescription) -> str:
    """Type, unit, and whether it can be missing."""
    parts = [column.type, column.unit, "can be missing" if column.can_be_missing else ""]
    return ", ".join(word for word in parts if word)


def explained(column: ColumnDescription) -> str:
    """The meaning, and the allowed values where there is a list of them."""
    return column.meaning + (f" One of: {', '.join(column.values)}." if column.values else "")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(codebook_markdown(), encoding="utf-8")
