"""Rounds of an evaluation to be read: drawn by the loop's seed from all that were rated to the end, not by what came of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from simcons.report.loops.results import Arm, Evaluated, RoundShown, ShownStatement
from simcons.scale import AGREEMENT
from simcons.seeds import stream
from simcons.storage.load import Run

if TYPE_CHECKING:
    import pandas as pd

MOST = 30

_STATEMENT = ["round_id", "candidate_id"]


def arms_to_read(evaluation: Evaluated) -> list[str]:
    """The arms whose statements are read: a rival, one sample of the fine-tuned mediator, and its reward model's first choice."""
    chosen = next((arm for arm, _ in evaluation.reranked if arm.writer == "fine-tuned"), None)
    arms: list[Arm | None] = [evaluation.rival, evaluation.tuned, chosen]
    return [arm.name for arm in arms if arm is not None]


def rounds_to_read(run: Run, arms: Sequence[str], seed: int) -> list[RoundShown]:
    """As many as are there, at most `MOST`, in the order drawn; of ``arms`` each has a statement in all of them."""
    picked = run.selections
    first = picked[(picked["omitted"] == 0) & (picked["pick"] == 1) & picked["arm"].isin(arms)]
    n_arms = first.groupby("round_id", observed=True)["arm"].nunique()
    rounds = run.rounds[run.rounds["complete"]].set_index("round_id", drop=False).sort_index()
    there = [name for name in rounds.index if n_arms.get(name, 0) == len(set(arms))]
    drawn = stream(seed, "rounds to read").permutation(len(there))[:MOST]
    tables = _Tables(run, first.set_index(["round_id", "arm"])["candidate_id"])
    return [tables.shown(rounds.loc[there[place]], arms) for place in drawn]


class _Tables:
    """The tables that rounds are put together from."""

    def __init__(self, run: Run, picks: pd.Series[str]) -> None:
        self._picks = picks
        self._texts = run.candidates.set_index(_STATEMENT)["text"]
        self._opinions = run.opinions.merge(
            run.first_positions[["round_id", "participant_id", "rating"]], how="left", on=["round_id", "participant_id"]
        ).sort_values(["round_id", "opinion_id"])
        self._ratings, self._true = (
            table.dropna(subset=[AGREEMENT.name])
            .astype({AGREEMENT.name: float})
            .groupby([*_STATEMENT, "participant_id"], observed=True)[AGREEMENT.name]
            .mean()
            for table in (run.ratings, run.truth("appraisals"))
        )

    def shown(self, row: Any, arms: Sequence[str]) -> RoundShown:
        opinions = self._opinions[self._opinions["round_id"] == row["round_id"]]
        people = opinions["participant_id"].tolist()
        positions = [None if rating != rating else int(rating) for rating in opinions["rating"].astype(float)]
        return RoundShown(
            row["round_id"],
            str(row["split"] or ""),
            row["question"],
            list(zip(positions, opinions["text"], strict=True)),
            [self._statement(row["round_id"], arm, people) for arm in arms],
        )

    def _statement(self, round_id: str, arm: str, people: Sequence[str]) -> ShownStatement:
        candidate = self._picks[round_id, arm]
        rated, true = (self._answers(table, round_id, candidate) for table in (self._ratings, self._true))
        return ShownStatement(
            arm,
            self._texts[round_id, candidate],
            [rated.get(person) for person in people],
            [rating for person, rating in rated.items() if person not in people],
            _mean(rated),
            _mean(true),
        )

    def _answers(self, table: pd.Series[float], round_id: str, candidate: str) -> Mapping[str, float]:
        where = (round_id, candidate)
        return dict(table.loc[where].items()) if where in table.index.droplevel(-1) else {}


def _mean(answers: Mapping[str, float]) -> float | None:
    return sum(answers.values()) / len(answers) if answers else None
