"""One round in full: the question, the opinions, the statement that people liked best, and their answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simcons.counted import counted
from simcons.errors import RunFolderError
from simcons.rich_display import RichDisplay
from simcons.scale import AGREEMENT
from simcons.storage.load import Run
from simcons.storage.query import column


@dataclass(frozen=True, slots=True)
class Voice:
    """One member of the group. Ratings are of the winning statement, by pass; None is missing."""

    participant_id: str
    who: str
    position: int | None
    position_again: int | None  # at the round's end, where it was asked
    opinion: str | None
    ratings: Mapping[str, tuple[int | None, ...]]  # by scale, in the order asked


@dataclass(frozen=True, slots=True)
class ShownStatement:
    """A statement that was shown in the round. Means are over members and passes."""

    candidate_id: str
    arm: str  # or arms that picked it, or "a member’s opinion"
    n_arms: int  # 0 for a member's opinion
    upper_bound: bool  # only arms that saw the truth picked it
    text: str
    means: Mapping[str, float | None]  # by scale, in the order asked; None where nobody rated it on that
    n_opinions: int


@dataclass(frozen=True, slots=True, repr=False)
class RoundInFull(RichDisplay):
    """All that there is to read of a round. Notebooks show it."""

    round_id: str
    candidate_id: str | None  # of the best-rated statement
    question: str
    position_statement: str | None  # an imported study may have none
    voices: tuple[Voice, ...]
    statements: tuple[ShownStatement, ...]  # shown, best first

    def __repr__(self) -> str:
        sizes = counted(len(self.voices), "member"), counted(len(self.statements), "statement")
        return f"RoundInFull({self.round_id!r}: {', '.join(sizes)})"


def round_in_full(run: Run, round_id: str | None = None) -> RoundInFull:
    """The round asked for, or by default the first complete one in which members disagreed most about the position.

    Raises RunFolderError for an unknown round, or a run in which nothing was rated.
    """
    sql = run.sql()
    chosen = round_id if round_id is not None else _most_divided(run)
    row = sql.execute("SELECT question, position_statement FROM rounds WHERE round_id = ?", [chosen]).fetchone()
    if row is None:
        known = [r[0] for r in sql.execute("SELECT round_id FROM rounds ORDER BY 1 LIMIT 3").fetchall()]
        raise RunFolderError(f"{run.folder}: no round {chosen!r}; rounds are named like {', '.join(known) or '(none)'}")
    statements = _statements(run, chosen)
    winner = statements[0].candidate_id if statements else None
    return RoundInFull(chosen, winner, str(row[0]), row[1], _voices(run, chosen, winner), statements)


def _statements(run: Run, round_id: str) -> tuple[ShownStatement, ...]:
    """Those rated, by their agreement, then by what else was asked."""
    means = {scale: f"avg({column(scale)})" for scale in run.scales}
    best_first = sorted(means, key=lambda scale: scale != AGREEMENT.name)
    return tuple(
        ShownStatement(
            str(i), str(arm), int(n_arms), bool(bound), str(text), dict(zip(means, rated, strict=True)), int(used)
        )
        for i, arm, n_arms, bound, text, used, *rated in run.sql()
        .execute(
            f"""WITH arms AS (SELECT candidate_id, string_agg(DISTINCT arm, ' and ' ORDER BY arm) AS arm,
                                    count(DISTINCT arm) AS n_arms,
                                    bool_and(upper_bound) AS upper_bound FROM selections GROUP BY candidate_id)
               SELECT candidate_id, coalesce(arm, 'a member’s opinion'), coalesce(n_arms, 0), coalesce(upper_bound, false), text,
                      len(opinion_ids), {", ".join(means.values())}
               FROM ratings JOIN candidates USING (candidate_id, round_id) LEFT JOIN arms USING (candidate_id)
               WHERE round_id = ? AND agreement IS NOT NULL GROUP BY ALL
               ORDER BY {", ".join(f"{means[scale]} DESC" for scale in best_first)}, 1""",
            [round_id],
        )
        .fetchall()
    )


def _most_divided(run: Run) -> str:
    row = (
        run.sql()
        .execute(
            """SELECT round_id FROM rounds LEFT JOIN first_positions USING (round_id) WHERE complete
               GROUP BY round_id ORDER BY round(stddev_pop(rating), 6) DESC NULLS LAST, round_id LIMIT 1"""
        )
        .fetchone()
    )
    if row is None:
        raise RunFolderError(f"{run.folder}: no round was rated to the end")
    return str(row[0])


def _voices(run: Run, round_id: str, winner: str | None) -> tuple[Voice, ...]:
    lists = [f"list(r.{column(scale)} ORDER BY r.pass_index) FILTER (r.pass_index IS NOT NULL)" for scale in run.scales]
    rows = (
        run.sql()
        .execute(
            f"""WITH here AS (SELECT round_id, participant_id FROM first_positions
                             UNION SELECT round_id, participant_id FROM opinions
                             UNION SELECT round_id, participant_id FROM ratings)
               SELECT here.participant_id,
                      concat_ws(', ', CASE sex WHEN 'female' THEN 'woman' WHEN 'male' THEN 'man' ELSE sex END, age, region),
                      p.rating, again.rating, o.text, {", ".join(lists)}
               FROM here JOIN participants USING (participant_id)
               LEFT JOIN first_positions AS p ON p.round_id = here.round_id AND p.participant_id = here.participant_id
               LEFT JOIN positions AS again ON again.round_id = here.round_id AND again.participant_id = here.participant_id
                                               AND again.moment = 'after'
               LEFT JOIN opinions AS o ON o.round_id = here.round_id AND o.participant_id = here.participant_id
               LEFT JOIN ratings AS r ON r.candidate_id = ? AND r.participant_id = here.participant_id
               WHERE here.round_id = ? GROUP BY ALL ORDER BY here.participant_id""",
            [winner, round_id],
        )
        .fetchall()
    )
    return tuple(
        Voice(
            str(i),
            str(who),
            position,
            again,
            text,
            dict(zip(run.scales, (tuple(r or ()) for r in ratings), strict=True)),
        )
        for i, who, position, again, text, *ratings in rows
    )
