"""What engines a run had, read from a store as a kill left it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from simcons.engines.calls.store import open_store
from simcons.runs.provenance import known_engines
from simcons.scenario.engines import PriceSettings
from simcons.storage.layout import CALLS

IDENTITY = {"kind": "transformers", "model": "0" * 64, "dtype": "float32", "adapter": None}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run folder whose store has an engine and no calls."""
    store, _ = open_store(tmp_path / CALLS)
    with store:
        store.register({"m": IDENTITY}, {"m": PriceSettings()})
    return tmp_path


def test_a_run_without_a_store_has_none(tmp_path: Path) -> None:
    assert known_engines(tmp_path) == {}


def test_engines_are_known_by_name(folder: Path) -> None:
    assert known_engines(folder) == {"m": IDENTITY}


def test_a_change_that_a_kill_left_half_done_is_taken_back(folder: Path, tmp_path: Path) -> None:
    """The file and its journal as they are in the middle of a change: a reader would be refused."""
    left = tmp_path / "killed"
    left.mkdir()
    with closing(sqlite3.connect(folder / CALLS, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA cache_size = 1")  # changed pages go to the file before the change is over
        connection.execute("BEGIN")
        connection.execute("CREATE TABLE half (done BLOB)")
        connection.executemany("INSERT INTO half VALUES (?)", [(bytes(4000),)] * 50)
        for file in folder.glob(f"{CALLS}*"):
            if not file.name.endswith("-lock"):
                shutil.copy(file, left)
    assert (left / f"{CALLS}-journal").stat().st_size > 0
    assert known_engines(left) == {"m": IDENTITY}


def test_of_a_damaged_store_nothing_is_known_until_it_is_mended(folder: Path) -> None:
    (folder / CALLS).write_bytes(b"no store at all")
    assert known_engines(folder) == {}
