"""Reading a run folder: pandas frames, and SQL over the same tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from simcons.counted import counted
from simcons.errors import RunFolderError
from simcons.records import TABLES, TELEMETRY_TABLES, TRUTH_TABLES
from simcons.rich_display import RichDisplay
from simcons.storage.duck import connected
from simcons.storage.folder import find_run
from simcons.storage.layout import RENAMED_TABLES, TELEMETRY, TRUTH, table_path
from simcons.storage.parquet import read_table, table_rows, to_frame
from simcons.storage.recorded import RecordedRun
from simcons.storage.recovery import keep_for, recovered
from simcons.storage.schema import arrow_schema
from simcons.visible import unwritable, visible

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

_FIRST_POSITIONS = "CREATE VIEW first_positions AS SELECT * EXCLUDE (moment) FROM positions WHERE moment = 'before'"


@dataclass(frozen=True, slots=True, repr=False)
class Run(RecordedRun, RichDisplay):
    """A run folder as a researcher sees it. Frames are attributes by table name: ``run.ratings``, ``run.opinions``, ...

    They hold everything that a study of people could have recorded, and no more; what only the simulator knows is asked for by
    `truth`. ``simcons codebook`` says what each column means. partial: the run has not finished, and only sessions that were over
    are there. Comparing runs compares folders.
    """

    @property
    def ratings_by_arm(self) -> pd.DataFrame:
        """Ratings with the arm that showed the statement: a row a rating and arm.

        A statement that several arms picked is rated once and has a row for each of them; ``n_arms`` says how many, so that rows
        with ``1 / n_arms`` as weights count each rating once. ``omitted`` is the number of opinions left out. Other members'
        opinions that were rated belong to no arm: arm and omitted are missing, and n_arms is 0.
        """
        where = ["round_id", "candidate_id"]
        ratings = self.frame("ratings").merge(self.frame("rounds")[["round_id", "session_id"]], on="round_id")
        shown = self.frame("selections")[[*where, "arm", "upper_bound", "omitted"]].drop_duplicates()
        shown["n_arms"] = shown.groupby(where)["arm"].transform("size")
        rows = ratings.merge(shown, how="left", on=where)
        return rows.assign(n_arms=rows["n_arms"].fillna(0).astype(int), upper_bound=rows["upper_bound"].eq(True))

    @property
    def first_positions(self) -> pd.DataFrame:
        """Positions as they were before the round: at most one for each person and round, whatever the scenario's stages."""
        rows = self.frame("positions")
        return rows[rows["moment"] == "before"].drop(columns="moment").reset_index(drop=True)

    def truth(self, name: str) -> pd.DataFrame:
        """A table of what only the simulator knows: personas, positions, opinions, appraisals, ... Raises RunFolderError."""
        if name not in TRUTH_TABLES:
            raise RunFolderError(f"{self.folder}: no truth table {name!r}; expected one of {', '.join(TRUTH_TABLES)}")
        table = f"{TRUTH}/{name}"
        if self.is_older_than(table):
            return to_frame(self.schema(table).empty_table())
        return to_frame(read_table(table_path(self.tables_in, table), self.schema(table), self.promised_rows(table)))

    def _is_absent(self, table: str) -> bool:
        """True of a table of a later version than the run's, and of truth that was taken out of the folder."""
        taken_out = table.startswith(f"{TRUTH}/") and not table_path(self.tables_in, table).exists()
        return taken_out or self.is_older_than(table)

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name in RENAMED_TABLES:
            raise AttributeError(f"`{name}` is now `{RENAMED_TABLES[name]}`")
        if name not in TABLES:
            raise AttributeError(f"a run has no table {name!r}; expected one of {', '.join(TABLES)}")
        return self.frame(name)

    def __dir__(self) -> list[str]:
        return [*object.__dir__(self), *TABLES]

    def __repr__(self) -> str:
        head, _, folder, _ = _summary(self)
        return f"{head}; {folder}"

    def __str__(self) -> str:
        return "\n".join(_summary(self))

    def sql(self, *, truth: Sequence[str] = ()) -> duckdb.DuckDBPyConnection:
        """A DuckDB connection with a view on every table, and one on `first_positions`. It can read these files and nothing else
        on the disk.

        truth: tables of the truth that have a view too, of names that no other has; empty where it was taken out of the folder.
        Raises RunFolderError for a table that is missing or damaged.
        """
        import duckdb

        if (character := unwritable(str(self.tables_in))) is not None:
            raise RunFolderError(f"{self.folder}: its path holds {character}; expected a path that is text, for SQL")
        tables = {name: name for name in TABLES} | {name: f"{TRUTH}/{name}" for name in truth}
        empty = {view: table for view, table in tables.items() if self._is_absent(table)}
        paths = {
            view: table_path(self.tables_in, table).resolve() for view, table in tables.items() if view not in empty
        }
        for view, path in paths.items():
            table_rows(path, self.schema(tables[view]), self.promised_rows(tables[view]))
        connection = connected()
        for view, table in empty.items():
            connection.register(view, self.schema(table).empty_table())
        allowed = dict.fromkeys(spelled for path in paths.values() for spelled in (str(path), _pattern(path)))
        connection.execute(f"SET allowed_paths = [{', '.join(map(quoted, allowed))}]")
        connection.execute("SET enable_external_access = false")
        for name, path in paths.items():
            try:
                connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({quoted(_pattern(path))})")
            except duckdb.Error as error:
                raise RunFolderError(f"{path}: cannot be read as Parquet: {str(error).splitlines()[0]}") from None
        connection.execute(_FIRST_POSITIONS)
        return connection


def load(folder: str | Path, *, partial: bool = False) -> Run:
    """Open a run folder.

    Raises RunFolderError for a folder that is no run, or whose run has not finished (unless ``partial``: then what was recorded
    of sessions that were over is there, also while the run is at work or after it was killed, and the manifest holds name, seed
    and scenario alone). A finished run is opened as such, whatever ``partial``.
    """
    opened = find_run(Path(folder), partial=partial)
    run = Run(opened.folder, opened.manifest, opened.partial, recovered(opened))
    keep_for(run, run.recovered_in)
    return run


def read_telemetry(run: Run, name: str) -> pd.DataFrame:
    """One table about the run rather than the study: engines. Raises RunFolderError."""
    if name not in TELEMETRY_TABLES:
        raise RunFolderError(
            f"{run.folder}: no telemetry table {name!r}; expected one of {', '.join(TELEMETRY_TABLES)}"
        )
    return to_frame(read_table(table_path(run.tables_in, f"{TELEMETRY}/{name}"), arrow_schema(TELEMETRY_TABLES[name])))


def _summary(run: Run) -> tuple[str, str, str, str]:
    """A run in four lines: name, seed and how much there is of it, arms, folder, tables. Says so where they cannot be read."""
    name, seed = run.manifest.get("name", run.folder.name), run.manifest.get("seed", "?")
    state = "unfinished run" if run.partial else "run"
    try:
        size = {table: run.table(table).num_rows for table in ("sessions", "rounds", "ratings")}
        told = ", ".join(counted(n, table.removesuffix("s")) for table, n in size.items())
        arms = ", ".join(map(str, run.table("selections")["arm"].unique().sort().to_pylist()))
    except RunFolderError as error:
        told, arms = str(error), "?"
    return (
        visible(f"{state} {name!r} (seed {seed}): {told}"),
        visible(f"arms: {arms or 'none'}"),
        visible(f"folder: {run.folder}"),
        f"tables: {', '.join(TABLES)}",
    )


def _pattern(path: Path) -> str:
    """A pattern that ``path`` alone matches: what DuckDB reads is a pattern, in which ``o[dr]`` means ``od`` and ``or``.

    Where there is a backslash too no pattern does, but DuckDB then looks for the very path first.
    """
    text = str(path)
    return text if "\\" in text else re.sub(r"[\[*?]", r"[\g<0>]", text)


def quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"
