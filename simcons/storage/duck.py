"""Connections to DuckDB that hold little in memory: what takes more is put on the disk while a query lasts."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    import duckdb

_MEMORY = "2GiB"  # DuckDB's own default is four fifths of the machine's


def connected() -> duckdb.DuckDBPyConnection:
    """A database of its own, which draws no progress bars into the output."""
    import duckdb

    connection = duckdb.connect()
    spill = Path(tempfile.gettempdir()) / f"simcons-{uuid4().hex}"  # made when it is needed, and removed in the end
    connection.execute("SET memory_limit = ?", [_MEMORY])
    connection.execute("SET temp_directory = ?", [str(spill)])
    with suppress(duckdb.InvalidInputException):  # a notebook that cannot draw them refuses the setting
        connection.execute("SET enable_progress_bar = false")
    return connection
