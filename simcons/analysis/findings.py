"""The table in which comparisons of welfare functions come out: one estimate with its interval a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from simcons.errors import RunFolderError, StorageError
from simcons.storage.load import read_table
from simcons.storage.schema import arrow_schema

FINDINGS = "findings"


@dataclass(frozen=True, slots=True)
class Finding:
    """One estimate. Utilities are in points of the 1-7 scale, shares and correlations as they are."""

    sweep: str  # the stress file's name, or "reselect"
    parameter: str  # what is varied
    value: str  # as printed
    position: float  # its place on an axis: the value itself, or 0, 1, 2 ... where it is no number
    rule: str  # label of the rule that selected; "predictions" where the scores themselves are measured
    versus: str | None  # label of the rule compared with, or of the judging one
    measure: str
    estimate: float
    low: float  # of the 95% interval
    high: float
    n: int  # independent units: rounds in numeric worlds, groups in a run folder


def write_findings(folder: Path, findings: Sequence[Finding]) -> None:
    """``findings.parquet`` and ``findings.csv`` in an existing folder. Raises StorageError."""
    columns = {f.name: [getattr(finding, f.name) for finding in findings] for f in fields(Finding)}
    table = pa.table(columns, schema=arrow_schema(Finding))
    try:
        pq.write_table(table, folder / f"{FINDINGS}.parquet")
        pa_csv.write_csv(table, folder / f"{FINDINGS}.csv")
    except (OSError, pa.ArrowException) as error:
        raise StorageError(f"{folder}: findings could not be written: {error}") from None


def read_findings(folder: Path) -> list[Finding]:
    """The findings in a result folder. Raises RunFolderError where there are none."""
    table = read_table(folder / f"{FINDINGS}.parquet")
    if table.schema.names != [f.name for f in fields(Finding)]:
        raise RunFolderError(
            f"{folder}: {FINDINGS}.parquet has the columns {', '.join(table.schema.names)}; expected findings"
        )
    return [Finding(**row) for row in table.to_pylist()]
