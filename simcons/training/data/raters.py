"""The people of a study by how reliably they rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simcons.analysis.raters import consistency
from simcons.scale import AGREEMENT

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Raters:
    """Ids of people by whether their second ratings of agreement bear out their first; unjudged: too few pairs to tell."""

    reliable: frozenset[str]
    unreliable: frozenset[str]
    unjudged: frozenset[str]


def raters_of(ratings: pd.DataFrame) -> Raters:
    """Everybody who answered. ratings: a row for each person, statement and pass."""
    answered = ratings.dropna(subset=[AGREEMENT.name])
    passes = answered.pivot(index=["participant_id", "candidate_id"], columns="pass_index", values=AGREEMENT.name)
    pairs = passes.reindex(columns=[1, 2]).dropna()
    judged = {
        str(person): consistency(rows[1].to_numpy(), rows[2].to_numpy()).reliable
        for person, rows in pairs.groupby("participant_id")
    }
    named = {verdict: frozenset(who for who, given in judged.items() if given is verdict) for verdict in (True, False)}
    everybody = frozenset(map(str, answered["participant_id"]))
    return Raters(named[True], named[False], everybody - named[True] - named[False])
