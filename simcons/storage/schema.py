"""Arrow schemas, derived from the record types so that a table and its record cannot differ."""

from __future__ import annotations

import types
import typing
from dataclasses import fields

import pyarrow as pa

_PLAIN = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}


def arrow_schema(record_type: type[typing.Any]) -> pa.Schema:
    """The schema of a dataclass: fields of str, int, float, bool, Literal, list[str], and any of them ``| None`` (nullable)."""
    hints = typing.get_type_hints(record_type)
    return pa.schema([_field(field.name, hints[field.name]) for field in fields(record_type)])


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
