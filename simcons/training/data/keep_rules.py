"""Rules by which statements are good enough to learn from: a rating that the mean over those who rated one has to reach."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from simcons.scale import HIGHEST, LOWEST, SCALES

EXPECTED = "`quality >= 6`, or `top 10% by quality within the study`"

_NUMBER = r"\d+(?:\.\d+)?"
_AT_LEAST = re.compile(rf"(?P<scale>\w+) ?>= ?(?P<least>{_NUMBER})")
_TOP = re.compile(rf"top (?P<percent>{_NUMBER}) ?% by (?P<scale>\w+) within the study")


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The same rating in every study."""

    scale: str
    least: float

    def threshold(self, ratings: Sequence[float]) -> float:
        """The rating that a statement has to reach. ratings: of all statements of one study, at least one."""
        return self.least

    def __str__(self) -> str:
        return f"{self.scale} >= {self.least:g}"


@dataclass(frozen=True, slots=True)
class TopShare:
    """The best of each study: as many as make up the share, and those that are as good as the last of them."""

    scale: str
    percent: float

    def threshold(self, ratings: Sequence[float]) -> float:
        """The rating that a statement has to reach. ratings: of all statements of one study, at least one."""
        n_best = math.ceil(len(ratings) * self.percent / 100)
        return sorted(ratings, reverse=True)[n_best - 1]

    def __str__(self) -> str:
        return f"top {self.percent:g}% by {self.scale} within the study"


KeepRule: TypeAlias = AtLeast | TopShare


def parse_keep_rule(text: str) -> KeepRule:
    """The rule that is written so. Raises ValueError with what was expected."""
    words = " ".join(text.split())
    if match := _AT_LEAST.fullmatch(words):
        least = float(match["least"])
        if not LOWEST <= least <= HIGHEST:
            raise ValueError(f"{match['least']}: expected a rating from {LOWEST} to {HIGHEST}")
        return AtLeast(_scale(match["scale"]), least)
    if match := _TOP.fullmatch(words):
        percent = float(match["percent"])
        if not 0 < percent <= 100:
            raise ValueError(f"{match['percent']}%: expected more than 0% and at most 100%")
        return TopShare(_scale(match["scale"]), percent)
    raise ValueError(f"expected {EXPECTED}")


def _scale(name: str) -> str:
    if name not in SCALES:
        raise ValueError(f"scale {name!r}: expected one of {', '.join(SCALES)}")
    return name
