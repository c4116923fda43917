"""Estimates with their intervals, as tables and sentences print them."""

from __future__ import annotations

from simcons.analysis.resampling import Estimate

NO_ESTIMATE = "-"  # there is no estimate


def points(estimate: Estimate | None) -> str:
    """``5.66 [5.55, 5.87]``, and ``5.66`` where there is no interval."""
    return _written(estimate, "z.2f")


def share(estimate: Estimate | None) -> str:
    """``22% [15%, 30%]``."""
    return _written(estimate, ".0%")


def _written(estimate: Estimate | None, form: str) -> str:
    if estimate is None:
        return NO_ESTIMATE
    ends = "" if estimate.interval is None else f" [{', '.join(format(end, form) for end in estimate.interval)}]"
    return f"{estimate.value:{form}}{ends}"
