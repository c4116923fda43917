"""A run's sets of candidates as arrays: who was predicted to like what, and what they truly think of it.

A *pool* is what one generator made of one round's opinions, less those left out on purpose: what an arm chose from. Only a
mediator's statements are candidates; members' opinions put to the vote have no scores.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd

from simcons.arrays import Floats, Ints
from simcons.errors import RunFolderError
from simcons.scale import HIGHEST, LOWEST
from simcons.storage.load import Run

MissingScores: TypeAlias = Literal["refuse", "leave_out"]

NEITHER, MINORITY, MAJORITY = 0, 1, 2  # a person's part in a round
# Quadrants of the two main value dimensions about the general public's mean; 0 is somebody whose values are not known.
VALUES_CELLS = ("libertarian left", "authoritarian left", "libertarian right", "authoritarian right")
_CELLS = 1 << 21  # scores in a block
_AT_A_TIME = 1 << 16  # as rows scores take several times the room that they have in blocks

_SLOTS = """
    CREATE TEMP TABLE slots AS
    WITH made AS (
        SELECT round_id, session_id, coalesce(generator, '') AS generator, coalesce(omitted, 0) AS omitted, sample,
               candidate_id, md5_number(text) AS text
        FROM candidates JOIN rounds USING (round_id) WHERE source = 'mediator'),
    placed AS (
        SELECT *, dense_rank() OVER (ORDER BY round_id, generator, omitted) - 1 AS pool,
               row_number() OVER (PARTITION BY round_id, generator, omitted ORDER BY sample, candidate_id) - 1 AS place
        FROM made)
    SELECT * EXCLUDE (text), min(place) OVER (PARTITION BY pool, text) AS statement FROM placed
"""
ROLES = f"""
    CREATE TEMP TABLE roles AS
    WITH sides AS (
        SELECT round_id, participant_id, sign(rating - 4) AS side FROM first_positions WHERE rating IS NOT NULL),
    sizes AS (
        SELECT round_id, count(*) FILTER (side > 0) AS above, count(*) FILTER (side < 0) AS below
        FROM sides GROUP BY round_id)
    SELECT round_id, participant_id, CASE WHEN (side > 0) = (above < below) THEN {MINORITY} ELSE {MAJORITY} END AS role
    FROM sides JOIN sizes USING (round_id) WHERE side <> 0 AND above <> below AND least(above, below) > 0
"""
_VALUES = """
    CREATE TEMP TABLE cells AS
    SELECT participant_id, 1 + 2 * (economic >= 0)::INT + (authority >= 0)::INT AS cell FROM personas
"""
# Of the pools that are read at a time; what is said of their candidates, each once.
_HERE = "CREATE OR REPLACE TEMP TABLE here AS SELECT * FROM slots WHERE pool BETWEEN ? AND ?"
_RATED = """
    SELECT candidate_id, participant_id, avg(agreement) AS rating
    FROM ratings WHERE agreement IS NOT NULL AND candidate_id IN (SELECT candidate_id FROM here) GROUP BY ALL
"""
_TRUE = "SELECT candidate_id, participant_id, agreement FROM appraisals WHERE candidate_id IN (SELECT candidate_id FROM here)"
# Rows tell people by number: ids take ten times as much room.
_PEOPLE = """
    CREATE TEMP TABLE people AS
    SELECT participant_id, row_number() OVER (ORDER BY participant_id) - 1 AS person
    FROM (SELECT participant_id FROM scores UNION SELECT participant_id FROM oracle_scores
          UNION SELECT participant_id FROM appraisals)
"""
_SCORED = f"""
    SELECT pool, place, statement, person, any_value(s.score) AS value,
           any_value(a.agreement) AS truth, any_value(rating) AS rating, coalesce(any_value(role), 0) AS role
    FROM here JOIN {{scores}} AS s USING (candidate_id) JOIN people ON people.participant_id = s.participant_id
    LEFT JOIN ({_TRUE}) AS a ON a.candidate_id = s.candidate_id AND a.participant_id = s.participant_id
    LEFT JOIN ({_RATED}) AS r ON r.candidate_id = s.candidate_id AND r.participant_id = s.participant_id
    LEFT JOIN roles ON roles.round_id = here.round_id AND roles.participant_id = s.participant_id
    WHERE s.scorer = ? AND generator NOT IN (SELECT unnest(?::VARCHAR[]))
    GROUP BY pool, place, statement, person ORDER BY pool, place, person
"""
_CANDIDATES = f"""
    SELECT candidate_id, picked_by, rating
    FROM here
    LEFT JOIN (SELECT candidate_id, string_agg(DISTINCT arm, ', ' ORDER BY arm) AS picked_by FROM selections GROUP BY ALL)
        USING (candidate_id)
    LEFT JOIN (SELECT candidate_id, avg(rating) AS rating FROM ({_RATED}) GROUP BY ALL) USING (candidate_id)
    ORDER BY pool, place
"""
_RATED_ON_AVERAGE = f"""
    SELECT rating::DOUBLE AS rating, shown IS NOT NULL AS shown
    FROM here LEFT JOIN (SELECT DISTINCT candidate_id, true AS shown FROM selections) USING (candidate_id)
    LEFT JOIN (SELECT candidate_id, avg(rating) AS rating FROM ({_RATED}) GROUP BY ALL) USING (candidate_id)
    ORDER BY pool, place
"""
_UNWEIGHED = """
    WITH weighed AS (SELECT DISTINCT pool, round_id, s.participant_id FROM slots JOIN {scores} AS s USING (candidate_id)
                     WHERE scorer = ? AND generator NOT IN (SELECT unnest(?::VARCHAR[]))),
    there AS (SELECT DISTINCT pool, participant_id FROM ratings
              JOIN (SELECT DISTINCT pool, round_id FROM weighed) USING (round_id))
    SELECT count(*) AS n FROM there ANTI JOIN weighed USING (pool, participant_id)
"""
_JUDGED = f"""
    SELECT pool, place, person, any_value(a.agreement) AS value, coalesce(any_value(role), 0) AS role,
           coalesce(any_value(cell), 0) AS cell
    FROM here JOIN ({_TRUE}) AS a USING (candidate_id) JOIN people ON people.participant_id = a.participant_id
    LEFT JOIN cells ON cells.participant_id = a.participant_id
    LEFT JOIN roles ON roles.round_id = here.round_id AND roles.participant_id = a.participant_id
    GROUP BY pool, place, person ORDER BY pool, place, person
"""


@dataclass(frozen=True, slots=True)
class Pools:
    """Pools of equal shape. NaN is what is not known of a person."""

    pool: Ints  # [pools], rows of `PoolReader.pools`
    statement: Ints  # [pools, candidates], the place of the first candidate with the same text
    person: Ints  # [pools, people], those who are scored, by number
    scores: Floats  # [pools, candidates, people]
    truth: Floats  # [pools, candidates, people], what those who are scored truly think, as the simulator has it
    rating: Floats  # [pools, candidates, people], the mean of their ratings
    role: Ints  # [pools, people]
    members: Floats  # [pools, candidates, members], true agreement kept to 1-7 of all who judged; no member: not known
    member_role: Ints  # [pools, members]
    member_cell: Ints  # [pools, members], 0 or 1 + the place in VALUES_CELLS


@dataclass(frozen=True, slots=True)
class Scored:
    """All that one scorer scored, in blocks of equal shape."""

    scorer: str
    blocks: tuple[Pools, ...]
    n_people_left_out: int  # people, by pool, without all the scores of it
    n_pools_left_out: int  # in which that was everybody

    @property
    def pool(self) -> Ints:
        return np.concatenate([block.pool for block in self.blocks]) if self.blocks else np.empty(0, dtype=np.int64)


class PoolReader:
    """The tables of a run as re-selection needs them. Raises RunFolderError for one that is missing or damaged.

    at_a_time: candidates whose scores are in memory as rows. pools: a row a pool; first: of each, the row of its first candidate
    in `candidates`; group: of each, the number of its session from 0.
    """

    def __init__(self, run: Run, *, at_a_time: int = _AT_A_TIME) -> None:
        self.run, self._at_a_time = run, at_a_time
        self._sql = run.sql(truth=("appraisals", "oracle_scores", "personas"))
        (self.has_truth,) = self.frame("SELECT count(*) > 0 AS there FROM appraisals")["there"].tolist()
        self._oracles = set(self.frame("SELECT DISTINCT scorer FROM oracle_scores")["scorer"])
        for statement in (_SLOTS, ROLES, _VALUES, _PEOPLE):
            self._sql.execute(statement)
        self._sql.execute(_HERE, [0, -1])  # none yet
        self.pools = self.frame(
            "SELECT pool, round_id, session_id, generator, omitted, count(*) AS n FROM slots GROUP BY ALL ORDER BY pool"
        )
        self.first: Ints = np.concatenate([[0], np.cumsum(self.pools["n"].to_numpy(dtype=np.int64))])[:-1]
        self.group: Ints = np.asarray(pd.factorize(self.pools["session_id"])[0], dtype=np.int64)

    @cached_property
    def candidates(self) -> pd.DataFrame:
        """A row a candidate, pool by pool: candidate_id, picked_by, the arms by name, and rating, their mean over people."""
        return self._of_all(_CANDIDATES)

    @cached_property
    def ratings(self) -> pd.DataFrame:
        """The same rows: rating, and shown, whether any arm picked it. Without texts, of which millions take much room."""
        return self._of_all(_RATED_ON_AVERAGE)

    def frame(self, query: str, *parameters: Any) -> pd.DataFrame:
        return self._sql.execute(query, parameters).df()

    def sees_truth(self, scorer: str) -> bool:
        """True if the scores of ``scorer`` are true appraisals."""
        return scorer in self._oracles

    def scorers(self) -> list[str]:
        """Who scored candidates, those that see the truth last."""
        rows = self.frame(
            """SELECT scorer, bool_or(sees_truth) AS last FROM (SELECT candidate_id, scorer, false AS sees_truth FROM scores
               UNION ALL SELECT candidate_id, scorer, true FROM oracle_scores) JOIN slots USING (candidate_id)
               GROUP BY scorer ORDER BY last, scorer"""
        )
        return [str(name) for name in rows["scorer"]]

    def scored(self, scorer: str, *, missing: MissingScores = "refuse", without: Iterable[str] = ()) -> Scored:
        """The pools that ``scorer`` scored, less those of the generators ``without``.

        missing: what is done about a person with scores of a part of a pool's candidates. People without any, who gave no
        opinion in time or whose opinion was left out, have no weight: who was scored is who is weighed. Raises RunFolderError
        for a part where that is refused.
        """
        portions = list(self.portions(scorer, missing=missing, without=without))
        return Scored(
            scorer,
            tuple(block for portion in portions for block in portion.blocks),
            sum(portion.n_people_left_out for portion in portions),
            sum(portion.n_pools_left_out for portion in portions),
        )

    def portions(
        self, scorer: str, *, missing: MissingScores = "refuse", without: Iterable[str] = ()
    ) -> Iterator[Scored]:
        """`scored`, some pools after others, so that no more of them need be in memory."""
        for _ in self._in_turn():
            rows = self.frame(_SCORED.format(scores=self._table(scorer)), scorer, sorted(without))
            complete = _Complete(rows, self.pools)
            if missing == "refuse" and len(complete.partial):
                raise RunFolderError(f"{self.run.folder}: {self._partial(complete.partial.iloc[0], scorer)}")
            touched = np.unique(rows["pool"].to_numpy(dtype=np.int64))
            n_pools, blocks = int((complete.n_people[touched] == 0).sum()), tuple[Pools, ...]()
            if complete.n_people.any():
                blocks = tuple(self._blocks(complete, _Complete(self.frame(_JUDGED), self.pools)))
            yield Scored(scorer, blocks, n_people_left_out=len(complete.partial), n_pools_left_out=n_pools)

    def n_unweighed(self, scorer: str, *, without: Iterable[str] = ()) -> int:
        """People, by pool, who rated statements in the round and have no score by ``scorer``."""
        return int(self.frame(_UNWEIGHED.format(scores=self._table(scorer)), scorer, sorted(without))["n"].iloc[0])

    def _table(self, scorer: str) -> str:
        return "oracle_scores" if self.sees_truth(scorer) else "scores"

    def _of_all(self, query: str) -> pd.DataFrame:
        """The result of a query on some pools at a time."""
        return pd.concat([self.frame(query) for _ in self._in_turn()] or [self.frame(query)], ignore_index=True)

    def _in_turn(self) -> Iterator[None]:
        """As many pools at a time are ``here`` as have so many candidates."""
        if not len(self.pools):
            return
        portion = self.first // self._at_a_time
        starts = np.flatnonzero(np.diff(portion, prepend=-1))
        for first, last in zip(starts.tolist(), [*(starts[1:] - 1).tolist(), len(portion) - 1], strict=True):
            self._sql.execute(_HERE, [first, last])
            yield

    def _partial(self, row: Any, scorer: str) -> str:
        pool = self.pools.iloc[int(row["pool"])]
        told = self.frame("SELECT participant_id AS id FROM people WHERE person = ?", int(row["person"]))
        return (
            f"round {pool['round_id']}: {told['id'].iloc[0]} has {int(row['n'])} scores of {pool['n']} candidates by scorer"
            f" {scorer!r}; expected all, or --missing leave_out"
        )

    def _blocks(self, complete: _Complete, judged: _Complete) -> Iterator[Pools]:
        """Pools of one shape after another, so many at a time."""
        shapes = np.stack([self.pools["n"].to_numpy(dtype=np.int64), complete.n_people, judged.n_people], axis=1)
        shapes[complete.n_people == 0] = 0
        for shape in np.unique(shapes[complete.n_people > 0], axis=0):
            pools = np.flatnonzero((shapes == shape).all(axis=1))
            n, n_people, n_members = map(int, shape)
            step = max(1, _CELLS // (n * max(n_people, n_members)))
            for start in range(0, len(pools), step):
                yield self._block(complete, judged, pools[start : start + step], n)

    def _block(self, complete: _Complete, judged: _Complete, pool: Ints, n: int) -> Pools:
        return Pools(
            pool=pool,
            statement=complete.take("statement", pool, n)[:, :, 0].astype(np.int64),
            person=complete.take("person", pool, n)[:, 0, :].astype(np.int64),
            scores=complete.take("value", pool, n),
            truth=complete.take("truth", pool, n),
            rating=complete.take("rating", pool, n),
            role=complete.take("role", pool, n)[:, 0, :].astype(np.int64),
            members=np.clip(judged.take("value", pool, n), LOWEST, HIGHEST),
            member_role=judged.take("role", pool, n)[:, 0, :].astype(np.int64),
            member_cell=judged.take("cell", pool, n)[:, 0, :].astype(np.int64),
        )


class _Complete:
    """Values [candidates, people] of every pool, one table after another, of the people who have a value for each candidate."""

    def __init__(self, rows: pd.DataFrame, pools: pd.DataFrame) -> None:
        sizes = pools["n"].to_numpy(dtype=np.int64)
        rows = rows[np.isfinite(rows["value"].to_numpy(dtype=np.float64, na_value=np.nan))]
        n = rows.groupby(["pool", "person"])["value"].transform("size").to_numpy(dtype=np.int64)
        whole = n == sizes[rows["pool"].to_numpy(dtype=np.int64)]
        self.partial = rows.assign(n=n)[~whole].drop_duplicates(["pool", "person"])
        self._rows = rows[whole]
        cells = np.bincount(self._rows["pool"].to_numpy(dtype=np.int64), minlength=len(sizes))
        self.n_people: Ints = cells // np.maximum(sizes, 1)
        self._start = np.cumsum(cells) - cells

    def take(self, column: str, pool: Ints, n: int) -> Floats:
        """[pools, n candidates, people] of pools that have equally many people."""
        n_people = int(self.n_people[pool[0]])
        cells = self._start[pool][:, None] + np.arange(n * n_people)
        values = self._rows[column].to_numpy(dtype=np.float64, na_value=np.nan)
        return np.asarray(values[cells].reshape(len(pool), n, n_people))
