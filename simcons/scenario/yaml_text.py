"""YAML as version 1.2 reads it (core schema), with the line of every value; what would be misread or never end is refused.

Under the older rules that PyYAML follows, ``12:30`` is 750, ``0123`` is 83, ``no`` is false and ``1_000`` is 1000. Here they are
texts, 123, and texts. ``<<`` merges mappings as before, as people share settings between arms that way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from simcons.visible import unwritable

Keys: TypeAlias = tuple[str | int, ...]

MAX_DEPTH = 64
MAX_VALUES = 5_000_000  # aliases counted with all that they repeat
_MERGE = "<<"
_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS: Mapping[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class YamlProblem(ValueError):
    """Text that is no YAML, or none that is read here; the message names the line."""


@dataclass(frozen=True, slots=True)
class Document:
    """A value, and the line on which each of its parts begins (of an entry of a mapping: its key)."""

    value: Any
    lines: Mapping[Keys, int]


@dataclass(slots=True)
class _Open:
    """A mapping or list that is being read."""

    value: dict[Any, Any] | list[Any]
    keys: Keys
    anchor: str | None
    size_before: int
    key_lines: dict[Any, int] = field(default_factory=dict)
    merged: list[Mapping[Any, Any]] = field(default_factory=list)
    key: Any = None
    has_key: bool = False


def read_text(text: str) -> Document:
    """The one document in ``text``. Raises YamlProblem."""
    reader = _Reader()
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            reader.take(event)
    except yaml.YAMLError as error:
        raise YamlProblem(_problem(error, text)) from None
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise YamlProblem(f"line {line}: holds {unwritable(text)}, which cannot be written: expected text") from None
    return Document(reader.root, reader.lines)


def read_scalar(text: str) -> Any:
    """A plain scalar as the core schema reads it: a number, true, false, null, or else the text."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _BASED.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text


class _Reader:
    """Builds the value from the parser's events, without recursion."""

    def __init__(self) -> None:
        self.root: Any = None
        self.lines: dict[Keys, int] = {}
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._size = 0
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise YamlProblem(f"line {line}: a second document begins: expected one")
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event, line)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(str(event.anchor), line)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._begin(event, line)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._end()

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        if character := unwritable(event.value):
            key, shown = ".".join(map(str, self._keys())), ascii(event.value[:60])
            raise YamlProblem(
                f"line {line}: {key}: value {shown} holds {character}, which cannot be written: expected text without it"
            )
        value = _value(event, line)
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, 1)
        self._add(value, line, plain=event.implicit[0])

    def _alias(self, anchor: str, line: int) -> None:
        if anchor not in self._anchors:
            raise YamlProblem(f"line {line}: *{anchor} is not the name of anything before it: expected &{anchor}")
        value, size = self._anchors[anchor]
        if self._size + size <= MAX_VALUES:
            value = deepcopy(value)  # so that a change to one place is none to another
        self._size += size - 1
        self._add(value, line)

    def _begin(self, event: Any, line: int) -> None:
        _refuse_tag(event, line, ("map", "seq"))
        if len(self._open) >= MAX_DEPTH:
            raise YamlProblem(f"line {line}: nested too deeply: expected at most {MAX_DEPTH} levels")
        if self._open and isinstance(self._open[-1].value, dict) and not self._open[-1].has_key:
            raise YamlProblem(f"line {line}: a key that is a list or mapping: expected a text as key")
        value: dict[Any, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        keys = self._keys()
        self.lines.setdefault(keys, line)
        self._open.append(_Open(value, keys, event.anchor, self._size))

    def _end(self) -> None:
        done = self._open.pop()
        if isinstance(done.value, dict):
            for mapping in done.merged:  # what is written out wins
                done.value.update({key: item for key, item in mapping.items() if key not in done.value})
        if done.anchor is not None:
            self._anchors[done.anchor] = (done.value, self._size - done.size_before + 1)
        self._add(done.value, self.lines.get(done.keys, 1))

    def _add(self, value: Any, line: int, *, plain: bool = False) -> None:
        self._size += 1
        if self._size > MAX_VALUES:
            raise YamlProblem(f"line {line}: more than {MAX_VALUES:,} values, aliases included: expected fewer")
        if not self._open:
            self.root = value
            self.lines.setdefault((), line)
            return
        parent = self._open[-1]
        if isinstance(parent.value, list):
            self.lines.setdefault(self._keys(), line)
            parent.value.append(value)
        elif parent.has_key:
            self._entry(parent, value, line)
        else:
            self._key(parent, value, line, plain=plain)

    def _key(self, parent: _Open, key: Any, line: int, *, plain: bool) -> None:
        if isinstance(key, (dict, list)):
            raise YamlProblem(f"line {line}: a key that is a list or mapping: expected a text as key")
        if not (plain and key == _MERGE):
            if key in parent.key_lines:
                raise YamlProblem(
                    f"line {line}: key {key!r} is given twice, first on line {parent.key_lines[key]}: expected it once"
                )
            parent.key_lines[key] = line
            self.lines[(*parent.keys, key)] = line
        parent.key, parent.has_key = key, True

    def _entry(self, parent: _Open, value: Any, line: int) -> None:
        parent.has_key = False
        if parent.key == _MERGE and _MERGE not in parent.key_lines:
            parent.merged += _mappings(value, line)
        elif isinstance(parent.value, dict):
            parent.value[parent.key] = value

    def _keys(self) -> Keys:
        """Of the value that comes next."""
        if not self._open:
            return ()
        parent = self._open[-1]
        return (*parent.keys, len(parent.value) if isinstance(parent.value, list) else parent.key)


def _mappings(value: Any, line: int) -> list[Mapping[Any, Any]]:
    """The mappings that ``<<`` merges: one, or a list of them."""
    given = value if isinstance(value, list) else [value]
    if not all(isinstance(mapping, dict) for mapping in given):
        raise YamlProblem(f"line {line}: << with {str(value)[:60]!r}: expected a mapping to merge")
    return given


def _value(event: yaml.ScalarEvent, line: int) -> Any:
    tag = _refuse_tag(event, line, ("str", "int", "float", "bool", "null"))
    if tag == "str" or not (event.implicit[0] or tag):
        return event.value
    try:
        return read_scalar(event.value)
    except ValueError:  # Python reads no whole number of more than 4,300 digits
        raise YamlProblem(f"line {line}: a number of {len(event.value):,} digits: expected fewer") from None


def _refuse_tag(event: Any, line: int, known: Sequence[str]) -> str | None:
    """The event's own tag without its prefix; None where it has none."""
    if event.tag is None or event.tag == "!":
        return None if event.tag is None else "str"
    tag = str(event.tag).removeprefix("tag:yaml.org,2002:")
    if tag not in known:
        raise YamlProblem(f"line {line}: tag {event.tag!r}: expected plain YAML, without tags")
    return tag


def _problem(error: yaml.YAMLError, text: str) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
    if mark is not None:
        return f"line {mark.line + 1}: {problem}: expected YAML"
    place = getattr(error, "position", None)
    return f"line {text.count(chr(10), 0, place) + 1 if isinstance(place, int) else 1}: {problem}: expected YAML"
