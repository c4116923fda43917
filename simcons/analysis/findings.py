"""The table in which comparisons of welfare functions come out: one estimate with its interval a row."""

from __future__ import annotations

from dataclasses import dataclass


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
