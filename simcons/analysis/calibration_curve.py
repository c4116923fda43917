"""Ratings against the scores that predicted them, score by score."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from simcons.analysis.resampling import Estimate, ratio, sums_by_group
from simcons.scale import AGREEMENT, HIGHEST, LOWEST
from simcons.storage.load import Run

_WIDTH = 0.5  # points: of a bin of scores
_FEWEST = 10  # pairs of a score and a rating, below which a bin says nothing
_PAIRS = f"""
    WITH rated AS (
        SELECT round_id, candidate_id, participant_id, avg({AGREEMENT.name}) AS rating FROM ratings
        WHERE {AGREEMENT.name} IS NOT NULL GROUP BY ALL)
    SELECT scorer, session_id, score, rating
    FROM scores JOIN rated USING (candidate_id, participant_id) JOIN rounds USING (round_id)
    WHERE score IS NOT NULL ORDER BY scorer, session_id, score
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
    pairs = run.sql().execute(_PAIRS).df()
    return [
        made
        for scorer, of_scorer in pairs.groupby("scorer", sort=True)
        if of_scorer["score"].between(LOWEST, HIGHEST).all()
        for made in _bins(str(scorer), of_scorer)
    ]


def _bins(scorer: str, pairs: pd.DataFrame) -> Iterator[CalibrationBin]:
    places = np.floor((pairs["score"].to_numpy(dtype=np.float64) - LOWEST) / _WIDTH)
    for _, of_bin in pairs.groupby(places, sort=True):
        if len(of_bin) < _FEWEST:
            continue
        group = pd.factorize(of_bin["session_id"])[0]
        sums = sums_by_group([of_bin["rating"], np.ones(len(of_bin))], group)
        rating = ratio(sums[:, 0], sums[:, 1])
        if rating is not None:
            kept = rating.within(LOWEST, HIGHEST)
            yield CalibrationBin(scorer, float(of_bin["score"].mean()), kept, len(of_bin))
