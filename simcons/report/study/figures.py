"""The figures of a study, chapter by chapter: what a paper on it would show, and nothing where there is no number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import isinf
from typing import get_args

from simcons.analysis.calibration_curve import CalibrationBin
from simcons.analysis.results import RUN, Analysis, Row
from simcons.report.charts import Frame, Mark, distributions, lines, numbers, points
from simcons.report.page import Figure
from simcons.scale import AGREEMENT, HIGHEST, LOWEST
from simcons.scenario.population_file import Education
from simcons.welfare.rules import label as rule_label

_MOST_PAIRS = 10  # of arms in a figure; of more, those with the first arm alone
_PERCENT = 100.0
_STAGES = {"opinions": "opinions", "candidates": "all candidates", "chosen": "chosen statements"}
_SOURCES = {"predicted": "as predicted", "rated": "as rated", "truth": "in truth"}
_BY = {"proxy": "as predicted", "rating": "as rated", "truth": "in truth"}
_AGREEMENT_OF_PASSES = {
    "exact": "same answer",
    "within_one": "within a point",
    "icc": "ICC",
    "alpha": "Krippendorff's α",
}
_SCREENS = {
    "screening": "screening questions",
    "consent": "consent",
    "lobby": "waiting in the lobby",
    "instructions": "instructions",
    "position": "position statement",
    "opinion": "writing the opinion",
    "wait_slate": "waiting for statements",
    "rating": "rating a statement",
    "ranking": "ranking the statements",
    "position_again": "position again",
    "wait_round": "waiting for the others",
    "debrief": "debriefing",
}
_COMPONENTS = ("statement", "person", "group", "rest")
_CELLS = ("sex", "age", "education")
_IN_ORDER = ("under 35", "35 to 54", "55 and over", *get_args(Education))

Places = Callable[[Row], str]


class Drawing:
    """The figures of an analysis. Rows of several runs are told apart by the run's label."""

    def __init__(self, analysis: Analysis, curves: Mapping[str, Sequence[CalibrationBin]]) -> None:
        self._analysis, self._curves = analysis, curves
        self._several = len(analysis.labels) > 1

    def arms(self) -> Iterator[Figure]:
        """Win rates, differences, rankings, distributions, and means by arm."""
        yield from self._pairs("win_rates", "Win rates", "% of rounds, ties half", scale=_PERCENT, reference=50)
        yield from self._pairs("arm_differences", "Difference in agreement", "points", scale=1, reference=0)
        ranked, unit = self._rows("rankings", measure="ahead"), "% of pairs of statements, ties half"
        yield from self._points("rankings", ranked, _pair, _run, "Ranked higher", unit, scale=_PERCENT, reference=50)
        yield from self._distributions()
        means = self._rows("rating_distributions", measure="mean")
        yield from self._points("means", means, self._arm, _key("scale"), "Mean rating", "points, 1 to 7")

    def divisiveness(self) -> Iterator[Figure]:
        """The position statement against the arms' statements."""
        for key, title, measures in (
            ("divided", "Statements that divide the group", ("position_divided", "divided")),
            ("unanimous", "Statements that all agree with", ("position_unanimous", "unanimous")),
        ):
            rows = [row for measure in measures for row in self._rows("divisiveness", measure=measure, subset="all")]
            yield from self._points(key, rows, self._arm, _before_and_after, title, "% of statements", scale=_PERCENT)
        measures = ("position_spread", "spread")
        spread = [row for name in measures for row in self._rows("divisiveness", measure=name, subset="divisive")]
        unit = "SD, points; in divisive rounds"
        yield from self._points(
            "spread", spread, self._arm, _before_and_after, "Spread of agreement in the group", unit
        )

    def exclusion(self) -> Iterator[Figure]:
        """Members left out against those whose opinion was used, and the smaller side at each stage of the mediator."""
        rows = [row for name in ("agreement", "quality") for row in self._rows("exclusion_effect", measure=name)]
        unit = "points: members used less members left out"
        yield from self._points(
            "effect", rows, self._omitted, lambda row: row.measure, "What it costs to be left out", unit, reference=0
        )
        for measure, key, title, unit, at in (
            ("weight", "minority", "Nearness to the smaller side", ".5: as near to both sides", 0.5),
            ("gap", "gap", "Agreement, smaller side less larger", "points", 0.0),
        ):
            of_arms = [row for row in self._rows("minority_weight", measure=measure) if "arm" in row.keys]
            yield from self._points(key, of_arms, self._labelled(_stage), _key("arm"), title, unit, reference=at)

    def reliability(self) -> Iterator[Figure]:
        """Agreement of people's ratings with their second ones, and shares of the variance."""
        rows = [
            row
            for measure in _AGREEMENT_OF_PASSES
            for row in self._rows("reliability", measure=measure, by="everybody")
        ]
        place = self._labelled(lambda row: _AGREEMENT_OF_PASSES[row.measure])
        yield from self._points(
            "retest", rows, place, _key("scale"), "First against second ratings", "share, or coefficient"
        )
        cells = [
            row for by in _CELLS for row in self._rows("reliability", measure="alpha", by=by, scale=AGREEMENT.name)
        ]
        cells.sort(key=_place_of_cell)
        yield from self._points(
            "cells", cells, _cell, _run, "Reliability of agreement by who rates", "Krippendorff's α"
        )
        shares = [row for name in _COMPONENTS for row in self._rows("variance_shares", measure=name)]
        component = self._labelled(lambda row: row.measure)
        yield from self._points(
            "variance",
            shares,
            component,
            _key("scale"),
            "Where ratings differ",
            "% of the variance of a rating",
            scale=_PERCENT,
        )

    def predictions(self) -> Iterator[Figure]:
        """Scorers against ratings and the truth, calibration, and the best of N."""
        accuracy = self._rows("scorer_accuracy", measure="pair_accuracy")
        versus = {"rating": "against ratings", "truth": "against the truth"}
        yield from self._points(
            "accuracy",
            accuracy,
            self._labelled(lambda row: str(row.keys["scorer"])),
            lambda row: versus[str(row.keys["versus"])],
            "Pairs of statements ordered right",
            "% of pairs",
            scale=_PERCENT,
            reference=50,
        )
        yield from self._calibration()
        yield from self._best_of_n()

    def alphas(self) -> Iterator[Figure]:
        """Welfare of realised ratings by the aversion to inequality, and inequality itself."""
        welfare = self._rows("realised_welfare", measure="welfare")
        yield from self._points(
            "welfare", welfare, self._labelled(_alpha), _key("arm"), "Welfare of the ratings given", "points"
        )
        gini = self._rows("realised_welfare", measure="gini")
        yield from self._points(
            "gini", gini, _key("arm"), _run, "Inequality of the ratings given", "Gini's coefficient"
        )

    def conduct(self) -> Iterator[Figure]:
        """Times on screens, and the spread of answers."""
        seconds = sorted(self._rows("response_times", measure="median_seconds"), key=_in_a_session)
        yield from self._points("screens", seconds, _screen, _run, "Time on a screen", "median, simulated seconds")
        outcomes = [row for row in self._rows("participation", measure="share") if "outcome" in row.keys]
        ending = _spaced("outcome")
        yield from self._points(
            "outcomes", outcomes, ending, _run, "How it ended", "% of people recruited", scale=_PERCENT
        )

    # --- rows and their names ---

    def _rows(self, name: str, **keys: str | int | float) -> list[Row]:
        """The rows with these keys; those that differ in nothing but the run stand beside one another."""
        result = self._analysis.results.get(name)
        rows = [] if result is None else [row for row in result.where(**keys).rows if row.estimate is not None]
        places = {what: place for place, what in enumerate(dict.fromkeys(map(_but_for_the_run, rows)))}
        return sorted(rows, key=lambda row: places[_but_for_the_run(row)])

    def _labelled(self, name: Places) -> Places:
        """``name``, with the run before it where there are several."""
        return (lambda row: f"{row.keys[RUN]}: {name(row)}") if self._several else name

    def _arm(self, row: Row) -> str:
        return self._labelled(lambda row: str(row.keys["arm"]))(row)

    def _omitted(self, row: Row) -> str:
        omitted = row.keys.get("omitted")
        return f"{self._arm(row)}, {omitted} left out" if omitted is not None else self._arm(row)

    # --- figures ---

    def _points(
        self,
        key: str,
        rows: Iterable[Row],
        place: Places,
        series: Places,
        title: str,
        unit: str,
        *,
        scale: float = 1.0,
        reference: float | None = None,
    ) -> Iterator[Figure]:
        there = [(row, row.estimate) for row in rows if row.estimate is not None]
        marks = [Mark.of(series(row), estimate, row=place(row), scale=scale) for row, estimate in there]
        if marks:
            names = list(dict.fromkeys(mark.series for mark in marks))
            frame = Frame(title, f"{unit}, 95% intervals", names, reference=reference)
            yield Figure(key, points(marks, frame), _in_words(title, unit, marks), numbers(marks, unit))

    def _pairs(self, name: str, title: str, unit: str, *, scale: float, reference: float) -> Iterator[Figure]:
        subsets = ("all",) if self._several else ("all", "divisive")
        rows = [
            row for subset in subsets for row in self._rows(name, scale=AGREEMENT.name, measure="mean", subset=subset)
        ]
        first = rows[0].keys["arm"] if rows else None
        if len({(row.keys["arm"], row.keys["against"]) for row in rows}) > _MOST_PAIRS:
            rows = [row for row in rows if first in (row.keys["arm"], row.keys["against"])]
        series = _run if self._several else lambda row: f"{row.keys['subset']} rounds"
        yield from self._points(name, rows, _pair, series, title, unit, scale=scale, reference=reference)

    def _distributions(self) -> Iterator[Figure]:
        shares: dict[str, list[float]] = {}
        for row in self._rows("rating_distributions", scale=AGREEMENT.name, measure="share"):
            if row.estimate is not None:
                shares.setdefault(self._arm(row), []).append(row.estimate.value)
        whole = {arm: of_arm for arm, of_arm in shares.items() if len(of_arm) == HIGHEST - LOWEST + 1}
        if whole:
            told = "; ".join(f"{arm} {', '.join(f'{share:.0%}' for share in of_arm)}" for arm, of_arm in whole.items())
            alt = f"Chart. Ratings of agreement by arm, shares of 1 to 7: {told}."
            drawn = distributions(whole, "Ratings of agreement", "share of answers 1 to 7")
            yield Figure("ratings", drawn, alt, [{"row": arm, **_by_answer(of_arm)} for arm, of_arm in whole.items()])

    def _calibration(self) -> Iterator[Figure]:
        marks = [
            Mark.of(f"{run}: {of_bin.scorer}" if self._several else of_bin.scorer, of_bin.rating, x=of_bin.score)
            for run, curve in self._curves.items()
            for of_bin in curve
        ]
        if len(marks) > 1:
            names = list(dict.fromkeys(mark.series for mark in marks))
            title = "Calibration" if len(names) > 1 else f"Calibration: {names[0]}"
            unit = "mean rating by predicted agreement, points"
            frame = Frame(
                title, f"{unit}, 95% intervals", names, x_title="predicted agreement (dashed: right on average)"
            )
            drawn = lines(marks, frame, diagonal=True)
            data = numbers(marks, unit, over="predicted")
            yield Figure("calibration", drawn, _in_words(title, unit, marks), data)

    def _best_of_n(self) -> Iterator[Figure]:
        rows = self._rows("best_of_n", measure="value")
        for arm in dict.fromkeys(map(self._arm, rows)):
            of_arm = [row for row in rows if self._arm(row) == arm]
            marks = [
                Mark.of(_BY[str(row.keys["by"])], row.estimate, x=float(row.keys["candidates"]))
                for row in of_arm
                if row.estimate is not None
            ]
            if len({mark.x for mark in marks}) < 2:
                continue
            title, unit = f"The best of N: {arm}", "mean agreement, points, 95% intervals"
            frame = Frame(title, unit, [*_BY.values()], x_title="candidates to choose from")
            key = f"best-of-n-{list(dict.fromkeys(map(self._arm, rows))).index(arm) + 1}"
            drawn, data = lines(marks, frame, log_x=True), numbers(marks, "points", over="candidates")
            yield Figure(key, drawn, _in_words(title, "points", marks), data)


def _but_for_the_run(row: Row) -> tuple[object, ...]:
    return (row.measure, *((name, key) for name, key in row.keys.items() if name != RUN))


def _stage(row: Row) -> str:
    source = _SOURCES.get(str(row.keys.get("by")), "")
    return f"{_STAGES.get(str(row.keys['stage']), row.keys['stage'])}, {source}"


def _by_answer(shares: Sequence[float]) -> dict[str, float]:
    return {f"share of {LOWEST + k}": share for k, share in enumerate(shares)}


def _key(name: str) -> Places:
    return lambda row: str(row.keys[name])


def _cell(row: Row) -> str:
    """Levels of education, some of which are called none and other, are named as such."""
    return f"{row.keys['by']}: {row.keys['cell']}" if row.keys["by"] == "education" else str(row.keys["cell"])


def _place_of_cell(row: Row) -> tuple[int, int]:
    """From young to old, from the highest education to none; what is not known there comes last, as it came."""
    name = str(row.keys["cell"])
    return _CELLS.index(str(row.keys["by"])), _IN_ORDER.index(name) if name in _IN_ORDER else len(_IN_ORDER)


def _screen(row: Row) -> str:
    name = str(row.keys["screen"])
    return _SCREENS.get(name, name.replace("_", " "))


def _in_a_session(row: Row) -> int:
    """The place of a screen in the order in which people see them; of one of a user's own, after the others."""
    order = list(_SCREENS)
    return order.index(str(row.keys["screen"])) if row.keys["screen"] in order else len(order)


def _spaced(name: str) -> Places:
    return lambda row: str(row.keys[name]).replace("_", " ")


def _pair(row: Row) -> str:
    return f"{row.keys['arm']} v. {row.keys['against']}"


def _run(row: Row) -> str:
    return str(row.keys[RUN])


def _before_and_after(row: Row) -> str:
    return "position statement" if row.measure.startswith("position") else "the arm's statements"


def _alpha(row: Row) -> str:
    alpha = float(row.keys["alpha"])
    name = rule_label(alpha)
    number = "∞" if isinf(alpha) else f"{alpha:g}"
    return f"α = {number}" if name.startswith("alpha") else f"{name} (α = {number})"


def _in_words(title: str, unit: str, marks: Sequence[Mark]) -> str:
    """A chart for those who cannot see it."""
    told = "; ".join(f"{mark.row or f'{mark.x:.3g}'}, {mark.series}: {mark.value:.3g}{_ends(mark)}" for mark in marks)
    return f"Chart. {title}, {unit}. {told}."


def _ends(mark: Mark) -> str:
    return "" if mark.low is None or mark.high is None else f" [{mark.low:.3g}, {mark.high:.3g}]"
