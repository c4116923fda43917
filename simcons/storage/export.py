"""A run's tables for other programs: CSV or Parquet in a new folder, with the codebook beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal, TypeAlias

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from simcons.errors import RunFolderError, StorageError
from simcons.records import TABLES, TRUTH_TABLES
from simcons.storage.check import check_tables
from simcons.storage.codebook import codebook_markdown
from simcons.storage.disk import storage_errors
from simcons.storage.layout import TRUTH
from simcons.storage.load import Run
from simcons.storage.parquet import read_table
from simcons.storage.results import make_result_folder
from simcons.storage.spreadsheet import as_plain_text
from simcons.visible import visible_json

Format: TypeAlias = Literal["csv", "parquet"]


def export(run: Run, folder: Path, *, form: Format, truth: bool = False) -> list[Path]:
    """Write every table of ``run`` to ``folder``, which is new or empty; with ``truth`` those of the truth too, under ``truth/``.

    In CSV missing is an empty cell, an empty text is ``""``, a list is written as JSON, and an apostrophe stands before a text
    that a spreadsheet would run (see `simcons.storage.spreadsheet`); Parquet has all as it is. Beside the tables are
    ``codebook.md`` and ``about.json`` (name, seed, versions, whether the run is unfinished). Returns the tables' files.
    Raises RunFolderError for a run that cannot be read, with truth also for one whose truth was taken out, or a folder that
    is not empty, and StorageError.
    """
    check_tables(run)
    if truth and not (run.tables_in / TRUTH).is_dir():
        raise RunFolderError(f"{run.folder}: has no folder {TRUTH}; export it without the truth")
    make_result_folder(folder)
    written = []
    for name in (*TABLES, *(f"{TRUTH}/{name}" for name in TRUTH_TABLES if truth)):
        older, schema = run.is_older_than(name), run.schema(name)
        table = schema.empty_table() if older else read_table(run.tables_in / f"{name}.parquet", schema)
        path = folder / f"{name}.{form}"
        with storage_errors(path):
            path.parent.mkdir(exist_ok=True)
            _write(table, path, form)
        written.append(path)
    with storage_errors(folder):
        (folder / "codebook.md").write_text(codebook_markdown(), encoding="utf-8")
        (folder / "about.json").write_text(visible_json(_about(run)) + "\n", encoding="utf-8")
    return written


def _write(table: pa.Table, path: Path, form: Format) -> None:
    place = path.absolute()  # pyarrow takes a folder called ~ for the home folder
    try:
        if form == "parquet":
            pq.write_table(table, place, compression="zstd")
        else:
            pa_csv.write_csv(as_plain_text(_flat(table)), place)
    except pa.ArrowException as error:
        raise StorageError(f"{path}: cannot be written: {error}") from None


def _flat(table: pa.Table) -> pa.Table:
    """Lists as JSON, for a cell holds one text."""
    for place, field in enumerate(table.schema):
        if pa.types.is_list(field.type):
            cells = [
                None if cell is None else json.dumps(cell, ensure_ascii=False) for cell in table[place].to_pylist()
            ]
            table = table.set_column(place, field.name, pa.array(cells, pa.string()))
    return table


def _origin(run: Run) -> dict[str, object]:
    if run.imported:
        return {"imported": run.imported}
    return {"synthetic": "All participants, opinions and ratings are simulated: nobody was asked."}


def _about(run: Run) -> dict[str, object]:
    return {
        "name": run.manifest.get("name", run.folder.name),
        "seed": run.manifest.get("seed"),
        **_origin(run),
        "unfinished": run.partial,
        "versions": run.manifest.get("versions"),
        "git_commit": run.manifest.get("git_commit"),
    }
