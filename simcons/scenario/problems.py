"""Faults of a document in plain words: every error of the validator as place, value, and what was expected."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from simcons.counted import counted, listed
from simcons.scenario.names import FORMS
from simcons.scenario.places import Keys, Place, is_model, kinds, members_of, place, without_optional
from simcons.scenario.renamed import is_now, kind_is_now

_SECRETS = ("key", "token", "secret", "password")  # in the name of a key: its value is not printed
_MOST_NAMED = 12  # keys or kinds in one message


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: at which keys, and what is to be said."""

    keys: Keys
    said: str
    unknown_key: bool = False


def problems(model: Any, errors: Sequence[ErrorDetails]) -> list[Problem]:
    """All that is wrong, unknown keys first, as they are what makes keys missing."""
    by_place: dict[Keys, list[tuple[Place, ErrorDetails]]] = {}
    for error in errors:
        where = place(model, error["loc"])
        by_place.setdefault(where.keys, []).append((where, error))
    told = [
        _renamed(keys, given) or _merged(keys, given)
        for keys, given in by_place.items()
        if not _is_explained(keys, given, by_place)
    ]
    return sorted(told, key=lambda problem: not problem.unknown_key)


def _is_explained(keys: Keys, given: Sequence[tuple[Place, ErrorDetails]], by_place: Mapping[Keys, Any]) -> bool:
    """True if deeper errors name the fault in the member of a union that was meant, so that these need not be told."""
    several = len(members_of(given[0][0].wanted)) > 1 or len(given) > 1
    kinds_of_error = {error["type"] for _, error in given}
    return (
        several
        and kinds_of_error <= _WRONG_TYPES
        and any(len(other) > len(keys) and other[: len(keys)] == keys for other in by_place)
    )


def _renamed(keys: Keys, given: Sequence[tuple[Place, ErrorDetails]]) -> Problem | None:
    """A problem that is no more than the name of an earlier version."""
    where, error = given[0]
    if not keys:
        return None
    message = is_now(where.parent, keys[-1], error["input"]) or kind_is_now(where.wanted, error["input"])
    return None if message is None else Problem(keys, message, unknown_key=True)


def _merged(keys: Keys, given: Sequence[tuple[Place, ErrorDetails]]) -> Problem:
    """One problem for all that a union's members say of one value."""
    where, error = given[0]
    if error["type"] == "extra_forbidden":
        return Problem(keys, _unknown(where, error), unknown_key=True)
    if error["type"] == "invalid_key":
        return Problem(keys[:-1], f"key {keys[-1]!r}: expected a text", unknown_key=True)
    if error["type"] == "missing":
        return Problem(keys, f"missing: expected {_wanted_at(where)}")
    if error["type"] == "value_error":
        return Problem(keys, str(error["ctx"]["error"]))
    if "[key]" in error["loc"]:
        return Problem(keys[:-1], _bad_key(keys, error), unknown_key=True)
    expectations = " or ".join(dict.fromkeys(expectation(detail, at.wanted) for at, detail in given))
    return Problem(keys, f"value {_shown(error['input'], keys)}: expected {expectations}")


def _unknown(where: Place, error: ErrorDetails) -> str:
    known = list(where.parent.model_fields) if is_model(where.parent) else _fields_of(where.parent)
    return f"unknown key with value {_shown(error['input'], where.keys)}: {_among(str(where.keys[-1]), known)}"


def _fields_of(parent: Any) -> list[str]:
    members = [member for member in map(without_optional, members_of(parent)) if is_model(member)]
    return [name for member in members for name in member.model_fields]


def _among(given: str, known: Sequence[str]) -> str:
    close = get_close_matches(given, known, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]}?"
    more = f", ... ({len(known) - _MOST_NAMED} more)" if len(known) > _MOST_NAMED else ""
    return f"expected one of {', '.join(known[:_MOST_NAMED])}{more}" if known else "expected no such key"


def _bad_key(keys: Keys, error: ErrorDetails) -> str:
    known = [literal.strip("'\" ") for literal in _literals(error)]
    given = keys[-1]
    if known:
        return f"unknown key {given!r}: {_among(str(given), known)}"
    return f"key {given!r}: expected {expectation(error, str)}"


def _literals(error: ErrorDetails) -> list[str]:
    listed = str(error.get("ctx", {}).get("expected", "")) if error["type"] == "literal_error" else ""
    return listed.replace(" or ", ", ").split(", ") if listed else []


# --- what was expected -------------------------------------------------------------------------------------------


def expectation(error: ErrorDetails, annotation: Any) -> str:
    """The value that an error, of any type that our models raise, asks for, in plain words."""
    context: dict[str, Any] = error.get("ctx", {})
    say = _WORDS.get(error["type"])
    return say(context, annotation) if say else type_in_words(annotation)


def type_in_words(annotation: Any) -> str:
    """The values that a type takes: "a whole number", "a list of texts", "one of uk, us"."""
    if annotation is None:
        return "a value"
    members = [without_optional(member) for member in members_of(annotation)]
    if len(members) > 1 and kinds(annotation):
        return f"a mapping of keys to values, with kind {_or(kinds(annotation))}"
    return " or ".join(dict.fromkeys(_one_in_words(member) for member in members))


def _one_in_words(annotation: Any) -> str:
    if is_model(annotation):
        return "a mapping of keys to values"
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (list, tuple):
        return f"a list of {_several(without_optional(inner[0]))}"
    if origin is dict:
        return "a mapping of keys to values"
    if origin is not None and inner:
        return f"one of {_or(list(map(str, inner)))}" if len(inner) > 1 else str(inner[0])
    return _TYPES.get(annotation, ("a value", "values"))[0]


def _list_in_words(annotation: Any) -> str:
    """The lists among a union's members, whose other members say for themselves what they take."""
    members = [without_optional(member) for member in members_of(annotation)]
    lists = [member for member in members if get_origin(member) in (list, Sequence)]
    return " or ".join(dict.fromkeys(map(_one_in_words, lists))) or type_in_words(annotation)


def _several(annotation: Any) -> str:
    members = [without_optional(member) for member in members_of(annotation)]
    return " or ".join(dict.fromkeys(_TYPES.get(member, ("", "entries"))[1] for member in members))


def _wanted_at(where: Place) -> str:
    field = where.parent.model_fields.get(where.keys[-1]) if is_model(where.parent) else None
    about = f" ({field.description})" if field is not None and field.description else ""
    return f"{type_in_words(where.wanted)}{about}"


def _or(names: Sequence[str]) -> str:
    return listed(names[:_MOST_NAMED], last="or")


_TYPES: dict[Any, tuple[str, str]] = {
    int: ("a whole number", "whole numbers"),
    float: ("a number", "numbers"),
    str: ("a text", "texts"),
    bool: ("true or false", "trues and falses"),
}
_Words = Callable[[dict[str, Any], Any], str]


def _number(annotation: Any) -> str:
    return "a whole number" if int in members_of(annotation) else "a number"


_WORDS: dict[str, _Words] = {
    "int_type": lambda _, __: "a whole number",
    "int_from_float": lambda _, __: "a whole number",
    "float_type": lambda _, __: "a number",
    "not_a_number": lambda _, __: "a number",
    "finite_number": lambda _, __: "a finite number",
    "bool_type": lambda _, __: "true or false",
    "string_type": lambda _, __: "a text (in quotes, if it looks like a number or true)",
    "string_unicode": lambda _, __: "a text that can be written",
    "string_too_short": lambda context, _: f"at least {counted(context['min_length'], 'letter')}",
    "string_too_long": lambda context, _: f"at most {counted(context['max_length'], 'letter')}",
    "string_pattern_mismatch": lambda context, _: FORMS.get(
        context["pattern"], f"a text of the form {context['pattern']}"
    ),
    "greater_than_equal": lambda context, wanted: f"{_number(wanted)} of at least {context['ge']:,g}",
    "greater_than": lambda context, wanted: f"{_number(wanted)} above {context['gt']:,g}",
    "less_than_equal": lambda context, wanted: f"{_number(wanted)} of at most {context['le']:,g}",
    "less_than": lambda context, wanted: f"{_number(wanted)} below {context['lt']:,g}",
    "too_short": lambda context, _: f"a list of at least {counted(context['min_length'], 'entry', 'entries')}",
    "too_long": lambda context, _: f"a list of at most {counted(context['max_length'], 'entry', 'entries')}",
    "list_type": lambda _, wanted: _list_in_words(wanted),
    "tuple_type": lambda _, wanted: type_in_words(wanted),
    "dict_type": lambda _, __: "a mapping of keys to values",
    "model_type": lambda _, __: "a mapping of keys to values",
    "model_attributes_type": lambda _, wanted: type_in_words(wanted),
    "none_required": lambda _, __: "null",
    "literal_error": lambda context, _: (
        "one of " + str(context["expected"]).replace("'", "")
        if " or " in str(context["expected"])
        else str(context["expected"])
    ),
    "union_tag_not_found": lambda _, wanted: f"a kind: {_or(kinds(wanted))}",
    "union_tag_invalid": lambda _, wanted: f"kind {_or(kinds(wanted))}",
}
WORDED = frozenset({*_WORDS, "extra_forbidden", "invalid_key", "missing", "value_error"})
_WRONG_TYPES = frozenset(
    {"int_type", "float_type", "string_type", "bool_type", "list_type", "dict_type", "model_type", "none_required"}
)


def _shown(value: object, keys: Keys) -> str:
    """The value, unless it may be a secret that was put in the wrong place."""
    name = str(keys[-1]).lower() if keys else ""
    if isinstance(value, str) and any(word in name for word in _SECRETS):
        return "(not shown)"
    return _short(value)


def _short(value: object) -> str:
    if isinstance(value, BaseModel):
        return type(value).__name__
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]  # as the file has it
    text = _limited().repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _limited() -> reprlib.Repr:
    limits = reprlib.Repr()
    limits.maxstring = limits.maxother = limits.maxlong = 60
    limits.maxlevel = 3
    return limits


def in_line(problem: Problem, lines: Mapping[Keys, str]) -> str:
    """A problem as one line: where it stands in the file, its keys, and what is said of it."""
    place_of = next(_found(problem.keys or _named_first(problem.said, lines), lines), "")
    key = ".".join(map(str, problem.keys))
    return ": ".join(text for text in (place_of, key, problem.said) if text)


def _named_first(message: str, lines: Mapping[Keys, str]) -> Keys:
    """The keys that what is said of a whole document opens with, as in "mediators: arm 'a' is given twice"."""
    named: Keys = tuple(int(key) if key.isdecimal() else key for key in message.partition(":")[0].split("."))
    return named if named[:1] in lines else ()


def _found(keys: Keys, lines: Mapping[Keys, str]) -> Iterator[str]:
    """The place of the value, or of the nearest part around it."""
    yield from (lines[keys[:n]] for n in range(len(keys), -1, -1) if keys[:n] in lines)
