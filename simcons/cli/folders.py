"""A folder where an input file is wanted: what it is, and what to type."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from shlex import quote
from typing import Any

from simcons.counted import counted
from simcons.errors import RunFolderError, ScenarioError
from simcons.json_files import read_object
from simcons.scenario.files import read_yaml
from simcons.storage.layout import MANIFEST, START, UNFINISHED

RECIPE_KINDS = ("sft", "reward", "persona", "loop")

_MOST_READ = 200  # files of a folder
_UNREADABLE = "unreadable"


def kind_of(document: Any) -> str:
    """The kind of a document, by its keys: a scenario where nothing says otherwise."""
    kind = document.get("kind")
    if kind in ("population", "stress", "power"):
        return "population" if kind == "population" else "stress"
    if kind in (*RECIPE_KINDS, "gate", "sweep", "worlds", "mapping"):
        return str(kind)
    return "bank" if "topic" in document else "scenario"


def is_bank(folder: Path) -> bool:
    """True if at least one of a folder's YAML files is a topic, or none can be read, which is for whoever reads them to say."""
    kinds = {kind for _, kind in _inputs(folder)}
    return "bank" in kinds or kinds == {_UNREADABLE}


def refuse_folder(folder: Path, command: str) -> None:
    """Raise ScenarioError that says what ``folder`` is and what to type, where ``command`` (check, run) wants a file."""
    raise ScenarioError(f"{folder}: {_of_a_run(folder) or _of_inputs(folder, command)}")


def _of_a_run(folder: Path) -> str | None:
    here = quote(str(folder))
    if (folder / MANIFEST).exists():
        made_by = _result_of(folder / MANIFEST)
        if made_by is not None:
            return f"is a result of simcons {made_by}, not an input file; expected a file such as a scenario"
        return (
            f"is a finished run, not an input file; look at it with: simcons show {here};"
            f" run it again from its replies with: simcons run --replay {here}"
        )
    if (folder / UNFINISHED).exists() or (folder / START).exists():
        return f"is an unfinished run, not an input file; go on with: simcons run --resume {here}"
    return None


def _result_of(path: Path) -> str | None:
    try:
        kind = read_object(path, RunFolderError, "the manifest of a result").get("kind")
    except RunFolderError:
        return None
    return kind if isinstance(kind, str) else None


def _of_inputs(folder: Path, command: str) -> str:
    """Of a bank, of a folder of banks, of one with other input files, or of one with none."""
    inputs = [(path, kind) for path, kind in _inputs(folder) if kind != _UNREADABLE]
    scenarios = [path for path, kind in inputs if kind == "scenario"]
    if command == "run" and any(kind == "bank" for _, kind in inputs):
        here = quote(str(folder))
        return f"is a question bank, not a scenario; name it in one (questions.bank) and check it with: simcons check {here}"
    if chosen := scenarios or ([path for path, _ in inputs] if command == "check" else []):
        contents = counted(len(chosen), "scenario" if scenarios else "input file")
        return f"is a folder with {contents}; expected one of them, such as: simcons {command} {quote(str(chosen[0]))}"
    banks = [path for path in _children(folder) if path.is_dir() and is_bank(path)]
    if banks:
        there = quote(str(banks[0]))
        return f"is a folder with {counted(len(banks), 'question bank')}; check one of them, such as: simcons check {there}"
    return "is a folder without input files; expected a scenario or another input file (simcons new NAME writes one)"


def _inputs(folder: Path) -> list[tuple[Path, str]]:
    """The YAML files in a folder that are input files or cannot be read, and of which kind."""
    inputs = []
    for path in _children(folder):
        if path.suffix.lower() not in (".yaml", ".yml") or not path.is_file():
            continue
        try:
            document = read_yaml(path)
        except ScenarioError:
            inputs.append((path, _UNREADABLE))
            continue
        if isinstance(document, dict) and {"mediators", "topic", "kind"} & document.keys():
            inputs.append((path, kind_of(document)))
    return inputs


def _children(folder: Path) -> list[Path]:
    try:
        return sorted(islice(folder.iterdir(), _MOST_READ))
    except OSError as error:
        raise ScenarioError(f"{folder}: cannot be read: {error.strerror or error}") from None
