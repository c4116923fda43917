"""Rules by which statements are good enough to learn from: a rating that the mean over those who rated one has to reach."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TypeAlias

from simcons.scale import HIGHEST, LOWEST, SCALES

EXPECTED = (
    "`quality >= 6`, `top 10% by quality within the study`, or `top 10% by agreement above the mean of its round`"
)

_IN_STUDY = "within the study"
_ABOVE_ROUND = "above the mean of its round"
_NUMBER = r"\d+(?:\.\d+)?"
_AT_LEAST = re.compile(rf"(?P<scale>\w+) ?>= ?(?P<least>{_NUMBER})")
_TOP = re.compile(rf"top (?P<percent>{_NUMBER}) ?% by (?P<scale>\w+) (?P<of>{_IN_STUDY}|{_ABOVE_ROUND})")


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The same rating in every study."""

    scale: str
    least: float

    def kept(self, ratings: Sequence[float], rounds: Sequence[str]) -> list[bool]:
        """Whether each statement of one study is kept. ratings: the mean of each; rounds: of which each one is."""
        return [rating >= self.least for rating in ratings]

    def __str__(self) -> str:
        return f"{self.scale} >= {self.least:g}"


@dataclass(frozen=True, slots=True)
class TopShare:
    """The best of each study: as many as make up the share, and those that are as good as the last of them.

    above_round: best by what the rating is above the mean of all statements of its round. Some questions and groups agree more
    than others whatever is written: that teaches nothing.
    """

    scale: str
    percent: float
    above_round: bool = False

    def kept(self, ratings: Sequence[float], rounds: Sequence[str]) -> list[bool]:
        """Whether each statement of one study is kept. ratings: the mean of each; rounds: of which each one is."""
        if not len(ratings):
            return []
        merits = _above_rounds(ratings, rounds) if self.above_round else list(ratings)
        n_best = math.ceil(len(merits) * self.percent / 100)
        least = sorted(merits, reverse=True)[n_best - 1]
        return [merit >= least for merit in merits]

    def __str__(self) -> str:
        return f"top {self.percent:g}% by {self.scale} {_ABOVE_ROUND if self.above_round else _IN_STUDY}"


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
        return TopShare(_scale(match["scale"]), percent, match["of"] == _ABOVE_ROUND)
    raise ValueError(f"expected {EXPECTED}")


def _above_rounds(ratings: Sequence[float], rounds: Sequence[str]) -> list[float]:
    """What each rating is above the mean of its round; rounded, so that equal merits are equal."""
    by_round = defaultdict(list)
    for name, rating in zip(rounds, ratings, strict=True):
        by_round[name].append(rating)
    return [round(rating - fmean(by_round[name]), 9) for name, rating in zip(rounds, ratings, strict=True)]


def _scale(name: str) -> str:
    if name not in SCALES:
        raise ValueError(f"scale {name!r}: expected one of {', '.join(SCALES)}")
    return name
