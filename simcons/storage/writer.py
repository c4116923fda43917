"""Writing a run folder: rows go to Parquet in row groups as they come, so that memory does not grow with the study."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from simcons.errors import RunFolderError, StorageError
from simcons.records import Record, SessionRecord
from simcons.scale import USUAL_SCALES
from simcons.storage.disk import storage_errors, write_whole
from simcons.storage.journal import Journal, Row, journal_rows
from simcons.storage.layout import JOURNAL, MANIFEST, TELEMETRY, TRUTH, UNFINISHED, own_files, table_path
from simcons.storage.packed import Packed, TableForm, record_batch, rows_of, table_forms

_SESSIONS = "sessions"
_SESSION = [field.name for field in fields(SessionRecord)]


@dataclass(slots=True)
class Kept:
    """What a run that goes on has from an earlier start. n_entries: of its journal: sessions, and those who came to none."""

    n_entries: int = 0
    n_sessions: int = 0
    n_rounds: int = 0  # complete
    ended_at: float = 0.0  # of the last session

    def add(self, rows: Sequence[Row]) -> None:
        self.n_entries += 1
        for session in (dict(zip(_SESSION, values, strict=True)) for name, values in rows if name == _SESSIONS):
            self.n_sessions += 1
            self.n_rounds += session["n_rounds"]
            self.ended_at = max(self.ended_at, session["ended_at"])


class RunWriter:
    """A run folder being written. Until `finish` it holds a file UNFINISHED and no manifest.

    Use as a context manager: leaving it by an exception closes the tables and leaves the folder marked as unfinished. What was
    recorded can be read while the run is at work and after (`simcons.load(folder, partial=True)`), also if it was killed.

    scales: the names of those that its people are asked, in order. goes_on: what an earlier start recorded is taken up (`kept`),
    rather than begun anew.
    """

    def __init__(
        self,
        folder: Path,
        *,
        row_group_rows: int,
        scales: Sequence[str] = USUAL_SCALES,
        note: str = "",
        goes_on: bool = False,
    ) -> None:
        self.folder = folder
        self.scales = tuple(scales)
        with storage_errors(folder):
            for subfolder in (TRUTH, TELEMETRY):
                (folder / subfolder).mkdir(parents=True, exist_ok=True)
            (folder / UNFINISHED).write_text(f"This run has not finished.\n{note}\n", encoding="utf-8")
        self._forms = table_forms(scales)
        self._tables = {form.name: _Table(form, folder, row_group_rows) for form in self._forms.values()}
        self.kept = Kept()
        self._journal = Journal(folder / JOURNAL, begins_at=self._take_up() if goes_on else 0)

    def write(self, records: Iterable[Record]) -> None:
        """Add records that belong together, such as a session's, each to the table of its type. Raises StorageError."""
        self.write_rows(rows_of(records, self._forms))

    def write_rows(self, rows: Sequence[Row]) -> None:
        """Add the same as rows of its tables. Raises StorageError."""
        for name, values in rows:
            self._tables[name].add(values)
        self._journal.add(rows)

    def write_packed(self, packed: Packed) -> None:
        """Add the same as another process packed it. Raises StorageError."""
        for name, batch in packed.batches.items():
            self._tables[name].add_batch(batch)
        self._journal.add_lines(packed.lines)

    def _take_up(self) -> int:
        """Put what the journal holds into the tables, as far as it can be read. Returns where that ends."""
        ends_at = 0
        with suppress(RunFolderError):
            for rows, end in journal_rows(self.folder / JOURNAL, self.widths):
                for name, values in rows:
                    self._tables[name].add(values)
                self.kept.add(rows)
                ends_at = end
        return ends_at

    @property
    def widths(self) -> dict[str, int]:
        """The number of columns of each table."""
        return {name: len(table.schema) for name, table in self._tables.items()}

    def finish(self, manifest: dict[str, Any]) -> None:
        """Close the tables, then write the manifest with their row counts: the mark of a finished run."""
        self.close()
        counts = {table.name: table.n_rows for table in self._tables.values()}
        document = json.dumps({**manifest, "rows": counts}, indent=2, ensure_ascii=False, allow_nan=False)
        with storage_errors(self.folder):
            write_whole(self.folder / MANIFEST, f"{document}\n".encode())
            (self.folder / UNFINISHED).unlink()

    def close(self, *, finished: bool = True) -> None:
        """Close every table, also where one cannot be; then raise the first StorageError there was.

        finished: the journal is not needed any more.
        """
        errors = [error for table in self._tables.values() if (error := table.try_to_close())]
        if errors or not finished:
            self._journal.close()
        if errors:
            raise errors[0]
        if finished:
            self._journal.remove()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.close(finished=error is None)
        except StorageError:
            if error is None:
                raise


class _Table:
    """One Parquet file: rows wait until there are enough for a row group."""

    def __init__(self, form: TableForm, folder: Path, row_group_rows: int) -> None:
        self.name = form.name
        self.path = table_path(folder, form.name)
        self.schema = form.schema
        self.n_rows = 0
        self._limit = row_group_rows
        self._batches: list[pa.RecordBatch] = []  # wait first
        self._rows: list[Sequence[Any]] = []  # wait after them
        self._n_waiting = 0
        with storage_errors(self.path):  # absolute, as pyarrow takes a folder called ~ for the home folder
            self._file = pq.ParquetWriter(self.path.absolute(), self.schema, compression="zstd")
        self._open = True

    def add(self, values: Sequence[Any]) -> None:
        self._rows.append(values)
        self._wait_for(1)

    def add_batch(self, batch: pa.RecordBatch) -> None:
        self._put_rows_into_a_batch()
        self._batches.append(batch)
        self._wait_for(len(batch))

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

    def _wait_for(self, n_more: int) -> None:
        self._n_waiting += n_more
        while self._n_waiting >= self._limit:
            self._flush()

    def _put_rows_into_a_batch(self) -> None:
        if self._rows:
            batches = [*self._batches, record_batch(self._rows, self.schema)]
            self._batches, self._rows = batches, []  # at once: an interruption finds each row in one of them

    def _flush(self) -> None:
        """Write a row group of what waits, as many rows as it holds at most."""
        if not self._n_waiting:
            return
        self._put_rows_into_a_batch()
        waiting = pa.Table.from_batches(self._batches, schema=self.schema)
        group, rest = waiting.slice(0, self._limit).combine_chunks(), waiting.slice(self._limit)
        self._batches, self._n_waiting = rest.to_batches(), len(rest)
        with storage_errors(self.path):
            self._file.write_table(group, row_group_size=len(group))
        self.n_rows += len(group)


def prepare_folder(folder: Path, *, force: bool) -> None:
    """Make ``folder`` fit for a new run. Raises RunFolderError where it holds something and ``force`` is not given.

    With ``force`` only a former run's own files are removed; a folder that holds anything else is refused.
    """
    if folder.exists() and not folder.is_dir():
        raise RunFolderError(f"output {folder}: is a file; expected a folder")
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not force:
        raise RunFolderError(
            f"output {folder}: is not empty; expected a new folder, or force, which replaces a former run"
        )
    own = list(own_files(folder))
    foreign = [path for path in folder.rglob("*") if path.is_file() and path not in own]
    if foreign:
        raise RunFolderError(
            f"output {folder}: holds {foreign[0].name!r}, which is not part of a run; nothing was removed"
        )
    with storage_errors(folder):
        for path in own:  # first the manifest, which says that the run is whole
            path.unlink(missing_ok=True)
