"""How well numbers follow people's ratings: Pearson's r on people and on questions that nothing was learnt from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from simcons.analysis.resampling import Estimate, statistic, sums_by_group
from simcons.arrays import Bools, Floats, Ints

if TYPE_CHECKING:
    import pandas as pd

HeldOut: TypeAlias = Literal["raters", "questions"]

_FEWEST = 3  # ratings for a correlation
_SAME = 1e-9  # predictions that differ by less say the same of all


@dataclass(frozen=True, slots=True)
class Correlation:
    """r: of predictions with the ratings of people, or on questions, that they know nothing of; None where they say the same of
    all. n: ratings.

    On people not seen, of all ratings together, with the interval over people. On questions not seen, of ratings and predictions
    less their means on the question, as nobody can know the level of a question that was never rated, with the interval over
    questions.
    """

    name: str
    held_out: HeldOut
    n: int
    r: Estimate | None


@dataclass(frozen=True, slots=True, eq=False)
class Rated:
    """Ratings [row], with the number of each row's person (or their group) and question."""

    rating: Floats
    person: Ints
    question: Ints

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Rated:
        """rows: as `rated_opinions` makes them."""
        rating = rows["rating"].to_numpy(dtype=np.float64)
        return cls(rating, rows["session_id"].factorize()[0], rows["question"].factorize()[0])

    def unit(self, held_out: HeldOut) -> Ints:
        """The number of what varies on its own."""
        return self.person if held_out == "raters" else self.question


def correlation(name: str, predicted: Floats, rated: Rated, held_out: HeldOut) -> Correlation:
    """Rows that are predicted to be NaN do not count."""
    there = np.isfinite(predicted)
    r = _statistic(_r, [predicted], rated, held_out, there)
    return Correlation(name, held_out, int(there.sum()), None if r is None else r.within(-1.0, 1.0))


def difference(predicted: Floats, other: Floats, rated: Rated, held_out: HeldOut) -> Estimate | None:
    """r of one prediction less that of another, on the rows that both predict."""
    there = np.isfinite(predicted) & np.isfinite(other)
    return _statistic(_r_less, [predicted, other], rated, held_out, there)


def less_means(values: Floats, place: Ints) -> Floats:
    """``values`` [row] less the mean of those of the same ``place``."""
    totals, counts = sums_by_group([values, np.ones_like(values)], place).T
    return np.asarray(values - (totals / np.maximum(counts, 1))[place])


def _statistic(
    function: Callable[[Floats], Floats], predicted: Sequence[Floats], rated: Rated, held_out: HeldOut, there: Bools
) -> Estimate | None:
    """function: of sums of the products of the rating and the predictions, an extra column of ones among them."""
    if there.sum() < _FEWEST:
        return None
    question = np.unique(rated.question[there], return_inverse=True)[1]
    whole = np.zeros_like(question)
    columns = [
        less_means(column[there], question if held_out == "questions" else whole)
        for column in (rated.rating, *predicted)
    ]
    if any(np.ptp(column) < _SAME for column in columns):
        return None
    rows = np.stack([np.ones_like(columns[0]), *columns])
    products = (rows[:, None] * rows[None]).reshape(len(rows) ** 2, -1)
    unit = np.unique(rated.unit(held_out)[there], return_inverse=True)[1]
    return statistic(function, sums_by_group(products, unit).reshape(-1, len(rows), len(rows)))


def _r(sums: Floats, place: int = 1) -> Floats:
    """Of the rating with the prediction in ``place``; sums [..., column, column] of products, the first column being 1."""

    def covariance(first: int, second: int) -> Floats:
        n = sums[..., 0, 0]
        return np.asarray(sums[..., first, second] - sums[..., 0, first] * sums[..., 0, second] / n)

    rating, prediction = 1, 1 + place
    return np.asarray(
        covariance(rating, prediction) / np.sqrt(covariance(rating, rating) * covariance(prediction, prediction))
    )


def _r_less(sums: Floats) -> Floats:
    return np.asarray(_r(sums, 1) - _r(sums, 2))
