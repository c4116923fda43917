"""The paths in a scenario: one that its file names lies beside the file, one that ``--set`` gives lies where the shell is.

``~`` and environment variables are expanded. What is found becomes an absolute path, so that a run goes on, and is replayed, from
anywhere. Names of what is shipped stay names. Records go to ``output.folder``, which is the shell's unless it is absolute.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from simcons.scenario.places import Keys
from simcons.scenario.problems import Problem
from simcons.scenario.shipped import (
    ADAPTERS,
    BANKS,
    OTHER_WORLDS,
    PACKAGED_MODEL_NAMES,
    POPULATIONS,
    PROMPTS,
    STUDIES,
    Shelf,
)

SET = "--set"  # the place of what is set on the command line
_HUB_ID = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")
_VARIABLE = re.compile(r"\$(?:\{([^}]*)\}|([A-Za-z_][A-Za-z0-9_]*))")


class _NoPath(ValueError):
    """A path that leads nowhere; the message says what was expected."""


def settle_paths(document: dict[str, Any], places: Mapping[Keys, str], *, beside: Path, working: Path) -> list[Problem]:
    """Replace the paths in a scenario's document, in place, by absolute ones; return what is wrong with the others.

    places: where each part of the document stands. beside: the scenario file's folder. working: the shell's.
    """
    problems = []
    stages = _stages(document)
    for pattern, settle in _PATHS.items():
        for node, keys in _nodes(document, pattern):
            given = node[keys[-1]]
            if not isinstance(given, str) or (keys[0] == "engines" and node.get("kind") == "openai"):
                continue
            if pattern == _OF_AN_ARM and given in stages:
                continue  # which makes the prompt
            folder = working if _place(keys, places) == SET else beside
            try:
                node[keys[-1]] = settle(given, folder, working)
            except _NoPath as problem:
                problems.append(Problem(keys, f"value {given!r}: {problem}"))
    return problems


def _stages(document: dict[str, Any]) -> set[str]:
    """The names of a loop's stages; of a scenario there are none."""
    stages = document.get("stages")
    return (
        {str(stage.get("name")) for stage in stages if isinstance(stage, dict)} if isinstance(stages, list) else set()
    )


def expanded(given: str) -> str:
    """``given`` with a home folder for ``~`` and values for ``$NAME`` and ``${NAME}``. Raises ValueError where there is none."""
    text = _VARIABLE.sub(_value, given)
    path = os.path.expanduser(text)
    if path.startswith("~"):
        raise _NoPath(f"there is no home folder {path.split('/')[0]}: expected one, or ./~ for a file of that name")
    return path


def _value(match: re.Match[str]) -> str:
    name = match[1] if match[1] is not None else match[2]
    if name not in os.environ:
        raise _NoPath(f"the environment variable {name} is not set: expected one that is")
    return os.environ[name]


def _shipped_or_file(shelf: Shelf) -> Callable[[str, Path, Path], str]:
    def settle(given: str, folder: Path, working: Path) -> str:
        return given if shelf.holds(given) else _file(given, folder, working, shelf=shelf)

    return settle


def _file(given: str, folder: Path, working: Path, *, shelf: Shelf | None = None) -> str:
    path = expanded(given)
    file = os.path.abspath(folder / path)
    if os.path.exists(file):
        return file
    _refuse_elsewhere(path, folder, working)
    looked = "" if os.path.isabs(path) else f" (looked in {folder})"
    shipped = f" or a shipped {shelf.noun} ({shelf.names()})" if shelf is not None else ""
    raise _NoPath(f"no such file{looked}: expected a file or folder{shipped}")


def _model(given: str, folder: Path, working: Path) -> str:
    """A packaged model and a hub id stay as they are. Folders may be on another machine's disk: engines look when they load."""
    if given in PACKAGED_MODEL_NAMES:
        return given
    path = expanded(given)
    file = os.path.abspath(folder / path)
    if os.path.exists(file):
        return file
    _refuse_elsewhere(path, folder, working)
    is_id = _HUB_ID.fullmatch(path) is not None and not path.endswith(".gguf")
    return path if is_id else file


def _trained(given: str, folder: Path, working: Path) -> str:
    path = expanded(given)
    file = os.path.abspath(folder / path)
    if not os.path.exists(file):
        _refuse_elsewhere(path, folder, working)
    return file


def _adapter(given: str, folder: Path, working: Path) -> str:
    return given if ADAPTERS.holds(given) else _trained(given, folder, working)


def _output(given: str, _folder: Path, _working: Path) -> str:
    return expanded(given)


def _refuse_elsewhere(path: str, folder: Path, working: Path) -> None:
    """Say so where a file that is not beside the scenario lies where the shell is."""
    there = os.path.abspath(working / path)
    if os.path.exists(there) and working != folder:
        raise _NoPath(
            f"no such file (looked in {folder}); there is one in the working folder, {working}: expected a path from the"
            f" scenario's folder, such as {os.path.relpath(there, folder)}, or an absolute one"
        )


def _place(keys: Keys, places: Mapping[Keys, str]) -> str | None:
    """Where the value stands, or what it is part of."""
    return next((places[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in places), None)


def _nodes(document: Any, pattern: Keys, keys: Keys = ()) -> Iterator[tuple[Any, Keys]]:
    """Every mapping that has a value at the pattern's last key, with the keys of that value; ``*`` is any key or index."""
    first, *rest = pattern
    items = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, child in list(items):
        if first in (key, "*"):
            if rest:
                yield from _nodes(child, tuple(rest), (*keys, key))
            else:
                yield document, (*keys, key)


def _call(given: str, folder: Path, working: Path) -> str:
    """A function in a file; one in a module stays as it is."""
    place, _, name = given.rpartition(":")
    return f"{_file(place, folder, working)}:{name}" if place.endswith(".py") else given


_OF_AN_ARM = ("stages", "*", "mediators", "*", "generator", "prompt")
_prompt = _shipped_or_file(PROMPTS)
_PATHS: Mapping[Keys, Callable[[str, Path, Path], str]] = {
    ("population", "name"): _shipped_or_file(POPULATIONS),
    ("population", "path"): _file,
    ("questions", "bank"): _shipped_or_file(BANKS),
    ("questions", "bank", "*"): _shipped_or_file(BANKS),
    ("questions", "path"): _file,
    ("participants", "mind", "opinion_prompt"): _prompt,
    ("readers", "*", "prompt"): _prompt,
    ("readers", "*", "weights"): _file,
    ("participants", "mind", "rating_prompt"): _prompt,
    ("participants", "mind", "from"): _trained,
    ("participants", "mind", "checkpoint"): _trained,
    ("mediators", "*", "generator", "prompt"): _prompt,
    ("mediators", "*", "mediator", "call"): _call,
    ("mediators", "*", "generator", "call"): _call,
    ("scorers", "*", "call"): _call,
    ("mediators", "*", "welfare", "rule"): _call,
    ("rules", "*"): _call,  # of a stress test
    ("compare", "*", "*"): _call,  # of a study of power
    ("engines", "*", "model"): _model,
    ("engines", "*", "adapter"): _adapter,
    ("engines", "*", "checkpoint"): _trained,
    ("scorers", "*", "checkpoint"): _trained,
    ("output", "folder"): _output,
    ("model",): _model,  # of a recipe
    ("base",): _shipped_or_file(STUDIES),  # of a gate
    ("change",): _shipped_or_file(STUDIES),
    ("worlds",): _shipped_or_file(OTHER_WORLDS),
    ("worlds", "*", "set", "population.name"): _shipped_or_file(POPULATIONS),
    ("worlds", "*", "set", "population.path"): _file,
    ("worlds", "*", "set", "questions.bank"): _shipped_or_file(BANKS),
    ("worlds", "*", "set", "questions.path"): _file,
    ("scenario",): _shipped_or_file(STUDIES),  # of a loop, as the following
    ("stages", "*", "settings", "model"): _model,
    ("stages", "*", "settings", "prompt"): _prompt,
    _OF_AN_ARM: _prompt,
}
