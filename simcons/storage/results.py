"""Result folders: tables as Parquet and CSV, and a manifest that is written last."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from simcons.errors import RunFolderError, StorageError
from simcons.storage.disk import storage_errors, write_whole
from simcons.storage.layout import MANIFEST
from simcons.storage.provenance import git_commit, machine, versions
from simcons.storage.schema import arrow_schema


def make_result_folder(folder: Path) -> None:
    """Make a new folder, or take an empty one. Raises RunFolderError where there is something in it."""
    check_result_folder(folder)
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)


def check_result_folder(folder: Path) -> None:
    """Before results are worked out that could not be written. Raises RunFolderError where there is something in the folder."""
    if folder.exists() and not folder.is_dir():
        raise RunFolderError(f"output {folder}: is a file; expected a new folder")
    if folder.exists() and any(folder.iterdir()):
        raise RunFolderError(f"output {folder}: is not empty; expected a new folder")


def write_records(folder: Path, name: str, records: Sequence[Any], *, record_type: type[Any]) -> None:
    """``records``, flat dataclasses of one type, as a table. Raises StorageError."""
    columns = {f.name: [getattr(record, f.name) for record in records] for f in fields(record_type)}
    write_table(folder, name, pa.table(columns, schema=arrow_schema(record_type)))


def write_table(folder: Path, name: str, table: pa.Table) -> None:
    """NAME.parquet and NAME.csv in an existing folder. Raises StorageError."""
    try:
        with storage_errors(folder / name):
            place = folder.absolute()  # pyarrow takes a folder called ~ for the home folder
            pq.write_table(table, place / f"{name}.parquet", compression="zstd")
            pa_csv.write_csv(table, place / f"{name}.csv")
    except pa.ArrowException as error:
        raise StorageError(f"{folder / name}: cannot be written: {error}") from None


def write_manifest(folder: Path, kind: str, content: Mapping[str, Any]) -> None:
    """The mark of a whole result: what it was made by, and ``content``. Raises StorageError."""
    made_by = {
        "kind": kind,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "git_commit": git_commit(),
        "machine": machine(),
    }
    text = json.dumps({**made_by, **content}, indent=2, ensure_ascii=False, allow_nan=False)
    with storage_errors(folder):
        write_whole(folder / MANIFEST, f"{text}\n".encode())
