"""Findings as sweeps and their curves: one measure of one rule over the values of what is varied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite, log
from typing import TypeAlias

from simcons.analysis.findings import Finding

CurveKey: TypeAlias = tuple[str, str, str | None]  # measure, rule, versus

PREDICTIONS = "predictions"  # the rule of findings about the scores themselves


@dataclass(frozen=True, slots=True)
class Point:
    """An estimate with its 95% interval, where it has one, at one value."""

    value: str
    position: float
    estimate: float
    interval: tuple[float, float] | None
    n: int
    differs: bool = False  # told from zero, with all rules and values of the sweep looked at together

    @property
    def sign(self) -> int:
        """1 where it is told to lie above zero, -1 where below, 0 where it is not told from zero."""
        return (1 if self.estimate > 0 else -1) if self.differs else 0

    def is_below(self, other: Point) -> bool:
        """True where its whole interval lies below the other's."""
        return self.interval is not None and other.interval is not None and self.interval[1] < other.interval[0]


@dataclass(frozen=True, slots=True)
class Curve:
    """Points in the order of the axis."""

    rule: str
    points: tuple[Point, ...]

    @property
    def first(self) -> Point:
        return self.points[0]

    @property
    def last(self) -> Point:
        return self.points[-1]

    @property
    def lowest(self) -> Point:
        return min(self.points, key=lambda point: point.estimate)

    @property
    def highest(self) -> Point:
        return max(self.points, key=lambda point: point.estimate)

    def at(self, value: str) -> Point | None:
        return next((point for point in self.points if point.value == value), None)


@dataclass(frozen=True, slots=True)
class Axis:
    """The values of what a sweep varies, in order. ``is_number``: they lie on a line, else they are categories."""

    values: tuple[str, ...]
    positions: tuple[float, ...]
    is_number: bool

    @property
    def is_log(self) -> bool:
        """True if the values are spread much more evenly over a logarithmic axis than over a linear one."""
        if not self.is_number or len(self.positions) < 3 or self.positions[0] <= 0:
            return False
        return _unevenness([log(position) for position in self.positions]) < 0.75 * _unevenness(self.positions)


def _unevenness(positions: Sequence[float]) -> float:
    """Largest over mean gap between neighbours."""
    gaps = [b - a for a, b in pairwise(positions)]
    return max(gaps) * len(gaps) / sum(gaps)


@dataclass(frozen=True, slots=True)
class Sweep:
    """The findings of one sweep, to be asked for by measure, rule and what the rule is compared with."""

    name: str
    parameter: str
    axis: Axis
    rules: tuple[str, ...]  # in order of appearance, without ``predictions``
    measures: frozenset[str]
    _points: dict[CurveKey, tuple[Point, ...]]

    @property
    def title(self) -> str:
        return self.name.replace("_", " ")

    @property
    def label(self) -> str:
        """The last part of the path of what is varied, for axes."""
        return self.parameter.rpartition(".")[2].replace("_", " ")

    @property
    def sizes(self) -> list[int]:
        """Rounds or groups of each value: the most that any of its findings is over."""
        most: dict[str, int] = {}
        for points in self._points.values():
            for point in points:
                most[point.value] = max(point.n, most.get(point.value, 0))
        return [most[value] for value in self.axis.values if value in most]

    @property
    def n_intervals(self) -> int:
        """Findings with an interval."""
        return sum(point.interval is not None for points in self._points.values() for point in points)

    def curve(self, measure: str, rule: str, versus: str | None = None) -> Curve | None:
        """None where there is no finding of it."""
        points = self._points.get((measure, rule, versus))
        return Curve(rule, points) if points else None

    def curves(self, measure: str, versus: str | None = None) -> list[Curve]:
        """Those of all rules that have the measure."""
        curves = (self.curve(measure, rule, versus) for rule in self.rules)
        return [curve for curve in curves if curve is not None]

    def versus(self, measure: str) -> list[str]:
        """The rules that others are compared with or judged by in a measure, in order of appearance."""
        return list(dict.fromkeys(v for m, _, v in self._points if m == measure and v is not None))


def sweeps(findings: Iterable[Finding]) -> list[Sweep]:
    """One a sweep and varied parameter, in order of appearance."""
    by_sweep: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        by_sweep.setdefault((finding.sweep, finding.parameter), []).append(finding)
    return [_sweep(name, parameter, rows) for (name, parameter), rows in by_sweep.items()]


def _sweep(name: str, parameter: str, findings: Sequence[Finding]) -> Sweep:
    axis = _axis(findings)
    place = {value: k for k, value in enumerate(axis.values)}
    points: dict[CurveKey, list[Point]] = {}
    for f in sorted(findings, key=lambda f: place[f.value]):
        key = (f.measure, f.rule, f.versus)
        points.setdefault(key, []).append(Point(f.value, f.position, f.estimate, f.interval, f.n, f.differs))
    return Sweep(
        name,
        parameter,
        axis,
        rules=tuple(dict.fromkeys(f.rule for f in findings if f.rule != PREDICTIONS)),
        measures=frozenset(measure for measure, _, _ in points),
        _points={key: tuple(of_key) for key, of_key in points.items()},
    )


def _axis(findings: Sequence[Finding]) -> Axis:
    position = {f.value: f.position for f in findings}
    ordered = sorted(position, key=lambda value: position[value])
    is_number = len(set(position.values())) == len(position) and all(_is_at(v, p) for v, p in position.items())
    return Axis(tuple(ordered), tuple(position[value] for value in ordered), is_number)


def _is_at(value: str, position: float) -> bool:
    try:
        return isfinite(position) and abs(float(value) - position) <= 1e-4 * max(1.0, abs(position))
    except ValueError:
        return False
