"""The charts of a study's figures: points with intervals by row, distributions of ratings, and lines over a number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from simcons.report.charts import Spec, as_svg
from simcons.report.palette import INK, LIKERT, MUTED, arm_ink
from simcons.scale import HIGHEST, LOWEST

_WIDTH, _ROW, _HEIGHT = 225, 26, 180  # pixels of a plot: its width, the height of a row, the height of a chart of lines
_LABELS = 118  # pixels that labels of rows may take

# Of lines: a band for a single one, upright rules where bands would cover one another.
_INTERVAL: tuple[Spec, Spec] = (
    {"type": "area", "opacity": 0.15},
    {"type": "rule", "opacity": 0.6, "strokeWidth": 1.5},
)
_FITS = 21  # letters of a label in a line; longer ones go on in a second where there is a break in their sense
_BROKEN = "replace(replace(replace(datum.label, ', ', '|'), ': ', '|'), ' v. ', '|v. ')"
_IN_LINES = f"length(datum.label) > {_FITS} ? split({_BROKEN}, '|') : datum.label"


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of a chart: ``row`` of points by row, or ``x`` of a line. low, high: the interval, None where there is none."""

    series: str
    value: float
    low: float | None = None
    high: float | None = None
    row: str = ""
    x: float = 0.0


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a chart. reference: a value that is marked by a line, such as no difference; domain: of the values."""

    title: str
    subtitle: str
    series: Sequence[str]
    reference: float | None = None
    domain: tuple[float, float] | None = None
    format: str = ".4~g"
    x_title: str = ""


Numbers: TypeAlias = list[dict[str, str | float | None]]


def numbers(marks: Sequence[Mark], unit: str, *, over: str = "") -> Numbers:
    """What a chart shows, a row a mark. over: the name of what lines go over; none for points by row."""
    rows: Numbers = []
    for mark in marks:
        place: dict[str, str | float | None] = {over: mark.x} if over else {"row": mark.row}
        interval = {"value": mark.value, "low": mark.low, "high": mark.high}
        rows.append({**place, "series": mark.series, **interval, "unit": unit})
    return rows


def points(marks: Sequence[Mark], frame: Frame) -> str:
    """The SVG of points with intervals, a row each; several series share a row, one below the other."""
    rows = list(dict.fromkeys(mark.row for mark in marks))
    x = _values("value", frame, axis={"title": None, "tickCount": 5, "domain": False, "ticks": False})
    y = {"field": "row", "type": "nominal", "sort": rows, "axis": _row_axis()}
    offset = {"field": "series", "type": "nominal", "sort": list(frame.series), "scale": {"padding": 1}}
    there = [name for name in frame.series if any(mark.series == name for mark in marks)]
    colour = _colour(frame.series, legend=len(there) > 1 and rows != there)
    layers = [
        {"mark": {"type": "rule", "strokeWidth": 1.8}, "encoding": {"x": _number("low"), "x2": {"field": "high"}}},
        {"mark": {"type": "point", "filled": True, "opacity": 1, "size": 55}, "encoding": {"x": x}},
    ]
    drawn = {
        "data": {"values": _data(marks)},
        "encoding": {"y": y, **({"yOffset": offset} if len(there) > 1 and rows != there else {}), "color": colour},
        "layer": layers,
    }
    label = 1.35 * _ROW if any(len(row) > _FITS for row in rows) else _ROW
    height = max(label, 13 * len(there) if rows != there else 0) * len(rows)
    return as_svg(
        {"width": _WIDTH, "height": height, "layer": [*_reference(frame, "x"), drawn]},
        frame.title,
        frame.subtitle,
        whole=True,
    )


def distributions(shares: Mapping[str, Sequence[float]], title: str, subtitle: str) -> str:
    """The SVG of the shares of ratings 1 to 7, a bar a row."""
    values = [
        {"row": row, "rating": LOWEST + k, "share": share}
        for row, of_row in shares.items()
        for k, share in enumerate(of_row)
    ]
    ratings = list(range(LOWEST, HIGHEST + 1))
    colour = {
        "field": "rating",
        "type": "ordinal",
        "scale": {"domain": ratings, "range": [light for light, _ in LIKERT]},
        "legend": {"orient": "bottom", "direction": "horizontal", "symbolType": "square", "columns": len(ratings)},
    }
    chart = {
        "data": {"values": values},
        "width": _WIDTH,
        "height": (_ROW + 4) * len(shares),
        "mark": {"type": "bar", "height": {"band": 0.72}},
        "encoding": {
            "y": {"field": "row", "type": "nominal", "sort": list(shares), "axis": _row_axis()},
            "x": _number(
                "share",
                stack="zero",
                axis={"title": None, "format": ".0%", "tickCount": 5, "grid": False},
                scale={"domain": [0, 1]},
            ),
            "color": colour,
            "order": {"field": "rating"},
        },
    }
    return as_svg(chart, title, subtitle, whole=True)


def lines(marks: Sequence[Mark], frame: Frame, *, log_x: bool = False, diagonal: bool = False) -> str:
    """The SVG of lines over a number, with their intervals. diagonal: a line where both axes are equal."""
    scale = {"type": "log" if log_x else "linear", "zero": False, "nice": False}
    x = _number("x", scale=scale, axis=_across(marks, frame, log_x=log_x))
    y = _values("value", frame, axis={"title": None, "tickCount": 5, "domain": False, "ticks": False})
    layers: list[Spec] = [
        {"mark": _INTERVAL[len(frame.series) > 1], "encoding": {"y": _number("low"), "y2": {"field": "high"}}},
        {"mark": {"type": "line", "strokeWidth": 2}, "encoding": {"y": y}},
        {"mark": {"type": "point", "filled": True, "opacity": 1, "size": 28}, "encoding": {"y": y}},
    ]
    drawn = {
        "data": {"values": _data(marks)},
        "encoding": {"x": x, "color": _colour(frame.series, legend=len(frame.series) > 1)},
        "layer": layers,
    }
    around = [*_reference(frame, "y"), *(_diagonal(marks) if diagonal else ())]
    return as_svg(
        {"width": _WIDTH, "height": _HEIGHT, "layer": [*around, drawn]}, frame.title, frame.subtitle, whole=True
    )


def _across(marks: Sequence[Mark], frame: Frame, *, log_x: bool) -> Spec:
    """The axis of what lines go over; where that doubles, its ticks are at the values that there are."""
    ticks: Spec = {"values": sorted({mark.x for mark in marks})} if log_x else {"tickCount": 6}
    return {"title": frame.x_title, "grid": False, "format": ".4~g", "labelFlush": False, **ticks}


def _data(marks: Sequence[Mark]) -> list[dict[str, Any]]:
    return [{"series": m.series, "row": m.row, "x": m.x, "value": m.value, "low": m.low, "high": m.high} for m in marks]


def _number(field: str, **settings: Any) -> Spec:
    return {"field": field, "type": "quantitative", **settings}


def _values(field: str, frame: Frame, *, axis: Spec) -> Spec:
    scale: Spec = (
        {"zero": False, "nice": True} if frame.domain is None else {"domain": list(frame.domain), "nice": False}
    )
    return _number(field, scale=scale, axis={**axis, "format": frame.format})


def _row_axis() -> Spec:
    return {
        "title": None,
        "ticks": False,
        "domain": False,
        "labelLimit": _LABELS,
        "minExtent": _LABELS,
        "maxExtent": _LABELS,
        "labelPadding": 9,
        "labelExpr": _IN_LINES,
        "labelColor": INK,
        "labelFontSize": 10.5,
    }


def _colour(series: Sequence[str], *, legend: bool) -> Spec:
    scale = {"domain": list(series), "range": [arm_ink(k)[0] for k in range(len(series))]}
    shown = {"orient": "bottom", "columns": 2, "labelLimit": 1.4 * _LABELS, "symbolOpacity": 1} if legend else None
    return {"field": "series", "type": "nominal", "scale": scale, "legend": shown}


def _reference(frame: Frame, channel: str) -> list[Spec]:
    if frame.reference is None:
        return []
    mark = {"type": "rule", "color": MUTED, "strokeWidth": 1.2, "strokeDash": [4, 3]}
    return [{"data": {"values": [{"at": frame.reference}]}, "mark": mark, "encoding": {channel: _number("at")}}]


def _diagonal(marks: Sequence[Mark]) -> list[Spec]:
    ends = [min(mark.x for mark in marks), max(mark.x for mark in marks)]
    mark = {"type": "line", "color": MUTED, "strokeWidth": 1.2, "strokeDash": [4, 3]}
    values = [{"x": end, "y": end} for end in ends]
    return [{"data": {"values": values}, "mark": mark, "encoding": {"x": _number("x"), "y": _number("y")}}]
