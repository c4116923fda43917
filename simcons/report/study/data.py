"""Everything of a run that its page holds: tables as recorded, the truth where it is there, and what is worked out from them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from simcons.analysis.mind_calls import mind_calls, n_mind_requests
from simcons.analysis.sampling_calls import sampling_calls
from simcons.analysis.weighings import weighings
from simcons.records import TABLES, TRUTH_TABLES
from simcons.report.study.columns import packed
from simcons.storage.layout import TRUTH, table_path
from simcons.storage.load import Run
from simcons.storage.meanings import TABLE_MEANINGS
from simcons.storage.parquet import read_table, rows_among

Tables: TypeAlias = dict[str, pa.Table]

MOST_BYTES = 18_000_000  # of all tables of a page, so that with figures it stays under 20 MB
_MOST_OF_CALLS = 0.25  # of that, for those of mediators and those of people alike
_MOST_SESSIONS = 3_000  # no more fit, so of a larger study others are not read either
_SESSIONS_PROBED = 200  # by which it is told how many may fit
_TO_SPARE = 1.25  # times as many are read, as many together pack smaller than a few do
_MOST_WITH_MIND_CALLS = 200  # sessions: with 5 people and 3 rounds their calls are 40,000 or so
_PROBED = 1_000  # rows by which it is told how many fit
_CALLS = "report/calls"
_MIND_CALLS = f"{TRUTH}/mind_calls"
_DERIVED = {
    "report/utilities": "One row per candidate, person and arm: the utility that the arm's rule weighed. Worked out again.",
    "report/welfare": "One row per candidate and arm: its welfare under the arm's rule, where that is more than a place"
    " and no function of a user's own.",
    _CALLS: "One row per call to a language model for a candidate: prompt, reply, tokens, and seconds of the engine's time.",
    _MIND_CALLS: (
        "One row per call to a language model that plays a person: prompt, reply, tokens, and seconds of the engine's time."
    ),
}
# By which a row is told to be of a session, the nearest first.
_KEYS = ("session_id", "round_id", "candidate_id", "opinion_id", "participant_id")
# Tables that say of what session such a key is, in the order in which they tell it.
_PARENTS = {
    "participants": "participant_id",
    "rounds": "round_id",
    "candidates": "candidate_id",
    "opinions": "opinion_id",
}


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


def packed_run(
    run: Run,
    *,
    most_bytes: int = MOST_BYTES,
    most_sessions: int = _MOST_SESSIONS,
    probed: int = _SESSIONS_PROBED,
) -> PackedRun:
    """All tables of a run, in at most ``most_bytes``: where they take more, those of fewer sessions, spread over the study. Those
    of more than ``most_sessions``, or than may fit by how small ``probed`` of them pack, are not read, and their people are left
    out too.

    Raises RunFolderError for a table that is damaged, and StorageError for a store of calls that is.
    """
    sessions = run.table("sessions")["session_id"].to_pylist()
    kept = _spread(sessions, min(most_sessions, _n_fitting(run, sessions, most_bytes, probed)))
    everything = {**(_tables(run) if kept == sessions else _tables_of(run, kept)), **_worked_out(run, kept)}
    calls, n_calls_left_out = _calls(run, kept, most_bytes)
    everything |= calls
    made = _packed(everything if kept == sessions else _of_sessions(everything, kept))
    while len(kept) > 1 and (size := sum(len(table.text) for table in made)) > most_bytes:
        kept = _spread(kept, max(1, int(0.95 * len(kept) * most_bytes / size)))
        made = _packed(_of_sessions(everything, kept))
    return PackedRun(made, len(kept), len(sessions), n_calls_left_out)


def _n_fitting(run: Run, sessions: list[str], most_bytes: int, probed: int) -> int:
    """Sessions that may fit; all where there are not many times as many as would be probed."""
    if len(sessions) <= 4 * probed:
        return len(sessions)
    some = _spread(sessions, probed)
    size = sum(len(table.text) for table in _packed({**_tables_of(run, some), **_worked_out(run, some)}))
    return max(1, int(_TO_SPARE * probed * most_bytes / size))


def _spread(sessions: list[str], most: int) -> list[str]:
    """As many as that of them, from the first to the last."""
    n = min(most, len(sessions))
    return [sessions[k * len(sessions) // n] for k in range(n)]


def _packed(tables: Tables) -> tuple[PackedTable, ...]:
    meanings = {**TABLE_MEANINGS, **_DERIVED}
    return tuple(
        PackedTable(name, meanings.get(name, ""), table.num_rows, packed(table)) for name, table in tables.items()
    )


def _tables(run: Run) -> Tables:
    truth = {name: _read(run, name) for name in _truth(run)}
    return {**{name: _in_time(name, run.table(name)) for name in TABLES}, **truth}


def _tables_of(run: Run, sessions: Collection[str]) -> Tables:
    """The same of some sessions and their people, without the others ever being in memory."""
    kept = {"session_id": pa.array(sessions, pa.string())}
    tables: Tables = {}
    for name in dict.fromkeys((*_PARENTS, *TABLES, *_truth(run))):
        key = next(key for key in _KEYS if key in run.schema(name).names)
        rows = run.table(name) if run.is_older_than(name) else _read(run, name, key, kept[key])
        tables[name] = _in_time(name, rows)
        if name in _PARENTS:
            kept[_PARENTS[name]] = tables[name][_PARENTS[name]].combine_chunks()
    return {name: tables[name] for name in (*TABLES, *_truth(run))}


def _worked_out(run: Run, sessions: Sequence[str]) -> Tables:
    weighed = weighings(run, sessions)
    return {"report/utilities": weighed.utilities, "report/welfare": weighed.welfare}


def _calls(run: Run, sessions: list[str], most_bytes: int) -> tuple[Tables, int]:
    """The calls that fit, and the number of those left out."""
    made, answered = sampling_calls(run), mind_calls(run, _spread(sessions, _MOST_WITH_MIND_CALLS))
    fitting = {
        name: _fitting(calls, _MOST_OF_CALLS * most_bytes) for name, calls in ((_CALLS, made), (_MIND_CALLS, answered))
    }
    n_made, n_answered = (calls.num_rows for calls in fitting.values())
    n_left_out = made.num_rows - n_made + (n_mind_requests(run) - n_answered if answered.num_rows else 0)
    return {name: calls for name, calls in fitting.items() if calls.num_rows or name == _CALLS}, n_left_out


def _truth(run: Run) -> list[str]:
    """The truth as far as it is left: it may have been taken out of the folder."""
    return [name for name in (f"{TRUTH}/{name}" for name in TRUTH_TABLES) if table_path(run.tables_in, name).exists()]


def _read(run: Run, name: str, key: str | None = None, values: pa.Array | None = None) -> pa.Table:
    """A table, or the rows of which ``key`` is among ``values``."""
    path, schema, n_rows = table_path(run.tables_in, name), run.schema(name), run.promised_rows(name)
    return read_table(path, schema, n_rows) if key is None else rows_among(path, schema, key, values, n_rows=n_rows)


def _in_time(name: str, table: pa.Table) -> pa.Table:
    """Screens by person, so that times go up and take little room."""
    return table.sort_by([("participant_id", "ascending"), ("entered_at", "ascending")]) if name == "screens" else table


def _fitting(calls: pa.Table, most_bytes: float) -> pa.Table:
    """The first calls, as many as fit by how small the very first pack."""
    probe = calls.slice(0, _PROBED)
    return calls.slice(0, int(probe.num_rows * most_bytes / len(packed(probe))))


def _of_sessions(tables: Tables, sessions: Collection[str]) -> Tables:
    """The rows that belong to some sessions; of people all that there are, also those who came to none."""
    kept = {"session_id": pa.array(sessions, pa.string())}
    kept["round_id"] = _among(tables["rounds"], "session_id", kept)["round_id"]
    for name, key in (("candidates", "candidate_id"), ("opinions", "opinion_id")):
        kept[key] = _among(tables[name], "round_id", kept)[key]
    return {name: table if name == "participants" else _kept(table, kept) for name, table in tables.items()}


def _kept(table: pa.Table, kept: dict[str, pa.Array]) -> pa.Table:
    key = next((key for key in kept if key in table.column_names), None)
    return table if key is None else _among(table, key, kept)


def _among(table: pa.Table, key: str, kept: dict[str, pa.Array]) -> pa.Table:
    return table.filter(pc.is_in(table[key], value_set=pa.array(kept[key])))
