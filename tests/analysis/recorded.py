"""Runs written by hand: a few rounds whose every score, rating and true appraisal is given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import simcons
from simcons.records import (
    CandidateRecord,
    OpinionRecord,
    Outcome,
    ParticipantRecord,
    PositionRecord,
    RatingRecord,
    Record,
    RoundRecord,
    ScoreRecord,
    SelectionRecord,
    TrueAppraisal,
    TruePersona,
)
from simcons.storage.load import Run
from simcons.storage.writer import RunWriter

Matrix = Sequence[Sequence[float | None]]  # [candidates][people]


@dataclass(frozen=True)
class Round:
    """One round of one group. Candidates are named c0, c1, ..., people p0, p1, ..., each with the round's name before."""

    name: str
    session: str
    scores: Matrix
    truth: Matrix = ()
    ratings: Matrix = ()
    second_ratings: Matrix = ()
    positions: Sequence[int | None] = ()
    texts: Sequence[str] = ()
    picked: dict[str, int] = field(default_factory=dict)  # candidates by arm
    omitted: int = 0
    values: Sequence[tuple[float, float]] = ()  # of people: economic, authority
    without: Sequence[
        Sequence[int]
    ] = ()  # people whose opinions were left out, by candidate; all write where this is given
    opinion_ratings: Matrix = ()  # [authors][people], of opinions that are put to the vote


def written(folder: Path, *rounds: Round, manifest: dict[str, Any] | None = None, more: Iterable[Record] = ()) -> Run:
    """The finished run of these rounds. more: records besides, such as of participants."""
    with RunWriter(folder, row_group_rows=1000) as writer:
        writer.write(record for one in rounds for record in _records(one))
        writer.write(more)
        writer.finish(manifest or {})
    return simcons.load(folder)


def participant(
    name: str, session: str | None, *, outcome: Outcome = "finished", sex: str = "female"
) -> ParticipantRecord:
    """Somebody who, in a group, is paid 6 pounds, with a fee of 2 on top."""
    pay = 6.0 if session else 0.0
    return ParticipantRecord(
        participant_id=name,
        session_id=session,
        launch=0,
        outcome=outcome,
        recruited_at=0.0,
        arrived_at=1.0 if session else None,
        left_at=1.0 if session else None,
        sex=sex,
        age=40,
        ethnicity="white",
        region="london",
        education="degree",
        work="full_time",
        children=False,
        table_row=None,
        paid_seconds=1800.0,
        pay_gbp=pay,
        fee_gbp=pay / 3,
        vat_gbp=0.0,
    )


def _records(one: Round) -> Iterator[Record]:
    yield RoundRecord(
        one.name, one.session, 0, "q", "topic", "train", "Q?", "P.", 0.0, 1.0, 2.0, 3.0, len(one.scores[0]), True
    )
    yield from _candidates(one)
    yield from _opinions(one)
    for k, position in enumerate(one.positions):
        missing = "time_limit" if position is None else None
        yield PositionRecord(one.name, f"{one.name}-p{k}", "before", position, missing, 0.0, 1.0)
    for candidate, who, score in _cells(one, one.scores):
        yield ScoreRecord(candidate, f"o-{who}", who, "reader", score)
    for candidate, who, agreement in _cells(one, one.truth):
        yield TrueAppraisal(one.name, candidate, who, {"agreement": agreement, "quality": 4.0})
    for number, ratings in enumerate((one.ratings, one.second_ratings), start=1):
        for candidate, who, rating in _cells(one, ratings):
            answers = {"agreement": int(rating), "quality": 4}
            yield RatingRecord(one.name, who, candidate, number, 1, answers, None, 0.0, 1.0)
    for candidate, who, rating in _cells(one, one.opinion_ratings, of="o"):
        yield RatingRecord(one.name, who, candidate, 1, 1, {"agreement": int(rating), "quality": 4}, None, 0.0, 1.0)
    for k, (economic, authority) in enumerate(one.values):
        yield TruePersona(f"{one.name}-p{k}", k, economic, authority, 0.0, 0.0, 0.0, 0.0, 0.5, 0.0, 1.0, "none", None)
    for arm, k in one.picked.items():
        yield SelectionRecord(
            round_id=one.name,
            arm=arm,
            upper_bound=False,
            omitted=_omitted(one, k),
            pick=1,
            candidate_id=f"{one.name}-c{k}",
            rule="isoelastic",
            alpha=0.0,
            utility_map="likert",
            welfare=1.0,
            n_tied=1,
            tie_rule="random",
            decided_by=None,
            redraws=0,
        )


def _candidates(one: Round) -> Iterator[Record]:
    people = range(len(one.scores[0]))
    for k, (place, text) in enumerate(_texts(one)):
        yield CandidateRecord(
            candidate_id=f"{one.name}-c{k}",
            round_id=one.name,
            source="mediator",
            generator="arm",
            omitted=_omitted(one, k),
            opinion_ids=[f"{one.name}-o{p}" for p in people if p not in one.without[k]] if one.without else [],
            author_id=None,
            sample=place,
            text=text,
            shown=True,
            slate_place=k,
            truncated=False,
            tokens_in=None,
            tokens_out=None,
        )


def _omitted(one: Round, candidate: int) -> int:
    return len(one.without[candidate]) if one.without else one.omitted


def _opinions(one: Round) -> Iterator[Record]:
    """Everybody's, if anything is made of them; put to the vote if they are rated."""
    for k in range(len(one.scores[0]) if one.without or one.opinion_ratings else 0):
        name, author = f"{one.name}-o{k}", f"{one.name}-p{k}"
        yield OpinionRecord(name, one.name, author, "I think so.", 3, 1.0, 1.0, False)
        if one.opinion_ratings:
            yield CandidateRecord(
                name, one.name, "opinion", None, None, [name], author, None, "I think so.", True, 9, False, None, None
            )


def _texts(one: Round) -> Iterator[tuple[int, str]]:
    texts = one.texts or [f"Statement {k} of {one.name}." for k in range(len(one.scores))]
    return enumerate(texts)


def _cells(one: Round, matrix: Matrix, *, of: str = "c") -> Iterator[tuple[str, str, float]]:
    for k, row in enumerate(matrix):
        for person, value in enumerate(row):
            if value is not None:
                yield f"{one.name}-{of}{k}", f"{one.name}-p{person}", float(value)
