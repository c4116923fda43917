"""A scenario or stress-test file and its ``--set`` overrides, as a checked model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from simcons.errors import ScenarioError
from simcons.scenario.engines import SPEED_SETTINGS
from simcons.scenario.files import parse, read_yaml
from simcons.scenario.power import PowerSettings
from simcons.scenario.shipped import find_scenario, find_stress
from simcons.scenario.stress import Stress
from simcons.scenario.study import Scenario


def load_scenario(reference: str | Path, overrides: Sequence[str] = ()) -> Scenario:
    """Read a scenario by path or shipped name; ``overrides`` are ``key.path=value`` with values in YAML.

    Raises ScenarioError, in one line.
    """
    path = find_scenario(str(reference))
    return parse(Scenario, _document(path, overrides), source=str(path))


def load_stress(reference: str | Path, overrides: Sequence[str] = ()) -> Stress | PowerSettings:
    """Read a stress test or a study of power, by path or shipped name. Raises ScenarioError, in one line."""
    path = find_stress(str(reference))
    document = _document(path, overrides)
    if document.get("kind") == "power":
        return parse(PowerSettings, document, source=str(path))
    if document.get("kind") == "stress":
        return parse(Stress, document, source=str(path))
    if "kind" not in document and "mediators" in document:
        raise ScenarioError(
            f"{path}: is a scenario, not a stress test; expected kind stress or power (simcons run {reference})"
        )
    raise ScenarioError(f"{path}: kind: value {document.get('kind')!r}: expected stress or power")


def _document(path: Path, overrides: Sequence[str]) -> dict[str, Any]:
    document = read_yaml(path)
    if not isinstance(document, dict):
        raise ScenarioError(f"{path}: expected a mapping of keys to values, got {type(document).__name__}")
    for override in overrides:
        _apply(document, override)
    return document


def change_scenario(scenario: Scenario, overrides: Sequence[str], *, source: str) -> Scenario:
    """``scenario`` with what may differ when a run goes on: its budget, and engine settings that no reply depends on.

    Raises ScenarioError, in one line, for any other key.
    """
    document = scenario.model_dump(mode="json")
    for override in overrides:
        key = override.partition("=")[0].split(".")
        engine_speed = len(key) >= 3 and key[0] == "engines" and key[2] in SPEED_SETTINGS
        if key[0] != "budget" and not engine_speed:
            raise ScenarioError(
                f"--set {override!r}: a run that goes on keeps its scenario; expected budget.* or engines.NAME.SETTING"
                f" with one of {', '.join(sorted(SPEED_SETTINGS))}"
            )
        _apply(document, override)
    return parse(Scenario, document, source=source)


def _apply(document: dict[str, Any], override: str) -> None:
    """Set one value in place. A part of the path that is a number addresses a list."""
    key, separator, text = override.partition("=")
    if not separator or not key:
        raise ScenarioError(f"--set {override!r}: expected key.path=value")
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        raise ScenarioError(f"--set {override!r}: the value is not valid YAML") from None
    *parents, last = key.split(".")
    node: Any = document
    for part in parents:
        node = _descend(node, part, override)
    if isinstance(node, list):
        node[_index(node, last, override)] = value
    else:
        node[last] = value


def _descend(node: Any, part: str, override: str) -> Any:
    child = node[_index(node, part, override)] if isinstance(node, list) else node.setdefault(part, {})
    if not isinstance(child, (dict, list)):
        raise ScenarioError(f"--set {override!r}: {part!r} holds the value {child!r}, which has no keys")
    return child


def _index(node: list[Any], part: str, override: str) -> int:
    if part.isdigit() and int(part) < len(node):
        return int(part)
    raise ScenarioError(f"--set {override!r}: expected a list index from 0 to {len(node) - 1}, got {part!r}")
