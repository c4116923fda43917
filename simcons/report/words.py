"""Numbers, intervals and lists as sentences print them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil, log10

from simcons.counted import listed
from simcons.report.sweeps import Axis, Point

_LEAST = 0.0005  # points: what rounds to 0.000 with its whole interval is said to be less


def points_in_words(point: Point, *, sign: bool = True, interval: bool = True) -> str:
    """ "0.10 points (0.09 to 0.11)". sign: False turns the number positive, to follow "lower by".

    The interval is left out where there is none, and no digits are made up of what is less than they can show.
    """
    if 0 < max(map(abs, (point.estimate, *(point.interval or ())))) < _LEAST:
        return f"less than {_LEAST} points"
    decimals = _decimals(point, least=2, most=3)
    turn = -1.0 if not sign and point.estimate < 0 else 1.0
    text = f"{_number(turn * point.estimate, decimals)} points"
    return f"{text}{_ends(point, turn, decimals)}" if interval else text


def percent(point: Point, *, interval: bool = True) -> str:
    """ "9.4% (9.0 to 9.8)"."""
    decimals = _decimals(point, least=0, most=1, scale=100)
    text = f"{_number(100 * point.estimate, decimals)}%"
    return f"{text}{_ends(point, 100, decimals)}" if interval else text


def _ends(point: Point, scale: float, decimals: int) -> str:
    if point.interval is None:
        return ""
    low, high = sorted(scale * end for end in point.interval)
    return f" ({_number(low, decimals)} to {_number(high, decimals)})"


def _decimals(point: Point, *, least: int, most: int, scale: float = 1.0) -> int:
    """As many as show the first digit of half the interval, within bounds, and of its nearer end where that is not zero."""
    if point.interval is None:
        return most
    low, high = point.interval
    half = (high - low) / 2 * scale
    if not half > 0:
        return most
    needed = [half, *((min(abs(low), abs(high)) * scale,) if low > 0 or high < 0 else ())]
    return min(max(ceil(round(-log10(min(needed)), 6)), least), most)


def _number(number: float, decimals: int) -> str:
    """With a true minus; "0" for nothing at all, and no minus before what rounds to zero."""
    if abs(number) < 1e-9:
        return "0"
    text = f"{number:.{decimals}f}"
    return text.lstrip("-") if not text.strip("-0.") else text.replace("-", "−")


def at(value: str, axis: Axis) -> str:
    """ "at 0.55" on a line, "with “likert”" among categories."""
    return f"at {value}" if axis.is_number else f"with “{value}”"


def places(points_there: Iterable[Point], axis: Axis) -> str:
    """Where points lie: "throughout", "at 0.55", "from 2 to 16 and at 64", "with all but “likert”"."""
    there = {point.value for point in points_there}
    if len(axis.values) > 1 and there.issuperset(axis.values):
        return "throughout"
    if not axis.is_number:
        absent = [value for value in axis.values if value not in there]
        but = bool(absent) and 2 * len(absent) < len(there)
        named = absent if but else [value for value in axis.values if value in there]
        return f"with {'all but ' if but else ''}{listed([f'“{value}”' for value in named])}"
    return _stretches(there, axis)


def _stretches(there: set[str], axis: Axis) -> str:
    """Three and more neighbours as a range, the others one by one."""
    single: list[str] = []
    ranges: list[str] = []
    for run in _runs([value in there for value in axis.values]):
        values = [axis.values[k] for k in run]
        if len(values) >= 3:
            ranges.append(f"from {values[0]} to {values[-1]}")
        else:
            single += values
    return listed([*ranges, *([f"at {listed(single)}"] if single else [])])


def _runs(marks: Sequence[bool]) -> list[range]:
    """Stretches of neighbours that are marked."""
    starts = [k for k, mark in enumerate(marks) if mark and (k == 0 or not marks[k - 1])]
    ends = [k + 1 for k, mark in enumerate(marks) if mark and (k + 1 == len(marks) or not marks[k + 1])]
    return [range(start, end) for start, end in zip(starts, ends, strict=True)]
