"""Records as rows of their tables, and whole sessions of them packed by one process for another to write."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import pyarrow as pa

from simcons.records import Record
from simcons.storage.journal import Row, journal_line
from simcons.storage.layout import RECORD_TYPES
from simcons.storage.schema import arrow_schema, columns_of, row_getter


@dataclass(frozen=True, slots=True)
class TableForm:
    """The form of a table: its name, its schema, and a function that gives the values of a record of it, one a column."""

    name: str
    schema: pa.Schema
    row: Callable[[Any], Sequence[Any]]


Forms: TypeAlias = Mapping[type[Record], TableForm]


@dataclass(frozen=True, slots=True)
class Packed:
    """Records of whole sessions: by the name of their table, and as lines of the journal."""

    batches: Mapping[str, pa.RecordBatch]
    lines: bytes


class Packer:
    """Takes records as `simcons.storage.writer.RunWriter` does, and keeps them."""

    def __init__(self, scales: Sequence[str]) -> None:
        self._forms = table_forms(scales)
        self._rows: dict[str, list[Sequence[Any]]] = defaultdict(list)
        self._lines: list[bytes] = []

    def write(self, records: Iterable[Record]) -> None:
        """Add records that belong together, such as a session's."""
        rows = rows_of(records, self._forms)
        self._lines.append(journal_line(rows))
        for name, values in rows:
            self._rows[name].append(values)

    def packed(self) -> Packed:
        """All that was added."""
        schemas = {form.name: form.schema for form in self._forms.values()}
        batches = {name: record_batch(rows, schemas[name]) for name, rows in self._rows.items()}
        return Packed(batches, b"".join(self._lines))


def table_forms(scales: Sequence[str]) -> Forms:
    """The form of each table, by the type of its records. scales: the names of those that people are asked, in order."""
    return {
        record_type: TableForm(name, arrow_schema(record_type, scales), row_getter(columns_of(record_type, scales)))
        for name, record_type in RECORD_TYPES.items()
    }


def rows_of(records: Iterable[Record], forms: Forms) -> list[Row]:
    """Each record as a row of its table."""
    return [((form := forms[type(record)]).name, form.row(record)) for record in records]


def record_batch(rows: Sequence[Sequence[Any]], schema: pa.Schema) -> pa.RecordBatch:
    """Rows of one table, at least one, as Arrow has them."""
    columns = [pa.array(values, type=field.type) for values, field in zip(zip(*rows, strict=True), schema, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
