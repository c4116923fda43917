"""The records of studies as training reads them: tables that a study of people has too, and rounds that may be learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from simcons.counted import counted
from simcons.errors import RunFolderError, TrainingDataError
from simcons.scale import AGREEMENT
from simcons.storage.recorded import RecordedRun, load_recorded
from simcons.training.data.examples import HoldOut, SideName
from simcons.training.data.funnel import Funnel
from simcons.training.data.raters import Raters, raters_of
from simcons.training.data.runs import (
    ID_LENGTH,
    TO_LEARN_FROM,
    count_questions,
    discussions,
    refuse_repeats,
    tables_hash,
    usable_rounds,
)
from simcons.training.data.sides import assign

if TYPE_CHECKING:
    import pandas as pd

TABLES_READ = ("participants", "rounds", "positions", "opinions", "candidates", "selections", "ratings")


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """One run, as far as something may be learnt from it.

    statements: shown by mediators that could be used, with columns of their rounds; not what only arms that saw the truth picked.
    ratings: of these, one row for each pass. ranks: of these too, by people who ranked them and did not rate them both. rounds,
    opinions, positions: of the same rounds; positions: as they were before anything was written. side_of: the side of each round,
    by id.
    """

    run: RecordedRun
    tables_hash: str
    rounds: pd.DataFrame
    statements: pd.DataFrame
    positions: pd.DataFrame
    opinions: pd.DataFrame
    ratings: pd.DataFrame
    ranks: pd.DataFrame
    raters: Raters
    side_of: dict[str, SideName]

    @property
    def id(self) -> str:
        return _short(self.tables_hash)

    @property
    def says_what_statements_rest_on(self) -> bool:
        """True if a statement's opinions are recorded, so that writing can be learnt from it."""
        return bool(self.statements["opinion_ids"].map(len).any())


@dataclass(frozen=True, slots=True, eq=False)
class _Opened:
    """A run with its hash, and its rounds that may be learnt from, with ``key``, by which a question is known in all runs."""

    run: RecordedRun
    tables_hash: str
    rounds: pd.DataFrame

    def everywhere(self, name: str) -> str:
        """A name of this run as it is known among all."""
        return f"{_short(self.tables_hash)}/{name}"


def read_studies(
    folders: Sequence[Path],
    *,
    arms: Sequence[str] | None,
    share: float,
    hold_out: HoldOut,
    seed: int,
    rounds: Funnel,
    shown: Funnel,
) -> list[Study]:
    """The studies in ``folders``. Rounds and statements shown are counted.

    arms: whose statements are taken; None: all. share: of the questions, or of the groups, held out. Raises RunFolderError for a
    folder that is no finished run, whose records were given before, or in which nobody rated or ranked, and TrainingDataError
    where there are not two questions to learn from, or no run has one of the arms.
    """
    runs = [load_recorded(folder) for folder in folders]
    hashes = [tables_hash(run, _tables_read(run)) for run in runs]
    refuse_repeats(runs, hashes)
    for run in runs:
        _refuse_without_answers(run)
    _refuse_unknown(arms or (), runs)
    frames = _rounds_to_learn_from(runs, rounds, least=2 if hold_out == "questions" else 1)
    opened = [_Opened(*fields) for fields in zip(runs, hashes, frames, strict=True)]
    sides = assign(
        [discussed for run in opened for discussed in discussions(run.run, run.rounds, run.everywhere)],
        share=share,
        seed=seed,
        hold_out=hold_out,
    )
    if "validation" not in sides.values():
        raise TrainingDataError(_nothing_held_out(frames))
    rounds.count("of groups on the side of their question", len(sides))
    return [_study(run, sides, arms, shown) for run in opened]


def _nothing_held_out(frames: Sequence[pd.DataFrame]) -> str:
    n_groups = sum(frame["session_id"].nunique() for frame in frames)
    tied = ", which people in common make one" if n_groups > 1 else ""
    return f"{counted(n_groups, 'group')}{tied}: nothing can be held out; expected another without people in common"


def _short(tables_hash: str) -> str:
    return tables_hash[:ID_LENGTH]


# --- runs --------------------------------------------------------------------------------------------------------


def _tables_read(run: RecordedRun) -> tuple[str, ...]:
    return TABLES_READ if ranks_alone(run).empty else (*TABLES_READ, "rankings")


def _refuse_without_answers(run: RecordedRun) -> None:
    if run.frame("ratings")[AGREEMENT.name].isna().all() and ranks_alone(run).empty:
        raise RunFolderError(f"{run.folder}: nobody rated or ranked a statement; expected a run in which people did")


def compares(run: RecordedRun) -> bool:
    """A person compares two statements by rating both in one round, or by ranking them."""
    return len(_rated_both(run)) > 0 or not ranks_alone(run).empty


def _rated_both(run: RecordedRun) -> pd.MultiIndex:
    """Rounds with the people who rated two of their statements or more."""
    rated = run.frame("ratings").dropna(subset=[AGREEMENT.name])
    compared = rated.groupby(["round_id", "participant_id"])["candidate_id"].nunique()
    return compared.index[compared > 1]


def ranks_alone(run: RecordedRun) -> pd.DataFrame:
    """Ranks of people who did not rate two statements of the round: those who did have compared them by that."""
    import pandas as pd

    ranks = run.frame("rankings").dropna(subset=["rank"])
    who = pd.MultiIndex.from_frame(ranks[["round_id", "participant_id"]])
    return ranks[~who.isin(_rated_both(run))]


def _refuse_unknown(arms: Sequence[str], runs: Sequence[RecordedRun]) -> None:
    there = {str(arm) for run in runs for arm in run.frame("selections")["arm"].unique()}
    for arm in arms:
        if arm not in there:
            raise TrainingDataError(f"arms: no run has an arm {arm!r}; expected some of {', '.join(sorted(there))}")


# --- rounds ------------------------------------------------------------------------------------------------------


def _rounds_to_learn_from(runs: Sequence[RecordedRun], funnel: Funnel, *, least: int) -> list[pd.DataFrame]:
    """Rounds on questions that are a test in none of the runs. least: questions."""
    usable = usable_rounds(runs)
    funnel.count("rounds", sum(len(run.frame("rounds")) for run in runs))
    funnel.count("on questions to learn from", sum(map(len, usable)))
    n_questions = count_questions(usable)
    if n_questions < least:
        why = ", to hold one out" if least > 1 else ""
        raise TrainingDataError(
            f"{n_questions} of the questions may be learnt from (split {TO_LEARN_FROM}); expected at least {least}{why}"
        )
    return usable


# --- one study ---------------------------------------------------------------------------------------------------


def _study(opened: _Opened, sides: dict[str, SideName], arms: Sequence[str] | None, funnel: Funnel) -> Study:
    run, rounds = opened.run, opened.rounds
    side_of = {name: side for name in rounds["round_id"] if (side := sides.get(opened.everywhere(name))) is not None}
    sided = rounds[rounds["round_id"].isin(side_of)]
    statements = _statements(run, sided, arms, funnel)
    ratings, opinions, positions = (run.frame(name) for name in ("ratings", "opinions", "positions"))
    ranks = ranks_alone(run)
    before = positions["round_id"].isin(side_of) & (positions["moment"] == "before")
    return Study(
        run=run,
        tables_hash=opened.tables_hash,
        rounds=sided,
        statements=statements,
        positions=positions[before],
        opinions=opinions[opinions["round_id"].isin(side_of)],
        ratings=ratings[ratings["candidate_id"].isin(statements["candidate_id"])],
        ranks=ranks[ranks["candidate_id"].isin(statements["candidate_id"])],
        raters=raters_of(ratings[ratings["round_id"].isin(rounds["round_id"])]),
        side_of=side_of,
    )


def _statements(run: RecordedRun, rounds: pd.DataFrame, arms: Sequence[str] | None, funnel: Funnel) -> pd.DataFrame:
    candidates, selections = run.frame("candidates"), run.frame("selections")
    here = candidates["round_id"].isin(rounds["round_id"]) & candidates["shown"]
    shown = candidates[here & (candidates["source"] == "mediator")]
    funnel.count("statements shown", len(shown))
    by_truth_alone = selections.groupby("candidate_id")["upper_bound"].all()
    usable = shown[~shown["candidate_id"].isin(by_truth_alone.index[by_truth_alone])]
    funnel.count("of arms that did not see the truth", len(usable))
    if arms is not None:
        picked = selections.loc[selections["arm"].isin(arms), "candidate_id"]
        usable = usable[usable["candidate_id"].isin(picked)]
        funnel.count("of the arms asked for", len(usable))
    context = rounds[["round_id", "session_id", "question_id", "question"]]
    return usable.merge(context, on="round_id").sort_values("candidate_id", ignore_index=True)
