"""Everything of a run that its page holds: tables as recorded, the truth where it is there, and what is worked out from them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from simcons.analysis.sampling_calls import sampling_calls
from simcons.analysis.weighings import weighings
from simcons.records import TABLES, TRUTH_TABLES
from simcons.report.study.columns import packed
from simcons.storage.layout import TRUTH, table_path
from simcons.storage.load import Run
from simcons.storage.meanings import TABLE_MEANINGS
from simcons.storage.parquet import read_table

Tables: TypeAlias = dict[str, pa.Table]

MOST_BYTES = 18_000_000  # of all tables of a page, so that with figures it stays under 20 MB
_MOST_OF_CALLS = 0.3  # of that
_CALLS = "report/calls"
_DERIVED = {
    "report/utilities": "One row per candidate, person and arm: the utility that the arm's rule weighed. Worked out again.",
    "report/welfare": "One row per candidate and arm: its welfare under the arm's rule, where that is more than a place.",
    _CALLS: "One row per call to a language model for a candidate: prompt, reply, tokens, and seconds of the engine's time.",
}
_KEYS = ("session_id", "round_id", "candidate_id", "opinion_id")  # by which a row is told to be of a session


@dataclass(frozen=True, slots=True)
class PackedTable:
    """A table as the page holds it. text: see `columns.packed`."""

    name: str
    meaning: str
    n_rows: int
    text: str

    @property
    def is_truth(self) -> bool:
        return self.name.startswith(f"{TRUTH}/")

    @property
    def file(self) -> str:
        """The name of its CSV, without the ending."""
        return self.name.replace("/", "-")


@dataclass(frozen=True, slots=True)
class PackedRun:
    """tables: all there are, in the order of the codebook. n_sessions: those held, of n_in_all; n_calls_left_out: model calls."""

    tables: tuple[PackedTable, ...]
    n_sessions: int
    n_in_all: int
    n_calls_left_out: int


def packed_run(run: Run, *, most_bytes: int = MOST_BYTES) -> PackedRun:
    """All tables of a run, in at most ``most_bytes``: where they take more, those of fewer sessions, spread over the study.

    Raises RunFolderError for a table that is damaged, and StorageError for a store of calls that is.
    """
    calls, n_calls_left_out = _fitting(sampling_calls(run), _MOST_OF_CALLS * most_bytes)
    everything = {**_tables(run), _CALLS: calls}
    sessions = everything["sessions"]["session_id"].to_pylist()
    kept, made = sessions, _packed(everything)
    while len(kept) > 1 and (size := sum(len(table.text) for table in made)) > most_bytes:
        wanted = max(1, int(0.95 * len(kept) * most_bytes / size))
        kept = [kept[k * len(kept) // wanted] for k in range(wanted)]
        made = _packed(_of_sessions(everything, kept))
    return PackedRun(made, len(kept), len(sessions), n_calls_left_out)


def _packed(tables: Tables) -> tuple[PackedTable, ...]:
    meanings = {**TABLE_MEANINGS, **_DERIVED}
    return tuple(
        PackedTable(name, meanings.get(name, ""), table.num_rows, packed(table)) for name, table in tables.items()
    )


def _tables(run: Run) -> Tables:
    weighed = weighings(run)
    truth = dict(_truth(run))
    recorded = {name: _in_time(name, run.table(name)) for name in TABLES}
    return {**recorded, **truth, "report/utilities": weighed.utilities, "report/welfare": weighed.welfare}


def _truth(run: Run) -> Iterator[tuple[str, pa.Table]]:
    """What is left of the truth: it may have been taken out of the folder."""
    for name in (f"{TRUTH}/{name}" for name in TRUTH_TABLES):
        path = table_path(run.tables_in, name)
        if path.exists():
            yield name, read_table(path, run.schema(name), run.promised_rows(name))


def _in_time(name: str, table: pa.Table) -> pa.Table:
    """Screens by person, so that times go up and take little room."""
    return table.sort_by([("participant_id", "ascending"), ("entered_at", "ascending")]) if name == "screens" else table


def _fitting(calls: pa.Table, most_bytes: float) -> tuple[pa.Table, int]:
    """The first calls, as many as fit; the number of those left out."""
    size = len(packed(calls))
    n = calls.num_rows if size <= most_bytes else int(calls.num_rows * most_bytes / size)
    return calls.slice(0, n), calls.num_rows - n


def _of_sessions(tables: Tables, sessions: Collection[str]) -> Tables:
    """The rows that belong to some sessions; people are kept who came to none."""
    kept = {"session_id": pa.array(sessions, pa.string())}
    kept["round_id"] = _among(tables["rounds"], "session_id", kept)["round_id"]
    for name, key in (("candidates", "candidate_id"), ("opinions", "opinion_id")):
        kept[key] = _among(tables[name], "round_id", kept)[key]
    return {name: table if name == "participants" else _kept(table, kept) for name, table in tables.items()}


def _kept(table: pa.Table, kept: dict[str, pa.Array]) -> pa.Table:
    key = next((key for key in _KEYS if key in table.column_names), None)
    return table if key is None else _among(table, key, kept)


def _among(table: pa.Table, key: str, kept: dict[str, pa.Array]) -> pa.Table:
    return table.filter(pc.is_in(table[key], value_set=pa.array(kept[key])))
