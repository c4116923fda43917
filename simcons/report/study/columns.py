"""Tables inside a page: by column, as JSON, deflated and in base64. The page's script makes rows and CSV of them when asked.

A column is one of three things: ``values`` as they are; ``codes`` into ``words``, for texts that recur; ``steps``, for times,
each the difference from the row before, in hundredths of a second. The script reads them in `templates/study/data.js`.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

Column: TypeAlias = dict[str, Any]

DECIMALS = 4  # of numbers in a page; `simcons export` writes them as recorded
_PER_SECOND = 100  # times are kept to hundredths
_RECURS = 0.7  # texts of which fewer than this share are different are told by number


def packed(table: pa.Table) -> str:
    """A table as text for a page."""
    columns = [_column(field, table[place].combine_chunks()) for place, field in enumerate(table.schema)]
    return packed_json({"n": table.num_rows, "columns": columns})


def packed_json(document: Any) -> str:
    """A document as text that no page can mistake for markup: letters, digits, and ``+ / =``."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    squeezed = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return b64encode(squeezed.compress(text.encode("utf-8", "surrogatepass")) + squeezed.flush()).decode("ascii")


def _column(field: pa.Field, cells: pa.Array) -> Column:
    name: Column = {"name": field.name}
    if field.name.endswith("at") and pa.types.is_floating(field.type):
        return {**name, "steps": _steps(cells)}
    if pa.types.is_string(field.type):
        return {**name, **_texts(cells)}
    if pa.types.is_floating(field.type):
        return {**name, "values": [_number(cell) for cell in cells.to_pylist()]}
    return {**name, "values": cells.to_pylist()}


def _texts(cells: pa.Array) -> Column:
    encoded = cells.dictionary_encode()
    if len(encoded.dictionary) > _RECURS * len(cells):
        return {"values": cells.to_pylist()}
    return {"words": encoded.dictionary.to_pylist(), "codes": encoded.indices.to_pylist()}


def _steps(cells: pa.Array) -> list[int | None]:
    """The first time, then differences, in hundredths of a second; None where there is no time."""
    hundredths = pc.cast(pc.round(pc.multiply(cells, float(_PER_SECOND))), pa.int64()).to_pylist()
    last, steps = 0, []
    for time in hundredths:
        steps.append(None if time is None else time - last)
        last = last if time is None else time
    return steps


def _number(cell: float | None) -> float | str | None:
    """A number as JSON has it: rounded, and infinity spelled out."""
    if cell is None or cell != cell:
        return None
    if cell in (float("inf"), float("-inf")):
        return "inf" if cell > 0 else "-inf"
    rounded = round(cell, DECIMALS)
    return int(rounded) if rounded == int(rounded) else rounded
