"""The first statements of arms by round, with what people rated them: what an evaluation of models compares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simcons.scale import AGREEMENT
from simcons.storage.load import Run

if TYPE_CHECKING:
    import pandas as pd


def arms_of(run: Run) -> list[str]:
    """The arms that showed something: in the scenario's order, others after them by name."""
    shown = set(run.selections["arm"])
    named = [str(arm["arm"]) for arm in run.manifest.get("scenario", {}).get("mediators", []) if "arm" in arm]
    return [*(arm for arm in named if arm in shown), *sorted(shown - set(named))]


def statements(run: Run) -> pd.DataFrame:
    """A row a round, arm, pick and number of opinions left out: the text with its round's question, and the opinions it was
    made of.

    Columns of selections (arm, pick, omitted, upper_bound, ...), of candidates (candidate_id, text, opinion_ids, ...) and of
    rounds (question_id, question, split, session_id, ...).
    """
    candidates = run.candidates.drop(columns="omitted")
    return (
        run.selections.merge(candidates, on=["round_id", "candidate_id"])
        .merge(run.rounds, on="round_id")
        .sort_values(["round_id", "arm", "omitted", "pick"], ignore_index=True)
    )


def instruction(question: str, opinions: list[str]) -> str:
    """The request to a mediator as one text: the question, and the opinions that were before it."""
    return "\n\n".join([question, *(f"Opinion {number}: {text}" for number, text in enumerate(opinions, start=1))])


def opinion_texts(run: Run) -> dict[str, str]:
    """By id."""
    return dict(zip(run.opinions["opinion_id"], run.opinions["text"], strict=True))


def person_ratings(run: Run, scale: str = AGREEMENT.name) -> pd.Series[float]:
    """By (round_id, candidate_id, participant_id), the mean over passes. Without those that are missing."""
    answered = run.ratings.dropna(subset=[scale])
    return answered.groupby(["round_id", "candidate_id", "participant_id"])[scale].mean()
