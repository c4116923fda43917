"""A crowd from a table of persons: what the table says of them is kept, what it lacks is drawn as for any other population."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simcons.arrays import Floats, Ints
from simcons.errors import ScenarioError
from simcons.population.known import UNKNOWN, Known
from simcons.scenario.parameters import VALUE_DIMENSIONS
from simcons.scenario.population_file import CATEGORIES, YOUNGEST_OF_BANDS
from simcons.scenario.study import WORKS, PersonColumnSettings, TablePopulationSettings
from simcons.seeds import stream
from simcons.storage.imported.files import read_file

if TYPE_CHECKING:
    import pandas as pd

_OLDEST = 120  # years
_FARTHEST = 5.0  # SDs: beyond it is a survey's own scale
_YES, _NO = {"true", "yes", "1"}, {"false", "no", "0"}


def known_people(settings: TablePopulationSettings, size: int, *, seed: int) -> Known:
    """``size`` people of the table, each once until all are there, or by their weights with replacement.

    Raises ScenarioError for a column that is not there or a cell that says nothing that is known: file, row, value, expectation.
    """
    path = Path(settings.path).expanduser()
    columns = {key: given.column for key, given in settings.named.items()}
    file = read_file(path, set(columns.values()))
    for key, column in columns.items():
        if column not in file.names:
            names = ", ".join(file.names[:12])
            raise ScenarioError(
                f"{path}: no column {column!r}, which population.columns.{key} names: expected one of {names}"
            )
    if not len(file.frame):
        raise ScenarioError(f"{path}: has no rows: expected a person a row")
    table = _Cells(path, file.frame, settings.named)
    return table.known().of(_drawn(table.weights(), len(file.frame), size, seed))


def _drawn(weights: Floats | None, n: int, size: int, seed: int) -> Ints:
    """The rows of a crowd. One of another size begins with the same people."""
    if weights is not None:
        cumulative = np.cumsum(weights)
        uniform = stream(seed, "population", "table").random(size)
        return np.asarray(np.searchsorted(cumulative, uniform * cumulative[-1], side="right"), dtype=np.int64)
    n_times = -(-size // n)
    turns = [stream(seed, "population", "table", str(k)).permutation(n) for k in range(n_times)]
    return np.asarray(np.concatenate(turns)[:size], dtype=np.int64)


class _Cells:
    """The columns of a table that are named, read cell by cell."""

    def __init__(self, path: Path, frame: pd.DataFrame, columns: Mapping[str, PersonColumnSettings]) -> None:
        self._path, self._frame, self._columns = path, frame, columns

    def known(self) -> Known:
        ages = self._ages()
        codes = {axis: self._codes(axis, names) for axis, names in CATEGORIES.items() if axis != "age"}
        return Known(
            codes={axis: self._bands(ages) if axis == "age" else codes[axis] for axis in CATEGORIES},
            age=ages,
            work=self._codes("work", WORKS),
            children=self._children(),
            values=np.column_stack([self._positions(name) for name in VALUE_DIMENSIONS]),
            row=np.arange(1, len(self._frame) + 1),
        )

    def weights(self) -> Floats | None:
        if "weight" not in self._columns:
            return None
        weights = self._numbers("weight")
        for k, weight in enumerate(weights):
            if not weight >= 0:
                raise self._fault(k, "weight", "a weight of at least 0")
        if not weights.sum() > 0:
            raise ScenarioError(f"{self._path}: all weights are 0: expected some above")
        return weights

    def _texts(self, key: str) -> Sequence[str | None]:
        """Cells as our words for them; None where there is nothing, or the key has no column."""
        if key not in self._columns:
            return [None] * len(self._frame)
        given = self._columns[key]
        texts = [None if _is_nothing(cell) else str(_plain(cell)).strip() for cell in self._frame[given.column]]
        return [None if not text else given.words.get(text, text) for text in texts]

    def _codes(self, key: str, names: Sequence[str]) -> Ints:
        places = {name.lower(): k for k, name in enumerate(names)}
        codes = np.full(len(self._frame), UNKNOWN, dtype=np.int64)
        for k, text in enumerate(self._texts(key)):
            if text is None:
                continue
            if text.lower() not in places:
                raise self._fault(k, key, f"one of {', '.join(names)}, or words that say which it is")
            codes[k] = places[text.lower()]
        return codes

    def _children(self) -> Ints:
        answers = np.full(len(self._frame), UNKNOWN, dtype=np.int64)
        for k, text in enumerate(self._texts("children")):
            if text is not None and text.lower() not in _YES | _NO:
                raise self._fault(k, "children", "yes or no")
            if text is not None:
                answers[k] = text.lower() in _YES
        return answers

    def _numbers(self, key: str) -> Floats:
        numbers = np.full(len(self._frame), np.nan)
        for k, text in enumerate(self._texts(key)):
            if text is None:
                continue
            try:
                numbers[k] = float(text)
            except ValueError:
                raise self._fault(k, key, "a number") from None
            if not np.isfinite(numbers[k]):
                raise self._fault(k, key, "a finite number")
        return numbers

    def _positions(self, name: str) -> Floats:
        positions = self._numbers(name)
        for k, position in enumerate(positions):
            if abs(position) > _FARTHEST:
                expected = f"SDs of the population, from -{_FARTHEST:g} to {_FARTHEST:g} (less the mean of a scale, over its SD)"
                raise self._fault(k, name, expected)
        return positions

    def _ages(self) -> Floats:
        ages = self._numbers("age")
        for k, age in enumerate(ages):
            if not np.isnan(age) and not (YOUNGEST_OF_BANDS[0] <= age <= _OLDEST and age == int(age)):
                raise self._fault(k, "age", f"whole years from {YOUNGEST_OF_BANDS[0]} to {_OLDEST}")
        return ages

    def _bands(self, ages: Floats) -> Ints:
        bands = np.searchsorted(YOUNGEST_OF_BANDS, np.nan_to_num(ages, nan=YOUNGEST_OF_BANDS[0]), side="right") - 1
        return np.asarray(np.where(np.isnan(ages), UNKNOWN, bands), dtype=np.int64)

    def _fault(self, k: int, key: str, expected: str) -> ScenarioError:
        given = self._columns[key]
        cell = _plain(self._frame[given.column].iloc[k])
        told = f"{given.column} is empty" if _is_nothing(cell) else f"{given.column} {cell!r}"
        word = given.words.get(str(cell).strip())
        meant = f", by words {word!r}" if word is not None else ""
        return ScenarioError(f"{self._path}: row {k + 1:,}: {told}{meant}: expected {expected}")


def _is_nothing(cell: object) -> bool:
    return cell is None or (isinstance(cell, float) and np.isnan(cell))


def _plain(cell: Any) -> Any:
    """A value of NumPy as Python has it, whole numbers without a point."""
    value = cell.item() if isinstance(cell, np.generic) else cell
    return int(value) if isinstance(value, float) and value.is_integer() else value
