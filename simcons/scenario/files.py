"""Reading input files: YAML to a strict model, or lines that say all that is wrong."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from simcons.counted import counted
from simcons.errors import ScenarioError, ScenarioProblems
from simcons.scenario.places import Keys
from simcons.scenario.problems import in_line, problems
from simcons.scenario.yaml_text import YamlProblem, read_text

Model = TypeVar("Model")

MAX_BYTES = 64 * 2**20
SPREADSHEETS = (".xls", ".xlsx", ".ods", ".numbers")
NO_PLACES: Mapping[Keys, str] = {}
_OTHER_ENCODINGS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_EXPECTED = "expected UTF-8 (spreadsheets: save as 'CSV UTF-8')"


@dataclass(frozen=True, slots=True)
class InputFile:
    """A document as read, and where each of its parts stands, such as ``line 3``."""

    value: Any
    places: dict[Keys, str]


def read_yaml(path: Path) -> Any:
    """The document in ``path``. Raises ScenarioError for a missing, unreadable or malformed file."""
    return read_input(path).value


def read_input(path: Path) -> InputFile:
    """The document in ``path`` with its lines. Raises ScenarioError for a missing, unreadable or malformed file."""
    return _document(path, _bytes(path))


def load_model(path: Path, model: type[Model]) -> Model:
    """The file as a model that nobody changes: one that is loaded again is read again only if it has changed.

    Raises ScenarioError, as `read_input` and `parse` do.
    """
    loaded: Model = _remembered(path, _bytes(path), model)
    return loaded


def _loaded(path: Path, content: bytes, model: type[Any]) -> Any:
    given = _document(path, content)
    return parse(model, given.value, source=str(path), places=given.places)


# Reading a bank takes half of a small study's time, and the studies of a loop, gate or sweep read the same.
_remembered: Callable[[Path, bytes, Any], Any] = lru_cache(maxsize=64)(_loaded)


def text_of(path: Path, content: bytes) -> str:
    """The text of a file, with or without a byte-order mark. Raises ScenarioError where it is not in UTF-8."""
    other = next((name for mark, name in _OTHER_ENCODINGS if content.startswith(mark)), None)
    if other:
        raise ScenarioError(f"{path}: is {other}: {_EXPECTED}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ScenarioError(
            f"{path}: line {line:,}: byte 0x{content[error.start]:02X} is not UTF-8: {_EXPECTED}"
        ) from None


def _document(path: Path, content: bytes) -> InputFile:
    text = text_of(path, content)
    try:
        document = read_text(text)
    except YamlProblem as problem:
        raise ScenarioError(f"{path}: {problem}") from None
    return InputFile(document.value, {keys: f"line {line}" for keys, line in document.lines.items()})


def _bytes(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise ScenarioError(f"{path}: is a {'folder' if path.is_dir() else 'device'}: expected a file")
        if path.stat().st_size > MAX_BYTES:
            raise ScenarioError(
                f"{path}: has {counted(path.stat().st_size, 'byte')}: expected at most {MAX_BYTES:,} of an input file"
            )
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ScenarioError(f"{path}: {reason}: expected a readable file") from None


def parse(model: type[Model], document: Any, *, source: str, places: Mapping[Keys, str] = NO_PLACES) -> Model:
    """``document`` as ``model``. Raises ScenarioError for all that is wrong: source, place, key, value, what was expected.

    places: where each part of the document stands in its file.
    """
    try:
        return TypeAdapter(model).validate_python(document)
    except ValidationError as error:
        faults = [in_line(problem, places) for problem in problems(model, error.errors(include_url=False))]
        raise faults_error(source, faults) from None


def faults_error(source: str, faults: list[str]) -> ScenarioError:
    """One line for one fault of an input file, a list for several."""
    if len(faults) == 1:
        return ScenarioError(f"{source}: {faults[0]}")
    return ScenarioProblems(f"{source}: {counted(len(faults), 'problem')}", tuple(faults))
