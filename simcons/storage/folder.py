"""Tells a finished run, an unfinished one and any other folder apart."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from simcons.errors import RunFolderError
from simcons.json_files import read_object
from simcons.scale import USUAL_SCALES
from simcons.storage.layout import MANIFEST, START, UNFINISHED
from simcons.storage.parquet import REMEDY

Part = TypeVar("Part", dict[str, Any], list[Any])

SCHEMA_VERSION = 1  # of run folders, as in their manifests
_OBJECTS = ("imported", "rows", "models", "parameters", "inputs", "usage", "engines")  # in a manifest


@dataclass(frozen=True, slots=True)
class Found:
    """A run folder; ``partial`` where its run has not finished."""

    folder: Path
    manifest: dict[str, Any]
    partial: bool


def find_run(folder: Path, *, partial: bool) -> Found:
    """The run in ``folder``. Raises RunFolderError where there is none, or an unfinished one and not ``partial``."""
    try:
        return _find(folder, partial=partial)
    except OSError as error:
        raise RunFolderError(f"{folder}: cannot be read: {error.strerror or error}") from None


def _find(folder: Path, *, partial: bool) -> Found:
    if folder.is_file():
        raise RunFolderError(f"{folder}: is a file; expected a run folder")
    if not folder.is_dir():
        raise RunFolderError(f"{folder}: no such run folder")
    if (folder / MANIFEST).exists():
        return Found(folder, _manifest(folder / MANIFEST), partial=False)
    if not (folder / UNFINISHED).exists():
        raise RunFolderError(f"{folder}: is not a run folder; expected a file {MANIFEST}")
    if not partial:
        raise RunFolderError(
            f"{folder}: this run has not finished (no {MANIFEST}); go on with simcons run --resume {folder},"
            f" or look at what there is with simcons show {folder} --partial"
        )
    return Found(folder, _start_of(folder / START), partial=True)


def scales_in(manifest: dict[str, Any]) -> tuple[str, ...]:
    """Names of the scales that people were asked; runs of versions that had no others do not say."""
    people = manifest.get("scenario", {}).get("participants", {})
    return tuple(people.get("scales", USUAL_SCALES))


def _manifest(path: Path) -> dict[str, Any]:
    document = read_object(path, RunFolderError, "the manifest of a run")
    version, kind = document.get("schema_version", SCHEMA_VERSION), document.get("kind")
    if kind is not None:
        raise RunFolderError(f"{path}: is of a result of simcons {kind}; expected a run folder")
    if not isinstance(version, int) or version > SCHEMA_VERSION:
        raise RunFolderError(
            f"{path}: schema_version {version!r} is newer than this version of simcons reads ({SCHEMA_VERSION}); update simcons"
        )
    _check_shape(path, document)
    return document


def _check_shape(path: Path, document: dict[str, Any]) -> None:
    """Raises RunFolderError where a part that readers rely on is something else than was written."""
    scenario = _part(path, document, "scenario", dict)
    for name in _OBJECTS:
        _part(path, document, name, dict)
    people = _part(path, scenario, "participants", dict, "scenario.")
    scales = _part(path, people, "scales", list, "scenario.participants.")
    if not all(isinstance(scale, str) for scale in scales):
        raise RunFolderError(
            f"{path}: scenario.participants.scales: expected names of scales, got {scales!r:.60}; {REMEDY}"
        )
    design = _part(path, scenario, "design", dict, "scenario.")
    _part(path, design, "omissions", list, "scenario.design.")
    for k, arm in enumerate(_part(path, scenario, "mediators", list, "scenario.")):
        if not isinstance(arm, dict) or not isinstance(arm.get("arm"), str):
            raise RunFolderError(
                f"{path}: scenario.mediators.{k}: expected an object with the name of an arm; {REMEDY}"
            )


def _part(path: Path, document: dict[str, Any], name: str, kind: type[Part], within: str = "") -> Part:
    """The value of ``document`` under ``name``, empty where there is none."""
    value = document.get(name, kind())
    if not isinstance(value, kind):
        expected = "an object" if kind is dict else "a list"
        raise RunFolderError(f"{path}: {within}{name}: expected {expected}, got {str(value)[:60]!r}; {REMEDY}")
    return value


def _start_of(path: Path) -> dict[str, Any]:
    """Name, seed and scenario of an unfinished run, as in a manifest; nothing where it does not say."""
    if not path.exists():
        return {}
    start = read_object(path, RunFolderError, "the start of a run")
    _check_shape(path, start)
    scenario = start.get("scenario", {})
    return {"name": scenario.get("name"), "seed": scenario.get("seed"), "scenario": scenario}
