"""Reading what only the simulator knows. Never imported by `mediator` or `training`; import-linter sees to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simcons.errors import RunFolderError
from simcons.records import TRUTH_TABLES
from simcons.storage.load import Run
from simcons.storage.parquet import read_table, to_frame
from simcons.storage.schema import arrow_schema
from simcons.storage.writer import TRUTH

if TYPE_CHECKING:
    import pandas as pd


def load_truth(run: Run, name: str) -> pd.DataFrame:
    """One truth table of ``run``: personas, positions, opinions, appraisals, oracle_scores. Raises RunFolderError."""
    if name not in TRUTH_TABLES:
        raise RunFolderError(f"{run.folder}: no truth table {name!r}; expected one of {', '.join(TRUTH_TABLES)}")
    schema = arrow_schema(TRUTH_TABLES[name])
    if run.is_older_than(f"{TRUTH}/{name}"):
        return to_frame(schema.empty_table())
    rows = run.manifest.get("rows")
    n_rows = rows.get(f"{TRUTH}/{name}") if isinstance(rows, dict) else None
    return to_frame(read_table(run.tables_in / TRUTH / f"{name}.parquet", schema, n_rows))
