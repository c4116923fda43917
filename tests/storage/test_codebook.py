"""The codebook names every column of every table, and the document is the one that the records give."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest

from simcons.cli.codebook import show_codebook
from simcons.cli.console import console
from simcons.errors import InputError
from simcons.records import TABLES, TELEMETRY_TABLES, TRUTH_TABLES
from simcons.scale import SCALES
from simcons.storage.codebook import codebook, codebook_markdown, table_named
from simcons.storage.meanings import MEANINGS, MEASURES, SHARED, TABLE_MEANINGS
from simcons.storage.schema import arrow_schema, columns_of

RECORDS = {
    **TABLES,
    **{f"truth/{name}": kind for name, kind in TRUTH_TABLES.items()},
    **{f"telemetry/{name}": kind for name, kind in TELEMETRY_TABLES.items()},
}


def test_every_column_has_a_sentence_and_no_sentence_is_left_over():
    assert [table.name for table in codebook()] == list(RECORDS) == list(TABLE_MEANINGS) == list(MEANINGS)
    used = set()
    for table in codebook():
        columns = columns_of(RECORDS[table.name], tuple(SCALES))
        assert [column.name for column in table.columns] == [column.name for column in columns]
        names = [column.field for column in columns]
        assert set(MEANINGS[table.name]) <= set(names), table.name
        used |= set(names) - set(MEANINGS[table.name])
        for column in table.columns:
            assert column.meaning.endswith("."), (table.name, column.name)
            assert len(column.meaning.split()) >= 2
    assert used == set(SHARED)


def test_types_units_and_values_are_those_of_the_records():
    for table in codebook():
        for column, field in zip(table.columns, arrow_schema(RECORDS[table.name], tuple(SCALES)), strict=True):
            assert column.can_be_missing == field.nullable, (table.name, column.name)
    columns = {column.name: column for column in table_named("participants").columns}
    assert columns["left_at"].unit == "simulated seconds since the study opened"
    assert columns["pay_gbp"].unit == "GBP"
    assert "turned_away" in columns["outcome"].values
    assert {table.name for table in codebook() if table.truth} == {f"truth/{name}" for name in TRUTH_TABLES}


def test_the_document_is_current():
    """Make it anew with: python -m simcons.storage.codebook docs/codebook.md"""
    path = Path(__file__).parents[2] / "docs" / "codebook.md"
    assert path.read_text(encoding="utf-8") == codebook_markdown()


def printed(name, width=80) -> str:
    sink = StringIO()
    show_codebook(name, console(file=sink, width=width))
    assert max(map(len, sink.getvalue().splitlines())) <= width
    return " ".join(sink.getvalue().split())


def test_a_table_the_measures_or_all_can_be_asked_for():
    text = printed("selections")
    for name in ("pick", "n_tied", "decided_by", "tie_rule"):
        assert f"{name} (" in text
    assert "slate_place" not in text
    assert "above 7 occur" in printed("appraisals")
    assert "Truth: no study of people could know it." in printed("truth/personas")
    everything = printed(None)
    assert all(table.name in everything for table in codebook())
    for name in MEASURES:
        assert name in printed("measures")
        assert name in everything
    with pytest.raises(InputError, match=r"table 'rating': expected one of participants, .*measures"):
        show_codebook("rating", console(file=StringIO()))
