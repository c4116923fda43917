"""Cells of a source: as ids, numbers, points of a scale, and answers to a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simcons.arrays import Floats
from simcons.scenario.mapping import AnswerSettings, ComparisonsSettings
from simcons.storage.imported.unusable import Mask

if TYPE_CHECKING:
    import pandas as pd


def as_ids(cells: pd.Series) -> pd.Series:
    """Ids as text: whole numbers without a point, missing where there is nothing."""
    return cells.map(_id_text).astype(object)


def _id_text(cell: object) -> str | None:
    if is_nothing(cell):
        return None
    if isinstance(cell, float | np.floating) and float(cell).is_integer():
        return str(int(cell))
    text = str(plain(cell)).strip()
    return text or None


def is_nothing(cell: object) -> bool:
    return cell is None or (isinstance(cell, float) and np.isnan(cell))


def is_list(cell: object) -> bool:
    return isinstance(cell, list | np.ndarray)


def shown(column: str, cell: object) -> str:
    """For messages, a cell under the name of its column."""
    empty = is_nothing(cell) or (isinstance(cell, str) and not cell.strip())
    return f"{column} is empty" if empty else f"{column} {plain(cell)!r:.60}"


def told(value: object) -> str:
    """A part of a key, whole numbers without a point."""
    return f"{value:g}" if isinstance(value, float) else f"{value!r:.60}"


def plain(cell: object) -> object:
    """A value of NumPy as Python has it."""
    return cell.item() if isinstance(cell, np.generic) else cell


def numbers_in(cells: pd.Series) -> tuple[Floats, Mask]:
    """Cells as numbers, NaN where there is none, and which hold something that is no number."""
    import pandas as pd

    numbers = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return numbers, np.isnan(numbers) & cells.notna().to_numpy()


def points_in(cells: pd.Series, scale: AnswerSettings) -> tuple[Floats, Mask]:
    """Points of the source's scale, NaN for no answer, and which cells are none of these."""
    nothing = {str(value) for value in scale.none}
    given = cells.map(lambda cell: None if str(plain(cell)) in nothing else scale.words.get(str(cell).strip(), cell))
    numbers, bad = numbers_in(given)
    lowest, highest = scale.points
    known = np.isnan(numbers) | ((numbers >= lowest) & (numbers <= highest) & (numbers == np.floor(numbers)))
    return numbers, bad | ~known


def to_run(point: float, scale: AnswerSettings) -> float:
    return point if np.isnan(point) else float(scale.to_run(int(point)))


def preferred(answers: pd.Series, settings: ComparisonsSettings) -> pd.Series:
    """1 for the first statement, 2 for the second, 0 for neither; missing for anything else."""
    meaning = {
        **{str(value): 0 for value in settings.tie},
        **{str(value): 1 for value in settings.prefer_first},
        **{str(value): 2 for value in settings.prefer_second},
    }
    return answers.map(lambda cell: meaning.get(str(plain(cell))))
