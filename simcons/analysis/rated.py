"""Ratings as analyses read them: aggregated by DuckDB first, so that ten million take no more memory than their statements do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from simcons.errors import InputError
from simcons.scale import AGREEMENT, MIDPOINT, SCALES
from simcons.storage.duck import connected
from simcons.storage.load import Run
from simcons.storage.query import column

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

_NAMES = ("session_id", "round_id", "arm", "candidate_id", "participant_id", "pass_index")
_SHOWN = """
    CREATE TEMP VIEW shown AS SELECT DISTINCT arm, omitted, round_id, candidate_id FROM selections;
    CREATE TEMP VIEW shown_ratings AS
    SELECT session_id, round_id, arm, omitted, candidate_id, participant_id, pass_index, {scales}
    FROM ratings JOIN shown USING (round_id, candidate_id) JOIN rounds USING (round_id);
"""
_ROUNDS = f"""
    CREATE TEMP VIEW round_facts AS
    WITH sides AS (
        SELECT round_id, count(rating) AS n_positions, bool_or(rating > {MIDPOINT}) AND bool_or(rating < {MIDPOINT}) AS divided
        FROM first_positions GROUP BY round_id)
    SELECT session_id, round_id, split, CASE WHEN n_positions > 1 THEN divided END AS divisive
    FROM rounds LEFT JOIN sides USING (round_id);
"""
# What an arm made of all opinions: with some left out on purpose there are statements of several kinds.
_WHOLE = """
    CREATE TEMP VIEW whole AS
    SELECT * FROM shown_ratings WHERE omitted IS NOT DISTINCT FROM (SELECT min(omitted) FROM shown_ratings);
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

    scales: those that were asked. arms: in the scenario's order, whether or not anything of theirs was rated.
    """

    def __init__(
        self, sql: duckdb.DuckDBPyConnection, *, scales: Sequence[str], arms: Iterable[str] = (), divided: bool
    ) -> None:
        self._sql, self.scales, self._divided = sql, tuple(scales), divided
        sql.execute(_WHOLE)
        rated = [str(arm) for (arm,) in sql.execute("SELECT DISTINCT arm FROM shown_ratings ORDER BY arm").fetchall()]
        self.arms = tuple(dict.fromkeys([*arms, *rated]))

    @classmethod
    def of_run(cls, run: Run) -> Rated:
        """Raises RunFolderError for a table that is missing or damaged."""
        sql = run.sql(truth=["appraisals"])
        sql.execute(_SHOWN.format(scales=", ".join(map(column, run.scales))))
        sql.execute(_ROUNDS)
        named = [str(arm.get("arm")) for arm in run.manifest.get("scenario", {}).get("mediators", [])]
        return cls(sql, scales=run.scales, arms=named, divided=True)

    @classmethod
    def of_frame(cls, ratings: pd.DataFrame) -> Rated:
        """Of a frame with the columns of `Run.ratings_by_arm`, however it came about: a row a rating and arm.

        Raises InputError, in a line, for a column that it lacks.
        """
        scales = [name for name in ratings.columns if name in SCALES]
        lacking = [name for name in _NAMES if name not in ratings.columns] or ([] if scales else [AGREEMENT.name])
        if lacking:
            raise InputError(f"ratings: no column {lacking[0]!r}; expected {', '.join([*_NAMES, AGREEMENT.name])}")
        sql = connected()
        sql.register("given", ratings)
        omitted = "omitted" if "omitted" in ratings.columns else "0 AS omitted"
        names = ", ".join([*_NAMES, omitted, *map(column, scales)])
        sql.execute(f"CREATE TEMP VIEW shown_ratings AS SELECT {names} FROM given WHERE arm IS NOT NULL")
        return cls(sql, scales=scales, divided=False)

    def frame(self, query: str, parameters: Mapping[str, object] | None = None) -> pd.DataFrame:
        """The result of a query on the views ``shown_ratings``, ``whole`` and, of a run, its tables and true ``appraisals``."""
        return self._sql.execute(query, parameters).df()

    def add_table(self, definition: str) -> None:
        """A table that queries may name, too, by a statement that begins with CREATE TEMP TABLE; one of that name is replaced."""
        self._sql.execute(definition.replace("CREATE TEMP TABLE", "CREATE OR REPLACE TEMP TABLE", 1))

    def statements(self, scale: str = AGREEMENT.name) -> pd.DataFrame:
        """A row a statement and arm: session_id, round_id, arm, candidate_id, n_people, n_missing; mean, lowest and median over
        people of each one's mean rating; unanimous: 1 where everybody's first rating is 5 or more, else 0. Of a run also split,
        and divisive, which is missing where fewer than two gave a position.
        """
        return self._with_facts(self._statements(scale))

    def rounds(self, scale: str = AGREEMENT.name) -> pd.DataFrame:
        """A row a round and arm with ratings: the means of `statements` over the arm's statements there, as comparisons of arms
        take them. Of a run also split and divisive.
        """
        return self._with_facts(_ROUND_SCORES.format(statements=self._statements(scale)))

    def _statements(self, scale: str) -> str:
        return _STATEMENTS.format(scale=column(self.known(scale)), midpoint=MIDPOINT)

    def _with_facts(self, query: str) -> pd.DataFrame:
        facts = (
            f"SELECT * FROM ({query}) JOIN round_facts USING (session_id, round_id) ORDER BY session_id, round_id, arm"
        )
        return self.frame(facts if self._divided else query)

    def sums(self, query: str, measures: Sequence[str], *, by: Sequence[str] = ()) -> pd.DataFrame:
        """The cases of a query, a row each, added up by group for `summed_rows`, so that no more than these sums come to memory.

        A row for each group, ``session_id``, and value of the columns ``by``: n_cases; and of every measure its sum, under its
        own name, and under ``n_`` and its name how many cases have it.
        """
        keys = ", ".join(["session_id", *by])
        totals = ", ".join(
            f"coalesce(sum({name}), 0)::DOUBLE AS {name}, count({name}) AS n_{name}" for name in measures
        )
        return self.frame(
            f"SELECT {keys}, count(*) AS n_cases, {totals} FROM ({query}) GROUP BY {keys} ORDER BY {keys}"
        )

    def known(self, scale: str) -> str:
        """The scale's name. Raises ValueError for one that was not asked."""
        if scale not in self.scales:
            raise ValueError(f"scale {scale!r}: expected one of {', '.join(self.scales)}")
        return scale
