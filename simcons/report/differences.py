"""One difference between two pipelines as sentences, tables and figures name it, and write its numbers."""

from __future__ import annotations

from simcons.analysis.resampling import Estimate
from simcons.experiments.compare.differences import MOST_GROUPS, Difference
from simcons.experiments.compare.measures import Measure, Unit

NAMES = {
    "agreement": "agreement",
    "lowest": "lowest agreement",
    "agreeing": "members who agree",
    "unanimous": "rounds in which all agree",
    "won": "rounds won less lost",
    "quality": "quality",
    "represented": "representation",
    "shown": "rounds with a statement",
}


def name_of(measure: Measure) -> str:
    """ "agreement", "true quality": true is what people hold before any noise, which no rating shows."""
    return f"{'true ' if measure.is_true else ''}{NAMES[measure.bare]}"


def size(value: float, unit: Unit) -> str:
    """ "0.10 points", "3%"."""
    return f"{value:.2f} points" if unit == "points" else f"{100 * value:.1f}".removesuffix(".0") + "%"


def verdict_of(row: Difference) -> str:
    """ "better", "equivalent, ±0.10", "undecided, ~340 groups"."""
    if row.verdict == "equivalent":
        return f"equivalent, ±{size(row.measure.margin, row.measure.unit).removesuffix(' points')}"
    if row.verdict != "undecided":
        return row.verdict
    if row.groups_needed is None:
        return f"undecided, >{MOST_GROUPS:,} groups"
    return f"undecided, ~{rounded(row.groups_needed):,} groups"


def rounded(groups: int) -> int:
    """To two digits, upwards: it is no exact number."""
    step = int(10 ** max(len(str(groups)) - 2, 0))
    return -(-groups // step) * step


def measure_label(row: Difference, *, arms: bool) -> str:
    """The measure, after its arm where there are several."""
    return f"{row.arm}, {name_of(row.measure)}" if arms else name_of(row.measure)


def cells(row: Difference) -> tuple[str, ...]:
    """Levels of base and change, their difference, and the verdict."""
    unit = row.measure.unit
    levels = (_level(row.base, unit), _level(row.change, unit))
    return (*levels, interval(row.difference, unit, with_unit=unit == "share"), verdict_of(row))


def _level(value: float, unit: Unit) -> str:
    return f"{value:.2f}" if unit == "points" else f"{value:.0%}"


def interval(estimate: Estimate, unit: Unit, *, with_unit: bool = True) -> str:
    """ "+0.31 [+0.21, +0.41] points"; the value alone where groups do not vary."""
    scale, end = (1, " points") if unit == "points" else (100, "%")
    places = 2 if unit == "points" else 1
    ends = [f"{scale * number:+z.{places}f}" for number in (estimate.value, *(estimate.interval or ()))]
    text = ends[0] if estimate.interval is None else f"{ends[0]} [{ends[1]}, {ends[2]}]"
    return f"{text}{end}" if with_unit else text
