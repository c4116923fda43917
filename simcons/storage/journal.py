"""The journal of an unfinished run: what was recorded, a line a session, to be looked at before the tables can be read.

A Parquet file can be read only once it is closed. A run that is at work, or was killed, has the journal instead; it goes once the
tables are closed. A line that was not written to its end is left out, so that sessions are there whole or not at all.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from typing import IO, Any

from simcons.errors import RunFolderError
from simcons.records import Record
from simcons.storage.layout import RECORD_TYPES

_encode = json.JSONEncoder(separators=(",", ":")).encode
_GZIP = 31  # window bits that ask zlib for the format of gzip

_TYPES: dict[str, type[Any]] = {kind.__name__: kind for kind in RECORD_TYPES.values()}


class Journal:
    """Lines added to a compressed file. What cannot be written, as on a full disk, ends the journal and never the run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._values = {kind: attrgetter(*(f.name for f in fields(kind))) for kind in _TYPES.values()}
        self._pack = zlib.compressobj(level=1, wbits=_GZIP)
        self._file: IO[bytes] | None = None
        try:
            self._file = path.open("wb", buffering=0)
        except OSError:
            self.remove()

    def add(self, records: Sequence[Record]) -> None:
        """A line of records that belong together, which can be read from now on."""
        if self._file is None:
            return
        rows = [(type(record).__name__, *self._values[type(record)](record)) for record in records]
        line = f"{_encode(rows)}\n".encode()
        try:
            self._file.write(self._pack.compress(line) + self._pack.flush(zlib.Z_SYNC_FLUSH))
        except OSError:
            self.remove()

    def close(self) -> None:
        """Close it and leave it there, for want of whole tables."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def remove(self) -> None:
        self.close()
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


def read_journal(path: Path) -> Iterator[list[Record]]:
    """The records of each session that was over. Raises RunFolderError, in one line."""
    try:
        for number, line in enumerate(_lines(path), start=1):
            yield _records(line, f"{path}: line {number}")
    except (OSError, zlib.error) as error:
        raise RunFolderError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _lines(path: Path) -> Iterator[bytes]:
    """Whole lines; the file may end anywhere."""
    unpack, rest = zlib.decompressobj(wbits=_GZIP), b""
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            *lines, rest = (rest + unpack.decompress(chunk)).split(b"\n")
            yield from lines


def _records(line: bytes, where: str) -> list[Record]:
    try:
        return [_TYPES[kind](*values) for kind, *values in json.loads(line)]
    except (ValueError, KeyError, TypeError):
        raise RunFolderError(
            f"{where}: holds no records of this version of simcons; expected a line of its journal"
        ) from None
