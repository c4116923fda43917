"""CSV as people's programs write it: cut by commas, semicolons or tabs, with line breaks in quotes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path

from simcons.errors import ScenarioError

_DELIMITERS = ",;\t|"


def csv_rows(path: Path, text: str, is_known: Callable[[str], bool]) -> Iterator[tuple[int, list[str]]]:
    """Each row that holds something, the header too, with the line on which it begins.

    Rows are cut by what cuts most names out of the header that ``is_known`` knows; it gets them without spaces and quotes.
    Raises ScenarioError, in one line, for quotes that do not end.
    """
    header = next((line for line in text.split("\n") if line.strip()), "")
    cut = max(_DELIMITERS, key=lambda mark: sum(is_known(name.strip(' "\r')) for name in header.split(mark)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=cut, strict=True, skipinitialspace=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise ScenarioError(f"{path}: line {line:,}: {error}: expected CSV") from None
