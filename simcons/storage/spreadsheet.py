"""Texts in CSV that no spreadsheet takes for a formula.

Spreadsheets run a cell that begins with =, +, - or @, and what language models and participants write can begin so: a list with
dashes, or worse. Such a text gets an apostrophe before it, and so does one that begins with an apostrophe, so that whoever takes
one apostrophe off every text that begins with it has the texts as they were. Which beginnings: OWASP, "CSV injection".
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

_RUN_OR_MARK = r"\A['=+\-@\t\r\n＝＋－＠]"


def as_plain_text(table: pa.Table) -> pa.Table:
    """The table with an apostrophe before every text that a spreadsheet could run."""
    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
            texts = table[place]
            marked = pc.binary_join_element_wise(pa.scalar("'", field.type), texts, pa.scalar("", field.type))
            table = table.set_column(
                place, field, pc.if_else(pc.match_substring_regex(texts, _RUN_OR_MARK), marked, texts)
            )
    return table
