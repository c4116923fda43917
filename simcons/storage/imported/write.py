"""Reading a study of people into a run folder: `import_study`."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from simcons.errors import InputError
from simcons.records import TABLES
from simcons.scenario.mapping import MappingFile, load_mapping
from simcons.storage.disk import storage_errors, write_whole
from simcons.storage.folder import SCHEMA_VERSION
from simcons.storage.imported.build import Tables, build_tables, extra_columns, scales_of
from simcons.storage.imported.parts import read_parts
from simcons.storage.imported.source import Source
from simcons.storage.imported.unusable import Unusable
from simcons.storage.layout import MANIFEST, table_path
from simcons.storage.provenance import git_commit, machine, versions
from simcons.storage.results import check_result_folder, make_result_folder
from simcons.storage.schema import arrow_schema

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Imported:
    """A study as it was imported. lacks: by table, the columns that it has nothing for; left_out: rows, by part and reason."""

    folder: Path
    rows: dict[str, int]
    lacks: dict[str, list[str]]
    left_out: dict[str, dict[str, int]]


def import_study(folder: str | Path, mapping: str | Path, out: str | Path) -> Imported:
    """Read the tables in ``folder`` into the run folder ``out``, new or empty, by a mapping file or the name of a shipped one.

    The run has the tables and columns of a simulated one, with no truth. Raises InputError for a mapping or rows that cannot be
    used, RunFolderError where something is in ``out``, and StorageError.
    """
    source_folder, run_folder = Path(folder), Path(out)
    check_result_folder(run_folder)
    settings, path = load_mapping(str(mapping))
    if not source_folder.is_dir():
        raise InputError(f"{source_folder}: no such folder: expected one with the tables that {path} names")
    source = Source(source_folder, settings.parts, settings.none)
    unusable = Unusable(source, settings.unusable == "leave_out", settings.most_problems)
    parts = read_parts(settings, source, unusable)
    if not len(parts.ratings):
        raise InputError(f"{source_folder}: no rating is left that can be used: expected some")
    tables = build_tables(parts, settings)
    make_result_folder(run_folder)
    return _write(run_folder, tables, settings, path, source, unusable)


def _write(
    folder: Path, tables: Tables, settings: MappingFile, path: Path, source: Source, unusable: Unusable
) -> Imported:
    scales = scales_of(settings)
    rows, lacks = {}, {}
    for name, record_type in TABLES.items():
        table, lacking = _table(name, tables.get(name), arrow_schema(record_type, scales))
        with storage_errors(folder):
            pq.write_table(table, table_path(folder, name).absolute(), compression="zstd")
        rows[name] = table.num_rows
        if lacking:
            lacks[name] = lacking
    imported = Imported(folder, rows, lacks, unusable.counts)
    document = json.dumps(_manifest(imported, settings, path, source), indent=2, ensure_ascii=False, allow_nan=False)
    with storage_errors(folder):
        write_whole(folder / MANIFEST, f"{document}\n".encode())
    return imported


def _table(name: str, frame: pd.DataFrame | None, schema: pa.Schema) -> tuple[pa.Table, list[str]]:
    """A table with all columns of its schema, those without anything null; and the names of these."""
    if frame is None or not len(frame):
        return schema.empty_table(), []
    columns, fields, lacking = [], [], []
    for field in schema:
        values = pa.array(frame[field.name], field.type, from_pandas=True) if field.name in frame else None
        column = pa.nulls(len(frame), field.type) if values is None else values
        if column.null_count == len(frame) and field.name != "missing":
            lacking.append(field.name)
        columns.append(column)
        fields.append(field.with_nullable(field.nullable or column.null_count > 0))
    for extra in extra_columns(name, frame, schema.names):
        columns.append(_extra(frame[extra]))
        fields.append(pa.field(extra, columns[-1].type))
    return pa.Table.from_arrays(columns, schema=pa.schema(fields)), lacking


def _extra(values: pd.Series) -> pa.Array:
    """A further column: numbers where all are, text otherwise."""
    try:
        return pa.array(values, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([None if value is None else str(value) for value in values], pa.string())


def _manifest(imported: Imported, settings: MappingFile, path: Path, source: Source) -> dict[str, Any]:
    """That of a run, with ``imported`` for what a run of a scenario has in its place."""
    return {
        "schema_version": SCHEMA_VERSION,
        "name": settings.name,
        "scenario": {"participants": {"scales": list(scales_of(settings))}},
        "imported": {
            "source": settings.source,
            "mapping": settings.model_dump(mode="json", by_alias=True, exclude_none=True),
            "mapping_file": path.name,
            "files": {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in source.files},
            "scales": _scales(settings),
            "lacks": imported.lacks,
            "left_out": imported.left_out,
        },
        "versions": versions(),
        "git_commit": git_commit(),
        "machine": machine(),
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "rows": imported.rows,
    }


def _scales(settings: MappingFile) -> dict[str, Any]:
    """Each scale's points in the source, and what each point became; beside the ratings, if it is no scale of a run."""
    told = {}
    for name, scale in settings.ratings.scales.items():
        lowest, highest = scale.points
        became = {str(point): scale.to_run(point) for point in range(lowest, highest + 1)}
        told[name] = {"column": scale.column, "points": [lowest, highest], "as": scale.as_, "became": became}
    return told
