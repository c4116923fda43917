"""The cost of being left out: members whose opinion a statement was made from against those whose was not (evaluation 3 of
Bakker et al. 2022), statement by statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from simcons.analysis.rated import Rated
from simcons.analysis.resampling import Estimate, statistic, sums_by_group
from simcons.analysis.results import Key, Result, Row, adjusted, mean_rows
from simcons.arrays import Floats
from simcons.scale import AGREEMENT, QUALITY
from simcons.storage.query import column

_LEFT_OUT = "SELECT coalesce(max(omitted), 0) > 0 AS somebody FROM shown_ratings"
# A row a statement. People who wrote no opinion are in neither part.
_STATEMENTS = """
    WITH people AS (
        SELECT session_id, round_id, arm, omitted, candidate_id, participant_id, {means}
        FROM shown_ratings WHERE omitted IS NOT NULL GROUP BY ALL),
    sided AS (
        SELECT people.*, list_contains(candidates.opinion_ids, opinion_id) AS used
        FROM people JOIN candidates USING (round_id, candidate_id) JOIN opinions USING (round_id, participant_id))
    SELECT session_id, arm, omitted::BIGINT AS omitted, {differences}
    FROM sided GROUP BY session_id, arm, omitted, round_id, candidate_id ORDER BY ALL
"""
_LEVELS = "avg({x}) FILTER (used) AS {x}_of_used, avg({x}) FILTER (NOT used) AS {x}_of_left_out"
_EFFECT = "avg({x}) FILTER (used) - avg({x}) FILTER (NOT used) AS {x}"
_MEDIAN = "median({x}) FILTER (used) - median({x}) FILTER (NOT used) AS {x}_by_medians"


def exclusion_effect(rated: Rated) -> Result:
    """Ratings by those whose opinion a statement was made from less ratings by those whose was left out, in points.

    Of each statement the difference of the two means (``agreement``, ``quality``), and of the two medians (``..._by_medians``);
    ``agreement_less_quality``: the first effect less the second, what being left out costs beyond a worse text.
    ``..._per_opinion``: the least-squares slope of the difference on how many were left out, where that varies.
    ``..._of_used``, ``..._of_left_out``: the means themselves; the first also where nobody was left out, ``omitted`` 0.
    Tests are adjusted over the numbers left out.
    """
    scales = [scale for scale in (AGREEMENT.name, QUALITY.name) if scale in rated.scales]
    (somebody_left_out,) = rated.frame(_LEFT_OUT)["somebody"].tolist()
    rows = list(_rows(rated, scales)) if somebody_left_out else []
    return Result(
        "exclusion_effect",
        "ratings by members whose opinion was used less ratings by those whose was left out, statement by statement",
        "statements",
        tuple(adjusted(rows, family=("arm", "measure"))),
        "" if rows else "no statement was made without some of the opinions",
        "all numbers of opinions left out, by one arm and measure",
    )


def _rows(rated: Rated, scales: Sequence[str]) -> Iterator[Row]:
    table = _table(rated, scales)
    measures = [*scales, *(f"{scale}_by_medians" for scale in scales)]
    measures += ["agreement_less_quality"] if len(scales) > 1 else []
    for arm in rated.arms:
        yield from _of_arm(arm, table[table["arm"] == arm], measures, scales)


def _table(rated: Rated, scales: Sequence[str]) -> pd.DataFrame:
    means = ", ".join(f"avg({column(scale)}) AS {column(scale)}" for scale in scales)
    differences = ", ".join(form.format(x=scale) for form in (_LEVELS, _EFFECT, _MEDIAN) for scale in scales)
    table = rated.by_group(_STATEMENTS.format(means=means, differences=differences))
    if len(scales) > 1:
        table["agreement_less_quality"] = table[AGREEMENT.name] - table[QUALITY.name]
    return table


def _of_arm(arm: str, table: pd.DataFrame, measures: Sequence[str], scales: Sequence[str]) -> Iterator[Row]:
    for omitted, rows in table.groupby("omitted"):
        keys: Mapping[str, Key] = {"arm": arm, "omitted": int(omitted)}
        if omitted:
            yield from mean_rows(rows, measures, keys=keys, tested=True)
        for of in ("of_used", "of_left_out") if omitted else ("of_used",):
            yield from mean_rows(rows, [f"{scale}_{of}" for scale in scales], keys=keys)
    partial = table[table["omitted"] > 0]
    if partial["omitted"].nunique() > 1:
        yield from (_per_opinion(arm, scale, partial) for scale in scales)


def _per_opinion(arm: str, scale: str, table: pd.DataFrame) -> Row:
    there = table.dropna(subset=[scale])
    slope = _slope(there["omitted"].to_numpy(float), there[scale].to_numpy(float), there["session_id"])
    p_value = None if slope is None else slope.p_value()
    return Row({"arm": arm}, f"{scale}_per_opinion", slope, len(there), len(table) - len(there), p_value)


def _slope(x: Floats, y: Floats, groups: pd.Series[str]) -> Estimate | None:
    """Of least squares, with an interval over groups."""
    if not len(x):
        return None
    return statistic(least_squares, sums_by_group([np.ones_like(x), x, y, x * x, x * y], groups.factorize()[0]))


def least_squares(sums: Floats) -> Floats:
    """The slope of y on x. sums: [..., 5], of 1, x, y, x^2 and x y."""
    n, x, y, xx, xy = np.moveaxis(sums, -1, 0)
    return np.asarray((xy - x * y / n) / (xx - x * x / n))
