"""Runs written by hand: a few rounds whose every score, rating and true appraisal is given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import simcons
from simcons.records import (
    CandidateRecord,
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


def written(folder: Path, *rounds: Round, manifest: dict[str, Any] | None = None) -> Run:
    """The finished run of these rounds."""
    with RunWriter(folder, row_group_rows=1000) as writer:
        writer.write(record for one in rounds for record in _records(one))
        writer.finish(manifest or {})
    return simcons.load(folder)


def _records(one: Round) -> Iterator[Record]:
    yield RoundRecord(
        one.name, one.session, 0, "q", "topic", "train", "Q?", "P.", 0.0, 1.0, 2.0, 3.0, len(one.scores[0]), True
    )
    for k, (place, text) in enumerate(_texts(one)):
        yield CandidateRecord(
            f"{one.name}-c{k}",
            one.name,
            "mediator",
            "arm",
            one.omitted,
            [],
            None,
            place,
            text,
            True,
            k,
            False,
            None,
            None,
        )
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
    for k, (economic, authority) in enumerate(one.values):
        yield TruePersona(f"{one.name}-p{k}", k, economic, authority, 0.0, 0.0, 0.0, 0.0, 0.5, 0.0, 1.0, "none", None)
    for arm, k in one.picked.items():
        yield SelectionRecord(
            round_id=one.name,
            arm=arm,
            upper_bound=False,
            omitted=one.omitted,
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


def _texts(one: Round) -> Iterator[tuple[int, str]]:
    texts = one.texts or [f"Statement {k} of {one.name}." for k in range(len(one.scores))]
    return enumerate(texts)


def _cells(one: Round, matrix: Matrix) -> Iterator[tuple[str, str, float]]:
    for k, row in enumerate(matrix):
        for person, value in enumerate(row):
            if value is not None:
                yield f"{one.name}-c{k}", f"{one.name}-p{person}", float(value)
