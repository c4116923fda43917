"""Lists of questions as people keep them: JSON, JSON Lines, CSV, YAML or plain text, with the line of every entry."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from simcons.errors import ScenarioError
from simcons.questions.bare import ALIASES, KEYS
from simcons.scenario.csv_rows import csv_rows
from simcons.scenario.files import SPREADSHEETS, read_yaml, text_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list: where its file has it, and its keys and values."""

    line: int
    values: Mapping[str, Any]

    @property
    def place(self) -> str:
        """For messages, by the user's own id: ``line 12 (id 'housing')``."""
        name = self.values.get("id")
        return f"line {self.line}" if name is None else f"line {self.line} (id {name!r})"


def read_entries(path: Path) -> list[Entry]:
    """The entries of a list, by what the file's name ends in. Raises ScenarioError, in one line."""
    read = _READERS.get(path.suffix.lower())
    if read is None:
        endings = ", ".join(_READERS)
        hint = " (save the sheet as CSV)" if path.suffix.lower() in SPREADSHEETS else ""
        raise ScenarioError(f"{path}: expected a file that ends in one of {endings}{hint}")
    return [_entry(path, line, value) for line, value in read(path, _text(path))]


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ScenarioError(f"{path}: {error.strerror}: expected a readable file") from None
    return text_of(path, content)


def _entry(path: Path, line: int, value: object) -> Entry:
    """An entry with its keys under their own names; a text alone is the question."""
    if isinstance(value, str):
        return Entry(line, {"question": value})
    if not isinstance(value, dict):
        raise ScenarioError(
            f"{path}: line {line}: value {value!r}: expected a question, as a text or with keys {', '.join(KEYS)}"
        )
    named: dict[str, Any] = {}
    for key, item in value.items():
        name = ALIASES.get(str(key), str(key))
        if name in named:
            raise ScenarioError(f"{path}: line {line}: {name} is given twice, also as {key!r}; expected one of them")
        named[name] = item
    return Entry(line, named)


# --- formats -----------------------------------------------------------------------------------------------------


def _json(path: Path, text: str) -> Iterator[tuple[int, Any]]:
    """The elements of a JSON list, each with the line on which it begins."""
    decoder = json.JSONDecoder(object_pairs_hook=_unique)
    place, line = _skip(text, 0), 1
    if text[place : place + 1] != "[":
        line_wise = "; one object a line makes a .jsonl file" if text[place : place + 1] == "{" else ""
        raise ScenarioError(f"{path}: expected a JSON list of at least one question{line_wise}")
    seen = place = _skip(text, place + 1)
    line += text.count("\n", 0, place)
    while text[place : place + 1] != "]":
        value, end = _decoded(path, decoder, text, place)
        line += text.count("\n", seen, place)
        seen = place
        yield line, value
        place = _skip(text, end)
        if text[place : place + 1] not in (",", "]"):
            raise ScenarioError(f"{path}: line {text.count(chr(10), 0, place) + 1}: expected ',' or ']' of a JSON list")
        if text[place] == ",":
            place = _skip(text, place + 1)
    if text[place + 1 :].strip():
        raise ScenarioError(f"{path}: line {text.count(chr(10), 0, place) + 1}: expected nothing after the JSON list")


def _json_lines(path: Path, text: str) -> Iterator[tuple[int, Any]]:
    decoder = json.JSONDecoder(object_pairs_hook=_unique)
    for line, row in enumerate(text.split("\n"), 1):
        if row.strip():
            place = _skip(row, 0)
            value, end = _decoded(path, decoder, row, place, first_line=line)
            if row[end:].strip():
                raise ScenarioError(f"{path}: line {line}: expected one JSON value a line, got more after it")
            yield line, value


def _decoded(path: Path, decoder: json.JSONDecoder, text: str, place: int, *, first_line: int = 1) -> tuple[Any, int]:
    try:
        return decoder.raw_decode(text, place)
    except json.JSONDecodeError as error:
        raise ScenarioError(f"{path}: line {first_line + error.lineno - 1}: {error.msg}: expected JSON") from None
    except (RecursionError, ValueError) as error:
        problem = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        line = first_line + text.count("\n", 0, place)
        raise ScenarioError(f"{path}: line {line}: {problem}: expected JSON") from None


def _skip(text: str, place: int) -> int:
    """The next place that is no white space."""
    space = re.compile(r"\s*").match(text, place)
    return space.end() if space else place


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    repeated = next((key for key in keys if keys.count(key) > 1), None)
    if repeated is not None:
        raise ValueError(f"key {repeated!r} is given twice")
    return dict(pairs)


def _yaml(path: Path, text: str) -> Iterator[tuple[int, Any]]:
    document = read_yaml(path)
    if not isinstance(document, list):
        raise ScenarioError(f"{path}: expected a list of at least one question, got {type(document).__name__}")
    node: Any = yaml.compose(text, Loader=yaml.CSafeLoader)
    yield from ((item.start_mark.line + 1, value) for item, value in zip(node.value, document, strict=True))


def _lines(path: Path, text: str) -> Iterator[tuple[int, Any]]:
    """One question a line; empty lines are passed over."""
    yield from ((number, line.strip()) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def _csv(path: Path, text: str) -> Iterator[tuple[int, Any]]:
    """Rows under a header, with the delimiter that the header is cut by. Empty cells and rows are left out."""
    rows = csv_rows(path, text, lambda title: _column(title) in KEYS)
    _, titles = next(rows, (1, [""]))
    columns = [_column(title) for title in titles]
    _check_columns(path, titles, columns)
    for line, cells in rows:
        if len(cells) > len(columns) and any(cells[len(columns) :]):
            raise ScenarioError(
                f"{path}: line {line}: has {len(cells)} cells under {len(columns)} columns:"
                " expected quotes around a text that holds the delimiter"
            )
        values = {column: cell.strip() for column, cell in zip(columns, cells, strict=False) if cell.strip()}
        if values:
            yield line, {"question": "", **values}


def _column(title: str) -> str:
    name = re.sub(r"\W+", "_", title.strip().strip('"').lower())
    return ALIASES.get(name, name)


def _check_columns(path: Path, titles: list[str], columns: list[str]) -> None:
    if "question" not in columns:
        raise ScenarioError(
            f"{path}: line 1: no column 'question' or 'text' in the header {titles[:6]!r}: expected a first line with the names"
            " of the columns (one question a line without a header makes a .txt file)"
        )
    unknown = [title for title, column in zip(titles, columns, strict=True) if column not in KEYS]
    if unknown:
        raise ScenarioError(
            f"{path}: line 1: unknown columns {', '.join(map(repr, unknown))}: expected among {', '.join(KEYS)}"
        )
    repeated = next((title for title, column in zip(titles, columns, strict=True) if columns.count(column) > 1), None)
    if repeated is not None:
        raise ScenarioError(
            f"{path}: line 1: column {repeated!r} is there twice, perhaps by another name: expected it once"
        )


_READERS: Mapping[str, Callable[[Path, str], Iterator[tuple[int, Any]]]] = {
    ".json": _json,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".csv": _csv,
    ".tsv": _csv,
    ".txt": _lines,
    ".yaml": _yaml,
    ".yml": _yaml,
}
ENDINGS = tuple(_READERS)
