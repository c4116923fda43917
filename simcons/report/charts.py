"""Panels drawn as SVG. No browser and no network is needed: vl-convert holds the renderer of Vega-Lite.

Charts are plain Vega-Lite specifications (https://vega.github.io/vega-lite/docs/): a report has more than a hundred, and building
them with Altair took longer than drawing them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import vl_convert as vlc

from simcons.report.labels import domain, spread
from simcons.report.palette import GRID, INK, MUTED, PAPER
from simcons.report.panels import Heatmap, Panel
from simcons.report.sweeps import Axis

Spec: TypeAlias = dict[str, Any]

WIDTH, HEIGHT = 250, 200  # of a plot, without titles and labels
_LABEL_GAP = 11.5
_ROW, _BETWEEN, _CELL = 6, 10, 34  # pixels: a rule in a category, between categories, a cell of a grid
_VERSION = "6.4"  # of Vega-Lite, so that figures stay as they are when vl-convert brings a newer one
_IN_TWO_LINES = "split(replace(datum.label, ' (', '|('), '|')"
# The bound on how far the best of N is from one draw: Gao, Schulman & Hilton (2023).
_WITH_KL = "[format(datum.value, '~g'), format(log(datum.value) - (datum.value - 1) / datum.value, '.1f')]"
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
    "legend": {"labelColor": INK, "labelFontSize": 10.5, "title": None, "symbolSize": 40},
}
_LEADING: Spec = {"transform": [{"filter": "datum.leads"}]}
_OTHERS: Spec = {"transform": [{"filter": "!datum.leads"}]}
_NAME: Spec = {"type": "nominal", "field": "name"}


def draw_panel(panel: Panel, axis: Axis, *, label: str) -> str:
    """The SVG of a panel: lines over a numeric axis, points by category over any other. label: what the sweep varies."""
    is_line = axis.is_number and len(axis.values) > 1
    chart = _lines(panel, axis, label) if is_line else _categories(panel, axis)
    which = "95% intervals of the strong lines" if panel.is_crowded and is_line else "with 95% intervals"
    return as_svg(chart, panel.measure.title, f"{panel.measure.unit}, {which}")


def draw_heatmap(grid: Heatmap) -> str:
    """The SVG of a grid: shares as numbers on cells that darken with them."""
    rows = [{"row": row, "column": column, "percent": 100 * share} for (row, column), share in grid.cells.items()]
    across = {"orient": "top", "labelAngle": -45, "title": None}
    down = {"title": None, "labelExpr": _IN_TWO_LINES}
    shade = {"domain": [0, 100], "range": ["#f1f4f6", "#1f5c7a"], "interpolate": "rgb"}
    number = {"condition": {"test": "datum.percent > 75", "value": "#fefefe"}, "value": "#111111"}
    chart = {
        "data": {"values": rows},
        "width": _CELL * len(grid.columns),
        "height": 0.8 * _CELL * len(grid.rows),
        "encoding": {
            "x": {"field": "column", "type": "nominal", "sort": list(grid.columns), "axis": across},
            "y": {"field": "row", "type": "nominal", "sort": list(grid.rows), "axis": down},
        },
        "layer": [
            {
                "mark": {"type": "rect", "stroke": PAPER},
                "encoding": {"color": _number("percent", scale=shade, legend=None)},
            },
            {
                "mark": {"type": "text", "fontSize": 10.5},
                "encoding": {"text": _number("percent", format=".0f"), "color": number},
            },
        ],
    }
    return as_svg(chart, grid.title, grid.subtitle)


def as_svg(chart: Spec, title: str, subtitle: str, *, whole: bool = False) -> str:
    """The SVG of a chart in the style of all figures, under its title. whole: that begins where labels do."""
    over = {"text": title, "subtitle": subtitle, **({"frame": "bounds"} if whole else {})}
    around = {"background": PAPER, "padding": 6, "config": _CONFIG, "title": over}
    return vlc.vegalite_to_svg({**chart, **around}, vl_version=_VERSION)


def _number(field: str, **settings: Any) -> Spec:
    return {"field": field, "type": "quantitative", **settings}


def _rows(panel: Panel) -> list[Spec]:
    scale = panel.measure.scale
    return [
        {
            "name": line.name,
            "value": point.value,
            "position": point.position,
            "estimate": point.estimate * scale,
            "low": point.interval and point.interval[0] * scale,
            "high": point.interval and point.interval[1] * scale,
            "leads": line.leads,
        }
        for line in panel.lines
        for point in line.points
    ]


def _lines(panel: Panel, axis: Axis, label: str) -> Spec:
    low, high = domain(panel)
    x = _number("position", scale=_horizontal(axis), axis=_horizontal_axis(panel, axis, label))
    y_axis = {"title": None, "tickCount": 5, "domain": False, "ticks": False, "labelPadding": 6}
    y = _number("estimate", scale={"domain": [low, high], "nice": False, "zero": False}, axis=y_axis)
    band = {"y": _number("low"), "y2": {"field": "high"}}
    dashed = {"y": y, "strokeDash": _dash(panel)}
    marks = [
        {**_OTHERS, "mark": {"type": "line", "strokeWidth": 1, "opacity": 0.7}, "encoding": dashed},
        {**_LEADING, "mark": {"type": "area", "opacity": 0.18}, "encoding": band},
        {**_LEADING, "mark": {"type": "line", "strokeWidth": 2.2}, "encoding": dashed},
        {**_LEADING, "mark": {"type": "point", "filled": True, "opacity": 1, "size": 20}, "encoding": {"y": y}},
    ]
    of_rules = {"data": {"values": _rows(panel)}, "encoding": {"x": x, "color": _colour(panel)}, "layer": marks}
    return {"width": WIDTH, "height": HEIGHT, "layer": [*_zero(panel, "y"), of_rules, _names(panel, low, high)]}


def _horizontal(axis: Axis) -> Spec:
    ends = [axis.positions[0], axis.positions[-1]]
    return {"type": "log" if axis.is_log else "linear", "domain": ends, "nice": False, "zero": False}


def _horizontal_axis(panel: Panel, axis: Axis, label: str) -> Spec:
    is_welfare = panel.measure.name == "welfare"
    return {
        "values": list(axis.positions),
        "title": [label, "below: bound on the KL divergence, nats"] if is_welfare else label,
        "grid": False,
        "labelOverlap": "greedy",
        "labelFlush": False,
        "labelAngle": 0,
        "labelExpr": _WITH_KL if is_welfare else "format(datum.value, '~g')",
    }


def _colour(panel: Panel, *, legend: bool = False) -> Spec:
    scale = {"domain": _all_names(panel), "range": [line.ink.light for line in panel.lines]}
    return {**_NAME, "scale": scale, **({} if legend else {"legend": None})}


def _dash(panel: Panel) -> Spec:
    scale = {"domain": _all_names(panel), "range": [list(line.ink.dash) or [1, 0] for line in panel.lines]}
    return {**_NAME, "scale": scale, "legend": None}


def _all_names(panel: Panel) -> list[str]:
    return [line.name for line in panel.lines]


def _zero(panel: Panel, channel: str) -> list[Spec]:
    """A line at no difference."""
    if panel.measure.kind != "difference":
        return []
    mark = {"type": "rule", "color": MUTED, "strokeWidth": 1.2}
    return [{"data": {"values": [{"zero": 0}]}, "mark": mark, "encoding": {channel: _number("zero")}}]


def _names(panel: Panel, low: float, high: float) -> Spec:
    """Names at the ends of lines, each tied to its line."""
    ends = [line.points[-1].estimate * panel.measure.scale for line in panel.lines]
    per_pixel = (high - low) / HEIGHT
    places = spread([(high - end) / per_pixel for end in ends], gap=_LABEL_GAP, limit=HEIGHT)
    rows = [
        {"name": line.name, "end": end, "place": high - place * per_pixel, "leads": line.leads}
        for line, end, place in zip(panel.lines, ends, places, strict=True)
    ]
    tie = {"x": {"value": WIDTH + 3}, "x2": {"value": WIDTH + 10}, "y": _number("end"), "y2": {"field": "place"}}
    name = {"x": {"value": WIDTH + 13}, "y": _number("place"), "text": _NAME}
    text = {"type": "text", "align": "left", "baseline": "middle", "fontSize": 10.5}
    return {
        "data": {"values": rows},
        "encoding": {"color": _colour(panel)},
        "layer": [
            {"mark": {"type": "rule", "opacity": 0.6}, "encoding": tie},
            {**_LEADING, "mark": {**text, "fontWeight": 700}, "encoding": name},
            {**_OTHERS, "mark": text, "encoding": name},
        ],
    }


def _categories(panel: Panel, axis: Axis) -> Spec:
    """Values as rows of a dot plot, in which rules keep their order; the intervals lie behind the dots."""
    names, values = _all_names(panel), _values(panel, axis)
    y_axis = {"title": None, "labelExpr": _IN_TWO_LINES, "ticks": False}
    y = {"field": "value", "type": "nominal", "sort": values, "axis": y_axis}
    x_axis = {"title": None, "tickCount": 5, "domain": False, "ticks": False}
    x = _number("estimate", scale={"domain": list(domain(panel)), "nice": False, "zero": False}, axis=x_axis)
    shape = {**_NAME, "scale": {"domain": names, "range": [line.ink.shape for line in panel.lines]}}
    interval = {"x": _number("low"), "x2": {"field": "high"}}
    of_rules = {
        "data": {"values": _rows(panel)},
        "encoding": {
            "y": y,
            "yOffset": {**_NAME, "sort": names, "scale": {"padding": 1}},
            "color": _colour(panel, legend=True),
        },
        "layer": [
            {"mark": {"type": "rule", "strokeWidth": 1.4}, "encoding": interval},
            {"mark": {"type": "point", "filled": True, "opacity": 1, "size": 30}, "encoding": {"x": x, "shape": shape}},
        ],
    }
    height = (len(names) * _ROW + _BETWEEN) * len(values)
    return {"width": WIDTH, "height": height, "layer": [_stripes(values), *_zero(panel, "x"), of_rules]}


def _values(panel: Panel, axis: Axis) -> list[str]:
    """The categories that the panel has points in."""
    there = {point.value for line in panel.lines for point in line.points}
    return [value for value in axis.values if value in there]


def _stripes(values: Sequence[str]) -> Spec:
    """Every second category stands on grey, so that dots are seen to belong together."""
    return {
        "data": {"values": [{"value": value, "grey": 0.35 * (k % 2)} for k, value in enumerate(values)]},
        "mark": {"type": "rect", "color": GRID},
        "encoding": {
            "y": {"field": "value", "type": "nominal", "sort": list(values)},
            "opacity": _number("grey", scale=None, legend=None),
        },
    }
