"""Columns and Arrow schemas, derived from the record types so that a table and its record cannot differ."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter

import pyarrow as pa

_PLAIN = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its Python type, and its value in a record. ``field`` is the record's, of which a scale's column is
    a part.
    """

    name: str
    field: str
    hint: typing.Any
    value: Callable[[typing.Any], typing.Any]

    @property
    def of_scale(self) -> bool:
        return self.name != self.field


def columns_of(record_type: type[typing.Any], scales: Sequence[str]) -> list[Column]:
    """The columns of a dataclass: one a field, and of a field that is a dict one for each of ``scales``, at its place."""
    hints = typing.get_type_hints(record_type)
    return [column for field in fields(record_type) for column in _columns(field.name, hints[field.name], scales)]


def row_getter(columns: Sequence[Column]) -> Callable[[typing.Any], tuple[typing.Any, ...]]:
    """Gets the values of a record, one a column; there are at least two."""
    if not any(column.of_scale for column in columns):
        return attrgetter(*(column.field for column in columns))
    getters = [column.value for column in columns]
    return lambda record: tuple([getter(record) for getter in getters])


def arrow_schema(record_type: type[typing.Any], scales: Sequence[str] = ()) -> pa.Schema:
    """The schema of a dataclass: fields of str, int, float, bool, Literal, list[str], and any of them ``| None`` (nullable),
    or dicts of these by the name of a scale.
    """
    return pa.schema([_field(column.name, column.hint) for column in columns_of(record_type, scales)])


def _columns(name: str, hint: typing.Any, scales: Sequence[str]) -> list[Column]:
    if typing.get_origin(hint) is not dict:
        return [Column(name, name, hint, attrgetter(name))]
    _, answer = typing.get_args(hint)
    return [Column(scale, name, answer, _on(name, scale)) for scale in scales]


def _on(name: str, scale: str) -> Callable[[typing.Any], typing.Any]:
    """Gets the answer on one scale out of a record's field."""
    answers = attrgetter(name)
    return lambda record: answers(record)[scale]


def _field(name: str, hint: typing.Any) -> pa.Field:
    options = (
        typing.get_args(hint)
        if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union
        else (hint,)
    )
    kinds = [option for option in options if option is not type(None)]
    if len(kinds) != 1:
        raise TypeError(f"field {name}: expected one type, or one and None, got {hint}")
    return pa.field(name, _arrow_type(kinds[0]), nullable=len(options) > 1)


def _arrow_type(kind: typing.Any) -> pa.DataType:
    if typing.get_origin(kind) is typing.Literal:
        return pa.string()
    if typing.get_origin(kind) is list:
        return pa.list_(_arrow_type(typing.get_args(kind)[0]))
    return _PLAIN[kind]
