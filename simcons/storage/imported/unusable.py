"""Rows of a source that cannot be used: all are gathered, and refused in lines or left out and counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from simcons.counted import counted
from simcons.errors import InputError, ScenarioProblems
from simcons.storage.imported.source import ROW, Source

if TYPE_CHECKING:
    import pandas as pd

Mask: TypeAlias = NDArray[np.bool_]


@dataclass(slots=True)
class Unusable:
    """leave_out: rows go, and are counted by part and reason, in place of an error for all that are refused."""

    source: Source
    leave_out: bool
    most: int
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    _lines: list[str] = field(default_factory=list)
    _n_refused: int = 0

    def without(
        self, part: str, frame: pd.DataFrame, bad: Mask, reason: str, tell: Callable[[pd.Series], str]
    ) -> pd.DataFrame:
        """``frame`` less the rows that are ``bad``. reason: words to count them by; tell: what is wrong with one of them."""
        self.count(part, frame, bad, reason, tell)
        return frame[~bad]

    def count(self, part: str, frame: pd.DataFrame, bad: Mask, reason: str, tell: Callable[[pd.Series], str]) -> None:
        """As `without`, of rows that stay where they are not refused, less what is wrong with them."""
        n_bad = int(bad.sum())
        if n_bad and self.leave_out:
            of_part = self.counts.setdefault(part, {})
            of_part[reason] = of_part.get(reason, 0) + n_bad
        elif n_bad:
            self._n_refused += n_bad
            self._lines += self._told(part, frame[bad].head(max(0, self.most - len(self._lines))), tell)

    def refuse(self) -> None:
        """Raises InputError, a line for each row, where any is refused."""
        if not self._n_refused:
            return
        if self._n_refused == 1:
            raise InputError(self._lines[0])
        more = self._n_refused - len(self._lines)
        rest = [f"and {counted(more, 'more row')}"] if more else []
        hint = "the mapping's `unusable: leave_out` leaves such rows out and counts them"
        raise ScenarioProblems(
            f"{self.source.folder}: {counted(self._n_refused, 'row')} cannot be used ({hint})", (*self._lines, *rest)
        )

    def _told(self, part: str, rows: pd.DataFrame, tell: Callable[[pd.Series], str]) -> Iterable[str]:
        path = self.source.path(self.source.parts[part].file)
        return [f"{path}: row {row[ROW]:,}: {tell(row)}" for _, row in rows.iterrows()]
