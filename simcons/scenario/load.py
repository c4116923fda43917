"""A scenario or stress-test file and its ``--set`` overrides, as a checked model."""

from __future__ import annotations

import copy
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

from simcons.errors import ScenarioError
from simcons.scenario.engines import SPEED_SETTINGS
from simcons.scenario.files import InputFile, faults_error, parse, read_input
from simcons.scenario.parameters import StrictModel
from simcons.scenario.paths import SET, settle_paths
from simcons.scenario.places import Keys
from simcons.scenario.power import PowerSettings
from simcons.scenario.problems import in_line
from simcons.scenario.shipped import find_scenario, find_world
from simcons.scenario.study import Scenario
from simcons.scenario.worlds import StressSettings
from simcons.scenario.yaml_text import YamlProblem, read_text

Settings = TypeVar("Settings", bound=StrictModel)

_TAKEN_BY = {  # by the kind of a file
    "scenario": "simcons run",
    "gate": "simcons gate",
    "sweep": "simcons sweep",
    "stress": "simcons stress",
    "power": "simcons stress",
    "worlds": "simcons compare --worlds",
    "loop": "simcons loop",
    "sft": "simcons train sft",
    "reward": "simcons train reward",
    "persona": "simcons train persona",
    "mapping": "simcons import",
    "population": "simcons persona",
}


def load_scenario(
    reference: str | Path, overrides: Sequence[str] = (), *, working: str | Path | None = None
) -> Scenario:
    """Read a scenario by path or shipped name; ``overrides`` are ``key.path=value`` with values in YAML.

    Paths in it become absolute (see `paths`). working: the folder that those in ``overrides`` start from, by default the
    current one. Raises ScenarioError for all that is wrong.
    """
    path = find_scenario(str(reference))
    shell = Path.cwd() if working is None else Path(working)
    given = _given(path, overrides)
    _refuse_kind(path, given.value, "scenario")
    return _settled(Scenario, given, str(path), beside=Path(path).resolve().parent, working=shell)


def scenario_from(document: Mapping[str, Any], overrides: Sequence[str] = ()) -> Scenario:
    """A scenario from its document, with ``overrides`` as above; paths in it start from the working folder.

    Raises ScenarioError for all that is wrong.
    """
    given = _changed(InputFile(copy.deepcopy(dict(document)), {}), overrides)
    return _settled(Scenario, given, "scenario", beside=Path.cwd(), working=Path.cwd())


def _settled(model: type[Settings], given: InputFile, source: str, *, beside: Path, working: Path) -> Settings:
    """The settings in ``given``, their paths made absolute."""
    parse(model, given.value, source=source, places=given.places)
    if problems := settle_paths(given.value, given.places, beside=beside, working=working):
        raise faults_error(source, [in_line(problem, given.places) for problem in problems])
    return parse(model, given.value, source=source, places=given.places)


def load_stress(reference: str | Path, overrides: Sequence[str] = ()) -> StressSettings | PowerSettings:
    """Read a stress test or a study of power, by path or shipped name. Raises ScenarioError, in one line."""
    path = find_world(str(reference))
    given = _given(path, overrides)
    kind = given.value.get("kind")
    if kind == "power":
        return _settled(PowerSettings, given, str(path), beside=path.resolve().parent, working=Path.cwd())
    if kind == "stress":
        return _settled(StressSettings, given, str(path), beside=path.resolve().parent, working=Path.cwd())
    _refuse_kind(path, given.value, "stress", "power")
    raise ScenarioError(f"{path}: kind: value {kind!r}: expected stress or power")


def load_settings(model: type[Settings], path: Path, overrides: Sequence[str] = ()) -> Settings:
    """The settings in another kind of file with ``overrides`` as above. Raises ScenarioError for all that is wrong."""
    given = _given(path, overrides)
    expected = model.model_fields.get("kind")
    if expected is not None:
        _refuse_kind(path, given.value, *get_args(expected.annotation))
    return _settled(model, given, str(path), beside=path.resolve().parent, working=Path.cwd())


def _refuse_kind(path: Path, document: dict[str, Any], *expected: str) -> None:
    """Raise ScenarioError, in one line, for a file of another kind: all of its keys would be wrong."""
    kind = document.get("kind", "scenario" if "mediators" in document else None)
    if kind in _TAKEN_BY and kind not in expected:
        raise ScenarioError(
            f"{path}: is of kind {kind}; expected kind {' or '.join(expected)} ({_TAKEN_BY[kind]} takes it)"
        )


def _given(path: Path, overrides: Sequence[str]) -> InputFile:
    """The document in ``path`` with the overrides applied; what they set stands on no line of the file."""
    given = read_input(path)
    if not isinstance(given.value, dict):
        raise ScenarioError(f"{path}: expected a mapping of keys to values, got {_kind_of(given.value)}")
    return _changed(given, overrides)


def _changed(given: InputFile, overrides: Sequence[str]) -> InputFile:
    """``given`` with the overrides applied in place."""
    places = dict(given.places)
    for override in overrides:
        keys = _apply(given.value, override)
        places = {at: place for at, place in places.items() if at[: len(keys)] != keys} | {keys: SET}
        places.update((keys[:n], SET) for n in range(1, len(keys)) if keys[:n] not in places)
    return InputFile(given.value, places)


def _kind_of(value: object) -> str:
    return "nothing" if value is None else "a list" if isinstance(value, list) else f"the value {str(value)[:60]!r}"


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
                f"--set {_short(override)}: a run that goes on keeps its scenario; expected budget.* or engines.NAME.SETTING"
                f" with one of {', '.join(sorted(SPEED_SETTINGS))}"
            )
        _apply(document, override)
    return parse(Scenario, document, source=source)


def _short(override: str) -> str:
    """As it was given, as far as it fits into a line."""
    return repr(override if len(override) <= 80 else f"{override[:77]}...")


def _apply(document: dict[str, Any], override: str) -> Keys:
    """Set one value in place and return its keys. A part of the path that is a number addresses a list."""
    path, separator, text = override.partition("=")
    if not separator or not path:
        raise ScenarioError(f"--set {_short(override)}: expected key.path=value")
    try:
        value = read_text(text).value
    except YamlProblem as problem:
        raise ScenarioError(f"--set {_short(override)}: the value is not valid YAML: {problem}") from None
    *parents, last = unicodedata.normalize("NFC", path).split(".")
    node: Any = document
    keys: list[str | int] = []
    for key in parents:
        node, at = _descend(node, key, override)
        keys.append(at)
    at = _index(node, last, override) if isinstance(node, list) else last
    node[at] = value
    return (*keys, at)


def _descend(node: Any, key: str, override: str) -> tuple[Any, str | int]:
    at = _index(node, key, override) if isinstance(node, list) else key
    if isinstance(node, dict) and node.get(key) is None:
        node[key] = {}
    child = node[at]
    if not isinstance(child, (dict, list)):
        raise ScenarioError(f"--set {_short(override)}: {key!r} holds the value {child!r}, which has no keys")
    return child, at


def _index(node: list[Any], key: str, override: str) -> int:
    if key.isascii() and key.isdigit() and len(key) < 10 and int(key) < len(node):
        return int(key)
    there = f"a list index from 0 to {len(node) - 1}" if node else "a list with entries"
    raise ScenarioError(f"--set {_short(override)}: expected {there}, got {key!r}")
