"""The panels of a sweep's figure: one measure each, of all rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from simcons.report.palette import Ink, alpha_of, ink, ordered
from simcons.report.sweeps import Curve, Point, Sweep

UTILITARIAN, NASH, RAWLSIAN = "utilitarian", "Nash", "Rawlsian"
CANDIDATES = "candidates.number"  # the parameter whose sweep shows over-optimisation

MOST_BANDS = 4  # lines with intervals in one panel

MeasureKind: TypeAlias = Literal["share", "amount", "difference", "level"]


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure as panels and tables show it.

    kind: of a share and an amount the axis begins at 0, of a difference it contains 0, of a level neither.
    """

    name: str
    versus: str | None
    title: str
    kind: MeasureKind

    @property
    def unit(self) -> str:
        return "% of rounds" if self.kind == "share" else "points"

    @property
    def scale(self) -> float:
        """The factor that turns estimates into ``unit``."""
        return 100.0 if self.kind == "share" else 1.0


@dataclass(frozen=True, slots=True)
class Line:
    """Points under one name, and how they are drawn."""

    name: str
    ink: Ink
    points: tuple[Point, ...]
    leads: bool = True  # drawn strongly, with its intervals


@dataclass(frozen=True, slots=True)
class Panel:
    """A measure of several rules, in the order of rules."""

    key: str
    measure: Measure
    lines: tuple[Line, ...]

    @property
    def is_crowded(self) -> bool:
        """True if some of its lines stand back: bands of more than a handful cover each other."""
        return not all(line.leads for line in self.lines)


SHOWN = (
    Measure("strategist_gain", None, "Gain of those who misreport, against honest reports", "difference"),
    Measure("others_loss", None, "Loss of the others, against honest reports", "difference"),
    Measure("different_winner", UTILITARIAN, "Another statement than the utilitarian choice", "share"),
    Measure("different_by_map", None, "Another statement than under the first map", "share"),
    Measure("worst_off_gain", UTILITARIAN, "Lowest utility, gain over the utilitarian choice", "difference"),
    Measure("mean_cost", UTILITARIAN, "Mean utility, loss against the utilitarian choice", "difference"),
    Measure("rated_difference", UTILITARIAN, "Mean rating, gain over the utilitarian choice", "difference"),
    Measure("worst_off", None, "Lowest utility in the group", "level"),
    Measure("regret", UTILITARIAN, "Regret judged by the mean (utilitarian)", "amount"),
    Measure("regret", NASH, "Regret judged by the geometric mean (Nash)", "amount"),
    Measure("regret", RAWLSIAN, "Regret judged by the minimum (Rawlsian)", "amount"),
    Measure("minority_regret", None, "Smaller camp: loss against its best statement", "amount"),
    Measure("majority_regret", None, "Larger camp: loss against its best statement", "amount"),
)


def panels(sweep: Sweep) -> list[Panel]:
    """Those that the sweep has findings for."""
    shown = []
    in_grid = values_by_rule(sweep) is not None
    for measure in SHOWN:
        if in_grid and measure.name == "different_winner":
            continue
        versus = measure.versus or next(iter(sweep.versus(measure.name)), None)
        curves = {curve.rule: curve for curve in sweep.curves(measure.name, versus)}
        if curves:
            key = "-".join(word for word in (measure.name, versus if measure.name == "regret" else None) if word)
            shown.append(Panel(key, measure, _led(lines([curves[rule] for rule in ordered(curves)]))))
    return [*shown, *_over_optimisation(sweep)]


def lines(curves: Sequence[Curve]) -> tuple[Line, ...]:
    """Curves with the same numbers become one line, named after all of them: of two on top of each other one would be hidden."""
    names: dict[tuple[Point, ...], list[str]] = {}
    for curve in curves:
        names.setdefault(curve.points, []).append(curve.rule)
    return tuple(Line(", ".join(rules), ink(rules[0]), points) for points, rules in names.items())


def _led(drawn: tuple[Line, ...]) -> tuple[Line, ...]:
    """Of more than `MOST_BANDS` lines the utilitarian one, Nash and the one most averse to inequality lead."""
    if len(drawn) <= MOST_BANDS:
        return drawn
    family = [rule for line in drawn for rule in line.name.split(", ") if (alpha_of(rule) or 0) > 0]
    leading = {UTILITARIAN, NASH, *family[-1:]}
    marked = tuple(replace(line, leads=bool(leading & set(line.name.split(", ")))) for line in drawn)
    return marked if any(line.leads for line in marked) else drawn


def _over_optimisation(sweep: Sweep) -> Iterator[Panel]:
    """Predicted and true welfare of what isoelastic rules chose, by their own alpha."""
    if not sweep.parameter.endswith(CANDIDATES):
        return
    for rule in ordered(sweep.rules):
        predicted, true = (sweep.curve(name, rule) for name in ("proxy_welfare", "true_welfare"))
        if predicted is not None and true is not None and alpha_of(rule) is not None:
            title = f"Welfare of the {rule} choice, by its own measure"
            dashed = Line("predicted", replace(ink(rule), dash=(5, 3)), predicted.points)
            both = (dashed, Line("true", ink(rule), true.points))
            yield Panel(f"welfare-{rule.replace(' ', '-')}", Measure("welfare", rule, title, "level"), both)


@dataclass(frozen=True, slots=True)
class Heatmap:
    """Shares of rounds by row and column."""

    key: str
    title: str
    subtitle: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[tuple[str, str], float]


def pairs_of_rules(sweep: Sweep, value: str, *, label: str) -> Heatmap | None:
    """Shares in which each two rules choose differently at one value; None with fewer than three rules there."""
    rules = ordered(sweep.rules)
    cells = {
        (rule, other): point.estimate
        for rule in rules
        for other in rules
        if (curve := sweep.curve("different_winner", rule, other)) and (point := curve.at(value))
    }
    there = tuple(rule for rule in rules if any(rule in pair for pair in cells))
    if len(there) < 3:
        return None
    return Heatmap(
        "pairs",
        "Rounds in which two rules choose different statements",
        f"%, at {label} = {value}",
        there,
        there,
        cells,
    )


def values_by_rule(sweep: Sweep) -> Heatmap | None:
    """Shares in which rules choose otherwise than the utilitarian one, by category; None for numeric axes and single values."""
    by_rule = {curve.rule: curve for curve in sweep.curves("different_winner", UTILITARIAN)}
    if sweep.axis.is_number or len(sweep.axis.values) < 2 or not by_rule:
        return None
    cells = {(point.value, rule): point.estimate for rule, curve in by_rule.items() for point in curve.points}
    title = "Another statement than the utilitarian choice"
    return Heatmap("values", title, "% of rounds", sweep.axis.values, tuple(ordered(by_rule)), cells)
