"""Clauses on a curve: where it differs from nothing, and whether it moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from simcons.report.sweeps import Axis, Curve, Point
from simcons.report.words import at, places, points_in_words

PointFormat: TypeAlias = Callable[[Point], str]


class ShortFormat(Protocol):
    """A format that can leave the interval out."""

    def __call__(self, point: Point, /, *, interval: bool) -> str: ...


def effect(curve: Curve, axis: Axis, *, reference: str, more: str = "higher", less: str = "lower") -> str:
    """Where differences are told to lie above zero, where below, and where they are not told from it, to follow "... was".

    "higher than {reference} at 0.9, by ...; lower at 0.55, by ...; not distinguishable at 0.6".
    """
    by_sign = {sign: [point for point in curve.points if point.sign == sign] for sign in (1, -1, 0)}
    if len(by_sign[0]) == len(curve.points):
        where = "anywhere" if len(curve.points) > 1 else places(curve.points, axis)
        return f"not distinguishable from {reference} {where}"
    clauses = [
        f"{word} {places(by_sign[sign], axis)}, by {_amounts(by_sign[sign], axis)}"
        for sign, word in ((1, f"{more} than {reference}"), (-1, less if by_sign[1] else f"{less} than {reference}"))
        if by_sign[sign]
    ]
    if by_sign[0]:
        clauses.append(f"not distinguishable {places(by_sign[0], axis)}")
    return "; ".join(clauses)


def _amounts(points_there: Sequence[Point], axis: Axis) -> str:
    smallest = min(points_there, key=lambda point: abs(point.estimate))
    largest = max(points_there, key=lambda point: abs(point.estimate))
    if points_in_words(smallest, sign=False) == points_in_words(largest, sign=False):
        return points_in_words(largest, sign=False)
    return (
        f"{points_in_words(smallest, sign=False)} {at(smallest.value, axis)} "
        f"up to {points_in_words(largest, sign=False)} {at(largest.value, axis)}"
    )


def trend(curve: Curve, axis: Axis, form: PointFormat) -> str:
    """A curve's course along its axis, to follow its name: "rose from ... at 0 to ... at 4".

    It rises or falls only where the intervals at both ends are apart, and turns in between only where the interval there is apart
    from both. Categories have no order: their lowest and highest are named.
    """
    if len(curve.points) == 1:
        return f"was {_at(curve.first, axis, form)}"
    if len({form(point) for point in curve.points}) == 1:
        return f"was {form(curve.first)} {places(curve.points, axis)}"
    low, high = curve.lowest, curve.highest
    if not axis.is_number:
        return f"lay between {_at(low, axis, form)} and {_at(high, axis, form)}{_overlap(low, high)}"
    first, last = curve.first, curve.last
    if first.is_below(last) or last.is_below(first):
        verb = "rose" if first.estimate < last.estimate else "fell"
        ends = f"{verb} from {_at(first, axis, form)} to {_at(last, axis, form)}"
    else:
        ends = f"was {_at(first, axis, form)} and {_at(last, axis, form)}{_overlap(first, last)}"
    return ends + _turn(curve, axis, form)


def _at(point: Point, axis: Axis, form: PointFormat) -> str:
    return f"{form(point)} {at(point.value, axis)}"


def _overlap(a: Point, b: Point) -> str:
    known = a.interval is not None and b.interval is not None
    return " (these intervals overlap)" if known and not a.is_below(b) and not b.is_below(a) else ""


def _turn(curve: Curve, axis: Axis, form: PointFormat) -> str:
    ends = (curve.first, curve.last)
    for name, point in (("highest", curve.highest), ("lowest", curve.lowest)):
        if all(end.is_below(point) if name == "highest" else point.is_below(end) for end in ends):
            return f", and was {name}, {form(point)}, {at(point.value, axis)}"
    return ""


def extremes(curves: Sequence[Curve], axis: Axis, form: ShortFormat) -> str:
    """The lowest and the highest estimate of several rules and where they are, to follow "lay between"."""
    low = min(curves, key=lambda curve: curve.lowest.estimate)
    high = max(curves, key=lambda curve: curve.highest.estimate)
    return (
        f"{form(low.lowest, interval=False)} ({low.rule}, {at(low.lowest.value, axis)}) "
        f"and {form(high.highest, interval=False)} ({high.rule}, {at(high.highest.value, axis)})"
    )
