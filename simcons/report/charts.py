"""Charts as SVG, in one style for every page: points with intervals by row, lines over a number, distributions of ratings.

No browser and no network is needed: vl-convert holds the renderer of Vega-Lite. Charts are plain Vega-Lite specifications
(https://vega.github.io/vega-lite/docs/): a page has more than a hundred, and building them with Altair took longer than drawing
them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from textwrap import wrap
from typing import Any, TypeAlias

import vl_convert as vlc

from simcons.analysis.resampling import Estimate
from simcons.report.palette import GRID, INK, LIKERT, MUTED, PAPER, Ink, inks
from simcons.scale import HIGHEST, LOWEST

Spec: TypeAlias = dict[str, Any]
Numbers: TypeAlias = list[dict[str, str | float | None]]

WIDTH = 356  # pixels, of every figure with all that is written around it
_HEIGHT, _ROW = 180, 26  # of a plot of lines; of a row
_LABELS = 190  # that labels of rows take at most
_LINE = 13  # of a label
_TITLE, _SUBTITLE = 56, 72  # letters in a line above a figure
_FITS = 21  # letters of a label in a line; longer ones go on in a second where there is a break in their sense
_BREAKS = re.compile(r", |: | (?=v\. )| (?=\()")
_IN_LINES = (
    f"length(datum.label) > {_FITS} ? split(replace(replace("
    r"datum.label, regexp(', |: ', 'g'), '|'), regexp(' (v\\. |\\()', 'g'), '|$1'), '|') : datum.label"
)
_LETTER, _SIGN, _LEAST = (
    5.2,
    5,
    6,
)  # pixels of a letter on average; letters that a sign before a name takes, and an axis of numbers
_FEW = 4  # series in a row that have room for large points
_APART = 0.014  # of the length of an axis, between lines whose intervals would cover one another
_BESIDE = 7  # pixels between the axis of values and the first point of a line
_MOST_POINTS = 25  # places along a line that are marked one by one

# Of lines: a band for a single one, upright rules where bands would cover one another.
_INTERVAL: tuple[Spec, Spec] = (
    {"type": "area", "opacity": 0.15},
    {"type": "rule", "opacity": 0.6, "strokeWidth": 1.5},
)
_VERSION = "6.4"  # of Vega-Lite, so that figures stay as they are when vl-convert brings a newer one
_CONFIG: Spec = {
    "font": "Helvetica Neue, Arial, Liberation Sans, DejaVu Sans, sans-serif",
    "aria": False,  # a page gives each figure one text alternative, not one a mark
    "view": {"stroke": None},
    "title": {
        "anchor": "start",
        "frame": "group",
        "offset": 8,
        "fontSize": 12,
        "color": INK,
        "subtitleFontSize": 10.5,
        "subtitleColor": MUTED,
    },
    "axis": {
        "gridColor": GRID,
        "domainColor": MUTED,
        "tickColor": MUTED,
        "labelColor": MUTED,
        "labelFontSize": 10,
        "titleColor": INK,
        "titleFontSize": 10.5,
        "titleFontWeight": "normal",
    },
    "legend": {"labelColor": INK, "labelFontSize": 10.5, "labelLimit": WIDTH, "title": None, "symbolSize": 40},
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of a chart: ``row`` of points by row, or ``x`` of a line. low, high: the interval, None where there is none."""

    series: str
    value: float
    low: float | None = None
    high: float | None = None
    row: str = ""
    x: float = 0.0

    @classmethod
    def of(cls, series: str, estimate: Estimate, *, row: str = "", x: float = 0.0, scale: float = 1.0) -> Mark:
        """The mark of an estimate, times ``scale``."""
        low, high = (None, None) if estimate.interval is None else (scale * end for end in estimate.interval)
        return cls(series, scale * estimate.value, low, high, row=row, x=x)


@dataclass(frozen=True, slots=True)
class Frame:
    """The text around a chart. reference: a value that is marked by a line, such as no difference; domain: of the values.

    inks: of the series, in their order; by default those of arms.
    """

    title: str
    subtitle: str
    series: Sequence[str]
    reference: float | None = None
    domain: tuple[float, float] | None = None
    format: str = ".4~g"
    x_title: str = ""
    inks: Sequence[Ink] | None = None

    @property
    def drawn_as(self) -> Sequence[Ink]:
        return inks(len(self.series)) if self.inks is None else self.inks


def numbers(marks: Sequence[Mark], unit: str, *, over: str = "") -> Numbers:
    """The numbers that a chart shows, a row a mark. over: the name of what lines go over; none for points by row."""
    rows: Numbers = []
    for mark in marks:
        place: dict[str, str | float | None] = {over: mark.x} if over else {"row": mark.row}
        interval = {"value": mark.value, "low": mark.low, "high": mark.high}
        rows.append({**place, "series": mark.series, **interval, "unit": unit})
    return rows


# --- points by row ---------------------------------------------------------------------------------------------------


def points(
    marks: Sequence[Mark],
    frame: Frame,
    *,
    log: bool = False,
    named: bool = False,
    margins: Mapping[str, float] | None = None,
) -> str:
    """The SVG of points with intervals, a row each; several series share a row, one below the other.

    log: values are on a logarithmic axis. named: a series that is alone has its name below, too. margins: by row, how far from
    nought a grey band reaches.
    """
    rows = list(dict.fromkeys(mark.row for mark in marks))
    there = [name for name in frame.series if any(mark.series == name for mark in marks)]
    shared = len(there) > 1 and rows != there
    step, size = (13, 50) if len(there) <= _FEW else (7, 30)
    height = max(_ROW, _LINE * max(len(_lines(row)) for row in rows) + 9, step * len(there) * shared + 6)
    chart = {
        "height": height * len(rows),
        "layer": [
            *(_stripes(rows) if shared and len(rows) > 1 and not margins else ()),
            *(_bands(rows, margins) if margins else ()),
            *reference(frame, "x"),
            _points(marks, frame, rows, _Look(size, log, shared, shared or named)),
        ],
    }
    return as_svg(chart, frame)


@dataclass(frozen=True, slots=True)
class _Look:
    """size: of points; log: the axis; shared: several series in a row; legend: there is one."""

    size: int
    log: bool
    shared: bool
    legend: bool


def _points(marks: Sequence[Mark], frame: Frame, rows: Sequence[str], look: _Look) -> Spec:
    x = values(
        frame, axis={"title": frame.x_title or None, "tickCount": 5, "domain": False, "ticks": False}, log=look.log
    )
    y = {"field": "row", "type": "nominal", "sort": rows, "axis": _row_axis(rows)}
    offset = {"field": "series", "type": "nominal", "sort": list(frame.series), "scale": {"padding": 1}}
    legend = _legend(frame.series, rows) if look.legend else None
    shape = {**_of_series(frame, [each.shape for each in frame.drawn_as]), "legend": legend}
    interval = {"x": number("low"), "x2": {"field": "high"}}
    return {
        "data": {"values": data(marks)},
        "encoding": {
            "y": y,
            **({"yOffset": offset} if look.shared else {}),
            "color": colour(frame, legend),
        },
        "layer": [
            {**_BOUNDED, "mark": {"type": "rule", "strokeWidth": 1.7}, "encoding": interval},
            {
                "mark": {"type": "point", "filled": True, "opacity": 1, "size": look.size},
                "encoding": {"x": x, "shape": shape},
            },
        ],
    }


def _lines(label: str) -> list[str]:
    """A label as the axis breaks it."""
    return _BREAKS.split(label) if len(label) > _FITS else [label]


def _row_axis(rows: Sequence[str]) -> Spec:
    """Labels of several lines begin higher, so that their middle is that of the row."""
    several = {n: [row for row in rows if len(_lines(row)) == n] for n in (2, 3, 4)}
    higher = [
        {"test": f"indexof({json.dumps(labels)}, datum.value) >= 0", "value": -_LINE * (n - 1) / 2}
        for n, labels in several.items()
        if labels
    ]
    return {
        "labelOffset": {"condition": higher, "value": 0},
        "title": None,
        "ticks": False,
        "domain": False,
        "labelLimit": _LABELS,
        "labelPadding": 9,
        "labelExpr": _IN_LINES,
        "labelColor": INK,
        "labelFontSize": 10.5,
    }


def _stripes(rows: Sequence[str]) -> list[Spec]:
    """Every second row stands on grey, so that points are seen to belong together."""
    stripes = {
        "data": {"values": [{"row": row, "grey": 0.35 * (k % 2)} for k, row in enumerate(rows)]},
        "mark": {"type": "rect", "color": GRID},
        "encoding": {
            "y": {"field": "row", "type": "nominal", "sort": list(rows)},
            "opacity": number("grey", scale=None, legend=None),
        },
    }
    return [stripes]


def _bands(rows: Sequence[str], margins: Mapping[str, float]) -> list[Spec]:
    """What does not matter, in grey, a row each."""
    ends = [{"row": row, "from": -margins[row], "to": margins[row]} for row in rows if row in margins]
    y = {"field": "row", "type": "nominal", "sort": list(rows)}
    mark = {"type": "rect", "color": GRID, "opacity": 0.7}
    return [{"data": {"values": ends}, "mark": mark, "encoding": {"y": y, "x": number("from"), "x2": {"field": "to"}}}]


# --- distributions and lines -----------------------------------------------------------------------------------------


def distributions(shares: Mapping[str, Sequence[float]], title: str, subtitle: str) -> str:
    """The SVG of the shares of ratings 1 to 7, a bar a row."""
    rows = [
        {"row": row, "rating": LOWEST + k, "share": share}
        for row, of_row in shares.items()
        for k, share in enumerate(of_row)
    ]
    ratings = list(range(LOWEST, HIGHEST + 1))
    legend = {"orient": "bottom", "direction": "horizontal", "symbolType": "square", "columns": len(ratings)}
    scale = {"domain": ratings, "range": [light for light, _ in LIKERT]}
    axis = {"title": None, "format": ".0%", "tickCount": 5, "grid": False}
    chart = {
        "data": {"values": rows},
        "height": (_ROW + 4) * len(shares),
        "mark": {"type": "bar", "height": {"band": 0.72}},
        "encoding": {
            "y": {"field": "row", "type": "nominal", "sort": list(shares), "axis": _row_axis(list(shares))},
            "x": number("share", stack="zero", axis=axis, scale={"domain": [0, 1]}),
            "color": {"field": "rating", "type": "ordinal", "scale": scale, "legend": legend},
            "order": {"field": "rating"},
        },
    }
    return as_svg(chart, Frame(title, subtitle, []))


def lines(
    marks: Sequence[Mark],
    frame: Frame,
    *,
    log_x: bool = False,
    diagonal: bool = False,
    upright: float | None = None,
    levels: bool = False,
    ticks: Sequence[float] = (),
) -> str:
    """The SVG of lines over a number, with their intervals.

    diagonal: a line where both axes are equal. upright: a place along the lines that another marks. levels: the numbers are
    values that were chosen: ticks are at these, and lines a little apart, so that no interval covers another. ticks: elsewhere.
    """
    scale = {"type": "log" if log_x else "linear", "zero": False, "nice": False, "padding": _BESIDE}
    x = number("x", scale=scale, axis=_across(frame, ticks or [mark.x for mark in marks] if log_x or levels else ticks))
    y = values(frame, axis={"title": None, "tickCount": 5, "domain": False, "ticks": False})
    interval = {"y": number("low"), "y2": {"field": "high"}}
    layers: list[Spec] = [
        {**_BOUNDED, "mark": _INTERVAL[len(frame.series) > 1], "encoding": interval},
        {"mark": {"type": "line", "strokeWidth": 2}, "encoding": {"y": y}},
    ]
    legend = _legend(frame.series) if len(frame.series) > 1 else None
    if len({mark.x for mark in marks}) <= _MOST_POINTS:
        shape = {**_of_series(frame, [each.shape for each in frame.drawn_as]), "legend": legend}
        point = {"type": "point", "filled": True, "opacity": 1, "size": 30}
        layers.append({"mark": point, "encoding": {"y": y, "shape": shape}})
    drawn = {
        "data": {"values": data(_apart(marks, frame, log=log_x) if levels else marks)},
        "encoding": {"x": x, "color": colour(frame, legend)},
        "layer": layers,
    }
    around = [*reference(frame, "y"), *_across_all("x", upright), *(_diagonal(marks) if diagonal else ())]
    return as_svg({"height": _HEIGHT, "layer": [*around, drawn]}, frame)


def _across(frame: Frame, at: Sequence[float]) -> Spec:
    """The axis of what lines go over. at: where its ticks are; anywhere if nowhere is named."""
    ticks: Spec = {"values": sorted(set(at))} if at else {"tickCount": 6}
    look = {"grid": False, "format": ",.4~r", "labelFlush": False, "labelOverlap": "greedy"}
    return {"title": frame.x_title or None, **look, **ticks}


def _apart(marks: Sequence[Mark], frame: Frame, *, log: bool) -> list[Mark]:
    """Marks moved along the axis, each series by another share of its length."""
    first, last = min(mark.x for mark in marks), max(mark.x for mark in marks)
    middle = (len(frame.series) - 1) / 2
    share = {name: _APART * (place - middle) for place, name in enumerate(frame.series)}
    if log:
        return [replace(mark, x=mark.x * (last / first) ** share[mark.series]) for mark in marks]
    return [replace(mark, x=mark.x + (last - first) * share[mark.series]) for mark in marks]


def _diagonal(marks: Sequence[Mark]) -> list[Spec]:
    ends = [min(mark.x for mark in marks), max(mark.x for mark in marks)]
    mark = {"type": "line", "color": MUTED, "strokeWidth": 1.2, "strokeDash": [4, 3]}
    along = [{"x": end, "y": end} for end in ends]
    return [{"data": {"values": along}, "mark": mark, "encoding": {"x": number("x"), "y": number("y")}}]


# --- what charts are made of -----------------------------------------------------------------------------------------

_BOUNDED: Spec = {"transform": [{"filter": "isValid(datum.low) && isValid(datum.high)"}]}


def as_svg(chart: Spec, frame: Frame) -> str:
    """The SVG of a chart in the style of all figures, as wide as all are, under its title."""
    over = {"text": wrap(frame.title, _TITLE), "subtitle": wrap(frame.subtitle, _SUBTITLE), "frame": "bounds"}
    fitted = {"width": WIDTH, "autosize": {"type": "fit-x", "contains": "padding"}}
    around = {"background": PAPER, "padding": 6, "config": _CONFIG, "title": over}
    return vlc.vegalite_to_svg({**fitted, **around, **chart}, vl_version=_VERSION)


def data(marks: Sequence[Mark]) -> list[dict[str, Any]]:
    """Marks as the rows of a chart's data."""
    return [{"series": m.series, "row": m.row, "x": m.x, "value": m.value, "low": m.low, "high": m.high} for m in marks]


def number(field: str, **settings: Any) -> Spec:
    """The encoding of a quantity."""
    return {"field": field, "type": "quantitative", **settings}


def values(frame: Frame, *, axis: Spec, log: bool = False) -> Spec:
    """The encoding of the values, within the frame's domain or whatever they need."""
    scale: Spec = {"zero": False, "nice": True}
    if frame.domain is not None:
        scale = {"zero": False, "domain": list(frame.domain), "nice": False}
    return number(
        "value",
        scale={**scale, **({"type": "log"} if log else {})},
        axis={**axis, "format": frame.format, "labelFlush": False},
    )


def colour(frame: Frame, legend: Spec | None = None) -> Spec:
    """The encoding of the series by colour."""
    return {**_of_series(frame, [each.light for each in frame.drawn_as]), "legend": legend}


def reference(frame: Frame, channel: str) -> list[Spec]:
    """A line across the whole plot at the frame's reference, if it has one."""
    return _across_all(channel, frame.reference)


def _of_series(frame: Frame, looks: Sequence[object]) -> Spec:
    return {"field": "series", "type": "nominal", "scale": {"domain": list(frame.series), "range": list(looks)}}


def _legend(names: Sequence[str], rows: Sequence[str] = ()) -> Spec:
    """Below the plot, which stands beside the labels of rows: in two columns where names have room, else one below the other."""
    beside = max((len(line) for row in rows for line in _lines(row)), default=_LEAST)
    room = int((WIDTH - min(_LETTER * beside, _LABELS)) / _LETTER) - _SIGN
    first, second = (max(map(len, names[place::2]), default=0) for place in (0, 1))
    in_lines = json.dumps({name: wrap(name, room) for name in names})
    columns = 2 if first + _SIGN + second <= room else 1
    return {"orient": "bottom", "columns": columns, "symbolOpacity": 1, "labelExpr": f"({in_lines})[datum.label]"}


def _across_all(channel: str, at: float | None) -> list[Spec]:
    if at is None:
        return []
    mark = {"type": "rule", "color": MUTED, "strokeWidth": 1.2, "strokeDash": [4, 3]}
    return [{"data": {"values": [{"at": at}]}, "mark": mark, "encoding": {channel: number("at")}}]
