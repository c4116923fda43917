"""Reading a run folder: pandas frames, and SQL over the same tables."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from simcons.errors import RunFolderError
from simcons.records import TABLES, TELEMETRY_TABLES
from simcons.storage.writer import MANIFEST, TELEMETRY, UNFINISHED

if TYPE_CHECKING:
    import duckdb
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Run:
    """A run folder as a researcher sees it: everything that a study of people could have recorded, and no more.

    Frames are attributes by table name: ``run.ratings``, ``run.opinions``, ... (see `simcons.records`).
    """

    folder: Path
    manifest: dict[str, Any]

    def table(self, name: str) -> pa.Table:
        """One table. Raises RunFolderError for an unknown name or a damaged file."""
        if name not in TABLES:
            raise RunFolderError(f"{self.folder}: no table {name!r}; expected one of {', '.join(TABLES)}")
        return read_table(self.folder / f"{name}.parquet")

    def frame(self, name: str) -> pd.DataFrame:
        """One table as a pandas frame; nullable integers stay integers (Int64)."""
        return to_frame(self.table(name))

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name not in TABLES:
            raise AttributeError(f"a run has no table {name!r}; expected one of {', '.join(TABLES)}")
        return self.frame(name)

    def sql(self) -> duckdb.DuckDBPyConnection:
        """A DuckDB connection with a view on every table. It can read these files and nothing else on the disk.

        Raises RunFolderError for a table that is missing or damaged.
        """
        import duckdb

        connection = duckdb.connect()
        paths = {name: str((self.folder / f"{name}.parquet").resolve()) for name in TABLES}
        connection.execute(f"SET allowed_paths = [{', '.join(map(_quoted, paths.values()))}]")
        connection.execute("SET enable_external_access = false")
        for name, path in paths.items():
            try:
                connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({_quoted(path)})")
            except duckdb.Error as error:
                raise RunFolderError(f"{path}: cannot be read as Parquet: {str(error).splitlines()[0]}") from None
        return connection


def load(folder: str | Path, *, unfinished: bool = False) -> Run:
    """Open a run folder.

    Raises RunFolderError for a folder that is no run, or whose run has not finished (unless ``unfinished``; the manifest is
    then empty, and only sessions that ended before the interruption are in the tables).
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise RunFolderError(f"{folder}: no such run folder")
    if (folder / MANIFEST).exists():
        return Run(folder, _manifest(folder / MANIFEST))
    if not (folder / UNFINISHED).exists():
        raise RunFolderError(f"{folder}: is not a run folder; expected a file {MANIFEST}")
    if not unfinished:
        raise RunFolderError(f"{folder}: this run has not finished (no {MANIFEST}); expected a finished run")
    return Run(folder, {})


def read_table(path: Path) -> pa.Table:
    try:
        return pq.read_table(path)
    except FileNotFoundError:
        raise RunFolderError(f"{path}: the table is missing from the run folder") from None
    except (OSError, pa.ArrowInvalid) as error:
        raise RunFolderError(f"{path}: cannot be read as Parquet: {str(error).splitlines()[0]}") from None


def read_telemetry(run: Run, name: str) -> pd.DataFrame:
    """One table about the run rather than the study: engines. Raises RunFolderError."""
    if name not in TELEMETRY_TABLES:
        raise RunFolderError(
            f"{run.folder}: no telemetry table {name!r}; expected one of {', '.join(TELEMETRY_TABLES)}"
        )
    return to_frame(read_table(run.folder / TELEMETRY / f"{name}.parquet"))


def to_frame(table: pa.Table) -> pd.DataFrame:
    import pandas as pd

    nullable = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    with_missing = {field.type for field in table.schema if field.nullable}
    return table.to_pandas(types_mapper=lambda kind: nullable.get(kind) if kind in with_missing else None)


def _manifest(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunFolderError(f"{path}: cannot be read: {error}") from None
    if not isinstance(document, dict):
        raise RunFolderError(f"{path}: expected an object, got {type(document).__name__}")
    return document


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
