"""The table in which comparisons of welfare functions come out: one estimate with its interval a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from simcons.analysis.resampling import SIGNIFICANT, Estimate, holm
from simcons.storage.results import write_records

FINDINGS = "findings"
DIFFERENCES = frozenset(  # measures that are 0 where nothing differs
    {
        "mean_cost",
        "worst_off_gain",
        "minority_gain",
        "majority_gain",
        "minority_gap",
        "cell_gain",
        "rated_difference",
        "strategist_gain",
        "others_loss",
        "proxy_gap",
        "bias",
    }
)


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
    low: float | None  # of the 95% interval; None where there is none
    high: float | None
    n: int  # independent units: rounds or groups in numeric worlds, groups in a run folder
    p_value: float | None = None  # two-sided, of no difference; None for measures that are no differences
    p_holm: float | None = None  # the same, adjusted for all rules and values of the measure in its sweep

    @property
    def interval(self) -> tuple[float, float] | None:
        return None if self.low is None or self.high is None else (self.low, self.high)

    @property
    def differs(self) -> bool:
        """True where it is told from no difference at .05, adjusted for all that are looked at together."""
        return self.p_holm is not None and self.p_holm <= SIGNIFICANT

    @property
    def as_estimate(self) -> Estimate:
        return Estimate.of_numbers(self.estimate, self.low, self.high, self.n)


@dataclass(frozen=True, slots=True)
class Key:
    """Which number: of the rule that selected, against another rule, judge or map where there is one."""

    rule: str
    versus: str | None
    measure: str


@dataclass(frozen=True, slots=True)
class SweepPoint:
    """Where findings belong: what was varied, and its value."""

    sweep: str
    parameter: str
    value: str
    position: float


def finding(point: SweepPoint, key: Key, estimate: Estimate) -> Finding:
    low, high = estimate.interval or (None, None)
    return Finding(
        sweep=point.sweep,
        parameter=point.parameter,
        value=point.value,
        position=point.position,
        rule=key.rule,
        versus=key.versus,
        measure=key.measure,
        estimate=estimate.value,
        low=low,
        high=high,
        n=estimate.n,
        p_value=estimate.p_value() if key.measure in DIFFERENCES else None,
    )


def adjusted(findings: Sequence[Finding]) -> list[Finding]:
    """The same with ``p_holm``: a family is all rules, whatever they are compared with, and values of one measure in a sweep."""
    families: dict[tuple[str, str, str], list[int]] = {}
    for place, row in enumerate(findings):
        families.setdefault((row.sweep, row.parameter, row.measure), []).append(place)
    p_holm: dict[int, float | None] = {}
    for places in families.values():
        p_holm.update(zip(places, holm([findings[place].p_value for place in places]), strict=True))
    return [replace(row, p_holm=p_holm[place]) for place, row in enumerate(findings)]


def write_findings(folder: Path, findings: Sequence[Finding]) -> None:
    """``findings.parquet`` and ``findings.csv`` in an existing folder. Raises StorageError."""
    write_records(folder, FINDINGS, findings, record_type=Finding)
