"""The tables of a study of people as their files have them: the columns that a mapping names, and the rows that it takes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simcons.errors import InputError
from simcons.scenario.mapping import Cell, TableSettings
from simcons.storage.imported.files import SourceFile, read_file

if TYPE_CHECKING:
    import pandas as pd

ROW = "row"  # a column of every part: where its file has the row, from 1
_MOST_NAMED = 12  # columns in a message


@dataclass(frozen=True, slots=True)
class Source:
    """The files of a folder that the parts of a mapping name, each read once. none: cells that say that there is nothing."""

    folder: Path
    parts: Mapping[str, TableSettings]
    none: Sequence[Cell] = ()
    _read: dict[str, SourceFile] = field(default_factory=dict)

    def rows(self, part: str) -> pd.DataFrame:
        """The rows that one part takes: a column for each key, under its name, and ``row``.

        Raises InputError for a file or a column that is not there, and lists of unequal length.
        """
        settings = self.parts[part]
        file = self._file(settings.file)
        for key, column in _named(settings).items():
            self._expect(column, file.names, f"{part}.{key}", settings.file)
        entire = [name for name in settings.where if name not in settings.lists]
        kept = file.frame[_taken(file.frame, settings, entire)]
        if settings.lists:
            kept = self._a_row_an_entry(kept, settings)
            kept = kept[_taken(kept, settings, settings.lists)]
        columns = {key: self._present(kept[column]) for key, column in settings.columns.items()}
        return _new_frame({ROW: kept.index.to_numpy() + 1, **columns})

    def path(self, name: str) -> Path:
        return self.folder / name

    @property
    def files(self) -> list[Path]:
        """Those that were read."""
        return [self.path(name) for name in self._read]

    def _file(self, name: str) -> SourceFile:
        if name not in self._read:
            of_file = [settings for settings in self.parts.values() if settings.file == name]
            columns = {column for settings in of_file for column in _named(settings).values()}
            self._read[name] = read_file(self.path(name), columns)
        return self._read[name]

    def _expect(self, column: str, names: Sequence[str], key: str, file: str) -> None:
        if column in names:
            return
        close = get_close_matches(column, names, n=1, cutoff=0.6)
        more = f", ... ({len(names) - _MOST_NAMED} more)" if len(names) > _MOST_NAMED else ""
        expected = f"did you mean {close[0]}?" if close else f"expected one of {', '.join(names[:_MOST_NAMED])}{more}"
        raise InputError(f"{self.path(file)}: no column {column!r}, which the mapping's {key} names: {expected}")

    def _present(self, cells: pd.Series) -> NDArray[Any]:
        if not self.none:
            return np.asarray(cells)
        nothing = [str(value) for value in self.none]
        return np.asarray(cells.astype(object).where(~cells.astype(str).str.strip().isin(nothing), None))

    def _a_row_an_entry(self, frame: pd.DataFrame, settings: TableSettings) -> pd.DataFrame:
        lengths = {name: [_length(cell) for cell in frame[name]] for name in settings.lists}
        for row, counts in zip(frame.index + 1, zip(*lengths.values(), strict=True), strict=True):
            if None in counts:
                raise InputError(
                    f"{self.path(settings.file)}: row {row:,}: {settings.lists[counts.index(None)]} has no list: expected one"
                )
            if len(set(counts)) > 1:
                told = ", ".join(f"{n} of {name}" for name, n in zip(lengths, counts, strict=True))
                raise InputError(f"{self.path(settings.file)}: row {row:,}: {told}: expected lists of one length")
        return frame.explode(settings.lists)


def _named(settings: TableSettings) -> dict[str, str]:
    """Every column that a part names, by the key that names it."""
    lists = {f"lists.{k}": name for k, name in enumerate(settings.lists)}
    return {**settings.columns, **{f"where.{name}": name for name in settings.where}, **lists}


def _taken(frame: pd.DataFrame, settings: TableSettings, columns: Collection[str]) -> NDArray[np.bool_]:
    """The rows that have one of the values asked for in each of ``columns``."""
    taken = np.ones(len(frame), dtype=bool)
    for column in columns:
        if (values := settings.where.get(column)) is not None:
            allowed = {str(value) for value in (values if isinstance(values, list) else [values])}
            taken &= np.array([str(cell) in allowed for cell in frame[column]], dtype=bool)
    return taken


def _length(cell: object) -> int | None:
    return len(cell) if isinstance(cell, list | tuple | np.ndarray) else None


def _new_frame(columns: Mapping[str, Any]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(columns)
