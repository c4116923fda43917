"""Estimates with their intervals, as tables and sentences print them."""

from __future__ import annotations

from simcons.analysis.resampling import Estimate

NO_ESTIMATE = "-"  # there is no estimate
_NARROW = 0.01  # the width of an interval that whole numbers of per cent would hide


def points(estimate: Estimate | None) -> str:
    """``5.66 [5.55, 5.87]``, and ``5.66`` where there is no interval."""
    return _written(estimate, "z.2f")


def share(estimate: Estimate | None) -> str:
    """``22% [15%, 30%]``, and ``8.6% [8.4%, 8.7%]`` where whole numbers would hide the interval."""
    ends = estimate.interval if estimate is not None else None
    return _written(estimate, ".1%" if ends is not None and 0 < ends[1] - ends[0] < _NARROW else ".0%")


def percentage_points(estimate: Estimate | None) -> str:
    """A difference of shares: ``+4.9 [+1.9, +7.8]``."""
    return _written(estimate, "+z.1f", scale=100)


def _written(estimate: Estimate | None, form: str, *, scale: float = 1) -> str:
    if estimate is None:
        return NO_ESTIMATE
    ends = ", ".join(format(scale * end, form) for end in estimate.interval or ())
    return f"{scale * estimate.value:{form}}{f' [{ends}]' if ends else ''}"
