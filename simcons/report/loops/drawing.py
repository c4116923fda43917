"""Charts of a loop: dots with intervals by row, and curves over numbers, several series each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simcons.report.charts import HEIGHT, WIDTH, Spec, as_svg
from simcons.report.palette import MUTED, Ink
from simcons.scale import HIGHEST, LOWEST

INKS = (  # of series, in order
    Ink("#31688e", "#5fb0ea", (), "circle"),
    Ink("#d95f0e", "#ff9d4d", (), "square"),
    Ink("#35a06b", "#4cc58c", (), "triangle-up"),
    Ink("#7b3f9e", "#c79bf2", (), "diamond"),
    Ink("#a50f15", "#ff7b7b", (), "cross"),
)
_LINE, _GAP = 11, 12  # pixels: a series in a row, between rows
_LEGEND: Spec = {"orient": "bottom", "columns": 2, "symbolOpacity": 1}
_MOST_POINTS = 25  # places along a curve that are marked one by one


@dataclass(frozen=True, slots=True)
class Mark:
    """A number of a series, with its interval where it has one. at: the row that it stands in, or its place along the axis."""

    series: str
    at: str | float
    value: float
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Titles:
    """What stands over a chart, and along its axes."""

    title: str
    subtitle: str
    across: str = ""
    up: str = ""


def dots(
    marks: Sequence[Mark], titles: Titles, *, rule: float | None = None, ends: tuple[float, float] | None = None
) -> str:
    """The SVG of a dot plot: a row for each place, the series below one another in it.

    rule: a value to hold all against. ends: of the axis; by default where the numbers end.
    """
    rows, series = _rows(marks), _series(marks)
    x_axis = {"title": titles.across or None, "tickCount": 5, "domain": False, "ticks": False}
    x = {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": ends} if ends else {"zero": False},
        "axis": x_axis,
    }
    y_axis = {"title": None, "ticks": False, "domain": False, "labelLimit": 230, "labelPadding": 6}
    y = {"field": "at", "type": "nominal", "sort": rows, "axis": y_axis}
    offset = {"field": "series", "type": "nominal", "sort": series, "scale": {"padding": 1}}
    interval = {"x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"}}
    point = {"type": "point", "filled": True, "opacity": 1, "size": 45}
    layer: list[Spec] = [
        {"mark": {"type": "rule", "strokeWidth": 1.6}, "encoding": interval},
        {"mark": point, "encoding": {"x": x, "shape": _shape(series)}},
    ]
    chart = {
        "width": WIDTH,
        "height": (len(series) * _LINE + _GAP) * len(rows),
        "layer": [
            *_rule("x", rule),
            {**_data(marks), "encoding": {"y": y, "yOffset": offset, "color": _colour(series)}, "layer": layer},
        ],
    }
    return as_svg(chart, titles.title, titles.subtitle)


def curves(marks: Sequence[Mark], titles: Titles, *, kept: float | None = None, log: bool = False) -> str:
    """The SVG of lines over numbers, with bands where there are intervals. kept: a place that a line across marks."""
    series, places = _series(marks), sorted({mark.at for mark in marks})
    axis = {"title": titles.across, "grid": False, "labelOverlap": "greedy", "format": "~s"}
    x = {
        "field": "at",
        "type": "quantitative",
        "scale": {"type": "log", "nice": False} if log else {"zero": False, "nice": False},
        "axis": {**axis, "values": places, "format": "~g"} if log else {**axis, "tickCount": 5},
    }
    y_axis = {"title": titles.up or None, "tickCount": 5, "domain": False, "ticks": False}
    y = {"field": "value", "type": "quantitative", "scale": {"zero": False}, "axis": y_axis}
    layer: list[Spec] = [
        {
            "transform": [{"filter": "isValid(datum.low)"}],
            "mark": {"type": "area", "opacity": 0.16},
            "encoding": {"y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}},
        },
        {"mark": {"type": "line", "strokeWidth": 2}, "encoding": {"y": y}},
    ]
    if len(places) <= _MOST_POINTS:
        point = {"type": "point", "filled": True, "opacity": 1, "size": 30}
        layer.append({"mark": point, "encoding": {"y": y, "shape": _shape(series)}})
    lines = {**_data(marks), "encoding": {"x": x, "color": _colour(series)}, "layer": layer}
    chart = {"width": WIDTH, "height": HEIGHT, "layer": [*_rule("x", kept), lines]}
    return as_svg(chart, titles.title, titles.subtitle)


def against_diagonal(marks: Sequence[Mark], titles: Titles) -> str:
    """The SVG of points from 1 to 7, with their intervals, beside the line on which both numbers are the same."""
    ends = (LOWEST, HIGHEST)
    scale = {"domain": ends, "clamp": True}
    axis = {"tickCount": 5, "grid": False}
    x = {"field": "at", "type": "quantitative", "scale": scale, "axis": {**axis, "title": titles.across}}
    y = {"field": "value", "type": "quantitative", "scale": scale, "axis": {**axis, "title": titles.up}}
    interval = {"y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}}
    diagonal = {
        "data": {"values": [{"at": end, "value": end} for end in ends]},
        "mark": {"type": "line", "color": MUTED, "strokeWidth": 1.2, "strokeDash": [4, 3]},
        "encoding": {"x": x, "y": y},
    }
    point = {"type": "point", "filled": True, "opacity": 1, "size": 40}
    of_marks = {
        **_data(marks),
        "encoding": {"x": x, "color": _colour(_series(marks))},
        "layer": [
            {"mark": {"type": "rule", "strokeWidth": 1.4}, "encoding": interval},
            {"mark": point, "encoding": {"y": y}},
        ],
    }
    return as_svg({"width": HEIGHT, "height": HEIGHT, "layer": [diagonal, of_marks]}, titles.title, titles.subtitle)


def _data(marks: Sequence[Mark]) -> Spec:
    rows = [
        {
            "series": mark.series,
            "at": mark.at,
            "value": mark.value,
            "low": mark.interval and mark.interval[0],
            "high": mark.interval and mark.interval[1],
        }
        for mark in marks
    ]
    return {"data": {"values": rows}}


def _rows(marks: Sequence[Mark]) -> list[str]:
    return list(dict.fromkeys(str(mark.at) for mark in marks))


def _series(marks: Sequence[Mark]) -> list[str]:
    return list(dict.fromkeys(mark.series for mark in marks))


def _inks(series: Sequence[str]) -> list[Ink]:
    return [INKS[k % len(INKS)] for k in range(len(series))]


def _colour(series: Sequence[str]) -> Spec:
    """The legend stands below, and is left out where there is one series alone."""
    scale = {"domain": list(series), "range": [ink.light for ink in _inks(series)]}
    legend = _LEGEND if len(series) > 1 else None
    return {"field": "series", "type": "nominal", "scale": scale, "legend": legend}


def _shape(series: Sequence[str]) -> Spec:
    scale = {"domain": list(series), "range": [ink.shape for ink in _inks(series)]}
    legend = _LEGEND if len(series) > 1 else None
    return {"field": "series", "type": "nominal", "scale": scale, "legend": legend}


def _rule(channel: str, at: float | None) -> list[Spec]:
    """A line across the whole plot."""
    if at is None:
        return []
    mark = {"type": "rule", "color": MUTED, "strokeWidth": 1.2, "strokeDash": [4, 3]}
    return [
        {"data": {"values": [{"at": at}]}, "mark": mark, "encoding": {channel: {"field": "at", "type": "quantitative"}}}
    ]
