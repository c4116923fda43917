"""What is known of people's ratings of statements, in people and in a mind: by whose side a text is on, how decided the rater is,
how long the text is, and where it was shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simcons.analysis.belief.correlations import Rated, less_means
from simcons.analysis.resampling import Estimate, statistic, sums_by_group
from simcons.arrays import Floats
from simcons.scale import MIDPOINT

if TYPE_CHECKING:
    import pandas as pd

OUTRIGHT = 1.0  # the verdict of a text that comes down on a side without reserve


@dataclass(frozen=True, slots=True)
class Effect:
    """A slope within questions, in points of the scale, with its interval over people; by who answered, people or a mind.

    what: the contrast. cause: what it is an effect of, in a word or two. None where there is
    nothing to tell it by, as of the order where it was not recorded.
    """

    what: str
    cause: str
    by: Mapping[str, Estimate | None]


def effects(rows: pd.DataFrame, answers: Mapping[str, Floats], own: Floats, said: Floats) -> Iterator[Effect]:
    """rows: of `rated_opinions`. answers: ratings or appraisals [row], by who gave them; NaN for none.

    own, said: the verdicts heard in the opinion and in the text, -1 to 1 [row]; NaN for none.
    """
    rated = Rated.of(rows)
    sided = np.where(own * said == 0, np.nan, np.sign(own * said) / 2)
    decided = np.where(np.isnan(own), np.nan, np.abs(own) >= OUTRIGHT)
    length = np.log2(np.maximum(rows["text"].str.split().str.len().to_numpy(dtype=np.float64), 1))
    place = rows["place"].to_numpy(dtype=np.float64)

    def slopes(cause: Floats, *, distance: bool = False) -> dict[str, Estimate | None]:
        return {
            name: _slope(cause, np.abs(values - MIDPOINT) if distance else values, rated)
            for name, values in answers.items()
        }

    yield Effect("a text on one's own side, against one on the other", "one's own side", slopes(sided))
    yield Effect(
        "distance from the midpoint, of those on a side outright", "being decided", slopes(decided, distance=True)
    )
    yield Effect("a text twice as long", "length", slopes(length))
    yield Effect("a place later on the slate", "order", slopes(place))


def _slope(cause: Floats, answer: Floats, rated: Rated) -> Estimate | None:
    """Of the answer on the cause, both less their means on the question."""
    there = np.isfinite(cause) & np.isfinite(answer)
    question = np.unique(rated.question[there], return_inverse=True)[1]
    x, y = less_means(cause[there], question), less_means(answer[there], question)
    if not len(x) or np.ptp(x) == 0:
        return None
    person = np.unique(rated.person[there], return_inverse=True)[1]
    return statistic(lambda sums: np.asarray(sums[..., 0] / sums[..., 1]), sums_by_group([x * y, x * x], person))
