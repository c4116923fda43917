"""Runs side by side: labels that tell them apart, and settings in which they must agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from simcons.errors import InputError
from simcons.storage.load import Run

# Settings that decide who answers what on which scale. Where they differ, so do numbers, whatever the mediators did.
_SAME = ("language", "population", "questions.kind", "questions.bank", "participants")


def labels(runs: Sequence[Run]) -> list[str]:
    """The runs' folders by name; with the folder above where two have the same name."""
    names = [run.folder.resolve().name for run in runs]
    counts = Counter(names)
    return [
        name if counts[name] == 1 else f"{run.folder.resolve().parent.name}/{name}"
        for run, name in zip(runs, names, strict=True)
    ]


def refuse_incomparable(runs: Sequence[Run]) -> None:
    """Raises InputError, in a line, for no run, a run given twice, or two that differ in more than their mediators and design."""
    if not runs:
        raise InputError("runs: none; expected at least one")
    first, *others = runs
    given = [run.folder.resolve() for run in runs]
    for folder in given:
        if given.count(folder) > 1:
            raise InputError(f"run {folder}: given twice; expected different runs")
    for run in others:
        if run.scales != first.scales:
            scales = " and ".join(", ".join(rated.scales) for rated in (first, run))
            raise InputError(f"{run.folder}: cannot be compared with {first.folder}: rated on {scales}")
        for key in _SAME:
            ours, theirs = (_setting(either.manifest, key) for either in (first, run))
            if ours != theirs:
                raise InputError(
                    f"{run.folder}: cannot be compared with {first.folder}: {key} differs ({_difference(ours, theirs)})"
                )


def _setting(manifest: dict[str, Any], key: str) -> Any:
    value: Any = manifest.get("scenario", {})
    for name in key.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _difference(ours: Any, theirs: Any) -> str:
    """The first setting in which the two differ, by its name within the key, and its two values."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in sorted({*ours, *theirs}):
            if ours.get(name) != theirs.get(name):
                return f"{name}: {_difference(ours.get(name), theirs.get(name))}"
    return f"{ours!r} and {theirs!r}"
