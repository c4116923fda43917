"""Writing files: whole or not at all, and what the disk says as one line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from simcons.errors import StorageError


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is complete or not there at all."""
    temporary = path.with_name(f".{path.name}")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    except BaseException:  # a folder that is begun again has to be found empty
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """The one place where what the disk says becomes a StorageError."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror or error}") from None
