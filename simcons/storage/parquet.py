"""Reading one table's file: whole and as expected, or an error in one line that names it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from simcons.errors import RunFolderError

if TYPE_CHECKING:
    import pandas as pd

REMEDY = "restore the file from a copy, or run the scenario again"


def read_table(path: Path, schema: pa.Schema, n_rows: int | None = None) -> pa.Table:
    """The table in ``path``. Raises RunFolderError where it is missing, damaged, or has not ``schema`` or ``n_rows`` rows."""
    with _reading(path), _opened(path) as file:
        _check(path, file, schema, n_rows)
        table = file.read()
        table.validate(full=True)  # text that is no UTF-8 included
    return table


def table_rows(path: Path, schema: pa.Schema, n_rows: int | None = None) -> int:
    """The number of rows of the table in ``path``, by its footer alone. Raises RunFolderError as `read_table` does."""
    with _reading(path), _opened(path) as file:
        _check(path, file, schema, n_rows)
        return int(file.metadata.num_rows)


def check_table(path: Path, schema: pa.Schema, n_rows: int | None = None) -> None:
    """Read all of ``path``, a part at a time, and keep nothing. Raises RunFolderError as `read_table` does."""
    with _reading(path), _opened(path) as file:
        _check(path, file, schema, n_rows)
        for batch in file.iter_batches():
            batch.validate(full=True)


def rows_among(path: Path, schema: pa.Schema, key: str, values: pa.Array, *, n_rows: int | None = None) -> pa.Table:
    """The rows of the table in ``path`` whose ``key`` is among ``values``; of the others no more than a part is in memory at a
    time. Raises RunFolderError as `read_table` does.
    """
    with _reading(path), _opened(path) as file:
        _check(path, file, schema, n_rows)
        kept = [batch.filter(pc.is_in(batch[key], value_set=values)) for batch in file.iter_batches()]
        table = pa.Table.from_batches(kept, file.schema_arrow)
        table.validate(full=True)
    return table


def to_frame(table: pa.Table) -> pd.DataFrame:
    """A pandas frame. What can be missing and is a number, or true or false, comes as float64 with NaN, to be computed with.

    Missing text is missing (``isna``).
    """
    plain = (pa.int64(), pa.bool_())
    columns = [
        column.cast(pa.int64()).cast(pa.float64()) if field.nullable and field.type in plain else column
        for column, field in zip(table.columns, table.schema, strict=True)
    ]
    frame: pd.DataFrame = pa.table(columns, names=table.column_names).to_pandas()
    return frame


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    if path.is_dir():
        raise IsADirectoryError(0, "is a folder; expected a file")
    with path.open("rb") as stream, pq.ParquetFile(stream) as file:
        yield file


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """The one place where a table that cannot be read becomes a RunFolderError."""
    try:
        yield
    except FileNotFoundError:
        raise RunFolderError(f"{path}: the table is missing from the run folder; {REMEDY}") from None
    except PermissionError:
        raise RunFolderError(f"{path}: may not be read; expected permission to read it") from None
    except (OSError, pa.ArrowException, ValueError, MemoryError) as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())[:200]
        raise RunFolderError(f"{path}: cannot be read as Parquet: {reason}; {REMEDY}") from None


def _check(path: Path, file: pq.ParquetFile, schema: pa.Schema, n_rows: int | None) -> None:
    types = {field.name: field.type for field in file.schema_arrow}
    odd = next((field for field in schema if types.get(field.name) != field.type), None)
    if odd is not None:
        fault = f"is of type {types[odd.name]}" if odd.name in types else "is missing"
        raise RunFolderError(
            f"{path}: column {odd.name!r} {fault}; expected {odd.type} (is the run of another version of simcons?)"
        )
    if n_rows is not None and file.metadata.num_rows != n_rows:
        raise RunFolderError(
            f"{path}: has {file.metadata.num_rows:,} rows; expected {n_rows:,}, as in the manifest; {REMEDY}"
        )
