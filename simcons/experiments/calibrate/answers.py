"""The answers and times of a run as rows for models: what people gave on the source's own scale, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simcons.arrays import Floats
from simcons.counted import counted
from simcons.errors import InputError
from simcons.scale import HIGHEST, LOWEST
from simcons.storage.imported.checks import GIVEN
from simcons.storage.load import Run

if TYPE_CHECKING:
    import pandas as pd

LEAST_PEOPLE = 10
_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Scaled:
    """Rows with ``answer``, counted from 0, on a scale of so many options."""

    rows: pd.DataFrame
    options: int


def rated(run: Run, scale: str) -> Scaled:
    """Ratings of mediators' statements: group, person, round, statement, answer, pass_index, hours.

    Raises InputError where there are none, too few people gave them, or one is off the scale.
    """
    if scale not in run.scales:
        raise InputError(f"{run.folder}: has no ratings of {scale}; expected one of {', '.join(run.scales)} (--scale)")
    rows = _timed(run, run.frame("ratings").dropna(subset=[scale])).merge(_of_mediators(run), on="candidate_id")
    people = rows["participant_id"].nunique()
    if not people:
        raise InputError(f"{run.folder}: has no ratings of {scale}; expected some (--scale)")
    if people < LEAST_PEOPLE:
        given_by = counted(people, "person", "people")
        raise InputError(f"{run.folder}: ratings of {scale} by {given_by}; expected at least {LEAST_PEOPLE}")
    low, high = run.imported.get("scales", {}).get(scale, {}).get("points", (LOWEST, HIGHEST))
    given = rows[f"{scale}{GIVEN}" if f"{scale}{GIVEN}" in rows else scale].to_numpy(dtype=np.float64)
    off = (given < low) | (given > high) | (given != np.floor(given))
    if off.any():
        row = rows[off].iloc[0]
        raise InputError(
            f"{run.folder}: {scale} {given[off][0]:g} of {row['participant_id']} in round {row['round_id']}: expected a whole"
            f" number from {low} to {high}"
        )
    named = {"session_id": "group", "participant_id": "person", "round_id": "round", "candidate_id": "statement"}
    return Scaled(rows.assign(answer=given.astype(np.int64) - int(low)).rename(columns=named), int(high - low) + 1)


def stated(run: Run) -> Scaled | None:
    """Answers to position statements before rounds: question, answer. None where there are none."""
    rows = run.first_positions.dropna(subset=["rating"]).merge(
        run.frame("rounds")[["round_id", "question_id"]], on="round_id"
    )
    if not len(rows):
        return None
    settings = run.imported.get("mapping", {}).get("positions", {}).get("rating", {})
    low, high = settings.get("points", (LOWEST, HIGHEST))
    answers = rows["rating"].to_numpy(dtype=np.float64)
    if settings.get("as") == "spread":
        answers = _as_given(answers, int(low), int(high))
    return Scaled(
        rows.assign(answer=answers.astype(np.int64) - int(low), question=rows["question_id"]), int(high - low) + 1
    )


def rating_times(run: Run) -> pd.DataFrame:
    """Seconds of rating one statement on all scales: group, person, seconds, words, again, n_tasks, hours."""
    rows = _timed(run, run.frame("ratings")).merge(_of_mediators(run), on="candidate_id")
    asked = [name for name in dict.fromkeys((*run.scales, *run.imported.get("scales", {}))) if name in rows]
    # The mean of all people: slow ones come to a rating later than others because they are slow, not slow because it is late.
    hours = rows.groupby(["round_index", "pass_index"])["hours"].transform("mean")
    rows = rows.assign(n_tasks=rows[asked].notna().sum(axis=1), again=rows["pass_index"] > 1, hours=hours)
    return rows[(rows["seconds"] > 0) & (rows["n_tasks"] > 0) & (rows["words"] > 0)].rename(
        columns={"session_id": "group"}
    )


def opinion_times(run: Run) -> pd.DataFrame:
    """Seconds of opinions that were not cut short: group, seconds, words, again, n_tasks, hours when it was begun."""
    rows = _timed(run, run.frame("opinions"))
    rows = rows.assign(words=rows["n_words"], again=False, n_tasks=1, hours=rows["hours"] - rows["seconds"] / _HOUR)
    whole = ~rows["cut_short"].eq(True)
    return rows[whole & (rows["words"] > 0)].rename(columns={"session_id": "group"})


def _timed(run: Run, rows: pd.DataFrame) -> pd.DataFrame:
    """With the group, and the hours that the person had been there."""
    people = run.frame("participants")[["participant_id", "arrived_at"]]
    rounds = run.frame("rounds")[["round_id", "session_id", "round_index"]]
    rows = rows.merge(rounds, on="round_id").merge(people, on="participant_id")
    return rows.assign(hours=(rows["at"].astype(float) - rows["arrived_at"].astype(float)) / _HOUR)


def _of_mediators(run: Run) -> pd.DataFrame:
    candidates = run.frame("candidates")
    kept = candidates[candidates["source"] == "mediator"][["candidate_id", "text"]]
    return kept.assign(words=kept["text"].str.split().str.len()).drop(columns="text")


def _as_given(answers: Floats, low: int, high: int) -> Floats:
    """Answers spread over the points from 1 to 7, back on the source's."""
    from simcons.scenario.mapping import AnswerSettings

    scale = AnswerSettings.model_validate({"column": "rating", "points": (low, high), "as": "spread"})
    given = {scale.to_run(point): point for point in range(low, high + 1)}
    return np.array([given[int(answer)] for answer in answers])
