"""The journal of an unfinished run: what was recorded, a line a session, to be looked at before the tables can be read.

A Parquet file can be read only once it is closed. A run that is at work, or has stopped, has the journal instead; it goes once
the run is finished. Each line is compressed by itself, so that other processes can make lines; one that was not written to its
end is left out: sessions are there whole or not at all.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, TypeAlias

from simcons.errors import RunFolderError

_encode = json.JSONEncoder(separators=(",", ":")).encode
_GZIP = 31  # window bits that ask zlib for the format of gzip

Row: TypeAlias = tuple[str, Sequence[Any]]  # the name of a table, and a value a column


class Journal:
    """Lines added to a compressed file. What cannot be written, as on a full disk, ends the journal and never the run.

    begins_at: where in the file lines are added; what stands after it goes.
    """

    def __init__(self, path: Path, *, begins_at: int = 0) -> None:
        self.path = path
        self._file: IO[bytes] | None = None
        try:
            self._file = path.open("r+b" if begins_at else "wb", buffering=0)
            self._file.truncate(begins_at)
            self._file.seek(begins_at)
        except OSError:
            self.remove()

    def add(self, rows: Sequence[Row]) -> None:
        """A line of rows that belong together, which can be read from now on."""
        if self._file is not None:
            self.add_lines(journal_line(rows))

    def add_lines(self, lines: bytes) -> None:
        """The same of lines that are made."""
        if self._file is None:
            return
        try:
            self._file.write(lines)
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


def journal_line(rows: Sequence[Row]) -> bytes:
    """Rows that belong together as the journal has them."""
    return gzip.compress(f"{_encode(rows)}\n".encode(), compresslevel=1, mtime=0)


def read_journal(path: Path, widths: Mapping[str, int]) -> Iterator[list[Row]]:
    """The rows of each session that was over. widths: numbers of columns by table. Raises RunFolderError, in one line."""
    return (rows for rows, _ in journal_rows(path, widths))


def journal_rows(path: Path, widths: Mapping[str, int]) -> Iterator[tuple[list[Row], int]]:
    """The same, each with the place in the file at which its line ends."""
    try:
        for number, (line, ends_at) in enumerate(_lines(path), start=1):
            yield _rows(line, widths, f"{path}: line {number}"), ends_at
    except (OSError, zlib.error) as error:
        raise RunFolderError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _lines(path: Path) -> Iterator[tuple[bytes, int]]:
    """Whole lines, each a compressed piece of its own, and where they end; the file may end anywhere."""
    unpack, line, n_read = zlib.decompressobj(wbits=_GZIP), b"", 0
    with path.open("rb") as file:
        while chunk := file.read(1 << 16):
            n_read += len(chunk)
            while chunk:
                line += unpack.decompress(chunk)
                chunk = unpack.unused_data
                if unpack.eof:
                    yield line, n_read - len(chunk)
                    unpack, line = zlib.decompressobj(wbits=_GZIP), b""


def _rows(line: bytes, widths: Mapping[str, int], where: str) -> list[Row]:
    try:
        rows: list[Row] = [(str(name), list(values)) for name, values in json.loads(line)]
        if all(len(values) == widths[name] for name, values in rows):
            return rows
    except (ValueError, KeyError, TypeError):
        pass
    raise RunFolderError(f"{where}: holds no records of this version of simcons; expected a line of its journal")
