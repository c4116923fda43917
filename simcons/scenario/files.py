"""Reading input files: YAML to a strict model, or one line that says what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from simcons.errors import ScenarioError

Model = TypeVar("Model")


def read_yaml(path: Path) -> Any:
    """The document in ``path``. Raises ScenarioError for a missing, unreadable or malformed file."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except FileNotFoundError:
        raise ScenarioError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: cannot be read: {error}") from None
    except yaml.YAMLError as error:
        raise ScenarioError(f"{path}: is not valid YAML: {_one_line(error)}") from None


def parse(model: type[Model], document: Any, *, source: str) -> Model:
    """``document`` as ``model``. Raises ScenarioError naming source, key, value and what was expected."""
    try:
        return TypeAdapter(model).validate_python(document)
    except ValidationError as error:
        raise ScenarioError(f"{source}: {describe(error)}") from None


def describe(error: ValidationError) -> str:
    """The first error in one line, and how many more there are."""
    first, *others = error.errors(include_url=False)
    key = ".".join(str(part) for part in first["loc"]) or "document"
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        message = "unknown key"
    more = f" (and {len(others)} more)" if others else ""
    return f"{key}: {message}, got {_shorten(first['input'])}{more}"


def _shorten(value: object, length: int = 60) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= length else text[: length - 1] + "…"


def _one_line(error: yaml.YAMLError) -> str:
    return " ".join(str(error).split())


class _Loader(yaml.CSafeLoader):
    """YAML that refuses a key given twice, which PyYAML otherwise settles silently in favour of the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        repeated = next((key for key in keys if keys.count(key) > 1), None)
        if repeated is not None:
            raise yaml.constructor.ConstructorError(None, None, f"key {repeated!r} is given twice", node.start_mark)
        return super().construct_mapping(node, deep=deep)
