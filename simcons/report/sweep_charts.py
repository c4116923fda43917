"""Panels of sweeps as SVG: lines that bear their names over numbers, points by category, and grids of shares."""

from __future__ import annotations

from dataclasses import replace

from simcons.report.charts import Frame, Mark, Spec, as_svg, colour, data, number, points, reference, values
from simcons.report.labels import domain, spread
from simcons.report.palette import INK, ON_STRONG, STRONG, ink
from simcons.report.panels import Heatmap, Line, Panel
from simcons.report.sweeps import Axis

_HEIGHT = 200  # of a plot, without titles and labels
_LABEL_GAP = 11.5
_CELL = 27  # pixels: the height of a cell of a grid
_DARK = 75  # per cent, above which numbers on cells are light
_IN_TWO_LINES = "split(replace(datum.label, ' (', '|('), '|')"
# The bound on how far the best of N is from one draw: Gao, Schulman & Hilton (2023).
_WITH_KL = "[format(datum.value, '~g'), format(log(datum.value) - (datum.value - 1) / datum.value, '.1f')]"


def draw_panel(panel: Panel, axis: Axis, *, label: str) -> str:
    """The SVG of a panel: lines over numbers, points by category, and by rule where there is one value. label: of the axis."""
    if axis.is_number and len(axis.values) > 1:
        of_which = "95% intervals of the strong lines" if panel.is_crowded else "95% intervals"
        return _lines(panel, axis, _frame(panel, of_which), label)
    marks = [mark for line in panel.lines for mark in panel_marks(panel, line)]
    if len(axis.values) == 1:
        return _by_rule(panel, _frame(panel, f"95% intervals; {label} {axis.values[0]}"))
    place = {value: k for k, value in enumerate(axis.values)}
    return points(sorted(marks, key=lambda mark: place[mark.row]), _frame(panel, "95% intervals"), named=True)


def panel_marks(panel: Panel, line: Line) -> list[Mark]:
    """The points of one line in the panel's unit."""
    scale = panel.measure.scale
    marks = []
    for point in line.points:
        low, high = (None, None) if point.interval is None else (scale * end for end in point.interval)
        marks.append(Mark(line.name, scale * point.estimate, low, high, row=point.value, x=point.position))
    return marks


def _frame(panel: Panel, of_which: str) -> Frame:
    return Frame(
        panel.measure.title,
        f"{panel.measure.unit}, {of_which}",
        [line.name for line in panel.lines],
        reference=0.0 if panel.measure.kind == "difference" else None,
        domain=domain(panel),
        inks=[line.ink for line in panel.lines],
    )


def _by_rule(panel: Panel, frame: Frame) -> str:
    """A row for each rule, also for those that share their numbers."""
    rules = {rule: line for line in panel.lines for rule in line.name.split(", ")}
    inks = [line.ink if rule == line.name else ink(rule) for rule, line in rules.items()]
    marks = [replace(mark, series=rule, row=rule) for rule, line in rules.items() for mark in panel_marks(panel, line)]
    return points(marks, replace(frame, series=list(rules), inks=inks))


# --- lines -----------------------------------------------------------------------------------------------------------


def _lines(panel: Panel, axis: Axis, frame: Frame, label: str) -> str:
    x = number("x", scale=_horizontal(axis), axis=_horizontal_axis(panel, axis, label))
    y = values(frame, axis={"title": None, "tickCount": 5, "domain": False, "ticks": False, "labelPadding": 6})
    strong = [mark for line in panel.lines if line.leads for mark in panel_marks(panel, line)]
    weak = [mark for line in panel.lines if not line.leads for mark in panel_marks(panel, line)]
    dashed = {"y": y, "strokeDash": _dash(panel)}
    band = {"y": number("low"), "y2": {"field": "high"}}
    of_strong: list[Spec] = [
        {"mark": {"type": "area", "opacity": 0.18}, "encoding": band},
        {"mark": {"type": "line", "strokeWidth": 2.2}, "encoding": dashed},
        {"mark": {"type": "point", "filled": True, "opacity": 1, "size": 20}, "encoding": {"y": y}},
    ]
    of_weak: list[Spec] = [{"mark": {"type": "line", "strokeWidth": 1, "opacity": 0.7}, "encoding": dashed}]
    drawn = [
        {"data": {"values": data(marks)}, "encoding": {"x": x, "color": colour(frame)}, "layer": layers}
        for marks, layers in ((weak, of_weak), (strong, of_strong))
        if marks
    ]
    return as_svg({"height": _HEIGHT, "layer": [*reference(frame, "y"), *drawn, _names(panel, frame)]}, frame)


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


def _dash(panel: Panel) -> Spec:
    names = [line.name for line in panel.lines]
    scale = {"domain": names, "range": [list(line.ink.dash) or [1, 0] for line in panel.lines]}
    return {"field": "series", "type": "nominal", "scale": scale, "legend": None}


def _names(panel: Panel, frame: Frame) -> Spec:
    """Names at the ends of lines, each tied to its line in its colour; those of strong lines are bold."""
    low, high = frame.domain or domain(panel)
    ends = [line.points[-1].estimate * panel.measure.scale for line in panel.lines]
    per_pixel = (high - low) / _HEIGHT
    places = spread([(high - end) / per_pixel for end in ends], gap=_LABEL_GAP, limit=_HEIGHT)
    rows = [
        {"series": line.name, "end": end, "place": high - place * per_pixel, "leads": line.leads}
        for line, end, place in zip(panel.lines, ends, places, strict=True)
    ]
    tie = {"x": _right(3), "x2": _right(10), "y": number("end"), "y2": {"field": "place"}}
    tie["color"] = colour(frame)
    name = {"x": _right(13), "y": number("place"), "text": {"type": "nominal", "field": "series"}}
    text = {"type": "text", "align": "left", "baseline": "middle", "fontSize": 10.5, "color": INK}
    bold: Spec = {"transform": [{"filter": "datum.leads"}], "mark": {**text, "fontWeight": 700}, "encoding": name}
    plain: Spec = {"transform": [{"filter": "!datum.leads"}], "mark": text, "encoding": name}
    return {
        "data": {"values": rows},
        "layer": [{"mark": {"type": "rule", "strokeWidth": 1.5}, "encoding": tie}, bold, plain],
    }


def _right(pixels: int) -> Spec:
    """A place to the right of the plot."""
    return {"value": {"expr": f"width + {pixels}"}}


# --- grids -----------------------------------------------------------------------------------------------------------


def draw_heatmap(grid: Heatmap) -> str:
    """The SVG of a grid: shares as numbers on cells that are the stronger, the larger they are."""
    rows = [{"row": row, "column": column, "percent": 100 * share} for (row, column), share in grid.cells.items()]
    across = {"orient": "top", "labelAngle": -45, "title": None, "labelColor": INK}
    down = {"title": None, "labelExpr": _IN_TWO_LINES, "labelColor": INK}
    strength = number("percent", scale={"domain": [0, 100], "range": [0.06, 1]}, legend=None)
    on_cell = {"condition": {"test": f"datum.percent > {_DARK}", "value": ON_STRONG}, "value": INK}
    cell: Spec = {"mark": {"type": "rect", "fill": STRONG}, "encoding": {"fillOpacity": strength}}
    text, apart = {"type": "text", "fontSize": 10.5}, {"padding": 0.04}
    chart = {
        "data": {"values": rows},
        "height": _CELL * len(grid.rows),
        "encoding": {
            "x": {"field": "column", "type": "nominal", "sort": list(grid.columns), "axis": across, "scale": apart},
            "y": {"field": "row", "type": "nominal", "sort": list(grid.rows), "axis": down, "scale": apart},
        },
        "layer": [cell, {"mark": text, "encoding": {"text": number("percent", format=".0f"), "color": on_cell}}],
    }
    return as_svg(chart, Frame(grid.title, grid.subtitle, []))
