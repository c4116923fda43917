"""A part of a page: figures, then tables on demand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from simcons.report.page import Figure, Opening, Section, SweepChapter
from simcons.report.tables import DataTable


@dataclass(frozen=True, slots=True)
class Chapter:
    """notes: what the figures do not say; facts: name and value. Tables are open where there is no figure."""

    key: str
    title: str
    figures: Sequence[Figure] = ()
    tables: Sequence[DataTable] = ()
    notes: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()


Part = TypeVar("Part", Chapter, SweepChapter, Section)


def unshown(part: Part, openings: Sequence[Opening]) -> Part:
    """The part without the figures that stand beside a finding: a page shows each once."""
    shown = [opening.figure for opening in openings]
    return replace(part, figures=[figure for figure in part.figures if figure not in shown])


def anchor(name: str) -> str:
    """A name as the address of a place on a page."""
    return "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name)
