"""Frames of a researcher's own in the place of a run's tables: checked, and named as queries name those of a run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from simcons.errors import InputError
from simcons.records import TABLES
from simcons.scale import AGREEMENT, HIGHEST, LOWEST, SCALES
from simcons.storage.duck import connected
from simcons.storage.query import column

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

_RATINGS = ("session_id", "round_id", "arm", "candidate_id", "participant_id", "pass_index")
# Tables that may be given beside ratings, with what each must have; what else it has of the run's columns is read too.
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "participants": ("participant_id",),
    "rounds": ("round_id", "session_id"),
    "positions": ("round_id", "participant_id", "rating"),
    "opinions": ("round_id", "participant_id", "opinion_id"),
    "candidates": ("round_id", "candidate_id", "source"),
    "selections": ("round_id", "candidate_id", "arm"),
    "rankings": ("round_id", "participant_id", "candidate_id", "rank"),
}
# Ids by which a row is found, and what there may be one of for each.
_KEYS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "ratings": (("candidate_id", "participant_id", "pass_index"), "rating"),
    "participants": (("participant_id",), "row"),
    "rounds": (("round_id",), "group"),
    "positions": (("round_id", "participant_id"), "position"),
    "opinions": (("round_id", "participant_id"), "opinion"),
    "candidates": (("candidate_id",), "row"),
    "rankings": (("participant_id", "candidate_id"), "rank"),
}
# Of what ratings have there must be a row.
_HELD: Mapping[str, tuple[str, ...]] = {
    "participants": ("participant_id",),
    "rounds": ("round_id", "session_id"),
    "candidates": ("round_id", "candidate_id"),
}
_GIVEN = """
    CREATE TEMP VIEW ratings AS
    SELECT DISTINCT round_id, candidate_id, participant_id, pass_index, {scales} FROM given_ratings;
    CREATE TEMP VIEW shown_ratings AS SELECT * FROM given_ratings WHERE arm IS NOT NULL;
"""
# What ratings tell of tables that were not given.
_TOLD = {
    "rounds": "SELECT DISTINCT round_id, session_id, NULL::VARCHAR AS split FROM given_ratings",
    "candidates": """SELECT round_id, candidate_id, if(count(arm) > 0, 'mediator', 'opinion') AS source FROM given_ratings
                     GROUP BY ALL""",
    "selections": "SELECT DISTINCT round_id, candidate_id, arm, omitted FROM shown_ratings",
}


def tables_of(ratings: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> tuple[duckdb.DuckDBPyConnection, list[str]]:
    """A connection with the views ``shown_ratings``, ``ratings`` and those of the tables, and the scales of the ratings.

    Raises InputError, in a line, for a table of another name, a column that one lacks, what is no rating, and ids that are there
    twice.
    """
    for name in tables:
        if name not in _NEEDED:
            raise InputError(f"table {name!r}: expected one of {', '.join(_NEEDED)}")
    scales = [name for name in ratings.columns if name in SCALES] or [AGREEMENT.name]
    sql = connected()
    omitted = ["omitted"] if "omitted" in ratings.columns else []
    given = _checked("ratings", ratings, [*_RATINGS, *scales], further=omitted)
    sql.register("given_ratings", given if omitted else given.assign(omitted=0))
    sql.execute(_GIVEN.format(scales=", ".join(map(column, scales))))
    for name, frame in tables.items():
        sql.register(f"given_{name}", _checked(name, frame, _NEEDED[name], further=_recorded(name)))
        sql.execute(f"CREATE TEMP VIEW {_view(name)} AS {_given(name, frame.columns)}")
    for name in _TOLD.keys() - tables:
        sql.execute(f"CREATE TEMP VIEW {name} AS {_TOLD[name]}")
    for name in dict.fromkeys(("ratings", *_TOLD, *tables)):
        _refuse_several(sql, name, of=name if name in tables else "ratings")
    for name in tables:
        _refuse_unknown(sql, name)
    return sql, scales


def table_with(name: str) -> str | None:
    """The first table that may be given beside ratings and has such a column; None where none has."""
    return next((table for table in _NEEDED if name in _recorded(table)), None)


def may_be_given(table: str) -> bool:
    return table in _NEEDED


def _recorded(table: str) -> list[str]:
    return [field.name for field in fields(TABLES[table])]


def _checked(name: str, frame: pd.DataFrame, needed: Sequence[str], *, further: Sequence[str]) -> pd.DataFrame:
    """These columns, ids as text and answers as numbers."""
    if lacking := [each for each in needed if each not in frame.columns]:
        raise InputError(f"{name}: no column {lacking[0]!r}; expected {', '.join(needed)}")
    kept = [each for each in frame.columns if each in needed or each in further]
    return frame[kept].assign(**dict(_converted(name, frame[kept])))


def _converted(name: str, frame: pd.DataFrame) -> Iterator[tuple[str, Any]]:
    for each in frame.columns:
        if each == "arm" or each.endswith("_id"):
            yield each, _as_text(frame[each])
        elif each in SCALES or (name, each) == ("positions", "rating"):
            yield each, _as_answers(f"{name}: {each}", frame[each])


def _as_text(ids: pd.Series[Any]) -> pd.Series[Any]:
    """Whole numbers beside gaps, which pandas holds as 3.0, as whole numbers."""
    import pandas as pd  # here, as commands that only print do without

    return ids if isinstance(ids.dtype, pd.StringDtype) else ids.convert_dtypes().astype("string")


def _as_answers(where: str, given: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd  # here, as commands that only print do without

    numbers = pd.to_numeric(given, errors="coerce").astype("float64")
    wrong = given[given.notna() & ~numbers.isin(range(LOWEST, HIGHEST + 1))]
    if len(wrong):
        raise InputError(f"{where}: {wrong.tolist()[0]!r}: expected whole numbers from {LOWEST} to {HIGHEST}, or none")
    return numbers


def _view(table: str) -> str:
    return "first_positions" if table == "positions" else table


def _given(table: str, columns: Collection[str]) -> str:
    """What a view shows of a table that was given: all, and what queries name whether or not it is known."""
    match table:
        case "positions" if "moment" in columns:
            return "SELECT * FROM given_positions WHERE moment = 'before'"
        case "candidates" if "opinion_ids" in columns:
            return "SELECT * REPLACE (opinion_ids::VARCHAR[] AS opinion_ids) FROM given_candidates"
        case "rounds" if "split" not in columns:
            return "SELECT *, NULL::VARCHAR AS split FROM given_rounds"
        case "selections" if "omitted" not in columns:
            return "SELECT *, 0 AS omitted FROM given_selections"
        case _:
            return f"SELECT * FROM given_{table}"


def _refuse_several(sql: duckdb.DuckDBPyConnection, name: str, *, of: str) -> None:
    """Where a table has several rows for an id that may have one. of: the table that was given."""
    if name not in _KEYS:
        return
    key, what = _KEYS[name]
    names = ", ".join(key)
    found = sql.execute(
        f"SELECT {names} FROM {_view(name)} GROUP BY ALL HAVING count(*) > 1 ORDER BY ALL LIMIT 1"
    ).fetchone()
    if found is not None:
        raise InputError(f"{of}: {_told(key, found)}: more than one {what}; expected one")


def _refuse_unknown(sql: duckdb.DuckDBPyConnection, name: str) -> None:
    """Where ratings are of something that a table lacks."""
    if name not in _HELD:
        return
    names = ", ".join(_HELD[name])
    found = sql.execute(
        f"SELECT {names} FROM given_ratings ANTI JOIN {name} USING ({names}) ORDER BY ALL LIMIT 1"
    ).fetchone()
    if found is not None:
        raise InputError(f"{name}: none of {_told(_HELD[name], found)}; expected all that ratings have")


def _told(names: Sequence[str], values: Sequence[object]) -> str:
    return ", ".join(f"{name} {value!r}" for name, value in zip(names, values, strict=True))
