"""Differences between two pipelines as figures: points with intervals, and in grey what does not matter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from simcons.analysis.resampling import Estimate
from simcons.experiments.compare.differences import Difference
from simcons.experiments.compare.measures import Measure, Unit
from simcons.experiments.compare.other_worlds import robustness
from simcons.experiments.compare.run import Comparison
from simcons.experiments.compare.scores import EVERYBODY
from simcons.report.chapter import anchor
from simcons.report.charts import Frame, Mark, numbers, points
from simcons.report.differences import name_of
from simcons.report.other_worlds import AS_GIVEN
from simcons.report.page import Figure

_UNITS: Mapping[Unit, str] = {"points": "points of the scale 1-7", "share": "percentage points"}
_UNDER = "{}, change less base, 95% intervals; grey: margin"
_OF_SUBSETS = {"agreement": "rated", "true_agreement": "true"}


def overall_figures(rows: Sequence[Difference], arm: str) -> Iterator[Figure]:
    """All measures of an arm that have one unit, over all rounds and people."""
    for unit in _UNITS:
        there = [row for row in rows if row.arm == arm and row.measure.unit == unit]
        marks = [_mark("difference", row, f"{name_of(row.measure)}: {row.verdict}") for row in there]
        title = "Differences in agreement and quality" if unit == "points" else "Differences in shares"
        margins = {mark.row: _scaled(row.measure.margin, unit) for mark, row in zip(marks, there, strict=True)}
        yield from _drawn(f"differences-{unit}-{arm}", marks, title, unit, margins)


def subset_figure(rows: Sequence[Difference], arm: str) -> Iterator[Figure]:
    """Mean agreement, rated and true, of some of the people and rounds, where there are any."""
    there = [row for row in rows if row.arm == arm and row.measure.name in _OF_SUBSETS]
    if all(row.subset == EVERYBODY for row in there):
        return
    marks = [_mark(_OF_SUBSETS[row.measure.name], row, row.subset) for row in there]
    margins = {row.subset: row.measure.margin for row in there}
    yield from _drawn(f"subsets-{arm}", marks, "Agreement by people and rounds", "points", margins)


def world_figures(result: Comparison) -> Iterator[Figure]:
    """A figure a measure, the comparison as given above the other worlds; those whose verdict flips or differs come first."""
    tried = [each for each in robustness(result.overall, result.worlds) if each.elsewhere]
    arms = len(result.pairing.arms) > 1
    for each in sorted(tried, key=lambda each: (not each.flips, each.holds)):
        measure = each.given.measure
        rows = {AS_GIVEN: each.given, **each.elsewhere}
        marks = [_mark("difference", row, f"{name}: {row.verdict}") for name, row in rows.items()]
        margins = {mark.row: _scaled(measure.margin, measure.unit) for mark in marks}
        title = f"In other worlds: {name_of(measure)}{f' ({each.given.arm})' if arms else ''}"
        yield from _drawn(f"worlds-{measure.name}-{each.given.arm}", marks, title, measure.unit, margins)


def metric_figure(estimates: Sequence[tuple[str, Measure, Estimate]], unit: Unit) -> Iterator[Figure]:
    """The metrics of a gate, by label, that have this unit."""
    there = [(label, measure, estimate) for label, measure, estimate in estimates if measure.unit == unit]
    marks = [_estimate_mark("difference", estimate, unit, label) for label, _, estimate in there]
    margins = {label: _scaled(measure.margin, unit) for label, measure, _ in there}
    yield from _drawn(f"metrics-{unit}", marks, f"Metrics in {_UNITS[unit]}", unit, margins)


def _drawn(key: str, marks: Sequence[Mark], title: str, unit: Unit, margins: Mapping[str, float]) -> Iterator[Figure]:
    if not marks:
        return
    series = list(dict.fromkeys(mark.series for mark in marks))
    frame = Frame(title, _UNDER.format(_UNITS[unit]), series, reference=0)
    told = "; ".join(f"{mark.row}{f', {mark.series}' if len(series) > 1 else ''} {mark.value:+.2g}" for mark in marks)
    alt = f"Chart. {title}, {frame.subtitle}. {told}."
    yield Figure(anchor(key), points(marks, frame, margins=margins), alt, numbers(marks, _UNITS[unit]))


def _mark(series: str, row: Difference, label: str) -> Mark:
    return _estimate_mark(series, row.difference, row.measure.unit, label)


def _estimate_mark(series: str, estimate: Estimate, unit: Unit, label: str) -> Mark:
    return Mark.of(series, estimate, row=label, scale=_scaled(1, unit))


def _scaled(value: float, unit: Unit) -> float:
    return value if unit == "points" else 100 * value
