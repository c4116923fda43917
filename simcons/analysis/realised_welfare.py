"""Welfare and inequality of what people answered, under several alphas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from simcons.analysis.rated import Rated
from simcons.analysis.resampling import positive, sums_by_group
from simcons.analysis.results import Key, Result, Row, mean_rows
from simcons.arrays import Floats
from simcons.scale import AGREEMENT, HIGHEST, LOWEST
from simcons.storage.query import column
from simcons.welfare.isoelastic import atkinson, isoelastic

if TYPE_CHECKING:
    import pandas as pd

ALPHAS = (0.0, 0.5, 1.0, 2.0, float("inf"))
# A row a round: there are far fewer than people in it.
_ROUNDS = f"""
    WITH people AS (
        SELECT session_id, round_id, participant_id, avg({column(AGREEMENT.name)}) AS utility
        FROM whole WHERE arm = $arm AND {column(AGREEMENT.name)} IS NOT NULL GROUP BY ALL)
    SELECT session_id, list(utility ORDER BY participant_id) AS utilities
    FROM people GROUP BY session_id, round_id ORDER BY session_id, round_id
"""


def realised_welfare(rated: Rated) -> Result:
    """The welfare of each arm's statements in the group, by people's ratings as utilities (1-7), a mean over rounds.

    welfare: W_alpha, in points: what all would have to rate alike for the same welfare; atkinson: the share of the mean that
    equality would be worth under that alpha; gini: half the mean difference between two people, of the mean (alpha is then
    missing). A person's utility is the mean of their ratings of the arm's statements in the round.
    """
    rows = [row for arm in rated.arms for row in _of_arm(arm, rated.by_group(_ROUNDS, {"arm": arm}))]
    return Result(
        "realised_welfare",
        "welfare in points, and inequality, of members' ratings of an arm's statements, by alpha",
        "rounds",
        tuple(rows),
        "" if rows else "in no round did two people rate statements of one arm",
    )


def _of_arm(arm: str, table: pd.DataFrame) -> Iterator[Row]:
    if not len(table):
        return
    rounds, utilities = table[["session_id"]], _padded(table["utilities"].tolist())
    if utilities.shape[1] < 2:  # nobody met: whatever the alpha, welfare is the one rating
        return
    welfare, inequality = (of(utilities, ALPHAS, missing="leave_out") for of in (isoelastic, atkinson))
    for k, alpha in enumerate(ALPHAS):
        keys: Mapping[str, Key] = {"arm": arm, "alpha": alpha}
        [row] = mean_rows(rounds.assign(welfare=welfare[k]), ("welfare",), keys=keys)
        yield replace(row, estimate=row.estimate and row.estimate.within(LOWEST, HIGHEST))
        if alpha:  # with alpha 0 inequality costs nothing
            yield _index("atkinson", inequality[k], rounds["session_id"], keys)
    yield _index("gini", gini(utilities), rounds["session_id"], {"arm": arm})


def _index(measure: str, values: Floats, session: pd.Series[str], keys: Mapping[str, Key]) -> Row:
    """An index of inequality, a mean over rounds. It is skewed: a few groups that are at odds make most of it."""
    sums = sums_by_group([values, np.ones_like(values)], session.factorize()[0])
    estimate = positive(lambda samples: np.asarray(samples[..., 0] / samples[..., 1]), sums)
    return Row(keys, measure, estimate and estimate.within(0.0, 1.0), len(values))


def _padded(rows: Sequence[Floats]) -> Floats:
    """[rounds, people], NaN beyond those that a round has."""
    sizes = np.array([len(row) for row in rows])
    utilities = np.full((len(rows), sizes.max()), np.nan)
    utilities[np.arange(sizes.max()) < sizes[:, None]] = np.concatenate(rows)
    return utilities


def gini(utilities: Floats) -> Floats:
    """Gini's (1912) coefficient, sum |u_i - u_j| / (2 n^2 mean), over the last axis of positive utilities; NaN is nobody."""
    n = (~np.isnan(utilities)).sum(axis=-1)
    apart = np.nansum(np.abs(utilities[..., :, None] - utilities[..., None, :]), axis=(-1, -2))
    return np.asarray(apart / (2 * n * np.nansum(utilities, axis=-1)))
