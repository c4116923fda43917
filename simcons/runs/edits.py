"""The scenario file that a run was made from, and what has become of it since the run began."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from simcons.errors import ScenarioError
from simcons.scenario.load import load_scenario
from simcons.scenario.shipped import find_scenario
from simcons.storage.start import RunStart, Source

_MOST_NAMED = 6  # keys in one line


def source_of(reference: str | Path, overrides: Sequence[str]) -> Source:
    """Where ``reference``, a path or a shipped name, is read from. Raises ScenarioError."""
    path = find_scenario(str(reference))
    try:
        return Source.of(path, overrides)
    except OSError as error:
        raise ScenarioError(f"{path}: {error.strerror}: expected a readable file") from None


def remark_on_edits(start: RunStart) -> str | None:
    """A line on edits of the file that a run's scenario came from; None if nothing in it says another thing now."""
    source = start.source
    if source is None or not source.has_changed:
        return None
    keeps = "this run goes on with the scenario that it began with"
    try:
        now = load_scenario(source.path, source.overrides, working=source.working)
    except ScenarioError as error:
        return f"the scenario file has been edited since this run began, and is wrong now ({error}); {keeps}"
    told = [
        f"{key} was {before}, is {after}"
        for key, (before, after) in changed(start.scenario, json.loads(now.model_dump_json())).items()
    ]
    if not told:
        return None
    more = [f"{len(told) - _MOST_NAMED} more"] if len(told) > _MOST_NAMED else []
    return f"{Path(source.path).name} has been edited since this run began: {'; '.join([*told[:_MOST_NAMED], *more])}; {keeps}"


def changed(was: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """By key, the values as JSON in which two documents differ; "not there" where one has none, which is no other than null."""
    before, after = dict(_leaves(was)), dict(_leaves(now))
    keys = [key for key in dict.fromkeys([*before, *after]) if before.get(key) != after.get(key)]
    filled = {key for key in keys if any(other.startswith(f"{key}.") for other in keys)}  # empty in one of the two
    return {key: (_shown(before, key), _shown(after, key)) for key in keys if key not in filled}


def _leaves(document: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that is neither a mapping nor a list with something in it, by its path."""
    children = (
        document.items() if isinstance(document, Mapping) else enumerate(document) if isinstance(document, list) else ()
    )
    nested = [leaf for key, value in children for leaf in _leaves(value, f"{path}.{key}" if path else str(key))]
    yield from nested or [(path, document)]


def _shown(leaves: Mapping[str, Any], key: str) -> str:
    """The value at a path as JSON; "not there" where there is none."""
    return json.dumps(leaves[key], ensure_ascii=False) if key in leaves else "not there"
