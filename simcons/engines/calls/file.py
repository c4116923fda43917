"""The SQLite file under the store of calls: its tables, its one user, what is wrong with it, what can be saved of it."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path

from simcons.engines.calls.keys import ADDED, ASIDE, N_COLUMNS_1, Row, sound_prompt, verified_call, widened
from simcons.errors import StorageError

SCHEMA_VERSION = max(ADDED)
SCHEMA_1 = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL)",
    "CREATE TABLE engines (name TEXT PRIMARY KEY, identity TEXT NOT NULL, checksum BLOB NOT NULL)",
    "CREATE TABLE prompts (id BLOB PRIMARY KEY, messages TEXT NOT NULL)",
    "CREATE TABLE calls (key BLOB PRIMARY KEY, prompt BLOB NOT NULL, engine TEXT NOT NULL, act TEXT NOT NULL, "
    "request TEXT NOT NULL, text TEXT NOT NULL, tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, "
    "finish TEXT NOT NULL, logprobs TEXT NOT NULL, seconds REAL NOT NULL, price REAL NOT NULL, at TEXT NOT NULL, "
    "checksum BLOB NOT NULL)",
    "CREATE TABLE uses (engine TEXT, act TEXT, n_hits INTEGER NOT NULL, PRIMARY KEY (engine, act))",
)
ADD_PROMPT = "INSERT INTO prompts VALUES (?, ?) ON CONFLICT (id) DO NOTHING"
ADD_CALL = f"INSERT INTO calls VALUES ({', '.join('?' * (N_COLUMNS_1 + len(ASIDE)))}) ON CONFLICT (key) DO NOTHING"
SET_META = "REPLACE INTO meta VALUES (?, ?)"
FILES = ("", "-wal", "-shm", "-journal")  # what SQLite keeps beside the file
LEAST_ROW_BYTES = 50  # a row takes more, with its place in the index
BUSY_SECONDS = 10.0
CACHE_KIB = 32_768  # holds the index of keys of 500,000 calls, which are hashes and so have no order
# SQLITE_ERROR: our statements fit our tables, so that an error in one means that the tables are others.
CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})
UNREADABLE = (sqlite3.Error, UnicodeDecodeError)  # what reading a damaged file may raise
PLAINLY = {
    sqlite3.SQLITE_FULL: "cannot be written: no space left on the disk",
    sqlite3.SQLITE_BUSY: "is locked by another program; is another run using it?",
    sqlite3.SQLITE_LOCKED: "is locked by another program; is another run using it?",
    sqlite3.SQLITE_READONLY: "cannot be written: no permission",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; expected a file in a folder that can be written",
}


class CorruptStore(StorageError):
    """The file is damaged, or no store of calls. Nothing wrong has been read from it."""


# --- errors ------------------------------------------------------------------------------------------------------


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """The one place where what SQLite and the disk say becomes a StorageError or a CorruptStore."""
    try:
        yield
    except sqlite3.Error as error:
        raise _translated(path, error) from None
    except UnicodeDecodeError:  # of what SQLite says of a damaged file
        raise damaged(path, "a text is unreadable") from None
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror or error}") from None


def damaged(path: Path, finding: str) -> CorruptStore:
    return CorruptStore(f"{path}: is damaged or no store of calls: {finding}")


def _translated(path: Path, error: sqlite3.Error) -> StorageError:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None and isinstance(error, sqlite3.OperationalError):  # text that is not UTF-8, the one error without
        return damaged(path, "a text is unreadable")
    primary = (code or 0) & 0xFF
    if primary in CORRUPT:
        return damaged(path, str(error))
    return StorageError(f"{path}: {PLAINLY.get(primary, error)}")


# --- one user ----------------------------------------------------------------------------------------------------


class Lock:
    """The claim of one process, and those forked from it, on ``path``. Its death releases it, whatever it died of."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(path.name + "-lock")
        with storage_errors(path):
            file = self._try()
            while not self._is_current(file):  # its last owner removed it between our opening and locking it
                os.close(file)
                file = self._try()
        self._file = file

    def release(self) -> None:
        with suppress(OSError):
            os.unlink(self._path)
        os.close(self._file)

    def _try(self) -> int:
        file = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o666)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            raise StorageError(f"{self._path}: is held by another run; expected one run at a time") from None
        except OSError:
            os.close(file)
            raise
        return file

    def _is_current(self, file: int) -> bool:
        with suppress(FileNotFoundError):
            return os.path.samestat(os.stat(self._path), os.fstat(file))
        return False


# --- opening -----------------------------------------------------------------------------------------------------


@contextmanager
def checked(path: Path, *, read_only: bool) -> Iterator[sqlite3.Connection]:
    """A connection to a file found in order, made if it is not there; closed again if the block raises.

    Every row is looked at where the last run did not close the file, or closed it after it had found damage.
    """
    with storage_errors(path):
        connection = connect(path, read_only=read_only)
        try:
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            if not read_only:
                create_if_empty(connection)
            version = _check_schema(connection, path)
            if _meta(connection, "closed") == 1 or read_only:
                _check_structure(connection, path, "quick_check")
            else:
                _check_structure(connection, path, "integrity_check")
                _check_rows(connection, path)
            if version < SCHEMA_VERSION and not read_only:
                _upgrade(connection, version)
            yield connection
        except BaseException:
            connection.close()
            raise


def connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    if read_only and not path.is_file():
        raise StorageError(f"{path}: is not there; expected the calls of a run")
    address = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
    return sqlite3.connect(address, uri=True, isolation_level=None, timeout=BUSY_SECONDS)


def create_if_empty(connection: sqlite3.Connection) -> None:
    (n_pages,) = connection.execute("PRAGMA page_count").fetchone()
    if n_pages:
        return
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        for statement in schema(SCHEMA_VERSION):
            connection.execute(statement)
        connection.executemany(SET_META, [("schema_version", SCHEMA_VERSION), ("closed", 1)])


def _check_schema(connection: sqlite3.Connection, path: Path) -> int:
    """The version of the tables: this one's, or an earlier one's, which lacks columns that may be empty."""
    statements = [row[0] for row in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")]
    version = _meta(connection, "schema_version") if SCHEMA_1[0] in statements else None
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise StorageError(f"{path}: has schema version {version}; expected {SCHEMA_VERSION}: a newer simcons wrote it")
    if not isinstance(version, int) or version < 1 or statements != schema(version):
        raise damaged(path, "its tables are not those of a store")
    return version


def schema(version: int) -> list[str]:
    """The statements that make the tables, as SQLite writes down those that were given further columns."""
    added = "".join(f", {name} TEXT" for name in _added(up_to=version))
    return [f"{table.removesuffix(')')}{added})" if " calls " in table else table for table in SCHEMA_1]


def _added(*, up_to: int, after: int = 1) -> list[str]:
    """Columns of table ``calls`` that came with the schema versions after one and up to another."""
    return [name for version, names in ADDED.items() if after < version <= up_to for name in names]


def _upgrade(connection: sqlite3.Connection, version: int) -> None:
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        for name in _added(up_to=SCHEMA_VERSION, after=version):
            connection.execute(f"ALTER TABLE calls ADD COLUMN {name} TEXT")
        connection.execute(SET_META, ("schema_version", SCHEMA_VERSION))


def _check_structure(connection: sqlite3.Connection, path: Path, check: str) -> None:
    (finding,) = connection.execute(f"PRAGMA {check}(1)").fetchone()
    if finding != "ok":
        raise damaged(path, " ".join(str(finding).replace("*** in database main ***", "").split()))


def _check_rows(connection: sqlite3.Connection, path: Path) -> None:
    if not all(sound_prompt(row) for row in connection.execute("SELECT * FROM prompts")):
        raise damaged(path, "a prompt does not match its checksum")
    if not all(verified_call(row) for row in connection.execute("SELECT * FROM calls")):
        raise damaged(path, "a reply does not match its checksum")


def _meta(connection: sqlite3.Connection, name: str) -> object:
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return row and row[0]


# --- saving ------------------------------------------------------------------------------------------------------


def set_aside(path: Path, reason: CorruptStore) -> str:
    """Put a new file with the sound calls of a damaged one in its place; a sentence that says so, for the user.

    Files change their names at the very end, so that an interruption before leaves all as it was.
    """
    with storage_errors(path):
        draft = path.with_name(f"{path.stem}.salvaged{path.suffix}")
        for end in FILES:
            Path(f"{draft}{end}").unlink(missing_ok=True)
        n_saved = _salvage(path, draft)
        aside = _free_name(path)
        for end in FILES:
            with suppress(FileNotFoundError):
                os.rename(f"{path}{end}", f"{aside}{end}")
        os.rename(draft, path)
    return f"{reason}; it was set aside as {aside.name!r}, and {n_saved} sound calls were kept"


def _free_name(path: Path) -> Path:
    names = (path.with_name(f"{path.stem}.corrupt-{n}{path.suffix}") for n in count(1))
    return next(name for name in names if not name.exists())


def _salvage(path: Path, draft: Path) -> int:
    with closing(connect(path, read_only=True)) as old, closing(connect(draft, read_only=False)) as new:
        with suppress(*UNREADABLE):
            old.execute("PRAGMA writable_schema = ON")  # reads a file that is shorter than it says
        create_if_empty(new)
        with new:
            new.execute("BEGIN")
            new.executemany(ADD_PROMPT, (row for row in _readable(old, path, "prompts") if sound_prompt(row)))
            new.executemany(ADD_CALL, (widened(row) for row in _readable(old, path, "calls") if verified_call(row)))
        return int(new.execute("SELECT COUNT(*) FROM calls").fetchone()[0])


def _readable(connection: sqlite3.Connection, path: Path, table: str) -> Iterator[Row]:
    """The rows of a table that can be reached, each looked up on its own: rows are numbered from 1 and none is removed."""
    n_bytes = sum(Path(f"{path}{end}").stat().st_size for end in ("", "-wal") if Path(f"{path}{end}").exists())
    for rowid in range(1, n_bytes // LEAST_ROW_BYTES):
        with suppress(*UNREADABLE):
            row = connection.execute(f"SELECT * FROM {table} WHERE rowid = ?", (rowid,)).fetchone()
            if row is not None:
                yield row
