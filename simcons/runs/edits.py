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
    changes = list(differences(start.scenario, json.loads(now.model_dump_json())))
    if not changes:
        return None
    more = [f"{len(changes) - _MOST_NAMED} more"] if len(changes) > _MOST_NAMED else []
    return f"{Path(source.path).name} has been edited since this run began: {'; '.join([*changes[:_MOST_NAMED], *more])}; {keeps}"


def differences(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Key by key what two documents do not share, such as "design.groups was 6, is 8"."""
    before, after = dict(leaves(was)), dict(leaves(now))
    for key in [*before, *(key for key in after if key not in before)]:
        if before.get(key) != after.get(key):
            yield f"{key} was {shown(before, key)}, is {shown(after, key)}"


def leaves(document: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that is neither a mapping nor a list with something in it, by its path."""
    children = (
        document.items() if isinstance(document, Mapping) else enumerate(document) if isinstance(document, list) else ()
    )
    nested = [leaf for key, value in children for leaf in leaves(value, f"{path}.{key}" if path else str(key))]
    yield from nested or [(path, document)]


def shown(leaves: Mapping[str, Any], key: str) -> str:
    """The value at a path as JSON; "not there" where there is none."""
    return json.dumps(leaves[key], ensure_ascii=False) if key in leaves else "not there"
