"""Statements of studies that are worth writing, as the mediator's prompt would have asked for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from simcons.errors import RunFolderError
from simcons.mediator.prompts import Render
from simcons.seeds import stream
from simcons.training.data.examples import SftExample, from_columns
from simcons.training.data.funnel import Funnel
from simcons.training.data.keep_rules import KeepRule
from simcons.training.data.studies import Study

if TYPE_CHECKING:
    import pandas as pd

_ENDS = frozenset(".!?…")
_CLOSING = "\"'”’)]"  # marks that may follow the end of a sentence


def sft_examples(study: Study, rule: KeepRule, render: Render, *, seed: int, funnel: Funnel) -> list[SftExample]:
    """One for each statement that the rule keeps, by all who rated it. What breaks off is left out: it would be learnt.

    render: the mediator's prompt. What is left is counted after each filter.
    """
    kept = _without_repeats(_whole(_kept(study, rule, funnel), funnel), funnel)
    usable = _with_opinions(kept, study, seed, funnel)
    return from_columns(
        SftExample,
        usable.assign(
            id=study.id + "/" + usable["candidate_id"],
            run=study.id,
            generator=usable["generator"].astype(object).where(usable["generator"].notna(), None),
            statement=usable["text"],
            messages=[render(*asked) for asked in zip(usable["question"], usable["opinions"], strict=True)],
        ),
    )


def mean_ratings(ratings: pd.DataFrame, scale: str) -> pd.Series[float]:
    """By statement, the mean over people of each one's mean over passes. Without those that nobody rated on the scale."""
    by_person = ratings.dropna(subset=[scale]).groupby(["candidate_id", "participant_id"])[scale].mean()
    return by_person.groupby("candidate_id").mean()


def ends_as_a_sentence(text: str) -> bool:
    """True if ``text`` does not break off before the end of a sentence."""
    return text.rstrip().rstrip(_CLOSING)[-1:] in _ENDS


def _kept(study: Study, rule: KeepRule, funnel: Funnel) -> pd.DataFrame:
    """Statements rated well enough, with ``rating``."""
    if rule.scale not in study.run.scales:
        scales = ", ".join(study.run.scales)
        raise RunFolderError(
            f"{study.run.folder}: has no ratings of {rule.scale}, which `{rule}` asks for; it has {scales}"
        )
    funnel.count("statements", len(study.statements))
    means = mean_ratings(study.ratings, rule.scale).rename("rating")
    rated = study.statements.merge(means, left_on="candidate_id", right_index=True)
    funnel.count(f"rated on {rule.scale}", len(rated))
    good = rule.kept(rated["rating"].tolist(), rated["round_id"].tolist())
    kept = rated[np.array(good, dtype=bool)]
    funnel.count(str(rule), len(kept))
    return kept


def _whole(statements: pd.DataFrame, funnel: Funnel) -> pd.DataFrame:
    """Without those that ran out of tokens or break off."""
    whole = statements[~statements["truncated"].eq(True) & statements["text"].map(ends_as_a_sentence).astype(bool)]
    funnel.count("that do not break off", len(whole))
    return whole


def _without_repeats(statements: pd.DataFrame, funnel: Funnel) -> pd.DataFrame:
    """The first of each text in a round."""
    firsts = statements.drop_duplicates(["round_id", "text"])
    funnel.count("first of their text in a round", len(firsts))
    return firsts


def _with_opinions(statements: pd.DataFrame, study: Study, seed: int, funnel: Funnel) -> pd.DataFrame:
    """Those of which all ``opinions`` are recorded, with these, in an order that is drawn for each statement."""
    texts = dict(zip(study.opinions["opinion_id"], study.opinions["text"], strict=True))

    def drawn(candidate_id: str, opinion_ids: Sequence[str]) -> tuple[str, ...] | None:
        if not len(opinion_ids) or any(name not in texts for name in opinion_ids):
            return None
        order = stream(seed, "opinion order", study.id, candidate_id).permutation(len(opinion_ids))
        return tuple(texts[opinion_ids[int(place)]] for place in order)

    opinions = list(map(drawn, statements["candidate_id"], statements["opinion_ids"]))
    usable = statements.assign(opinions=opinions).dropna(subset=["opinions"])
    funnel.count("of opinions that are recorded", len(usable))
    return usable
