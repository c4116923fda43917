"""The store of calls: every reply a run has had from a language model, under a hash of what was asked.

One SQLite file in the run folder. What `CallStore.put` has returned from survives the death of the process at any moment
(write-ahead log, synchronous=NORMAL); a power cut may cost the last calls, but leaves the file sound. Every call has a
checksum, verified whenever its reply is used: damage may cost calls or raise CorruptStore, but never gives a wrong reply.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from simcons.engines.base import Identity, Reply, Request
from simcons.engines.calls.file import ADD_CALL, ADD_PROMPT, SET_META, CorruptStore, Lock, checked, damaged, set_aside
from simcons.engines.calls.file import storage_errors as errors_of
from simcons.engines.calls.keys import (
    ASIDE,
    N_COLUMNS_1,
    KeyMaker,
    Prompts,
    Row,
    call_key,
    call_row,
    digest,
    engine_row,
    from_cell,
    prompt_row,
    sound_engine,
    stored_reply,
    to_cell,
    under_key,
    widened,
)
from simcons.engines.usage import NOTHING, Account, Prices, Usage
from simcons.errors import StorageError
from simcons.scenario.engines import PriceSettings

__all__ = ["CallStore", "CorruptStore", "KeyMaker", "call_key", "open_read_only", "open_store"]

COUNT_CALLS = (
    "SELECT act, engine, COUNT(*), 0, SUM(tokens_in), SUM(tokens_out), SUM(seconds), SUM(price), "
    "SUM(finish = 'length'), SUM(finish IN ('filtered', 'too_long', 'refused')) FROM calls GROUP BY act, engine"
)
COUNT_HITS = "SELECT act, engine, 0, n_hits FROM uses"
ADD_HITS = "INSERT INTO uses VALUES (?, ?, ?) ON CONFLICT (engine, act) DO UPDATE SET n_hits = n_hits + excluded.n_hits"
EMPTY: Mapping[bytes, str] = {}
READ_AS = N_COLUMNS_1 + ASIDE.index("read_as")  # the place of the column in a row


def open_store(path: Path) -> tuple[CallStore, str | None]:
    """The store at ``path`` for a run, and a sentence for the user where a damaged file was set aside.

    The new file then holds the calls of the damaged one that are sound. Raises StorageError where the store cannot be
    written, is in use, or was written by a newer version.
    """
    store = CallStore(path, mend=True)
    return store, store.notes[0] if store.notes else None


def open_read_only(path: Path) -> CallStore:
    """The store at ``path``, as it is now, which a run may be using. Raises StorageError and CorruptStore."""
    return CallStore(path, read_only=True)


class CallStore:
    """Replies by key, and accounts of them. One process at a time writes it, and the thread that opened it alone uses it.

    read_only: the file is left as it is; hits are counted but not kept.
    mend: a damaged file is set aside, as in `open_store`, instead of raising CorruptStore.
    notes: what happened to a file that was set aside.

    Raises StorageError (no permission, disk full, in use, of a newer version, closed) and CorruptStore, here and in every
    method that reads or writes the file. Processes forked from this one share its claim on the file while they live.
    """

    def __init__(self, path: Path, *, read_only: bool = False, mend: bool = False) -> None:
        self.path = path
        self.notes: list[str] = []
        self._read_only = read_only
        self._sound = True
        self._prices = Prices()
        self._usage: dict[tuple[str, str], Usage] = {}  # by act and engine
        self._hits: Counter[tuple[str, str]] = Counter()  # not written yet
        self._prompts = Prompts()  # those known to be in the file
        self._lock = None if read_only else Lock(path)
        try:
            self._connection: sqlite3.Connection | None = self._mended() if mend else self._opened()
        except BaseException:
            self._release()
            raise

    def get(self, key: bytes, *, read_as: str = "") -> Reply | None:
        """The stored reply; None where the call has not been made. Raises CorruptStore where it is damaged.

        read_as: what the engine reads of the prompt now; a reply to another reading is none. A replay, which has no engine to
        ask, does without and gets the last reply, which is the one that the run it repeats had used.
        """
        with self._use() as connection:
            row = connection.execute("SELECT * FROM calls WHERE key = ?", (key,)).fetchone()
            if row is None or _read_otherwise(row, read_as):
                return None
            reply = stored_reply(row, key)
            if reply is None:
                raise damaged(self.path, "a reply does not match its checksum")
            return reply

    def put(self, calls: Sequence[tuple[bytes, Request, Reply]], *, read_as: Mapping[bytes, str] = EMPTY) -> None:
        """Keep the calls, all or none; they are safe when this returns. A key that is there keeps its first reply, unless
        that is to another reading of the prompt: then it stays for the accounts alone. ``read_as`` has readings by key.
        """
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        try:
            with self._transaction() as connection:
                self._write_hits(connection)
                added = [self._add(connection, *call, read_as.get(call[0], ""), at) for call in calls]
        except BaseException:
            self._prompts.clear()
            raise
        self._hits.clear()
        for account in added:
            if account is not None:
                self._count(account)

    def register(self, engines: Mapping[str, Identity], prices: Mapping[str, PriceSettings]) -> None:
        """Keep the engines' identities for a replay, and price the calls put from now on; without a price they are free."""
        with self._transaction() as connection:
            rows = [engine_row(name, identity) for name, identity in engines.items()]
            connection.executemany("REPLACE INTO engines VALUES (?, ?, ?)", rows)
        self._prices.update(prices)

    def identities(self) -> dict[str, Identity]:
        """The identity of every engine registered so far, by name. Raises CorruptStore."""
        with self._use() as connection:
            rows = connection.execute("SELECT * FROM engines ORDER BY name").fetchall()
            if not all(map(sound_engine, rows)):
                raise damaged(self.path, "an engine's identity does not match its checksum")
        return {name: json.loads(identity) for name, identity, _ in rows}

    def count_hits(self, engine: str, act: str, n_hits: int) -> None:
        """Count replies that came out of the store; kept with the next `put` or `close`."""
        self._hits[engine, act] += n_hits
        self._count(Account(act, engine, Usage(n_hits=n_hits)))

    def total(self) -> Usage:
        """All calls in the store together, those of earlier runs included."""
        return sum(self._usage.values(), NOTHING)

    def accounts(self) -> list[Account]:
        """One account for each act and engine, in the order of their names."""
        return [Account(*names, self._usage[names]) for names in sorted(self._usage)]

    def close(self) -> None:
        """Keep what is left to keep and leave a single file, or two while somebody reads it. May be called twice."""
        if self._connection is None:
            return
        try:
            if not self._read_only:
                self._write_last()
        finally:
            self._connection.close()
            self._connection = None
            self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.close()
        except StorageError:
            if error is None:
                raise

    def _mended(self) -> sqlite3.Connection:
        try:
            return self._opened()
        except CorruptStore as error:
            self.notes.append(set_aside(self.path, error))
        return self._opened()

    def _opened(self) -> sqlite3.Connection:
        with checked(self.path, read_only=self._read_only) as connection:
            self._usage.clear()
            self._load_accounts(connection)
            if not self._read_only:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute(SET_META, ("closed", 0))
        return connection

    def _load_accounts(self, connection: sqlite3.Connection) -> None:
        for row in [*connection.execute(COUNT_CALLS), *connection.execute(COUNT_HITS)]:
            act, engine, *counts = map(from_cell, row)
            if not isinstance(act, str) or not isinstance(engine, str):
                raise damaged(self.path, f"act {act!r} of engine {engine!r}; expected names")
            self._count(Account(act, engine, Usage(*counts)))

    def _count(self, account: Account) -> None:
        names = (account.act, account.engine)
        self._usage[names] = self._usage.get(names, NOTHING) + account.usage

    def _add(
        self, connection: sqlite3.Connection, key: bytes, request: Request, reply: Reply, read_as: str, at: str
    ) -> Account | None:
        """The call's account; None where its key was there before."""
        prompt = self._prompts.get(request.messages) or self._add_prompt(connection, request)
        usage = self._prices.usage(request.engine, reply)
        row = call_row(key, prompt, request, reply, price=usage.price, at=at, read_as=read_as)
        if read_as:
            self._make_room(connection, key, read_as, at)
        if connection.execute(ADD_CALL, row).rowcount == 0:
            return None
        return Account(request.act, request.engine, usage)

    def _make_room(self, connection: sqlite3.Connection, key: bytes, read_as: str, at: str) -> None:
        """Give a call that was read otherwise a key under which nobody asks."""
        row = connection.execute("SELECT * FROM calls WHERE key = ?", (key,)).fetchone()
        if row is None or not _read_otherwise(row, read_as):
            return
        moved = under_key(row, digest(f"{key.hex()} until {at}"))
        if moved is None:
            raise damaged(self.path, "a reply does not match its checksum")
        connection.execute("DELETE FROM calls WHERE key = ?", (key,))
        connection.execute(ADD_CALL, moved)

    def _add_prompt(self, connection: sqlite3.Connection, request: Request) -> bytes:
        row = prompt_row(request.messages)
        connection.execute(ADD_PROMPT, row)
        return self._prompts.add(request.messages, row[0])

    def _write_hits(self, connection: sqlite3.Connection) -> None:
        rows = [(to_cell(engine), to_cell(act), n_hits) for (engine, act), n_hits in self._hits.items()]
        connection.executemany(ADD_HITS, rows)

    def _write_last(self) -> None:
        with self._transaction() as connection:
            self._write_hits(connection)
            connection.execute(SET_META, ("closed", int(self._sound)))
        self._hits.clear()
        with suppress(sqlite3.Error):  # while somebody reads it the log has to stay
            connection.execute("PRAGMA busy_timeout = 0")
            connection.execute("PRAGMA journal_mode = DELETE")

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._use() as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def _use(self) -> Iterator[sqlite3.Connection]:
        if self._connection is None:
            raise StorageError(f"{self.path}: is closed; expected an open store")
        try:
            with errors_of(self.path):
                yield self._connection
        except CorruptStore:
            self._sound = False  # so that who opens it next looks at every row
            raise

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()


def _read_otherwise(row: Row, read_as: str) -> bool:
    """True if the prompt of a stored call is known to have been read otherwise."""
    return bool(read_as and widened(row)[READ_AS] not in (None, read_as))
