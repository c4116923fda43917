"""Figures: axes that hold what is drawn, labels that do not cover each other, colours that can be told apart, and valid SVG."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted import along, finding, sweep

from simcons.report.charts import WIDTH, Frame, Mark, distributions, points
from simcons.report.charts import lines as lines_over
from simcons.report.figure_sheet import png, sheet, size
from simcons.report.labels import domain, spread
from simcons.report.palette import DARK, GRID, PAPER, alpha_of, ink, inks, ordered, page_colours
from simcons.report.panels import Line, Measure, Panel, lines, pairs_of_rules, panels, values_by_rule
from simcons.report.sweep_charts import draw_heatmap, draw_panel
from simcons.report.sweeps import Point, sweeps

RULES = ["utilitarian", "alpha 0.5", "Nash", "alpha 2", "Rawlsian", "leximin", "Schulze", "Borda", "approval"]


def panel_of(numbers, kind="level", half=0.1):
    points = tuple(
        Point(str(k), float(k), n, None if half is None else (n - half, n + half), 10) for k, n in enumerate(numbers)
    )
    return Panel("p", Measure("m", None, "title", kind), (Line("Nash", ink("Nash"), points),))


def words_in(svg):
    """Texts, line by line."""
    return [
        element.text
        for element in ET.fromstring(svg).iter()
        if element.tag.endswith(("text", "tspan")) and element.text
    ]


@given(
    st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=8), st.sampled_from(["level", "amount", "difference", "share"])
)
def test_the_axis_holds_every_interval_and_is_not_empty(numbers, kind):
    panel = panel_of(numbers, kind)
    low, high = domain(panel)
    scale = panel.measure.scale
    assert low < high
    assert low - 1e-6 * (high - low) <= scale * (min(numbers) - 0.1)
    assert high + 1e-6 * (high - low) >= scale * (max(numbers) + 0.1)
    if kind != "level":
        assert low <= 0 <= high


def test_axis_by_hand():
    assert domain(panel_of([0.31, 0.88])) == pytest.approx((0.2, 1.0))  # 0.21 to 0.98 in steps of 0.2
    assert domain(panel_of([0.31, 0.88], "share")) == pytest.approx((0, 100))
    assert domain(panel_of([3.0], half=0.0)) == pytest.approx((2, 4))
    assert domain(panel_of([0.0], "amount", half=None)) == pytest.approx((0, 1))


@given(st.lists(st.floats(0, 200), min_size=1, max_size=12))
def test_labels_keep_their_distance_their_order_and_the_plot(heights):
    placed = spread(heights, gap=11.5, limit=200)
    order = np.argsort(heights, kind="stable")
    gaps = np.diff(np.asarray(placed)[order])
    assert (gaps >= 11.5 - 1e-9).all()
    assert min(placed) >= -1e-9
    assert max(placed) <= 200 + 1e-9


def test_labels_with_room_stay_where_they_are():
    assert spread([10, 150, 60], gap=11.5, limit=200) == [10, 150, 60]
    assert spread([200, 200], gap=10, limit=200) == [190, 200]


def test_rules_are_in_the_order_of_alpha_then_the_comparators():
    assert ordered(["my rule", "approval", "Schulze", "Rawlsian", "alpha 0.5", "leximin", "utilitarian", "Nash"]) == [
        "utilitarian", "alpha 0.5", "Nash", "Rawlsian", "leximin", "Schulze", "approval", "my rule",
    ]  # fmt: skip


def linear(colour):
    channels = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def luminance(colour):
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("rule", [*RULES, "my rule"])
@pytest.mark.parametrize(("shade", "paper"), [("light", PAPER), ("dark", DARK[PAPER])])
def test_lines_stand_out_from_the_page(rule, shade, paper):
    """A contrast of 3:1, as WCAG 2.2 (1.4.11) asks of graphics."""
    a, b = sorted([luminance(getattr(ink(rule), shade)), luminance(paper)])
    assert (b + 0.05) / (a + 0.05) >= 3


@pytest.mark.parametrize(("shade", "paper"), [("light", PAPER), ("dark", DARK[PAPER])])
def test_arms_stand_out_from_the_page_too(shade, paper):
    for arm in inks(8):
        a, b = sorted([luminance(getattr(arm, shade)), luminance(paper)])
        assert (b + 0.05) / (a + 0.05) >= 3
    assert len({arm.shape for arm in inks(8)}) == 8
    assert inks(9)[8] == inks(9)[0]


def test_no_colour_of_a_page_has_two_dark_ones():
    lights = [light for light, _ in page_colours(RULES)]
    assert len(lights) == len(set(lights))
    assert dict(page_colours(RULES)) == {**dict(page_colours()), **{ink(rule).light: ink(rule).dark for rule in RULES}}


@pytest.mark.parametrize(("shade", "darkens"), [("light", True), ("dark", False)])
def test_the_family_moves_away_from_the_page_with_alpha(shade, darkens):
    rules = [*(f"alpha {alpha}" for alpha in [0, 0.1, 0.5, 1, 2, 5, 100]), "Rawlsian"]
    shades = [luminance(getattr(ink(rule), shade)) for rule in rules]
    assert shades == sorted(set(shades), reverse=darkens)


# Machado, Oliveira & Fernandes (2009), severity 1, on linear RGB.
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]]
    ),
}


def lab(colour, matrix):
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    seen = xyz @ np.clip(matrix @ linear(colour), 0, 1) / [0.9505, 1, 1.089]
    f = np.where(seen > 216 / 24389, np.cbrt(seen), (24389 / 27 * seen + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize("shade", ["light", "dark"])
def test_two_rules_differ_in_colour_or_in_dash_and_point(blindness, shade):
    """In colour: eight units of CIE Lab; 2.3 can just be seen (Mahy et al. 1994)."""
    for a, b in combinations(map(ink, RULES), 2):
        gap = np.linalg.norm(
            lab(getattr(a, shade), BLINDNESS[blindness]) - lab(getattr(b, shade), BLINDNESS[blindness])
        )
        assert gap > 8 or (a.dash != b.dash and a.shape != b.shape)


def test_rules_with_the_same_numbers_share_a_line():
    rows = [
        *along("tied", {"0": 0.1, "1": 0.2}),
        *along("tied", {"0": 0.1, "1": 0.2}, rule="leximin"),
        *along("tied", {"0": 0.1}, rule="Borda"),
    ]
    (found,) = sweeps(rows)
    assert [line.name for line in lines(found.curves("tied"))] == ["Nash, leximin", "Borda"]


@pytest.mark.parametrize("values", [["0", "1", "2"], ["1", "10", "100"], ["2"]])
def test_every_panel_of_a_numeric_sweep_is_drawn_with_its_rules_and_axis(values):
    (found,) = sweeps(sweep("noise", values))
    assert [panel.key for panel in panels(found)] == [
        "different_winner", "worst_off_gain", "mean_cost", "worst_off", "regret-utilitarian", "regret-Nash", "regret-Rawlsian",
        "minority_regret",
    ]  # fmt: skip
    for panel in panels(found):
        shown = words_in(draw_panel(panel, found.axis, label="noise of scores"))
        assert panel.measure.title in shown
        names = {line.name for line in panel.lines}
        assert (names if len(values) > 1 else {rule for name in names for rule in name.split(", ")}) <= set(shown)
        if len(values) > 1:
            assert {*values, "noise of scores"} <= set(shown)
        else:
            assert f"{panel.measure.unit}, 95% intervals; noise of scores {values[0]}" in shown


def test_a_crowded_panel_has_bands_of_its_leading_rules_alone():
    """Nine rules: bands of utilitarian, Nash and the most averse; all are drawn and named. Up to four rules all have theirs."""
    rows = [row for k, rule in enumerate(RULES) for row in along("worst_off", {"0": 3 + k, "1": 4 + k}, rule=rule)]
    (found,) = sweeps(rows)
    (panel,) = panels(found)
    averse = max((rule for rule in RULES if alpha_of(rule) is not None), key=alpha_of)
    assert {line.name for line in panel.lines if line.leads} == {"utilitarian", "Nash", averse}
    drawing = draw_panel(panel, found.axis, label="x")
    assert drawing.count('fill-opacity="0.18"') + drawing.count('opacity="0.18"') == 3
    assert set(RULES) <= set(words_in(drawing))
    assert "points, 95% intervals of the strong lines" in words_in(drawing)
    (few,) = sweeps([row for rule in RULES[:4] for row in along("worst_off", {"0": 3, "1": 4 + len(rule)}, rule=rule)])
    assert not panels(few)[0].is_crowded
    assert "points, 95% intervals" in words_in(draw_panel(panels(few)[0], few.axis, label="x"))


def test_categories_are_rows_and_their_winners_a_grid():
    (found,) = sweeps(sweep("map", ["likert", "exp (temperature 1)"], numbers=False))
    assert "different_winner" not in [panel.key for panel in panels(found)]
    shown = words_in(draw_panel(panels(found)[0], found.axis, label="map"))
    assert {"likert", "exp (temperature 1)", "Nash", "Rawlsian"} <= set(shown)
    grid = values_by_rule(found)
    assert grid.columns == ("Nash", "Rawlsian")
    share = found.curve("different_winner", "Nash", "utilitarian").at("exp (temperature 1)").estimate
    assert f"{100 * share:.0f}" in words_in(draw_heatmap(grid))


@pytest.mark.parametrize("values", [{"likert": 4.2, "exp": 4.6}, {"0": 4.2, "1": 4.6}, {"0": 4.2}])
def test_an_axis_of_levels_begins_where_they_do(values):
    (found,) = sweeps([*along("worst_off", values), *along("worst_off", dict.fromkeys(values, 4.8), rule="Borda")])
    drawn = words_in(draw_panel(panels(found)[0], found.axis, label="map"))
    numbers = [float(word) for word in drawn if re.fullmatch(r"[\d.]+", word) and word not in values]
    assert min(numbers) >= 4


def test_pairs_of_rules_need_three():
    (found,) = sweeps(sweep("noise", ["0", "1"]))
    grid = pairs_of_rules(found, "1", label="noise")
    assert grid.rows == grid.columns == ("utilitarian", "Nash", "Rawlsian")
    assert grid.cells["Nash", "Rawlsian"] == grid.cells["Rawlsian", "Nash"] > 0
    (two,) = sweeps(along("different_winner", {"0": 0.1}, versus="utilitarian"))
    assert pairs_of_rules(two, "0", label="noise") is None


@pytest.mark.parametrize("values", [{"0": 3.0, "1": 4.0}, {"likert": 3.0, "exp": 4.0}, {"0": 3.0}])
def test_a_missing_interval_is_not_drawn_and_breaks_nothing(values):
    (found,) = sweeps(along("worst_off", values, half=None))
    (panel,) = panels(found)
    assert "NaN" not in draw_panel(panel, found.axis, label="noise")


def marks_of(*series, rows=("first", "second")):
    return [Mark(name, k + 0.1 * place, k - 0.1, k + 0.2, row=row, x=10.0**place)
            for k, name in enumerate(series) for place, row in enumerate(rows)]  # fmt: skip


def test_points_in_a_row_are_told_apart_by_a_legend_and_stripes_and_a_single_series_needs_none():
    """Below them are the names of several series; of one only where that is asked for."""
    several = points(marks_of("rated", "true"), Frame("Agreement", "points", ["rated", "true"], reference=0.5))
    assert {"rated", "true", "first", "second", "Agreement"} <= set(words_in(several))
    assert several.count(f'fill="{GRID}"') == 2  # a stripe a row, of which the first is transparent
    assert "stroke-dasharray" in several
    alone = Frame("Agreement", "points", ["rated"])
    assert "rated" not in words_in(points(marks_of("rated"), alone))
    assert "rated" in words_in(points(marks_of("rated"), alone, named=True))


def test_long_labels_of_rows_go_on_in_further_lines():
    rows = (
        "reader, statements of the fine-tuned writer",
        "reader, all candidates, again",
        "a rule v. another rule (5)",
    )
    shown = words_in(points(marks_of("rated", rows=rows), Frame("Pairs", "%", ["rated"])))
    assert {"reader", "statements of the fine-tuned writer", "all candidates", "again"} <= set(shown)
    assert {"a rule", "v. another rule", "(5)"} <= set(shown)


def test_lines_name_their_axis_and_mark_a_place_along_it():
    frame = Frame("Loss", "held out", ["training", "held out"], x_title="step")
    drawn = lines_over(marks_of("training", "held out"), frame, upright=5)
    assert {"training", "held out", "step", "Loss"} <= set(words_in(drawn))
    assert drawn.count("stroke-dasharray") == 1
    assert lines_over(marks_of("training"), frame, log_x=True, diagonal=True).count("stroke-dasharray") == 1


def test_over_optimisation_shows_both_welfares_and_the_divergence():
    where = {"parameter": "world.candidates.number", "rule": "utilitarian"}
    rows = [
        *along("proxy_welfare", {"1": 5.0, "4": 6.0}, **where),
        *along("true_welfare", {"1": 5.0, "4": 5.2}, **where),
    ]
    (found,) = sweeps(rows)
    (panel,) = panels(found)
    shown = words_in(draw_panel(panel, found.axis, label="candidates"))
    assert {"predicted", "true"} <= set(shown)
    assert f"{math.log(4) - 3 / 4:.1f}" in shown


def test_a_sheet_holds_all_drawings_side_by_side_and_becomes_a_png_of_its_size():
    drawing = draw_panel(panel_of([1, 2]), sweeps(along("tied", {"0": 0, "1": 1}))[0].axis, label="x")
    width, height = size(drawing)
    together = sheet([drawing] * 4)
    assert size(together) == (3 * width, 2 * height)
    assert len(ET.fromstring(together)) == 1 + 4  # the paper, and the drawings
    image = png(together)
    assert image.startswith(b"\x89PNG")
    across, down = (int.from_bytes(image[k : k + 4], "big") for k in (16, 20))
    assert (across, down) == pytest.approx((1.5 * 3 * width, 1.5 * 2 * height), abs=1)


def test_size_needs_a_size():
    with pytest.raises(ValueError, match=r"svg '<svg>': expected a width and a height"):
        size("<svg>")


def test_one_rule_in_one_condition():
    (found,) = sweeps([finding("worst_off", 3.0)])
    assert "Nash" in words_in(draw_panel(panels(found)[0], found.axis, label="noise"))


LONG = "alpha 0.5, Nash, alpha 2, Rawlsian, leximin, Schulze, Borda and all others"


@pytest.mark.parametrize("row", ["short", "a label of a row, in two lines: of which one is long"])
def test_figures_have_one_width_and_all_that_is_written_around_them_is_whole(row):
    marks = [Mark(name, k, k - 1, k + 1, row=row, x=k) for k, name in enumerate([LONG, "approval"])]
    frame = Frame(f"Lowest utility of {LONG}", "points of a scale, " * 6, [LONG, "approval"], x_title="x")
    for svg in (
        points(marks, frame),
        lines_over([*marks, *marks[::-1]], frame),
        distributions({row: [1 / 7] * 7}, LONG, ""),
    ):
        words = words_in(svg)
        assert size(svg)[0] == WIDTH
        assert "…" not in " ".join(words)
        assert set(LONG.split()) <= {word for text in words for word in text.split()}
        assert max(map(len, words)) <= 72
