"""Reading input files: YAML to a strict model, or one line that says what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from simcons.errors import ScenarioError

Model = TypeVar("Model")

_SECRETS = ("key", "token", "secret", "password")  # in the name of a key: its value is not printed


def read_yaml(path: Path) -> Any:
    """The document in ``path``. Raises ScenarioError for a missing, unreadable or malformed file."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ScenarioError(f"{path}: {reason}: expected a readable file") from None
    except yaml.YAMLError as error:
        raise ScenarioError(f"{path}: {_yaml_problem(error)}: expected YAML") from None


def parse(model: type[Model], document: Any, *, source: str) -> Model:
    """``document`` as ``model``. Raises ScenarioError naming source, key, value and what was expected."""
    try:
        return TypeAdapter(model).validate_python(document)
    except ValidationError as error:
        raise ScenarioError(f"{source}: {describe(error)}") from None


def describe(error: ValidationError) -> str:
    """The first error in one line (key: value: what was expected), and how many more there are."""
    first, *others = error.errors(include_url=False)
    return _problem(first) + (f" (and {len(others)} more)" if others else "")


def _problem(detail: ErrorDetails) -> str:
    keys = [str(part) for part in detail["loc"] if part != "[key]"]
    where = ".".join(keys) + ": " if keys else ""
    context = detail.get("ctx", {})
    value = _shown(detail["input"], keys)
    if detail["type"] == "value_error":
        return f"{where}{context['error']}"
    if detail["type"] == "missing":
        return f"{where}missing: expected a value"
    if detail["type"] == "extra_forbidden":
        return f"{where}unknown key with value {value}: expected no such key"
    if detail["type"] in ("dict_type", "model_type", "model_attributes_type"):
        return f"{where}value {value}: expected a mapping of keys to values"
    wanted = context.get("expected") or context.get("expected_tags") or detail["msg"].removeprefix("Input should be ")
    return f"{where}value {value}: expected {wanted}"


def _shown(value: object, keys: list[str]) -> str:
    """The value, unless it may be a secret that was put in the wrong place."""
    secret = isinstance(value, str) and any(word in keys[-1].lower() for word in _SECRETS) if keys else False
    return "(not shown)" if secret else _short(value)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _yaml_problem(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "unreadable"
    return problem if mark is None else f"line {mark.line + 1}: {problem}"


class _Loader(yaml.CSafeLoader):
    """YAML that refuses a key given twice, which PyYAML otherwise settles silently in favour of the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        repeated = next((key for key in keys if keys.count(key) > 1), None)
        if repeated is not None:
            raise yaml.constructor.ConstructorError(None, None, f"key {repeated!r} is given twice", node.start_mark)
        return super().construct_mapping(node, deep=deep)
