"""The results of every round under one arm: a number for each measure, over all its members and over those of either camp."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from simcons.analysis.rated import Rated
from simcons.analysis.reselect.pools import MAJORITY, MINORITY, ROLES
from simcons.experiments.compare.measures import FOR_SOME, SHOWN, TRUE
from simcons.scale import AGREEMENT, HIGHEST, LOWEST, MIDPOINT
from simcons.storage.query import column

EVERYBODY = "all"
CAMPS = {"minority": MINORITY, "majority": MAJORITY}
ROUND = ["session_id", "round_id"]
FACTS = ["split", "divisive"]

_SHOWN = """
    CREATE TEMP TABLE of_arm AS SELECT DISTINCT round_id, candidate_id FROM selections
    WHERE arm = '{arm}' AND omitted IS NOT DISTINCT FROM (SELECT min(omitted) FROM selections WHERE arm = '{arm}')
"""
# Imported rounds do not say when there were statements.
_ROUNDS = """
    SELECT session_id, round_id, round_facts.split, divisive, (round_id IN (SELECT round_id FROM of_arm))::DOUBLE AS {shown}
    FROM round_facts JOIN rounds USING (session_id, round_id)
    WHERE (slate_at IS NOT NULL AND n_opinions > 0) OR round_id IN (SELECT round_id FROM of_arm) ORDER BY ALL
"""
_RATED = """SELECT round_id, candidate_id, participant_id, avg({scale}) AS value FROM ratings
            WHERE {scale} IS NOT NULL GROUP BY ALL"""
_TRUE = f"""SELECT round_id, candidate_id, participant_id, least(greatest({{scale}}, {LOWEST}), {HIGHEST}) AS value
            FROM appraisals WHERE {{scale}} IS NOT NULL"""
_SCORES = """
    WITH people AS ({judged}),
    statements AS (
        SELECT session_id, round_id, candidate_id, {measured}
        FROM people JOIN of_arm USING (round_id, candidate_id) JOIN rounds USING (round_id)
             LEFT JOIN roles USING (round_id, participant_id)
        GROUP BY ALL)
    SELECT session_id, round_id, {averaged} FROM statements GROUP BY ALL ORDER BY ALL
"""
_COSTS = """
    SELECT session_id, round_id, complete::DOUBLE AS complete, (ended_at - started_at) / 60 AS minutes, n_requests AS requests,
           tokens_in, tokens_out
    FROM rounds LEFT JOIN mediations USING (round_id) ORDER BY ALL
"""
_WORDS = """
    SELECT round_id, avg(len(string_split_regex(trim(text), '\\s+'))) AS words
    FROM candidates JOIN of_arm USING (round_id, candidate_id) GROUP BY ALL
"""


def round_scores(runs: Sequence[Rated], arm: str) -> pd.DataFrame:
    """A row a round that came to the mediators: session_id, round_id, split, divisive, ``shown|all`` (1 where the arm has shown
    something, else 0), and by measure and people a column such as ``agreement|all`` or ``true_agreement|minority``, missing
    where it has shown nothing.

    divisive: missing where fewer than two gave a position.
    """
    return pd.concat([_of_run(run, arm) for run in runs], ignore_index=True)


def round_costs(runs: Sequence[Rated], arm: str) -> pd.DataFrame:
    """A row a round: complete (0 or 1), minutes, words of the arm's statements; requests and tokens of all arms together."""
    tables = []
    for rated in runs:
        _prepare(rated, arm)
        tables.append(rated.frame(_COSTS).merge(rated.frame(_WORDS), how="left", on="round_id"))
    return pd.concat(tables, ignore_index=True)


def key(measure: str, people: str = EVERYBODY) -> str:
    """The column of a measure over some of the members."""
    return f"{measure}|{people}"


def _prepare(rated: Rated, arm: str) -> None:
    rated.add_table(ROLES)
    rated.add_table(_SHOWN.format(arm=arm.replace("'", "''")))


def _of_run(rated: Rated, arm: str) -> pd.DataFrame:
    _prepare(rated, arm)
    rounds = rated.frame(_ROUNDS.format(shown=column(key(SHOWN.name))))
    for scale in rated.scales:
        for judged, prefix in ((_RATED, ""), (_TRUE, TRUE)):
            scores = rated.frame(_query(judged, scale, prefix))
            rounds = rounds.merge(scores, how="left", on=ROUND)
    return rounds


def _query(judged: str, scale: str, prefix: str) -> str:
    measured = dict(_measured(scale, rated=not prefix))
    return _SCORES.format(
        judged=judged.format(scale=column(scale)),
        measured=", ".join(f"{sql} AS {column(prefix + name)}" for name, sql in measured.items()),
        averaged=", ".join(f"avg({column(prefix + name)}) AS {column(prefix + name)}" for name in measured),
    )


def _measured(scale: str, *, rated: bool) -> Iterator[tuple[str, str]]:
    """Columns of a statement, and what they are of its people's values; shares of those who agree are told of ratings alone."""
    over_people = {scale: "avg(value)"}
    if scale == AGREEMENT.name:
        over_people["lowest"] = "min(value)"
        if rated:
            over_people["agreeing"] = f"avg((value > {MIDPOINT})::DOUBLE)"
            over_people["unanimous"] = f"(min(value) > {MIDPOINT})::DOUBLE"
    for name, sql in over_people.items():
        yield key(name), sql
        if name in FOR_SOME or name == scale:
            yield from ((key(name, camp), f"{sql} FILTER (role = {role})") for camp, role in CAMPS.items())
