"""Studies written by hand: rounds whose every statement and rating is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from simcons.records import (
    CandidateRecord,
    OpinionRecord,
    ParticipantRecord,
    PositionRecord,
    RatingRecord,
    Record,
    RoundRecord,
    SelectionRecord,
    TrueAppraisal,
)
from simcons.storage.writer import RunWriter

Rating = int | tuple[int | None, int | None] | None  # in both passes alike; in each; in neither


@dataclass(frozen=True)
class Round:
    """One round of one group. People are named as in ``agreement``; statement 0 of round r1 is r1-c0. To its position they answer
    1, 2, ... before anything is written, and all 7 at its end.

    quality: of each statement, as everybody rates it. used: members whose opinions went into the statements; all by default.
    """

    name: str
    session: str
    question: str
    statements: Sequence[str]
    agreement: Mapping[str, Sequence[Rating]]
    quality: Sequence[int]
    split: str = "train"
    silent: Sequence[str] = ()  # members who wrote nothing
    unrecorded: Sequence[str] = ()  # members whose opinions went into the statements and are in no table
    truncated: Sequence[int] = ()  # statements
    arm: str = "arm"
    told: Sequence[int] = ()  # statements that only an arm which sees the truth picked


STATEMENTS = ["We agree.", "On balance we do.", "It breaks off and"]


def usual(k: int, **changes) -> Round:
    """Round k of group k: ann prefers each statement to the next, bob finds the first two alike."""
    return replace(
        Round(
            name=f"r{k}",
            session=f"s{k}",
            question=f"Should we do {k}?",
            statements=STATEMENTS,
            agreement={f"ann{k}": (6, 4, 2), f"bob{k}": (5, 5, 1)},
            quality=(7, 6, 6),
        ),
        **changes,
    )


def write_study(folder: Path, *rounds: Round, age: int = 40, **manifest: Any) -> Path:
    """The folder of a finished run. People of the same name and age are the same in all studies."""
    with RunWriter(folder, row_group_rows=1000) as writer:
        sessions = {who: one.session for one in rounds for who in one.agreement}
        writer.write(_participant(who, session, age) for who, session in sessions.items())
        writer.write(record for one in rounds for record in _records(one))
        writer.finish({"name": "written", "seed": 0, **manifest})
    return folder


def _participant(who: str, session: str, age: int) -> ParticipantRecord:
    return ParticipantRecord(
        who, session, 0, "finished", 0.0, 1.0, 9.0, "female", age, "White", "London", "level 4", "employed", False, None, 1.0,
        1.0, 0.3, 0.1,
    )  # fmt: skip


def _records(one: Round) -> Iterator[Record]:
    writers = [who for who in one.agreement if who not in one.silent]
    yield RoundRecord(
        one.name, one.session, 0, one.question.lower(), "topic", one.split, one.question, "P.", 0.0, 1.0, 2.0, 3.0,
        len(writers), True,
    )  # fmt: skip
    for who in writers:
        if who not in one.unrecorded:
            text = f"I am {who} on {one.question}"
            yield OpinionRecord(f"{one.name}-{who}", one.name, who, text, 5, 1.0, 1.0, False)
    for k, who in enumerate(one.agreement, 1):
        yield PositionRecord(one.name, who, "before", k, None, 1.0, 1.0)
        yield PositionRecord(one.name, who, "after", 7, None, 9.0, 1.0)
    for k, text in enumerate(one.statements):
        yield _candidate(one, k, text, [f"{one.name}-{who}" for who in writers])
        yield _selection(one, k)
    for who, ratings in one.agreement.items():
        for k, rating in enumerate(ratings):
            yield from _ratings(one, k, who, rating)


def _candidate(one: Round, k: int, text: str, opinion_ids: list[str]) -> CandidateRecord:
    return CandidateRecord(
        f"{one.name}-c{k}",
        one.name,
        "mediator",
        "arm",
        0,
        opinion_ids,
        None,
        k,
        text,
        True,
        k,
        k in one.truncated,
        None,
        None,
    )


def _selection(one: Round, k: int) -> SelectionRecord:
    return SelectionRecord(
        round_id=one.name, arm="oracle" if k in one.told else one.arm, upper_bound=k in one.told, omitted=0, pick=k + 1,
        candidate_id=f"{one.name}-c{k}", rule=None, alpha=None, utility_map="likert", welfare=None, n_tied=1,
        tie_rule="random", decided_by=None, redraws=0,
    )  # fmt: skip


def _ratings(one: Round, k: int, who: str, rating: Rating) -> Iterator[Record]:
    candidate = f"{one.name}-c{k}"
    passes = rating if isinstance(rating, tuple) else (rating, rating)
    for pass_index, agreement in enumerate(passes, 1):
        answers = {"agreement": agreement, "quality": None if agreement is None else one.quality[k]}
        missing = "time_limit" if agreement is None else None
        yield RatingRecord(one.name, who, candidate, pass_index, 1, answers, missing, 0.0, 1.0)
    yield TrueAppraisal(one.name, candidate, who, {"agreement": 4.0, "quality": 4.0})
