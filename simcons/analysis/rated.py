"""Ratings as analyses read them: added up by DuckDB, of so many groups at a time that ten million take no more memory than those
of these groups do, and what comes of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from simcons.analysis.frames import may_be_given, table_with, tables_of
from simcons.analysis.sides import Neutral, divided
from simcons.errors import InputError
from simcons.scale import AGREEMENT, MIDPOINT
from simcons.storage.load import Run
from simcons.storage.query import column

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

_GROUPS_AT_A_TIME = 4096
_NO_TABLE = re.compile(r"Table with name (\w+) does not exist")  # as DuckDB says it
_NO_COLUMN = re.compile(r'(?:Referenced column|a column named) "(\w+)"')
_SHOWN = """
    CREATE TEMP VIEW shown AS SELECT DISTINCT arm, omitted, round_id, candidate_id FROM selections;
    CREATE TEMP VIEW shown_ratings AS
    SELECT session_id, round_id, arm, omitted, candidate_id, participant_id, pass_index, {scales}
    FROM ratings JOIN shown USING (round_id, candidate_id) JOIN rounds USING (round_id);
"""
_SIDES = """
    SELECT round_id, CASE WHEN count(rating) > 1 THEN {divided} END AS divisive FROM first_positions GROUP BY round_id
"""
_NO_SIDES = "SELECT NULL::VARCHAR AS round_id, NULL::BOOLEAN AS divisive"
_ROUNDS = """
    CREATE TEMP VIEW round_facts AS
    SELECT session_id, round_id, split, divisive FROM rounds LEFT JOIN ({sides}) USING (round_id);
"""
# What an arm made of all opinions: with some left out on purpose there are statements of several kinds.
_WHOLE = """
    CREATE TEMP TABLE least AS SELECT min(omitted) AS omitted FROM shown_ratings;
    CREATE TEMP VIEW whole AS
    SELECT * FROM shown_ratings WHERE omitted IS NOT DISTINCT FROM (SELECT omitted FROM least);
"""
# Tables as they are of the groups from one to another, in the place of the whole ones.
_TABLES = """
    SELECT view_name, list_contains(names, 'session_id'), list_contains(names, 'round_id'), list_contains(names, 'candidate_id')
    FROM (SELECT table_name AS view_name, list(column_name) AS names FROM duckdb_columns()
          WHERE database_name = 'memory' AND NOT internal GROUP BY table_name)
"""
_OF_GROUPS = "CREATE TEMP VIEW {name} AS SELECT * FROM memory.main.{name} WHERE {there}"
_BY_SESSION = "session_id BETWEEN getvariable('first_group') AND getvariable('last_group')"
_BY_ROUND = f"round_id IN (SELECT round_id FROM memory.main.rounds WHERE {_BY_SESSION})"
_BY_CANDIDATE = f"candidate_id IN (SELECT candidate_id FROM memory.main.candidates WHERE {_BY_ROUND})"
_FACTS = ("split", "divisive")
_PORTIONS = """
    WITH numbered AS (
        SELECT session_id, row_number() OVER (ORDER BY session_id) - 1 AS number FROM (SELECT DISTINCT session_id FROM rounds))
    SELECT min(session_id), max(session_id) FROM numbered GROUP BY number // ? ORDER BY 1
"""
# A person's ratings of a statement are averaged over passes, then people's over the statement.
_STATEMENTS = """
    WITH people AS (
        SELECT session_id, round_id, arm, candidate_id, participant_id, avg({scale}) AS value,
               max({scale}) FILTER (pass_index = 1) AS first, count(*) - count({scale}) AS n_missing
        FROM whole GROUP BY ALL)
    SELECT session_id, round_id, arm, candidate_id, count(value) AS n_people, sum(n_missing)::BIGINT AS n_missing,
           avg(value) AS mean, min(value) AS lowest, median(value) AS median, (min(first) > {midpoint})::DOUBLE AS unanimous
    FROM people GROUP BY ALL ORDER BY ALL
"""
_ROUND_SCORES = """
    SELECT session_id, round_id, arm, avg(mean) AS mean, avg(lowest) AS lowest, avg(median) AS median
    FROM ({statements}) WHERE n_people > 0 GROUP BY ALL ORDER BY ALL
"""


class Rated:
    """The ratings of a run's shown statements, by arm. A statement that several arms picked counts for each of them.

    scales: those that were asked. arms: in the scenario's order, whether or not anything of theirs was rated. facts: which of
    split and divisive are known of rounds. portions: the first and the last group of those that are read at a time; none if all
    are. neutral: what a rating of 4 counts as in what divides a group: see `simcons.analysis.sides.divided`.
    """

    def __init__(
        self,
        sql: duckdb.DuckDBPyConnection,
        *,
        scales: Sequence[str],
        arms: Iterable[str] = (),
        facts: Sequence[str],
        of_run: bool,
        portions: Sequence[tuple[str, str]] = (),
        neutral: Neutral = "neither",
    ) -> None:
        self._sql, self.scales, self._portions = sql, tuple(scales), portions
        self._facts, self._of_run, self.neutral = tuple(facts), of_run, neutral
        sql.execute(_WHOLE)
        rated = [str(arm) for (arm,) in sql.execute("SELECT DISTINCT arm FROM shown_ratings ORDER BY arm").fetchall()]
        self.arms = tuple(dict.fromkeys([*arms, *rated]))

    @classmethod
    def of_run(cls, run: Run, *, at_a_time: int = _GROUPS_AT_A_TIME, neutral: Neutral = "neither") -> Rated:
        """at_a_time: groups whose records are in memory. Raises RunFolderError for a table that is missing or damaged."""
        sql = run.sql(truth=["appraisals"])
        portions = _portions(sql, at_a_time)
        sql.execute(_SHOWN.format(scales=", ".join(map(column, run.scales))))
        sql.execute(_ROUNDS.format(sides=_SIDES.format(divided=divided("rating", neutral))))
        named = [str(arm.get("arm")) for arm in run.manifest.get("scenario", {}).get("mediators", [])]
        return cls(sql, scales=run.scales, arms=named, facts=_FACTS, of_run=True, portions=portions, neutral=neutral)

    @classmethod
    def of_frame(cls, ratings: pd.DataFrame, *, neutral: Neutral = "neither", **tables: pd.DataFrame) -> Rated:
        """Of a frame with the columns of `Run.ratings_by_arm`, however it came about: a row a rating and arm.

        tables: what else some analyses take, under the names and with the columns that it has in a run: participants, rounds,
        positions (those before the round, or with their moment), opinions, candidates, selections, rankings. What was shown,
        and in which rounds, is that of the ratings where it is not given. Raises InputError, in a line, for a column that one
        lacks, for what is no rating from 1 to 7, and for ids that are there twice.
        """
        sql, scales = tables_of(ratings, tables)
        sides = _SIDES.format(divided=divided("rating", neutral)) if "positions" in tables else _NO_SIDES
        sql.execute(_ROUNDS.format(sides=sides))
        facts = [fact for fact, table in zip(_FACTS, ("rounds", "positions"), strict=True) if table in tables]
        return cls(sql, scales=scales, facts=facts, of_run=False, neutral=neutral)

    def frame(self, query: str, parameters: Mapping[str, object] | None = None) -> pd.DataFrame:
        """The result of a query on the views ``shown_ratings``, ``whole``, the tables and, of a run, true ``appraisals``.

        Raises InputError, in a line, for a table or a column that was not given, where ratings are of a frame.
        """
        return self._executed(query, parameters).df()

    def by_group(self, query: str, parameters: Mapping[str, object] | None = None) -> pd.DataFrame:
        """The same of a query of which every row is of one group, by itself: some groups after others, so that no more of their
        records need be in memory.
        """
        if not self._portions:
            return self.frame(query, parameters)
        import pandas as pd  # here, as commands that only print do without

        parts = []
        try:
            for portion in self._portions:
                _read_only(self._sql, portion)
                parts.append(self.frame(query, parameters))
        finally:
            _read_only(self._sql, (self._portions[0][0], self._portions[-1][1]))
        return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)

    def add_table(self, definition: str) -> None:
        """A table that queries may name, too, by a statement that begins with CREATE TEMP TABLE; one of that name is replaced."""
        self._executed(definition.replace("CREATE TEMP TABLE", "CREATE OR REPLACE TEMP TABLE", 1))

    def has(self, table: str, name: str) -> bool:
        """Whether there is such a table with such a column; of frames there may be none."""
        query = "SELECT count(*) FROM duckdb_columns() WHERE table_name = $table AND column_name = $name"
        return bool(self.frame(query, {"table": table, "name": name}).iloc[0, 0])

    def _executed(self, query: str, parameters: Mapping[str, object] | None = None) -> duckdb.DuckDBPyConnection:
        import duckdb  # here, as commands that only print do without

        try:
            return self._sql.execute(query, parameters)
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            if self._of_run or (lacking := _lacking(str(error))) is None:
                raise
            raise InputError(f"ratings: of a frame, without {lacking}") from None

    def statements(self, scale: str = AGREEMENT.name) -> pd.DataFrame:
        """A row a statement and arm: session_id, round_id, arm, candidate_id, n_people, n_missing; mean, lowest and median over
        people of each one's mean rating; unanimous: 1 where everybody's first rating is 5 or more, else 0. Where known also
        split, and divisive, which is missing where fewer than two gave a position.
        """
        return self._with_facts(self._statements(scale))

    def rounds(self, scale: str = AGREEMENT.name) -> pd.DataFrame:
        """A row a round and arm with ratings: the means of `statements` over the arm's statements there, as comparisons of arms
        take them. Where they are known also split and divisive.
        """
        return self._with_facts(_ROUND_SCORES.format(statements=self._statements(scale)))

    def _statements(self, scale: str) -> str:
        return _STATEMENTS.format(scale=column(self.known(scale)), midpoint=MIDPOINT)

    def _with_facts(self, query: str) -> pd.DataFrame:
        if not self._facts:
            return self.by_group(query)
        facts = ", ".join(["given.*", *self._facts])
        return self.by_group(
            f"SELECT {facts} FROM ({query}) AS given JOIN round_facts USING (session_id, round_id)"
            " ORDER BY session_id, round_id, arm"
        )

    def sums(self, query: str, measures: Sequence[str], *, by: Sequence[str] = ()) -> pd.DataFrame:
        """The cases of a query, a row each, added up by group for `summed_rows`, so that no more than these sums come to memory.

        A row for each group, ``session_id``, and value of the columns ``by``: n_cases; and of every measure its sum, under its
        own name, and under ``n_`` and its name how many cases have it.
        """
        keys = ", ".join(["session_id", *by])
        totals = ", ".join(
            f"coalesce(sum({name}), 0)::DOUBLE AS {name}, count({name}) AS n_{name}" for name in measures
        )
        return self.by_group(
            f"SELECT {keys}, count(*) AS n_cases, {totals} FROM ({query}) GROUP BY {keys} ORDER BY {keys}"
        )

    def known(self, scale: str) -> str:
        """The scale's name. Raises ValueError for one that was not asked."""
        if scale not in self.scales:
            raise ValueError(f"scale {scale!r}: expected one of {', '.join(self.scales)}")
        return scale


def _lacking(error: str) -> str | None:
    """What a query on frames takes and nobody gave; None where it failed for another reason."""
    if (table := _NO_TABLE.search(error)) is not None:
        name = table[1].removeprefix("first_")
        given = f"of_frame(ratings, {name}=...)" if may_be_given(name) else "those of a run"
        return f"the table {name!r} that this analysis takes; expected {given}"
    if (named := _NO_COLUMN.search(error)) is not None and (name := table_with(named[1])) is not None:
        return f"the column {named[1]!r} of {name} that this analysis takes; expected of_frame(ratings, {name}=...) with it"
    return None


def _portions(sql: duckdb.DuckDBPyConnection, at_a_time: int) -> list[tuple[str, str]]:
    """The first and the last of every so many groups, which tables are then restricted to; none where there are no more."""
    portions = [(str(first), str(last)) for first, last in sql.execute(_PORTIONS, [at_a_time]).fetchall()]
    if len(portions) < 2:
        return []
    _read_only(sql, (portions[0][0], portions[-1][1]))
    for name, by_session, by_round, by_candidate in sql.execute(_TABLES).fetchall():
        there = _BY_SESSION if by_session else _BY_ROUND if by_round else _BY_CANDIDATE if by_candidate else "true"
        sql.execute(_OF_GROUPS.format(name=name, there=there))
    return portions


def _read_only(sql: duckdb.DuckDBPyConnection, groups: tuple[str, str]) -> None:
    for name, group in zip(("first_group", "last_group"), groups, strict=True):
        sql.execute(f"SET VARIABLE {name} = ?", [group])
