"""Ratings with all that is known of each in one table: who rated, what, of which arm, and what was predicted.

A row a rating and arm, as in `Run.ratings_by_arm`. Written in batches, so that memory does not grow with the run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from simcons.storage.codebook import described, explained, table_named
from simcons.storage.disk import storage_errors
from simcons.storage.export import Format
from simcons.storage.load import Run, quoted
from simcons.storage.query import column
from simcons.storage.spreadsheet import as_plain_text

NAME = "ratings_by_arm"
_BATCH = 50_000  # rows, some 100 MB with their texts
_PERSON = ("sex", "age", "ethnicity", "region", "education", "work", "children")
_ROUND = ("session_id", "round_index", "question_id", "topic", "split", "question", "position_statement")
_STATEMENT = ("source", "generator", "author_id", "text")
_QUERY = """
    WITH arms AS (
        SELECT round_id, candidate_id, arm, any_value(upper_bound) AS upper_bound, any_value(omitted) AS omitted,
               min(pick) AS pick
        FROM selections GROUP BY round_id, candidate_id, arm),
    shown AS (SELECT *, count(*) OVER (PARTITION BY round_id, candidate_id) AS n_arms FROM arms),
    predicted AS (
        SELECT candidate_id, participant_id, {scores} FROM scores WHERE participant_id IS NOT NULL
        GROUP BY candidate_id, participant_id)
    SELECT ratings.*, arm, coalesce(upper_bound, false) AS upper_bound, shown.omitted, pick,
           coalesce(n_arms, 0)::INTEGER AS n_arms, {rounds}, {people},
           first_positions.rating AS position, opinions.text AS opinion, {statements}, {predictions}
    FROM ratings
    JOIN rounds USING (round_id)
    JOIN participants ON participants.participant_id = ratings.participant_id
    JOIN candidates ON candidates.candidate_id = ratings.candidate_id AND candidates.round_id = ratings.round_id
    LEFT JOIN shown ON shown.candidate_id = ratings.candidate_id AND shown.round_id = ratings.round_id
    LEFT JOIN first_positions
        ON first_positions.participant_id = ratings.participant_id AND first_positions.round_id = ratings.round_id
    LEFT JOIN opinions ON opinions.participant_id = ratings.participant_id AND opinions.round_id = ratings.round_id
    LEFT JOIN predicted
        ON predicted.candidate_id = ratings.candidate_id AND predicted.participant_id = ratings.participant_id
    ORDER BY ratings.round_id, ratings.participant_id, pass_index, place, arm
"""


def write_joined(run: Run, folder: Path, *, form: Format) -> Path:
    """RATINGS_BY_ARM.csv or .parquet in an existing folder, and what its columns mean beside it. Raises StorageError."""
    path = folder / f"{NAME}.{form}"
    with storage_errors(path), closing(run.sql()) as sql:
        scorers = [name for (name,) in sql.execute("SELECT DISTINCT scorer FROM scores ORDER BY scorer").fetchall()]
        reader = sql.sql(_query(scorers)).to_arrow_reader(_BATCH)
        place = path.absolute()  # pyarrow takes a folder called ~ for the home folder
        with (pa_csv.CSVWriter if form == "csv" else pq.ParquetWriter)(place, reader.schema) as writer:
            for batch in reader:
                table = pa.Table.from_batches([batch])
                writer.write_table(as_plain_text(table) if form == "csv" else table)
        (folder / f"{NAME}.md").write_text("\n".join(_codebook(reader.schema.names)) + "\n", encoding="utf-8")
    return path


def _query(scorers: list[str]) -> str:
    scores = [f"max(score) FILTER (scorer = {quoted(name)}) AS {column(f'score_{name}')}" for name in scorers]
    names = [column(f"score_{name}") for name in scorers]
    return _QUERY.format(
        scores=", ".join(scores) or "NULL AS none",
        predictions=", ".join(names) or "NULL AS score",
        rounds=", ".join(f"rounds.{name}" for name in _ROUND),
        people=", ".join(f"participants.{name}" for name in _PERSON),
        statements=", ".join(f"candidates.{name} AS {_STATEMENT_NAMES.get(name, name)}" for name in _STATEMENT),
    )


_STATEMENT_NAMES = {"text": "statement"}


def _codebook(columns: list[str]) -> Iterator[str]:
    yield f"# {NAME}\n\nA row a rating and arm: a statement that several arms picked is rated once and has a row for each."
    yield "`1 / n_arms` as weight counts each rating once. Other members' opinions that were rated belong to no arm.\n"
    yield "| column | type | meaning |\n| --- | --- | --- |"
    told = {**_MEANINGS, **dict(_from_tables())}
    for name in columns:
        kind, meaning = told.get(name) or ("number, can be missing", _PREDICTION.format(name.removeprefix("score_")))
        yield f"| `{name}` | {kind} | {meaning} |"


_PREDICTION = "What {} predicted for this person, in its own units."
_MEANINGS = {
    "n_arms": ("whole number", "Arms that picked the statement; 0 for another member's opinion."),
    "position": ("whole number, can be missing", "The person's rating of the position statement before the round."),
    "opinion": ("text, can be missing", "What the person wrote in the round."),
}


def _from_tables() -> Iterator[tuple[str, tuple[str, str]]]:
    """Type and meaning of columns that are those of tables, by the name that they have here."""
    for table, names in (
        ("participants", _PERSON),
        ("candidates", _STATEMENT),
        ("rounds", _ROUND),
        ("selections", ("arm", "upper_bound", "omitted", "pick")),
        ("ratings", None),
    ):
        for told in table_named(table).columns:
            if names is None or told.name in names:
                none = ", missing for another member's opinion" if told.name in ("arm", "omitted", "pick") else ""
                name = _STATEMENT_NAMES.get(told.name, told.name) if table == "candidates" else told.name
                yield name, (described(told) + none, explained(told))
