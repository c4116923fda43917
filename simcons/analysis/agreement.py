"""Ratings of each arm's statements. The unit of intervals is the group (see `simcons.analysis.resampling`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from simcons.analysis.resampling import Estimate, ratio
from simcons.analysis.sides import divided
from simcons.arrays import Floats
from simcons.scale import HIGHEST, LOWEST, MIDPOINT
from simcons.storage.load import Run
from simcons.storage.query import column


@dataclass(frozen=True, slots=True)
class ScaleResult:
    """Ratings on one scale: their mean (1-7), and the share of 5 or more. None where nothing was rated."""

    mean: Estimate | None
    favourable: Estimate | None


@dataclass(frozen=True, slots=True)
class ArmResult:
    """One arm (or the members' own opinions, arm ``opinions``)."""

    arm: str
    upper_bound: bool
    n_statements: int
    n_ratings: int
    n_missing: int
    scales: Mapping[str, ScaleResult]  # in the order asked


@dataclass(frozen=True, slots=True)
class Divisiveness:
    """Rounds whose position statement divided the group."""

    n_rounds: int  # with at least two position ratings
    n_divisive: int


def by_arm(run: Run) -> list[ArmResult]:
    """Ratings on every scale over an arm's shown statements, both passes.

    A statement that several arms picked counts for each. Ratings without an answer on every scale are left out and counted.
    """
    scales = list(run.scales)
    frame = (
        run.sql()
        .execute(
            f"""WITH shown AS (
                   SELECT arm, upper_bound, round_id, candidate_id FROM selections GROUP BY ALL
                   UNION ALL SELECT 'opinions', false, round_id, candidate_id FROM candidates WHERE source = 'opinion')
               SELECT arm, upper_bound, session_id, candidate_id, {", ".join(map(column, scales))}
               FROM ratings JOIN shown USING (candidate_id, round_id) JOIN rounds USING (round_id)
               ORDER BY arm, session_id"""
        )
        .df()
    )
    results = []
    for (arm, upper_bound), rows in frame.groupby(["arm", "upper_bound"], sort=False):
        rated = rows.dropna(subset=scales)
        results.append(
            ArmResult(
                arm=str(arm),
                upper_bound=bool(upper_bound),
                n_statements=int(rows["candidate_id"].nunique()),
                n_ratings=len(rated),
                n_missing=len(rows) - len(rated),
                scales={scale: scale_result(rated[scale].astype(float), rated["session_id"]) for scale in scales},
            )
        )
    return results


def scale_result(ratings: pd.Series[float], groups: pd.Series[str]) -> ScaleResult:
    """ratings, groups: [rows]. No interval of a mean reaches beyond the scale."""
    counts = ratings.groupby(groups).size().to_numpy(dtype=np.float64)

    def by_group(values: pd.Series[float]) -> Floats:
        return np.asarray(values.groupby(groups).sum(), dtype=np.float64)

    mean = ratio(by_group(ratings), counts)
    favourable = ratio(by_group((ratings > MIDPOINT).astype(float)), counts, share=True)
    return ScaleResult(mean and mean.within(LOWEST, HIGHEST), favourable)


def divisiveness(run: Run) -> Divisiveness:
    """Rounds in which members stood on different sides of the position statement: see `divisive_rounds`."""
    divisive = divisive_rounds(run)
    return Divisiveness(len(divisive), int(divisive.sum()))


def divisive_rounds(run: Run) -> pd.Series[bool]:
    """By round with at least two ratings of the position statement, True if somebody is above 4 and somebody below."""
    rows = (
        run.sql()
        .execute(
            f"""SELECT round_id, {divided("rating")} AS divisive FROM first_positions
                WHERE rating IS NOT NULL GROUP BY round_id HAVING count(*) > 1 ORDER BY round_id"""
        )
        .df()
    )
    return rows.set_index("round_id")["divisive"].astype(bool)
