"""How well a language model plays people, in figures: what its answers to held-out questions have to do with the people's own."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import fmean
from typing import TypeAlias

import numpy as np

from simcons.actors.playing import Condition, Opinion, Played, Rating
from simcons.analysis.resampling import Estimate, mean, statistic, sums_by_group
from simcons.arrays import Floats
from simcons.scale import MIDPOINT
from simcons.training.data.persona import Source

_FEWEST = 3  # ratings of a person that may all be alike
_TORN = 0.5  # points from the midpoint: who is nearer has taken no side


@dataclass(frozen=True, slots=True)
class OpinionMeasures:
    """Of the opinions of one model. unusable: by the reason, as the mind would say it; cut_off: ran out of tokens."""

    n: int
    unusable: dict[str, int]
    cut_off: int
    words: float | None
    seconds: float


@dataclass(frozen=True, slots=True)
class RatingMeasures:
    """Of a model's ratings in place of people of one source, on one act, where there are any.

    r: correlation with what the people gave; r_other: the same where the prompt tells another person of the same question.
    r_within: of both less their means on the question. sd, sd_people: of the model's values and of the people's.
    retest_sd: of an answer from one order of the options to the other, as of two ratings. straight: share of people whose
    answers are all nearest to one point, and of the people's own, straight_people. mass: mean probability of the options.
    Intervals are over groups.
    """

    source: Source
    act: str
    n: int
    r: Estimate | None
    r_other: Estimate | None
    r_within: Estimate | None
    sd: float
    sd_people: float
    retest_sd: float | None
    straight: float | None
    straight_people: float | None
    mass: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Measures:
    """Of one model. negated: share of people with a side whose agreement moves the right way from position to negation."""

    opinions: OpinionMeasures
    ratings: tuple[RatingMeasures, ...]
    negated: Estimate | None


def measures(played: Played) -> Measures:
    """All figures of what a model answered."""
    kinds = sorted({(rating.source, rating.act) for rating in played.ratings if rating.condition == "own"})
    return Measures(
        _of_opinions(played.opinions),
        tuple(_of_ratings(played.ratings, source, act) for source, act in kinds),
        _negated(played.ratings),
    )


def correlation(first: Sequence[float], second: Sequence[float], groups: Sequence[str]) -> Estimate | None:
    """Pearson's r of two numbers a row, with its interval over groups; None where either does not vary."""
    if len(first) < _FEWEST:
        return None
    x, y = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    x, y = x - x.mean(), y - y.mean()  # so that sums of squares are of the order of what varies
    place = np.unique(groups, return_inverse=True)[1]
    found = statistic(_r, sums_by_group([np.ones_like(x), x, y, x * x, y * y, x * y], place))
    return found.within(-1, 1) if found is not None and isfinite(found.value) else None


def _r(sums: Floats) -> Floats:
    n, x, y, xx, yy, xy = np.moveaxis(sums, -1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((xy - x * y / n) / np.sqrt((xx - x * x / n) * (yy - y * y / n)))


# --- opinions ----------------------------------------------------------------------------------------------------


def _of_opinions(opinions: Sequence[Opinion]) -> OpinionMeasures:
    return OpinionMeasures(
        n=len(opinions),
        unusable=dict(sorted(Counter(opinion.reason for opinion in opinions if opinion.reason).items())),
        cut_off=sum(opinion.cut_off for opinion in opinions),
        words=fmean(len(opinion.text.split()) for opinion in opinions) if opinions else None,
        seconds=_mean(opinion.seconds for opinion in opinions),
    )


# --- ratings -----------------------------------------------------------------------------------------------------

Key: TypeAlias = tuple[str, str, str]


def _of_ratings(ratings: Sequence[Rating], source: Source, act: str) -> RatingMeasures:
    here = [rating for rating in ratings if rating.source == source and rating.act == act]
    own, other, listed = (_under(here, name) for name in ("own", "other person", "other listing"))
    return RatingMeasures(
        source=source,
        act=act,
        n=len(own),
        r=_with_people(own),
        r_other=_with_people(other),
        r_within=_with_people(own, within=True),
        sd=float(np.std([rating.value for rating in own])),
        sd_people=float(np.std([_given(rating) for rating in own])),
        retest_sd=_retest_sd(own, listed),
        straight=straight_liners(own, lambda rating: rating.value),
        straight_people=straight_liners(own, _given),
        mass=_mean(rating.mass for rating in own),
        seconds=_mean(rating.seconds for rating in own),
    )


def _under(ratings: Iterable[Rating], condition: Condition) -> list[Rating]:
    return [rating for rating in ratings if rating.condition == condition and rating.given is not None]


def _with_people(ratings: Sequence[Rating], *, within: bool = False) -> Estimate | None:
    values, given = [rating.value for rating in ratings], [_given(rating) for rating in ratings]
    if within:
        values, given = (_less_means(column, [rating.question for rating in ratings]) for column in (values, given))
    return correlation(values, given, [rating.group for rating in ratings])


def _given(rating: Rating) -> float:
    """What the person answered, of a rating that they were asked for."""
    return MIDPOINT if rating.given is None else rating.given


def _less_means(values: Sequence[float], questions: Sequence[str]) -> list[float]:
    by_question = defaultdict(list)
    for question, value in zip(questions, values, strict=True):
        by_question[question].append(value)
    return [value - fmean(by_question[question]) for question, value in zip(questions, values, strict=True)]


def _retest_sd(own: Sequence[Rating], listed: Sequence[Rating]) -> float | None:
    again = {_key(rating): rating.value for rating in listed}
    differences = [rating.value - again[_key(rating)] for rating in own if _key(rating) in again]
    return float(np.sqrt(np.mean(np.square(differences)) / 2)) if differences else None


def _key(rating: Rating) -> Key:
    return rating.person, rating.act, rating.statement


def straight_liners(ratings: Sequence[Rating], value: Callable[[Rating], float]) -> float | None:
    """The share of people with three ratings or more whose values are all nearest to one point; None where nobody has so many."""
    by_person = defaultdict(list)
    for rating in ratings:
        by_person[rating.person].append(np.floor(value(rating) + 0.5))
    judged = [len(set(values)) == 1 for values in by_person.values() if len(values) >= _FEWEST]
    return fmean(judged) if judged else None


def _negated(ratings: Sequence[Rating]) -> Estimate | None:
    """Of people with a side; not to move at all is half right. The interval is over groups."""
    position, negation = (
        {rating.person: rating for rating in ratings if rating.condition == name} for name in ("position", "negation")
    )
    sides = {who: _side(rating) for who, rating in position.items() if abs(_side(rating)) > _TORN}
    if not sides:
        return None
    moved = {who: position[who].value - negation[who].value for who in sides}
    right = [(np.sign(moved[who] * side) + 1) / 2 for who, side in sides.items()]
    groups = np.unique([position[who].group for who in sides], return_inverse=True)[1]
    return mean(right, groups, share=True)


def _side(rating: Rating) -> float:
    """The person's position in points from the midpoint, which is where one stands of whom it is not known."""
    return 0.0 if rating.position is None else rating.position - MIDPOINT


def _mean(values: Iterable[float]) -> float:
    return float(np.mean([*values] or [0.0]))
