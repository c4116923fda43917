"""Queries on a run's tables."""

from __future__ import annotations

from typing import Any

from simcons.storage.load import Run


def column(name: str) -> str:
    """A column's name as SQL writes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def one_row(run: Run, query: str) -> tuple[Any, ...]:
    """The single row of an aggregate query."""
    (row,) = run.sql().execute(query).fetchall()
    return tuple(row)
