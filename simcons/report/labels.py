"""Axes and labels: where an axis ends, and where names of lines stand so that none covers another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil, floor, log10

from simcons.report.panels import Panel


def domain(panel: Panel) -> tuple[float, float]:
    """The ends of the axis of estimates, in the panel's unit: round numbers that hold every estimate and interval."""
    numbers = [n * panel.measure.scale for n in _numbers(panel)]
    low, high = min(numbers), max(numbers)
    if panel.measure.kind != "level":
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        low, high = low - (low != 0), high + 1
    step = _round_step((high - low) / 5)
    return floor(round(low / step, 6)) * step, ceil(round(high / step, 6)) * step


def _numbers(panel: Panel) -> Iterable[float]:
    for line in panel.lines:
        for point in line.points:
            yield from (point.estimate, *(point.interval or ()))


def _round_step(step: float) -> float:
    """The smallest of 1, 2, 5, 10 ... times a power of ten that is at least ``step``."""
    power = 10.0 ** floor(log10(step))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= step * (1 - 1e-9))


def spread(heights: Sequence[float], *, gap: float, limit: float) -> list[float]:
    """Heights moved as little as needed to lie ``gap`` apart, in the same order, between 0 and ``limit`` where there is room."""
    order = sorted(range(len(heights)), key=lambda k: heights[k])
    placed = [0.0] * len(heights)
    previous = -gap
    for k in order:
        previous = placed[k] = max(heights[k], previous + gap)
    following = limit + gap
    for k in reversed(order):
        following = placed[k] = min(placed[k], following - gap)
    return placed
