"""Answers in the format that a request asks for: plain text, or JSON by a schema, by a template in the message, or as it comes.

Where a property of a schema has a description that itself asks something ("How far do you agree: ... (from 1 to 7)"), as surveys
have, it is answered for itself; others take the answer to the message.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from simcons.errors import RequestRefused
from simcons.languages.chat import ChatCues
from simcons.languages.language import Language
from simcons.scale import AGREEMENT
from simcons.serve.crowd import Answer
from simcons.serve.options import Options, options_in, options_of
from simcons.serve.understanding import Asked, Before, Understanding

Schema: TypeAlias = Mapping[str, Any]
Path: TypeAlias = tuple[str, ...]

_TEMPLATE = re.compile(r"\{\s*\"\w+\"\s*:[^{}]*\}")
_JSON = re.compile(r"\bJSON\b", re.IGNORECASE)
_KEY = re.compile(r"\"(\w+)\"\s*:\s*[\"<\[(]*\s*(string|boolean|bool|number|integer|true|false)?\b", re.IGNORECASE)
_KINDS = {"bool": "boolean", "true": "boolean", "false": "boolean"}
_FRAMED = re.compile(r"['\"]([A-Z][A-Za-z ]{0,20}: ?)\$[A-Z]+['\"]")  # 'ANSWER: $LETTER'
_DEEPEST = 8  # levels of a schema


@dataclass(frozen=True, slots=True)
class Format:
    """How a reply is to be written. schema: None for plain text; frame: what stands before an answer in plain text."""

    schema: Schema | None = None
    frame: str = ""


@dataclass(frozen=True, slots=True)
class Tasks:
    """All that a request asks: the one thing that its message asks, and those that properties of its schema ask themselves."""

    format: Format
    main: Asked | None
    own: Mapping[Path, Asked]

    def all(self) -> Iterator[Asked]:
        yield from filter(None, (self.main, *self.own.values()))


def format_of(response_format: Schema | None, text: str) -> Format:
    """The format asked for by ``response_format`` or, where it is free, shown in the message itself."""
    kind = (response_format or {}).get("type", "text")
    if kind == "json_schema":
        given = (response_format or {}).get("json_schema")
        schema = given.get("schema", given) if isinstance(given, dict) else None
        if not isinstance(schema, dict):
            raise _unfit("json_schema", "has no schema; expected a JSON Schema")
        return Format(_resolved(schema, schema))
    if kind not in ("text", "json_object"):
        raise _unfit("type", f"{kind!r}; expected text, json_object or json_schema")
    template = _TEMPLATE.findall(text) if _JSON.search(text) else []
    if kind == "json_object" or template:
        return Format(_of_template(template[-1] if template else '{"answer": }'))
    framed = _FRAMED.search(text)
    return Format(frame=framed[1] if framed else "")


def _of_template(template: str) -> Schema:
    """The schema of an object shown as an example: ``{"answer": <number>, "sure": true}``."""
    kinds = {key: _KINDS.get(kind.lower(), kind.lower()) for key, kind in _KEY.findall(template)}
    return {"type": "object", "properties": {key: {"type": kind} if kind else {} for key, kind in kinds.items()}}


def tasks_of(text: str, form: Format, before: Before, understanding: Understanding, language: Language) -> Tasks:
    """All that a message asks, answered in ``form``. Raises RequestRefused where it is not understood."""
    leaves = dict(_leaves(form.schema)) if form.schema else {}
    cues = language.chat
    own = {}
    for path, schema in leaves.items():
        description = str(schema.get("description") or schema.get("title") or "")
        options = _options(schema, description, language)
        asked = _own(description, options, before, understanding) if not _is_reason(path, cues) else None
        if asked is not None:
            own[path] = asked
    if leaves and own.keys() == {path for path in leaves if not _is_reason(path, cues)}:
        return Tasks(form, None, own)
    choices = (_options(schema, str(schema.get("description", "")), language) for schema in leaves.values())
    main = understanding.asked(text, before, options=next(filter(None, choices), None))
    return Tasks(form, main, own)


def written(tasks: Tasks, answers: Mapping[Asked, Answer], language: Language) -> str:
    """The reply, given the answer to each of ``tasks``. Raises RequestRefused for a schema that no answer fits."""
    if tasks.format.schema is None:
        if tasks.main is None:
            raise ValueError("expected something that the message asks")
        answer = answers[tasks.main]
        return answer.text if answer.chosen is None else f"{tasks.format.frame}{answer.chosen.code}"

    def answer_at(path: Path) -> Answer:
        asked = tasks.own.get(path) or tasks.main
        if asked is None:
            raise ValueError(f"{path}: expected something that is asked there")
        return answers[asked]

    value = _Writer(answer_at, tasks.own, language).value(tasks.format.schema, ())
    return json.dumps(value, ensure_ascii=False)


class _Writer:
    """Fills a schema with answers."""

    def __init__(self, answer_at: Callable[[Path], Answer], own: Container[Path], language: Language) -> None:
        self._answer_at = answer_at
        self._own = own
        self._language = language
        self._is_said = False

    def value(self, schema: Schema, path: Path) -> Any:
        kind = _kind(schema)
        if kind == "object":
            return {name: self.value(of, (*path, name)) for name, of in (schema.get("properties") or {}).items()}
        if kind == "array":
            return [self.value(schema.get("items") or {}, (*path, "[]")) for _ in range(schema.get("minItems", 0))]
        if kind == "null":
            return None
        if "const" in schema:
            return schema["const"]
        if _is_reason(path, self._language.chat):
            return ""
        return self._answered(kind, path)

    def _answered(self, kind: str, path: Path) -> Any:
        answer = self._answer_at(path)
        if answer.chosen is None:
            return self._opinion(kind, answer, path)
        if kind == "boolean":
            options = answer.asked.options
            return answer.place is not None and options is not None and 2 * answer.place > len(options) + 1
        if kind in ("integer", "number"):
            return answer.chosen.code if isinstance(answer.chosen.code, (int, float)) else answer.place
        return str(answer.chosen.code) if kind == "string" else answer.chosen.code

    def _opinion(self, kind: str, answer: Answer, path: Path) -> Any:
        """The text in the first place for one; whoever gives an opinion says yes to all that is asked with it."""
        if kind == "boolean":
            return True
        if kind in ("integer", "number"):
            name = ".".join(path) or "schema"
            raise _unfit(f"json_schema.{name}", "is a number without a range; expected minimum and maximum")
        if path in self._own:
            return answer.text
        is_said, self._is_said = self._is_said, True
        return "" if is_said else answer.text


def _own(description: str, options: Options | None, before: Before, understanding: Understanding) -> Asked | None:
    """What a property asks for itself, if it does."""
    if not description:
        return None
    try:
        return understanding.asked(description, Before(None, before.own), options=options)
    except RequestRefused:
        return None


def _options(schema: Schema, description: str, language: Language) -> Options | None:
    """The answers that a property allows; yes or no to a statement are two."""
    offered = options_of(schema, language) or options_in(description, language)
    if offered is None and _kind(schema) == "boolean" and language.chat.asks_rating.search(description):
        return Options.labelled(language.scales[AGREEMENT].labels)
    return offered


def _leaves(schema: Schema, path: Path = ()) -> Iterator[tuple[Path, Schema]]:
    kind = _kind(schema)
    if kind == "object":
        for name, of in (schema.get("properties") or {}).items():
            yield from _leaves(of, (*path, name))
    elif kind == "array":
        yield from _leaves(schema.get("items") or {}, (*path, "[]"))
    elif kind != "null" and "const" not in schema:
        yield path, schema


def _kind(schema: Schema) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((name for name in kind if name != "null"), "null")
    if kind is None:
        return "object" if "properties" in schema else "any"
    return str(kind).lower()


def _is_reason(path: Path, cues: ChatCues) -> bool:
    return bool(path) and cues.reason.search(path[-1]) is not None


def _resolved(schema: Schema, root: Schema, depth: int = 0) -> Schema:
    """A schema without references and alternatives: of these the first that is not null."""
    if depth > _DEEPEST:
        raise _unfit("json_schema", f"is nested more than {_DEEPEST} levels deep; expected fewer")
    if isinstance(reference := schema.get("$ref"), str):
        target: Any = root
        for step in reference.removeprefix("#/").split("/"):
            target = target.get(step) if isinstance(target, dict) else None
        if not isinstance(target, dict):
            raise _unfit("json_schema", f"has no {reference!r}")
        return _resolved({**target, **{key: schema[key] for key in schema if key != "$ref"}}, root, depth + 1)
    for key in ("anyOf", "oneOf", "allOf"):
        if choices := [choice for choice in schema.get(key) or [] if choice.get("type") != "null"]:
            rest = {name: value for name, value in schema.items() if name != key}
            return _resolved({**choices[0], **rest}, root, depth + 1)
    made = dict(schema)
    if isinstance(schema.get("properties"), dict):
        made["properties"] = {name: _resolved(of, root, depth + 1) for name, of in schema["properties"].items()}
    if isinstance(schema.get("items"), dict):
        made["items"] = _resolved(schema["items"], root, depth + 1)
    return made


def _unfit(key: str, problem: str) -> RequestRefused:
    return RequestRefused(f"response_format.{key}: {problem}", "response_format", "invalid_request")
