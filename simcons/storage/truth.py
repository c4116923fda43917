"""Reading what only the simulator knows. Never imported by `mediator` or `training`; import-linter sees to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simcons.errors import RunFolderError
from simcons.records import TRUTH_TABLES
from simcons.storage.load import Run, read_table, to_frame
from simcons.storage.writer import TRUTH

if TYPE_CHECKING:
    import pandas as pd


def load_truth(run: Run, name: str) -> pd.DataFrame:
    """One truth table of ``run``: personas, positions, opinions, appraisals, oracle_scores. Raises RunFolderError."""
    if name not in TRUTH_TABLES:
        raise RunFolderError(f"{run.folder}: no truth table {name!r}; expected one of {', '.join(TRUTH_TABLES)}")
    return to_frame(read_table(run.folder / TRUTH / f"{name}.parquet"))
