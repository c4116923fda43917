"""The nearness of a mediator to the smaller side of the position statement, at each of its stages.

The question is that of Tessler et al. (2024), who divide a group by its first ratings of the position statement and place the
group statement between the two sides by text embeddings. Here distances are told by people's agreement instead: a side is as far
from a text as its mean agreement falls short of 7. The weight of the minority is the majority's distance over both sides',

    w = sum d(majority) / (sum d(majority) + sum d(minority)),

summed over rounds, so that a round counts by how far apart its sides are. Where agreement falls off evenly with distance and
texts lie between the sides, this is their place on the line from the majority, 0, to the minority, 1. A text at the mean of all
people's places then has the weight of the minority's share of them, which stands beside it. What all find wanting, such as a
clumsy text, draws it towards .5.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from simcons.analysis.arms import recorded_arms
from simcons.analysis.rated import Rated
from simcons.analysis.resampling import ratio, sums_by_group
from simcons.analysis.reselect.pools import MAJORITY, MINORITY, ROLES
from simcons.analysis.results import Key, Result, Row, mean_rows, summed_rows
from simcons.mediator.arms import generator_name
from simcons.scale import AGREEMENT, HIGHEST, LOWEST
from simcons.storage.layout import TRUTH
from simcons.storage.load import Run
from simcons.storage.query import column

PREDICTED, RATED, TRUE = "predicted", "rated", "truth"
CANDIDATES, CHOSEN = "candidates", "chosen"
_SIZES = f"""
    SELECT session_id, (role = {MINORITY})::DOUBLE AS share FROM roles JOIN opinions USING (round_id, participant_id)
    JOIN rounds USING (round_id)
"""
_TEXTS = {
    CANDIDATES: """SELECT candidate_id FROM candidates WHERE source = 'mediator' AND generator = $of
                   AND omitted IS NOT DISTINCT FROM (SELECT omitted FROM least)""",
    CHOSEN: "SELECT candidate_id FROM whole WHERE arm = $of",
}
_JUDGED = {
    PREDICTED: "SELECT candidate_id, participant_id, score AS value FROM scores WHERE scorer = $scorer",
    RATED: f"SELECT candidate_id, participant_id, {column(AGREEMENT.name)} AS value FROM ratings WHERE $scorer <> ''",
    TRUE: f"""SELECT candidate_id, participant_id, least(greatest(agreement, {LOWEST}), {HIGHEST}) AS value FROM appraisals
              WHERE $scorer <> ''""",
}
_SIDES = f"""
    SELECT session_id, round_id, avg(value) FILTER (role = {MINORITY}) AS minority,
           avg(value) FILTER (role = {MAJORITY}) AS majority
    FROM ({{judged}}) JOIN candidates USING (candidate_id) JOIN roles USING (round_id, participant_id)
         JOIN rounds USING (round_id)
    WHERE candidate_id IN ({{texts}}) GROUP BY session_id, round_id ORDER BY session_id, round_id
"""
_SEEN = ((CHOSEN, RATED),)  # of which people's answers alone tell
_STAGES = ((CANDIDATES, PREDICTED), (CHOSEN, PREDICTED), *_SEEN, (CANDIDATES, TRUE), (CHOSEN, TRUE))


def minority_weight(rated: Rated, run: Run | None = None) -> Result:
    """Weight of the minority, and by how much it agrees less, at each stage, in rounds with a smaller side.

    stage: ``opinions`` (its share of their writers), ``candidates`` (all that the arm's generator made of all opinions),
    ``chosen`` (what it showed). by: predicted, by the arm's scorer; rated; or truth, which only a simulator knows. gap: the
    minority's mean agreement less the majority's, in points. n: rounds; of opinions, writers. run: whose arms say what they
    generated and how they scored it; without one only what people rated is told.
    """
    rated.add_table(ROLES)
    writers = rated.sums(_SIZES, ["share"])
    rows = summed_rows(writers, ["share"], keys={"stage": "opinions"}, shares=["share"]) if len(writers) else []
    if rows and run is None:
        for arm in rated.arms:
            rows += _of_arm(rated, arm, _SEEN)
    elif rows and run is not None:
        arms = recorded_arms(run)
        stages = [(stage, by) for stage, by in _STAGES if by != TRUE or (run.tables_in / TRUTH).is_dir()]
        for of in arms:
            rows += _of_arm(rated, of.arm, stages, generator=generator_name(of, arms), scorer=of.scorer)
    return Result(
        "minority_weight",
        "nearness of statements to the smaller side of the position statement, .5 being as near to both",
        "rounds, or writers",
        tuple(rows),
        "" if rows else "no round has a smaller side of the position statement",
    )


def _of_arm(
    rated: Rated, arm: str, stages: Sequence[tuple[str, str]], *, generator: str = "", scorer: str = "none"
) -> Iterator[Row]:
    for stage, by in stages:
        query = _SIDES.format(judged=_JUDGED[by], texts=_TEXTS[stage])
        sides = rated.by_group(query, {"of": generator if stage == CANDIDATES else arm, "scorer": scorer})
        there = sides.dropna(subset=["minority", "majority"])
        if len(there):
            yield from _of_stage(there, {"arm": arm, "stage": stage, "by": by}, len(sides) - len(there))


def _of_stage(sides: pd.DataFrame, keys: Mapping[str, Key], n_excluded: int) -> Iterator[Row]:
    group = sides["session_id"].factorize()[0]
    minority, majority = (HIGHEST - sides[side].to_numpy(dtype=np.float64) for side in ("minority", "majority"))
    weight = ratio(*sums_by_group([majority, minority + majority], group).T)
    yield Row(keys, "weight", weight, len(sides), n_excluded)
    yield from mean_rows(sides.assign(gap=majority - minority), ("gap",), keys=keys, n_excluded=n_excluded)
