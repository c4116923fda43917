"""What is compared of a crowd: its answers on one scale, in the points of the people's own, and how they were given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simcons.analysis.belief.baselines import baselines, correlations, rated_opinions
from simcons.analysis.belief.correlations import Correlation, Rated
from simcons.analysis.belief.effects import Effect, effects
from simcons.analysis.belief.minds import Judgements, Tried, tried
from simcons.analysis.belief.spread import Spread, compare_spread
from simcons.analysis.reliability import retest
from simcons.analysis.resampling import Estimate, mean, quantile, statistic, sums_by_group
from simcons.arrays import Floats
from simcons.counted import counted
from simcons.errors import InputError
from simcons.rich_display import RichDisplay
from simcons.scale import HIGHEST, LOWEST
from simcons.storage.load import Run

if TYPE_CHECKING:
    import pandas as pd

PEOPLE = "people"
_LEAST_ANSWERS = 3  # of one person, for them to be all alike by more than chance


@dataclass(frozen=True, slots=True)
class Conduct:
    """straight_lining: share of people all of whose answers, three or more, are one; between_texts: share of the variance of
    ratings between texts; seconds: the median of a rating; retest: r of second ratings of a text with the first. None where a
    crowd does not tell.
    """

    straight_lining: Estimate | None
    between_texts: Estimate | None
    seconds: Estimate | None
    retest: Estimate | None


@dataclass(frozen=True, slots=True, repr=False)
class Belief(RichDisplay):
    """People, and the simulated crowds and the minds held against them. points: of the scale that people answered on."""

    scale: str
    points: tuple[int, ...]
    n_people: int
    n_ratings: int
    people: Conduct
    baselines: tuple[Correlation, ...]
    minds: tuple[Tried, ...]
    effects: tuple[Effect, ...]
    spreads: dict[str, Spread]
    conducts: dict[str, Conduct]

    def __repr__(self) -> str:
        people, ratings = counted(self.n_people, "person", "people"), counted(self.n_ratings, "rating")
        return f"Belief({people}, {ratings} of {self.scale}: {counted(len(self.minds), 'mind')}, {len(self.conducts)} simulated)"


def check_rated(people: Run, simulated: Iterable[Run], *, scale: str) -> None:
    """Raises InputError for people who are simulated, and for a run in which nobody rated on the scale."""
    if not people.imported:
        raise InputError(f"{people.folder}: is a simulated run; expected one that simcons import made")
    for run in (people, *simulated):
        if scale not in run.scales or run.frame("ratings")[scale].isna().all():
            raise InputError(f"{run.folder}: has no ratings of {scale}; expected some (--scale)")


def believe(
    people: Run, simulated: dict[str, Run], judgements: Judgements | None = None, *, scale: str, seed: int = 0
) -> Belief:
    """Hold simulated runs, and minds, against an imported run on one scale. Raises InputError as `check_rated` does."""
    check_rated(people, simulated.values(), scale=scale)
    points = _points(people, scale)
    given, rows = _counts(people, scale, points), rated_opinions(people, scale)
    rated, predicted = Rated.of(rows), baselines(rows, seed=seed)
    return Belief(
        scale=scale,
        points=points,
        n_people=people.frame("ratings")["participant_id"].nunique(),
        n_ratings=len(rows),
        people=_conduct(people, scale),
        baselines=tuple(correlations(predicted, rated)),
        minds=() if judgements is None else tuple(tried(judgements, rated, predicted, seed=seed)),
        effects=() if judgements is None else tuple(_effects(rows, rated, judgements)),
        spreads={
            label: compare_spread(given, _counts(run, scale, points), np.array(points, dtype=np.float64), seed=seed)
            for label, run in simulated.items()
        },
        conducts={label: _conduct(run, scale) for label, run in simulated.items()},
    )


def _effects(rows: pd.DataFrame, rated: Rated, judgements: Judgements) -> Iterator[Effect]:
    answers = {PEOPLE: rated.rating, **{name: judged.appraisals for name, judged in judgements.by.items()}}
    return effects(rows, answers, judgements.own, judgements.said)


def _points(run: Run, scale: str) -> tuple[int, ...]:
    low, high = run.imported["scales"][scale]["points"]
    return tuple(range(int(low), int(high) + 1))


def _first_ratings(run: Run, scale: str) -> pd.DataFrame:
    ratings = run.frame("ratings").dropna(subset=[scale])
    first = ratings[ratings["pass_index"] == 1]
    return first.merge(run.frame("rounds")[["round_id", "session_id"]], on="round_id")


def _counts(run: Run, scale: str, points: tuple[int, ...]) -> Floats:
    """First answers [groups, points]; those of a simulated crowd at the nearest of the people's points, halves upwards."""
    rows = _first_ratings(run, scale)
    given = f"{scale}_given" if f"{scale}_given" in rows else scale
    answers = rows[given].to_numpy(dtype=np.float64)
    if not run.imported:
        share = (answers - LOWEST) / (HIGHEST - LOWEST)
        answers = np.floor(points[0] + share * (points[-1] - points[0]) + 0.5)
    return sums_by_group([answers == point for point in points], rows["session_id"].factorize()[0])


def _conduct(run: Run, scale: str) -> Conduct:
    rows = _first_ratings(run, scale)
    seconds = rows.dropna(subset=["seconds"])
    median = quantile(seconds["seconds"], 0.5, seconds["session_id"].factorize()[0]) if len(seconds) else None
    twice = retest(run, scale)
    return Conduct(
        _straight_lining(run, rows), _between_texts(run, rows, scale), median, None if twice is None else twice.r
    )


def _straight_lining(run: Run, rows: pd.DataFrame) -> Estimate | None:
    """Over all that a person was asked of all statements."""
    asked = [name for name in (*run.scales, *run.imported.get("scales", {})) if name in rows]
    names = [f"{name}_given" if f"{name}_given" in rows else name for name in dict.fromkeys(asked)]
    answers = rows.melt(["session_id", "participant_id"], names, value_name="answer").dropna(subset=["answer"])
    people = answers.groupby(["session_id", "participant_id"])["answer"].agg(["size", "min", "max"])
    several = people[people["size"] >= _LEAST_ANSWERS]
    if not len(several):
        return None
    alike = (several["min"] == several["max"]).to_numpy(dtype=np.float64)
    return mean(alike, several.index.get_level_values("session_id").factorize()[0], share=True)


def _between_texts(run: Run, rows: pd.DataFrame, scale: str) -> Estimate | None:
    """The intraclass correlation of ratings of one text, by the one-way analysis of variance (Fisher 1925); over texts."""
    texts = rows.merge(run.frame("candidates")[["candidate_id", "text"]], on="candidate_id")["text"].factorize()[0]
    rating = rows[scale].to_numpy(dtype=np.float64)
    rating = rating - rating.mean()
    n, totals, squares = sums_by_group([np.ones(len(rating)), rating, rating**2], texts).T
    several = n > 1
    if several.sum() < 3:
        return None
    columns = np.stack([np.ones_like(n), n, n**2, totals, totals**2 / n, squares], axis=1)[several]
    return statistic(_intraclass, columns)


def _intraclass(sums: Floats) -> Floats:
    n_texts, n, n_squared, total, between, squares = np.moveaxis(sums, -1, 0)
    size = (n - n_squared / n) / (n_texts - 1)
    mean_between = (between - total**2 / n) / (n_texts - 1)
    mean_within = (squares - between) / (n - n_texts)
    return np.asarray((mean_between - mean_within) / (mean_between + (size - 1) * mean_within))
