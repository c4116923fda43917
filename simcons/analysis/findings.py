"""The table in which comparisons of welfare functions come out: one estimate with its interval a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Protocol

from simcons.storage.parquet import read_table
from simcons.storage.results import write_records
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


@dataclass(frozen=True, slots=True)
class Key:
    """Which number: of the rule that selected, against another rule, judge or map where there is one."""

    rule: str
    versus: str | None
    measure: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where findings belong: what was varied, and its value."""

    sweep: str
    parameter: str
    value: str
    position: float


class Estimated(Protocol):
    """An estimate with its 95% interval."""

    @property
    def value(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


def finding(place: Place, key: Key, estimate: Estimated, *, n: int) -> Finding:
    return Finding(
        sweep=place.sweep,
        parameter=place.parameter,
        value=place.value,
        position=place.position,
        rule=key.rule,
        versus=key.versus,
        measure=key.measure,
        estimate=estimate.value,
        low=estimate.low,
        high=estimate.high,
        n=n,
    )


def write_findings(folder: Path, findings: Sequence[Finding]) -> None:
    """``findings.parquet`` and ``findings.csv`` in an existing folder. Raises StorageError."""
    write_records(folder, FINDINGS, findings, record_type=Finding)


def read_findings(folder: Path) -> list[Finding]:
    """The findings in a result folder. Raises RunFolderError where there are none."""
    table = read_table(folder / f"{FINDINGS}.parquet", arrow_schema(Finding))
    return [Finding(**row) for row in table.select([f.name for f in fields(Finding)]).to_pylist()]
