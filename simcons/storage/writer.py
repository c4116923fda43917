"""Writing a run folder: rows go to Parquet in row groups as they come, so that memory does not grow with the study."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from simcons.errors import RunFolderError, StorageError
from simcons.records import TABLES, TELEMETRY_TABLES, TRUTH_TABLES, Record
from simcons.storage.journal import JOURNAL, Journal
from simcons.storage.schema import arrow_schema

MANIFEST = "manifest.json"
UNFINISHED = "UNFINISHED"
TRUTH = "truth"
TELEMETRY = "telemetry"
CALLS = "calls.sqlite"  # the store of replies of language models (see engines.store)
BEGUN = "begun.json"  # what an interrupted run needs to go on
RUN_LOG = "run.log"  # what was said while it ran, with times; no record


class RunWriter:
    """A run folder being written. Until `finish` it holds a file UNFINISHED and no manifest.

    Use as a context manager: leaving it by an exception closes the tables and leaves the folder marked as unfinished. What was
    recorded can be read while the run is at work and after (`simcons.load(folder, partial=True)`), also if it was killed.
    """

    def __init__(self, folder: Path, *, row_group_rows: int, note: str = "") -> None:
        self.folder = folder
        with storage_errors(folder):
            for part in (TRUTH, TELEMETRY):
                (folder / part).mkdir(parents=True, exist_ok=True)
            (folder / UNFINISHED).write_text(f"This run has not finished.\n{note}\n", encoding="utf-8")
        self._tables: dict[type[Record], _Table] = {
            record_type: _Table(path, record_type, row_group_rows) for path, record_type in _table_paths(folder)
        }
        self._journal = Journal(folder / JOURNAL)

    def write(self, records: Iterable[Record]) -> None:
        """Add records that belong together, such as a session's, each to the table of its type. Raises StorageError."""
        for record in records:
            self._tables[type(record)].add(record)
            self._journal.add(record)
        self._journal.end()

    def finish(self, manifest: dict[str, Any]) -> None:
        """Close the tables, then write the manifest with their row counts: the mark of a finished run."""
        self.close()
        counts = {_name(self.folder, table.path): table.n_rows for table in self._tables.values()}
        document = json.dumps({**manifest, "rows": counts}, indent=2, ensure_ascii=False, allow_nan=False)
        with storage_errors(self.folder):
            write_whole(self.folder / MANIFEST, f"{document}\n".encode())
            (self.folder / UNFINISHED).unlink()

    def close(self) -> None:
        """Close every table, also where one cannot be; then raise the first StorageError there was."""
        errors = [error for table in self._tables.values() if (error := table.try_to_close())]
        if errors:
            self._journal.close()
            raise errors[0]
        self._journal.remove()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.close()
        except StorageError:
            if error is None:
                raise


class _Table:
    """One Parquet file: rows wait in a list until a row group is full."""

    def __init__(self, path: Path, record_type: type[Record], row_group_rows: int) -> None:
        self.path = path
        self.schema = arrow_schema(record_type)
        self.n_rows = 0
        self._limit = row_group_rows
        self._rows: list[Record] = []
        with storage_errors(path):  # absolute, as pyarrow takes a folder called ~ for the home folder
            self._file = pq.ParquetWriter(path.absolute(), self.schema, compression="zstd")
        self._open = True

    def add(self, record: Record) -> None:
        self._rows.append(record)
        if len(self._rows) >= self._limit:
            self._flush()

    def try_to_close(self) -> StorageError | None:
        try:
            self.close()
        except StorageError as error:
            return error
        return None

    def close(self) -> None:
        if not self._open:
            return
        self._open = False
        with storage_errors(self.path):
            try:
                self._flush()
            finally:
                self._file.close()

    def _flush(self) -> None:
        if not self._rows:
            return
        rows, self._rows = self._rows, []
        columns = [pa.array(list(map(attrgetter(field.name), rows)), type=field.type) for field in self.schema]
        with storage_errors(self.path):
            self._file.write_table(pa.Table.from_arrays(columns, schema=self.schema), row_group_size=len(rows))
        self.n_rows += len(rows)


def prepare_folder(folder: Path, *, force: bool) -> None:
    """Make ``folder`` fit for a new run. Raises RunFolderError where it holds something and ``force`` is not given.

    With ``force`` only a former run's own files are removed; a folder that holds anything else is refused.
    """
    if folder.exists() and not folder.is_dir():
        raise RunFolderError(f"output {folder}: is a file; expected a folder")
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not force:
        raise RunFolderError(f"output {folder}: is not empty; expected a new folder (--force replaces a former run)")
    own = {path for path, _ in _table_paths(folder)} | {
        folder / name for name in (MANIFEST, f".{MANIFEST}", UNFINISHED, JOURNAL, BEGUN, f".{BEGUN}", RUN_LOG)
    }
    own.update(folder.glob(f"{Path(CALLS).stem}*.sqlite*"))  # with its journals, its lock, and what was set aside
    foreign = [path for path in folder.rglob("*") if path.is_file() and path not in own]
    if foreign:
        raise RunFolderError(
            f"output {folder}: holds {foreign[0].name!r}, which is not part of a run; nothing was removed"
        )
    with storage_errors(folder):
        for path in sorted(own, key=lambda path: path.name != MANIFEST):  # first what says that the run is whole
            path.unlink(missing_ok=True)


def _table_paths(folder: Path) -> Iterator[tuple[Path, type[Record]]]:
    for name, record_type in TABLES.items():
        yield folder / f"{name}.parquet", record_type
    for part, tables in ((TRUTH, TRUTH_TABLES), (TELEMETRY, TELEMETRY_TABLES)):
        for name, record_type in tables.items():
            yield folder / part / f"{name}.parquet", record_type


def _name(folder: Path, path: Path) -> str:
    return path.relative_to(folder).with_suffix("").as_posix()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is complete or not there at all."""
    temporary = path.with_name(f".{path.name}")
    temporary.write_bytes(content)
    os.replace(temporary, path)


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """The one place where what the disk says becomes a StorageError."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror or error}") from None
