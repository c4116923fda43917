"""Runs that something is learnt from: known by the tables that are read, rounds apart from tests, and who discussed what."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TYPE_CHECKING

from simcons.errors import RunFolderError
from simcons.questions.own import comparable
from simcons.storage.layout import table_path
from simcons.storage.recorded import RecordedRun
from simcons.training.data.sides import Discussion

if TYPE_CHECKING:
    import pandas as pd

TO_LEARN_FROM = "train"  # the split; all others are tests
ID_LENGTH = 8  # of the hash of a run's tables
_SURVEYED = ("participant_id", "sex", "age", "ethnicity", "region", "education", "work", "children")


def tables_hash(run: RecordedRun, tables: Iterable[str]) -> str:
    """SHA-256 of the files of ``tables``, which are read, and of nothing else in the folder."""
    hashed = hashlib.sha256()
    for name in tables:
        run.table(name)  # first, as it says in one line what is wrong with a file
        path = table_path(run.folder, name)
        content = path.read_bytes() if path.exists() else b""  # a run may be older than a table
        hashed.update(f"{name}\n".encode() + hashlib.sha256(content).digest())
    return hashed.hexdigest()


def refuse_repeats(runs: Sequence[RecordedRun], hashes: Sequence[str]) -> None:
    """Raises RunFolderError for a run whose records were given before. hashes: of their tables."""
    for place, (run, tables) in enumerate(zip(runs, hashes, strict=True)):
        if tables in hashes[:place]:
            same = runs[hashes.index(tables)].folder
            raise RunFolderError(f"{run.folder}: has the records of {same}; expected each run once")


def usable_rounds(runs: Sequence[RecordedRun]) -> list[pd.DataFrame]:
    """By run, rounds on questions that are a test in none of the runs, with ``key``, by which a question is known in all."""
    frames = [run.frame("rounds") for run in runs]
    keyed = [frame.assign(key=[comparable(text) for text in frame["question"]]) for frame in frames]
    tests = {key for frame in keyed for key in frame.loc[frame["split"] != TO_LEARN_FROM, "key"]}
    return [frame[~frame["key"].isin(tests)] for frame in keyed]


def count_questions(usable: Iterable[pd.DataFrame]) -> int:
    return len({key for frame in usable for key in frame["key"]})


def discussions(run: RecordedRun, rounds: pd.DataFrame, everywhere: Callable[[str], str]) -> list[Discussion]:
    """The rounds of `usable_rounds` as `assign` takes them. everywhere: a name of this run as it is known among all."""
    people = _people(run)
    columns = rounds[["round_id", "key", "session_id"]].itertuples(index=False)
    return [
        Discussion(everywhere(name), key, everywhere(session), people.get(session, frozenset()))
        for name, key, session in columns
    ]


def _people(run: RecordedRun) -> dict[str, frozenset[Hashable]]:
    """By session, its members, known by their id with what they said of themselves: ids recur from run to run, as do people."""
    import pandas as pd

    frame = run.frame("participants").dropna(subset=["session_id"])
    members: dict[str, set[Hashable]] = {}
    for session, *person in frame[["session_id", *_SURVEYED]].itertuples(index=False):
        known = (None if pd.isna(value) else value for value in person)  # what was not asked is the same in all runs
        members.setdefault(session, set()).add(tuple(known))
    return {session: frozenset(people) for session, people in members.items()}
