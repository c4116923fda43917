"""Ratings against the scores that predicted them, score by score."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simcons.analysis.rated import Rated
from simcons.analysis.resampling import Estimate, ratio
from simcons.scale import AGREEMENT, HIGHEST, LOWEST
from simcons.storage.load import Run

if TYPE_CHECKING:
    import pandas as pd

_WIDTH = 0.5  # points: of a bin of scores
_FEWEST = 10  # pairs of a score and a rating, below which a bin says nothing
_SUMS = f"""
    WITH rated AS (
        SELECT round_id, candidate_id, participant_id, avg({AGREEMENT.name}) AS rating FROM ratings
        WHERE {AGREEMENT.name} IS NOT NULL GROUP BY ALL)
    SELECT scorer, session_id, floor((score - {LOWEST}) / {_WIDTH}) AS bin, count(*) AS n, sum(score) AS score,
           sum(rating) AS rating, min(score) AS lowest, max(score) AS highest
    FROM scores JOIN rated USING (candidate_id, participant_id) JOIN rounds USING (round_id)
    WHERE score IS NOT NULL GROUP BY ALL ORDER BY scorer, bin, session_id
"""


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """People whose score lies in one bin: the mean of the scores, and of the ratings that these people gave, both passes."""

    scorer: str
    score: float
    rating: Estimate
    n: int


def calibration_curve(run: Run) -> list[CalibrationBin]:
    """Bins of scores on the scale of the ratings, half a point wide, with ten ratings or more; by scorer, from low to high.

    Scorers of another scale are left out. Raises RunFolderError.
    """
    sums = Rated.of_run(run).by_group(_SUMS)
    return [
        made
        for scorer, of_scorer in sums.groupby("scorer", sort=True)
        if of_scorer["lowest"].min() >= LOWEST and of_scorer["highest"].max() <= HIGHEST
        for made in _bins(str(scorer), of_scorer)
    ]


def _bins(scorer: str, sums: pd.DataFrame) -> Iterator[CalibrationBin]:
    """sums: a row a bin and group."""
    for _, of_bin in sums.groupby("bin", sort=True):
        n, rating = int(of_bin["n"].sum()), ratio(of_bin["rating"], of_bin["n"])
        if n >= _FEWEST and rating is not None:
            yield CalibrationBin(scorer, float(of_bin["score"].sum()) / n, rating.within(LOWEST, HIGHEST), n)
