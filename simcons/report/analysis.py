"""Numbers of an analysis as tables print them."""

from __future__ import annotations

from simcons.analysis.results import Row
from simcons.report.intervals import points

_LEAST_P = 0.001


def value_text(row: Row) -> str:
    """The estimate with its interval: two decimals, whatever its unit."""
    return points(row.estimate)


def p_value_text(p: float | None) -> str:
    """Three decimals, and none that reads as 0."""
    if p is None:
        return "-"
    return f"<{_LEAST_P}" if p < _LEAST_P else f"{p:.3f}"
