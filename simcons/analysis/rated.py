"""Ratings as analyses read them: aggregated by DuckDB first, so that ten million take no more memory than their statements do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from simcons.errors import InputError
from simcons.scale import AGREEMENT, MIDPOINT, SCALES
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
        sql = run.sql()
        sql.execute(_SHOWN.format(scales=", ".join(map(column, run.scales))))
        sql.execute(_ROUNDS)
        named = [str(arm.get("arm")) for arm in run.manifest.get("scenario", {}).get("mediators", [])]
        return cls(sql, scales=run.scales, arms=named, divided=True)

    @classmethod
    def of_frame(cls, ratings: pd.DataFrame) -> Rated:
        """Of a frame with the columns of `Run.ratings_by_arm`, however it came about: a row a rating and arm.

        Raises InputError, in a line, for a column that it lacks.
        """
        import duckdb

        scales = [name for name in ratings.columns if name in SCALES]
        lacking = [name for name in _NAMES if name not in ratings.columns] or ([] if scales else [AGREEMENT.name])
        if lacking:
            raise InputError(f"ratings: no column {lacking[0]!r}; expected {', '.join([*_NAMES, AGREEMENT.name])}")
        sql = duckdb.connect()
        sql.register("given", ratings)
        omitted = "omitted" if "omitted" in ratings.columns else "0 AS omitted"
        names = ", ".join([*_NAMES, omitted, *map(column, scales)])
        sql.execute(f"CREATE TEMP VIEW shown_ratings AS SELECT {names} FROM given WHERE arm IS NOT NULL")
        return cls(sql, scales=scales, divided=False)

    def frame(self, query: str, parameters: Mapping[str, object] | None = None) -> pd.DataFrame:
        """The result of a query on the views ``shown_ratings``, ``whole`` and, of a run, its tables."""
        return self._sql.execute(query, parameters).df()

    def add(self, name: str, table: pd.DataFrame) -> None:
        """A table that queries may name, too."""
        self._sql.register(name, table)

    def add_table(self, definition: str) -> None:
        """The same, by a statement that begins with CREATE TEMP TABLE; a table of that name is replaced."""
        self._sql.execute(definition.replace("CREATE TEMP TABLE", "CREATE OR REPLACE TEMP TABLE", 1))

    def statements(self, scale: str = AGREEMENT.name) -> pd.DataFrame:
        """A row a statement and arm: session_id, round_id, arm, candidate_id, n_people, n_missing; mean, lowest and median over
        people of each one's mean rating; unanimous: 1 where everybody's first rating is 5 or more, else 0. Of a run also split,
        and divisive, which is missing where fewer than two gave a position.
        """
        rows = self.frame(_STATEMENTS.format(scale=column(self.known(scale)), midpoint=MIDPOINT))
        return (
            rows.merge(self.frame("SELECT * FROM round_facts"), on=["session_id", "round_id"])
            if self._divided
            else rows
        )

    def known(self, scale: str) -> str:
        """The scale's name. Raises ValueError for one that was not asked."""
        if scale not in self.scales:
            raise ValueError(f"scale {scale!r}: expected one of {', '.join(self.scales)}")
        return scale
