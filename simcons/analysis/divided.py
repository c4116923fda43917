"""The extent to which statements divide a group, set against the position statement that it began with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simcons.analysis.comparisons import DECIMALS
from simcons.analysis.rated import Rated
from simcons.analysis.results import Result, Row, summed_rows
from simcons.analysis.sides import divided
from simcons.scale import AGREEMENT, MIDPOINT
from simcons.storage.query import column

if TYPE_CHECKING:
    import pandas as pd

# First ratings alone: positions are given once, and means of two ratings lie closer together than single ones do.
_BOTH = f"""
    WITH given AS (
        SELECT session_id, round_id, arm, candidate_id, first.{column(AGREEMENT.name)} AS rating, position.rating AS position
        FROM whole AS first LEFT JOIN first_positions AS position USING (round_id, participant_id) WHERE pass_index = 1),
    answered AS (SELECT * FROM given WHERE rating IS NOT NULL AND position IS NOT NULL)
    SELECT session_id, round_id, arm, candidate_id, stddev_samp(rating) AS spread, stddev_samp(position) AS position_spread,
           {{divided}}::DOUBLE AS divided, {{position_divided}}::DOUBLE AS position_divided,
           (min(rating) > {MIDPOINT})::DOUBLE AS unanimous, (min(position) > {MIDPOINT})::DOUBLE AS position_unanimous
    FROM answered GROUP BY ALL HAVING count(*) > 1
"""
_COMPARED = f"""
    SELECT *, position_divided = 1 AS divisive, round(spread - position_spread, {DECIMALS}) AS spread_difference,
           (1 - sign(spread_difference)) / 2 AS less_spread
    FROM ({_BOTH})
"""
_SHARES = ("less_spread", "divided", "position_divided", "unanimous", "position_unanimous")
_MEASURES = ("spread", "position_spread", "spread_difference", *_SHARES)


def divisiveness_of_statements(rated: Rated) -> Result:
    """Of each arm's statements, over all rounds and over those that the position statement divided.

    spread: standard deviation in the group of first ratings of agreement; position_spread: of the same people's positions;
    spread_difference: the first less the second; less_spread: share of statements with a lower one, a tie counting half. divided:
    somebody is above 4 and somebody below (or at it, as ``rated.neutral`` says). unanimous: everybody's first rating is 5 or
    more; position_unanimous: everybody's position.
    """
    sides = {"divided": divided("rating", rated.neutral), "position_divided": divided("position", rated.neutral)}
    sums = rated.sums(_COMPARED.format(**sides), _MEASURES, by=("arm", "divisive"))
    n_shown = rated.frame("SELECT arm, count(DISTINCT candidate_id) AS n FROM whole GROUP BY arm").set_index("arm")["n"]
    rows = [
        row for arm in rated.arms if arm in n_shown for row in _of_arm(arm, sums[sums["arm"] == arm], int(n_shown[arm]))
    ]
    return Result(
        "divisiveness",
        f"how far first ratings of an arm's statements lie apart in a group, against positions before the round{_on_side(rated)}",
        "statements",
        tuple(rows),
        "" if rows else "no statement was rated",
    )


def _on_side(rated: Rated) -> str:
    return "; 4 counts as a side of its own" if rated.neutral == "own_side" else ""


def _of_arm(arm: str, sums: pd.DataFrame, n_shown: int) -> list[Row]:
    n_excluded = n_shown - int(sums["n_cases"].sum())
    keys = {"subset": "all", "arm": arm}
    everywhere = summed_rows(sums, _MEASURES, keys=keys, shares=_SHARES, n_excluded=n_excluded)
    divisive = sums[sums["divisive"]]
    return everywhere + summed_rows(divisive, _MEASURES, keys={**keys, "subset": "divisive"}, shares=_SHARES)
