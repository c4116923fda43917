"""An arm's statements against other members' opinions, person by person (evaluation 2 of Bakker et al. 2022)."""

from __future__ import annotations

from collections.abc import Iterator

from simcons.analysis.comparisons import DECIMALS
from simcons.analysis.rated import Rated
from simcons.analysis.results import Result, Row, adjusted, summed_rows
from simcons.storage.query import column

# A row a person, round and arm. A person's ratings of one text are averaged over passes; nobody's own opinion counts.
_PEOPLE = """
    WITH statements AS (
        SELECT session_id, round_id, arm, participant_id, candidate_id, avg({scale}) AS value FROM whole GROUP BY ALL),
    opinions_rated AS (
        SELECT round_id, participant_id, candidate_id, avg({scale}) AS value
        FROM ratings JOIN candidates USING (round_id, candidate_id)
        WHERE source = 'opinion' AND author_id <> participant_id GROUP BY ALL),
    of_statements AS (
        SELECT session_id, round_id, arm, participant_id, avg(value) AS mean, max(value) AS best FROM statements GROUP BY ALL),
    of_opinions AS (
        SELECT round_id, participant_id, avg(value) AS mean, max(value) AS best FROM opinions_rated GROUP BY ALL)
    SELECT session_id, arm, s.mean - o.mean AS mean_difference, s.best - o.best AS best_difference,
           (1 + sign(round(mean_difference, {decimals}))) / 2 AS mean_ahead,
           (1 + sign(round(best_difference, {decimals}))) / 2 AS best_ahead
    FROM of_statements AS s LEFT JOIN of_opinions AS o USING (round_id, participant_id)
"""
_DIFFERENCES = ("mean_difference", "best_difference")
_SHARES = ("mean_ahead", "best_ahead")


def statements_against_opinions(rated: Rated) -> Result:
    """Each person's rating of an arm's statements less that of the others' opinions, in the same round.

    mean_difference: of the means over texts, best_difference: of the best of each; in points. mean_ahead, best_ahead: share of
    people and rounds in which the statements are ahead, a tie counting half.
    Tests are adjusted over arms.
    """
    rows = [row for scale in rated.scales for row in _of_scale(rated, scale)]
    return Result(
        "statements_against_opinions",
        "a person's rating of an arm's statements less that of the others' opinions, in the same round",
        "people in rounds",
        tuple(adjusted(rows, family=("scale", "measure"))),
        "" if rows else "nobody rated other members' opinions",
        "all arms, by one scale and measure",
    )


def _of_scale(rated: Rated, scale: str) -> Iterator[Row]:
    people = _PEOPLE.format(scale=column(scale), decimals=DECIMALS)
    sums = rated.sums(people, (*_DIFFERENCES, *_SHARES), by=["arm"])
    if not sums["n_mean_difference"].any():
        return
    for arm in rated.arms:
        of_arm, keys = sums[sums["arm"] == arm], {"scale": scale, "arm": arm}
        yield from summed_rows(of_arm, _DIFFERENCES, keys=keys, tested=True)
        yield from summed_rows(of_arm, _SHARES, keys=keys, shares=_SHARES)
