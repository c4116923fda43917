"""The tables of a run folder that a study of people could have recorded, and no way to any other.

What a mediator learns from is read through this module; `simcons.storage.load` adds what only a simulator knows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from simcons.errors import RunFolderError
from simcons.records import TABLES
from simcons.storage.folder import find_run, scales_in
from simcons.storage.layout import RECORD_TYPES, RENAMED_TABLES, table_path
from simcons.storage.parquet import read_table, to_frame
from simcons.storage.schema import arrow_schema

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, weakref_slot=True, repr=False)
class RecordedRun:
    """A run folder as far as a study of people could have recorded it.

    partial: the run has not finished, and only sessions that were over are there. Comparing runs compares folders.
    """

    folder: Path
    manifest: dict[str, Any]
    partial: bool = False
    recovered_in: Path | None = field(default=None, compare=False)

    @property
    def tables_in(self) -> Path:
        """Where the tables lie: in the folder, unless they had to be recovered."""
        return self.folder if self.recovered_in is None else self.recovered_in

    @property
    def scales(self) -> tuple[str, ...]:
        """The scales that statements were rated on, in the order asked, each a column of ``ratings``."""
        return scales_in(self.manifest)

    @property
    def imported(self) -> dict[str, Any]:
        """Where people's answers were imported from, and what the source lacks; empty for a simulated run."""
        return dict(self.manifest.get("imported") or {})

    @property
    def tables(self) -> list[str]:
        """The names of the tables."""
        return list(TABLES)

    def table(self, name: str) -> pa.Table:
        """One table. Raises RunFolderError for an unknown name or a damaged file."""
        if name in RENAMED_TABLES:
            raise RunFolderError(f"{self.folder}: table `{name}` is now `{RENAMED_TABLES[name]}`")
        if name not in TABLES:
            raise RunFolderError(f"{self.folder}: no table {name!r}; expected one of {', '.join(TABLES)}")
        if self.is_older_than(name):
            return self.schema(name).empty_table()
        return read_table(table_path(self.tables_in, name), self.schema(name), self.promised_rows(name))

    def frame(self, name: str) -> pd.DataFrame:
        """One table as a pandas frame. Numbers that can be missing are floats with NaN; missing text is missing (``isna``)."""
        return to_frame(self.table(name))

    def is_older_than(self, name: str) -> bool:
        """True if the run is of a version without this table, which is then empty; truth/NAME for those of the truth."""
        rows = self.manifest.get("rows")
        return isinstance(rows, dict) and name not in rows and not table_path(self.tables_in, name).exists()

    def schema(self, name: str) -> pa.Schema:
        """The columns of a table; truth/NAME for those of the truth."""
        return arrow_schema(RECORD_TYPES[name], self.scales)

    def promised_rows(self, name: str) -> int | None:
        """The number of rows that a table has, as the manifest says; None where it does not."""
        rows = self.manifest.get("rows")
        return rows.get(name) if isinstance(rows, dict) else None


def load_recorded(folder: str | Path) -> RecordedRun:
    """Open a finished run. Raises RunFolderError for any other folder."""
    opened = find_run(Path(folder), partial=False)
    return RecordedRun(opened.folder, opened.manifest)
