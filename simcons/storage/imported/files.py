"""Tables as people keep them: the columns of CSV, Parquet and JSON Lines files, all that is text as text."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from simcons.counted import counted
from simcons.errors import InputError
from simcons.scenario.csv_rows import csv_rows
from simcons.scenario.files import SPREADSHEETS, text_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class SourceFile:
    """names: of all columns of the file; frame: those that are named anywhere in the mapping."""

    names: Sequence[str]
    frame: pd.DataFrame


def read_file(path: Path, columns: Collection[str]) -> SourceFile:
    """Raises InputError where the file is missing, cannot be read as what its name says, or has one of ``columns`` twice."""
    read = _READERS.get(path.suffix.lower())
    if read is None:
        hint = " (save the sheet as CSV)" if path.suffix.lower() in SPREADSHEETS else ""
        raise InputError(f"{path}: expected a file that ends in one of {', '.join(_READERS)}{hint}")
    if not path.is_file():
        raise InputError(f"{path}: no such file, which the mapping names: expected it in the folder")
    try:
        file = read(path, columns)
    except (OSError, ValueError, pa.ArrowException) as error:  # of pandas too
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())[:160]
        raise InputError(f"{path}: cannot be read: {reason}") from None
    if double := [name for name in file.names if name in columns and file.names.count(name) > 1]:
        raise InputError(f"{path}: two columns are called {double[0]!r}: expected one")
    return file


def _csv(path: Path, columns: Collection[str]) -> SourceFile:
    """All as text, so that ids keep their noughts and an opinion may be None; an empty cell is missing."""
    import pandas as pd

    rows = _csv_rows(path, columns)
    names = [name.strip() for name in next(rows, ())]
    if not names:
        raise InputError(f"{path}: is empty: expected a first line with the names of the columns")
    kept = {name: k for k, name in enumerate(names) if name in columns}
    cells = [[row[k] or None for k in kept.values()] for row in rows]
    return SourceFile(names, pd.DataFrame(cells, columns=list(kept), dtype=object))


def _csv_rows(path: Path, columns: Collection[str]) -> Iterator[list[str]]:
    """The header and all rows that hold something, all as long. They are cut by what cuts most ``columns`` out of the header."""
    width = 0
    for line, cells in csv_rows(path, text_of(path, path.read_bytes()), lambda name: name in columns):
        width = width or len(cells)
        if len(cells) != width:
            raise InputError(
                f"{path}: line {line:,}: {counted(len(cells), 'cell')}: expected {width}, as in the header"
            )
        yield cells


def _parquet(path: Path, columns: Collection[str]) -> SourceFile:
    """Only the columns that are named: public tables are wide, and hold long texts. Whole numbers stay whole beside gaps."""
    with path.open("rb") as stream, pq.ParquetFile(stream) as file:
        names = list(file.schema_arrow.names)
        table = file.read([name for name in names if name in columns])
    return SourceFile(names, table.to_pandas(ignore_metadata=True, integer_object_nulls=True))


def _json_lines(path: Path, _: Collection[str]) -> SourceFile:
    import pandas as pd

    lines = enumerate(text_of(path, path.read_bytes()).split("\n"), 1)
    rows = [_json_object(path, number, line) for number, line in lines if line.strip()]
    if not rows:
        raise InputError(f"{path}: is empty: expected a JSON object a line")
    frame = pd.DataFrame(rows, dtype=object)
    return SourceFile(list(map(str, frame.columns)), frame)


def _json_object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: line {number:,}: {getattr(error, 'msg', error)}: expected a JSON object") from None
    if not isinstance(value, dict):
        raise InputError(f"{path}: line {number:,}: {line.strip()!r:.60}: expected a JSON object")
    return value


_Reader: TypeAlias = Callable[[Path, Collection[str]], SourceFile]
_READERS: Mapping[str, _Reader] = {
    ".csv": _csv,
    ".tsv": _csv,
    ".parquet": _parquet,
    ".jsonl": _json_lines,
}
