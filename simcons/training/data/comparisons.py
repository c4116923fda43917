"""Preferences and ratings of single people: from their ratings of agreement, with the opinion that each of them wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simcons.scale import AGREEMENT
from simcons.training.data.examples import Comparison, Position, Rated, from_columns
from simcons.training.data.funnel import Funnel
from simcons.training.data.studies import Study

if TYPE_CHECKING:
    import pandas as pd

_WHO = ["round_id", "participant_id"]
_CONTEXT = ["session_id", "question_id", "question"]


def comparisons(study: Study, *, ties: bool, reliable_alone: bool, funnel: Funnel) -> list[Comparison]:
    """All pairs of different texts that a person rated in a round, or ranked without rating both.

    ties: also those between which they make no difference.

    A person has one preference between two statements, so their passes are averaged first: that takes a third off the noise of a
    rating, gives fewer ties, and counts nobody's word twice. Of somebody who rated once the one rating is taken.
    """
    pairs = _pairs(_opinionated(study, _merits(study)))
    funnel.count("pairs that one person rated", len(pairs))
    pairs = pairs[pairs["text"] != pairs["text_2"]]
    funnel.count("of different texts", len(pairs))
    pairs = _of_authors(pairs, funnel)
    pairs = _of_raters(pairs, study, reliable_alone=reliable_alone, funnel=funnel)
    preferred = pairs[pairs["rating"] != pairs["rating_2"]]
    funnel.count("with a preference", len(preferred))
    return from_columns(Comparison, _preferences(study, pairs if ties else preferred))


def ratings(study: Study, *, reliable_alone: bool, funnel: Funnel) -> list[Rated]:
    """Every single rating: passes are kept apart, as both are answers on the scale of whole points."""
    answered = study.ratings.dropna(subset=[AGREEMENT.name]).rename(columns={AGREEMENT.name: "rating"})
    rows = _opinionated(study, answered[[*_WHO, "candidate_id", "pass_index", "rating"]])
    funnel.count("ratings of agreement", len(rows))
    rows = _of_raters(_of_authors(rows, funnel), study, reliable_alone=reliable_alone, funnel=funnel)
    passes = rows["pass_index"].astype(str)
    return from_columns(
        Rated,
        rows.assign(
            id=study.id + "/" + rows["participant_id"] + "/" + rows["candidate_id"] + "/" + passes,
            run=study.id,
            statement=rows["text"],
            rating=rows["rating"].astype(int),
        ),
    )


def positions(study: Study, *, reliable_alone: bool, funnel: Funnel) -> list[Position]:
    """What people answered to the position statements of rounds."""
    context = study.rounds[["round_id", *_CONTEXT, "position_statement"]]
    answered = study.positions.dropna(subset=["rating"])[[*_WHO, "rating"]]
    rows = _with_opinions(answered.merge(context, on="round_id").dropna(subset=["position_statement"]), study)
    funnel.count("positions", len(rows))
    rows = _of_raters(_of_authors(rows, funnel), study, reliable_alone=reliable_alone, funnel=funnel)
    return from_columns(
        Position,
        rows.assign(
            id=study.id + "/" + rows["round_id"] + "/" + rows["participant_id"],
            run=study.id,
            statement=rows["position_statement"],
            rating=rows["rating"].astype(int),
        ),
    )


# --- rows --------------------------------------------------------------------------------------------------------


def _person_means(study: Study) -> pd.DataFrame:
    """A row for each person and statement: ``rating``, the mean of their passes."""
    answered = study.ratings.dropna(subset=[AGREEMENT.name])
    return (
        answered.groupby([*_WHO, "candidate_id"], as_index=False)[AGREEMENT.name]
        .mean()
        .rename(columns={AGREEMENT.name: "rating"})
    )


def _merits(study: Study) -> pd.DataFrame:
    """The mean ratings, and of people who compared by ranks alone these, the best the highest."""
    import pandas as pd

    if study.ranks.empty:
        return _person_means(study)
    ranked = study.ranks[[*_WHO, "candidate_id"]].assign(rating=-study.ranks["rank"])
    means = _person_means(study)
    by_rank = pd.MultiIndex.from_frame(ranked[_WHO])
    return pd.concat([means[~pd.MultiIndex.from_frame(means[_WHO]).isin(by_rank)], ranked])


def _opinionated(study: Study, rated: pd.DataFrame) -> pd.DataFrame:
    """With the statement's text and context, and the rater's own ``opinion``, which is missing where they wrote none."""
    statements = study.statements[["candidate_id", "text", *_CONTEXT]]
    return _with_opinions(rated.merge(statements, on="candidate_id"), study)


def _with_opinions(answered: pd.DataFrame, study: Study) -> pd.DataFrame:
    written = study.opinions[study.opinions["text"].str.strip() != ""]
    return answered.merge(written[[*_WHO, "text"]].rename(columns={"text": "opinion"}), how="left", on=_WHO)


def _pairs(rated: pd.DataFrame) -> pd.DataFrame:
    """A row for each person and two of their statements in a round: columns of the second end in ``_2``."""
    second = rated[[*_WHO, "candidate_id", "text", "rating"]]
    pairs = rated.merge(second, on=_WHO, suffixes=("", "_2"))
    return pairs[pairs["candidate_id"] < pairs["candidate_id_2"]]


def _of_authors(rows: pd.DataFrame, funnel: Funnel) -> pd.DataFrame:
    written = rows.dropna(subset=["opinion"])
    funnel.count("by people who wrote an opinion", len(written))
    return written


def _of_raters(rows: pd.DataFrame, study: Study, *, reliable_alone: bool, funnel: Funnel) -> pd.DataFrame:
    if not reliable_alone:
        return rows
    kept = rows[~rows["participant_id"].isin(study.raters.unreliable)]
    funnel.count("by people who rate reliably", len(kept))
    return kept


def _preferences(study: Study, pairs: pd.DataFrame) -> pd.DataFrame:
    """The columns of comparisons."""
    first = pairs["rating"] >= pairs["rating_2"]
    chosen_id = pairs["candidate_id"].where(first, pairs["candidate_id_2"])
    rejected_id = pairs["candidate_id_2"].where(first, pairs["candidate_id"])
    return pairs.assign(
        id=study.id + "/" + pairs["participant_id"] + "/" + chosen_id + "/" + rejected_id,
        run=study.id,
        chosen_id=chosen_id,
        rejected_id=rejected_id,
        chosen=pairs["text"].where(first, pairs["text_2"]),
        rejected=pairs["text_2"].where(first, pairs["text"]),
        difference=(pairs["rating"] - pairs["rating_2"]).abs(),
    )
