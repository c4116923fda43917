"""Ratings by arm: how often each answer was given, and their mean."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from simcons.analysis.rated import Rated
from simcons.analysis.resampling import ratios
from simcons.analysis.results import Result, Row
from simcons.arrays import Floats
from simcons.scale import HIGHEST, LOWEST, MIDPOINT
from simcons.storage.query import column

ANSWERS = tuple(range(LOWEST, HIGHEST + 1))
_COUNTS = """
    SELECT arm, session_id, count(*) AS n_shown, count({scale}) AS n, coalesce(sum({scale}), 0)::DOUBLE AS total,
           (count(*) FILTER ({scale} > {midpoint}))::DOUBLE AS favourable, {answers}
    FROM whole GROUP BY ALL ORDER BY ALL
"""


def rating_distributions(rated: Rated) -> Result:
    """The share of each answer from 1 to 7 among an arm's ratings, both passes, by scale; their mean, and the share of 5 or more.

    The answer is a key, 0 for the mean and the share of 5 or more, which are of all answers.
    """
    rows = [row for scale in rated.scales for row in _of_scale(rated, scale)]
    return Result(
        "rating_distributions",
        "share of each answer among an arm's ratings; their mean, and the share of 5 or more",
        "ratings",
        tuple(rows),
        "" if rows else "no statement was rated",
    )


def _of_scale(rated: Rated, scale: str) -> Iterator[Row]:
    name = column(rated.known(scale))
    answers = ", ".join(f"(count(*) FILTER ({name} = {k}))::DOUBLE AS a{k}" for k in ANSWERS)
    counts = rated.frame(_COUNTS.format(scale=name, midpoint=MIDPOINT, answers=answers))
    for arm in rated.arms:
        groups = counts[counts["arm"] == arm]
        if len(groups):
            yield from _of_arm(arm, scale, groups)


def _of_arm(arm: str, scale: str, groups: pd.DataFrame) -> Iterator[Row]:
    measures = [("mean", 0, "total"), ("favourable", 0, "favourable"), *(("share", k, f"a{k}") for k in ANSWERS)]
    totals = groups[[name for *_, name in measures]].to_numpy(dtype=np.float64)
    weights: Floats = np.broadcast_to(groups[["n"]].to_numpy(dtype=np.float64), totals.shape)
    estimates = ratios(totals, weights, shares=np.array([measure != "mean" for measure, *_ in measures]))
    n, n_shown = int(groups["n"].sum()), int(groups["n_shown"].sum())
    for (measure, answer, _), estimate in zip(measures, estimates, strict=True):
        bounded = estimate and (estimate.within(LOWEST, HIGHEST) if measure == "mean" else estimate)
        yield Row({"scale": scale, "arm": arm, "answer": answer}, measure, bounded, n, n_shown - n)
