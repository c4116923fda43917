"""Measures of a round, by which two pipelines are compared, each with its unit and the difference that does not matter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from simcons.errors import InputError
from simcons.scale import AGREEMENT, HIGHEST, LOWEST, SCALES
from simcons.scenario.power import MarginSettings

Unit: TypeAlias = Literal["points", "share"]
TRUE = "true_"  # begins the names of measures that only the simulator knows
WON = "won"
_USUAL = MarginSettings()
_POINTS, _SHARE = ("points", "point"), ("%", "percent", "percentage points")
_MARGIN = re.compile(r"^\s*(-?[0-9]*\.?[0-9]+)\s*(.*?)\s*$")


@dataclass(frozen=True, slots=True)
class Measure:
    """A number of a round; more is better. margin: a difference that does not matter, in its unit; a share's is 0 to 1.

    In a round it is the mean over the statements that the arm shows; of each, over the group's members what it is called after.
    """

    name: str
    unit: Unit
    margin: float

    @property
    def is_true(self) -> bool:
        """True if it is no rating but what people hold, before any noise."""
        return self.name.startswith(TRUE)

    @property
    def bare(self) -> str:
        """Its name without what tells truth from ratings."""
        return self.name.removeprefix(TRUE)

    @property
    def range(self) -> float:
        """The greatest difference that there can be."""
        return float(HIGHEST - LOWEST) if self.unit == "points" else 1.0


# Of agreement; other scales have their mean alone.
_OF_RATINGS: Mapping[str, tuple[Unit, float]] = {
    AGREEMENT.name: ("points", _USUAL.mean),
    "lowest": ("points", _USUAL.lowest),
    "agreeing": ("share", _USUAL.agreeing),
    "unanimous": ("share", 0.05),
    WON: ("share", _USUAL.wins),
}
_OF_TRUTH = (AGREEMENT.name, "lowest", WON)
# Whether there was a statement: read where it is named, and where the two differ in it, as the others then leave rounds out.
SHOWN = Measure("shown", "share", 0.05)
FOR_SOME = (AGREEMENT.name, "agreeing")  # those that are told of the minority and the majority, too


def measures_for(scales: Sequence[str]) -> dict[str, Measure]:
    """By name, for studies that rate on these scales: those of ratings, then those of the truth."""
    of_scales = {name: Measure(name, "points", _USUAL.mean) for name in SCALES if name in scales}
    rated = {name: Measure(name, *about) for name, about in _OF_RATINGS.items()} | of_scales
    true = [measure for name, measure in rated.items() if name in _OF_TRUTH or name in of_scales]
    return rated | {f"{TRUE}{each.name}": Measure(f"{TRUE}{each.name}", each.unit, each.margin) for each in true}


def known_measures(names: Iterable[str], scales: Sequence[str]) -> list[Measure]:
    """The measures of these names, all but `SHOWN` where none is named. Raises InputError for one that there is not."""
    usual = measures_for(scales)
    there = {**usual, SHOWN.name: SHOWN}
    for name in names:
        if name not in there:
            raise InputError(f"measure {name!r}: expected one of {', '.join(there)}")
    return [there[name] for name in dict.fromkeys(names)] or list(usual.values())


def parse_margin(text: str, measure: Measure) -> float:
    """A margin such as "0.1 points" or "3%". Raises InputError for one without its unit, or of another one."""
    match = _MARGIN.match(text)
    units = _POINTS if measure.unit == "points" else _SHARE
    example = "'0.1 points'" if measure.unit == "points" else "'3%'"
    if match is None or match[2] not in units:
        raise InputError(
            f"margin of {measure.name}: value {text!r}: expected a number with its unit, such as {example}"
        )
    margin = float(match[1]) / (1 if measure.unit == "points" else 100)
    if not 0 < margin < measure.range:
        raise InputError(
            f"margin of {measure.name}: value {text!r}: expected more than nothing and less than the whole scale"
        )
    return margin
