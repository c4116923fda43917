"""Keys and values that scenarios of earlier versions have, and what to write now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from simcons.scenario.places import Keys

Told: TypeAlias = Callable[[Any], str | None]  # of the value found there: what to say, None where it is not an old one


def is_now(model: str, keys: Keys, value: object) -> str | None:
    """ "`x` is now `y`", for what stood at ``keys`` of a document of this model before; None for anything else."""
    return next((told for path, say in _OLD.get(model, ()) if _fits(path, keys) and (told := say(value))), None)


def _fits(path: str, keys: Keys) -> bool:
    parts = path.split(".")
    return len(parts) == len(keys) and all(step in ("*", str(key)) for step, key in zip(parts, keys, strict=True))


def _key(old: str, new: str) -> tuple[str, Told]:
    """A key that has moved. ``old``, ``new``: paths, in which * is any name or place in a list."""
    return old, lambda _: f"`{old.rpartition('.')[2]}` is now `{new}`"


def _scorer(value: object) -> str | None:
    kind = value.get("kind") if isinstance(value, dict) else None
    return f"`scorer: {{kind: {kind}}}` is now `scorer: {kind}`" if isinstance(kind, str) else None


_OLD: dict[str, tuple[tuple[str, Told], ...]] = {
    "Scenario": (
        _key("reader", "readers.reader"),
        ("mediators.*.scorer", _scorer),
    ),
}
