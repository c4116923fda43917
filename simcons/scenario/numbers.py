"""Numbers that are numbers: true is not 1, and a text such as '12:30' or '1_000' is no number, anywhere in an input file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pydantic_core import PydanticCustomError, PydanticKnownError, core_schema

_INFINITE = {"Infinity": float("inf"), "-Infinity": float("-inf")}  # as a run folder keeps them in JSON


def strict_numbers(schema: Any) -> Any:
    """A pydantic core schema whose numbers take numbers alone; a float without a fraction is a whole number (1e3)."""
    if isinstance(schema, (list, tuple)):
        return type(schema)(strict_numbers(inner) for inner in schema)
    if not isinstance(schema, dict):
        return schema
    kind = schema.get("type")
    if kind == "model-fields":
        fields = {name: strict_numbers(inner) for name, inner in schema["fields"].items()}
        return {**schema, "fields": fields}
    if isinstance(kind, str) and kind in _READERS and not schema.get("strict"):
        strict: Any = {**schema, "strict": True}
        return core_schema.no_info_before_validator_function(_READERS[kind], strict)
    if kind == "literal" and not any(isinstance(literal, (str, bool)) for literal in schema["expected"]):
        return core_schema.no_info_before_validator_function(_no_bool(schema["expected"]), schema)
    return {key: strict_numbers(inner) if key not in _OPAQUE else inner for key, inner in schema.items()}


def _float(given: object) -> object:
    if isinstance(given, str) and given in _INFINITE:
        return _INFINITE[given]
    if isinstance(given, float) and given != given:
        raise PydanticCustomError("not_a_number", "expected a number")
    return given


def _int(given: object) -> object:
    return int(given) if isinstance(given, float) and given.is_integer() else given


def _no_bool(literals: Sequence[object]) -> Callable[[object], object]:
    """Python has true equal 1."""

    def check(given: object) -> object:
        if isinstance(given, bool):
            raise PydanticKnownError("literal_error", {"expected": " or ".join(map(repr, literals))})
        return given

    return check


def _as_given(given: object) -> object:
    return given


_READERS: dict[str, Callable[[object], object]] = {"float": _float, "int": _int, "bool": _as_given}
_OPAQUE = frozenset({"metadata", "serialization", "default", "ref", "cls", "config", "expected"})
