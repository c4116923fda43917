"""Keys and values that files of earlier versions have, and what to write now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from simcons.scenario.places import members_of, without_optional

Told: TypeAlias = Callable[[Any], str | None]  # of a value: what to say of it, None where it is not an old one

_NOTHING: Mapping[str, str | Told] = {}


def is_now(parent: Any, key: str | int, value: object) -> str | None:
    """The present name of ``key`` among the settings of ``parent``: "`x` is now `y`". None where it is not an old one."""
    for settings in map(without_optional, members_of(parent)):
        new = _RENAMED.get(getattr(settings, "__name__", ""), _NOTHING).get(str(key))
        if new is not None:
            return f"`{key}` is now `{new}`" if isinstance(new, str) else new(value)
    return None


def kind_is_now(wanted: Any, value: object) -> str | None:
    """The present name of the kind that ``value`` has, where ``wanted`` comes in kinds. None where it is not an old one."""
    kind = value.get("kind") if isinstance(value, dict) else None
    for settings in map(without_optional, members_of(wanted)):
        new = _KINDS.get(getattr(settings, "__name__", ""), {}).get(str(kind))
        if new is not None:
            return f"`kind: {kind}` is now `kind: {new}`"
    return None


def _scorer(value: object) -> str | None:
    kind = value.get("kind") if isinstance(value, dict) else None
    return f"`scorer: {{kind: {kind}}}` is now `scorer: {kind}`" if isinstance(kind, str) else None


def _wordings(value: object) -> str | None:
    listed = isinstance(value, list)
    return "a list of `wordings` is now `wordings: {plain: [...], chatty: [...], formal: [...]}`" if listed else None


# By the class of the settings around it and the old key: the new one, from the file's top where it has moved.
_RENAMED: Mapping[str, Mapping[str, str | Told]] = {
    "Scenario": {"reader": "readers.reader"},
    "Claim": {"denial": "denials", "wordings": _wordings},
    "Frame": {"denial": "denials", "wordings": _wordings},
    "MediatorSettings": {"scorer": _scorer},
}

# By the class of its settings: the old names of a kind, and the new one.
_KINDS: Mapping[str, Mapping[str, str]] = {"RulesReaderSettings": {"claims": "rules"}}
