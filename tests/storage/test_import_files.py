"""Tables as spreadsheets and survey platforms leave them: what is read as it is meant, and what is refused in a line."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from simcons.errors import InputError
from simcons.storage.imported.files import read_file

COLUMNS = {"who", "words"}
ROWS = [["p1", "Yes, and no."], ["007", None], ["p3", 'She said "no".\nTwice.']]
SAME = {
    "quotes": 'who,words\np1,"Yes, and no."\n007,\np3,"She said ""no"".\nTwice."\n',
    "semicolons": 'who;words;age\np1;Yes, and no.;30\n007;;\np3;"She said ""no"".\nTwice.";\n',
    "carriage returns": 'who,words\r\np1,"Yes, and no."\r\n007,\r\np3,"She said ""no"".\nTwice."\r\n',
    "a mark, a quoted header, and rows that hold nothing": (
        '\ufeff"who"," words"\np1,"Yes, and no."\n\n007,\n,\np3,"She said ""no"".\nTwice."\n,\n'
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_a_csv_file_by_whatever_wrote_it(tmp_path, name):
    path = tmp_path / "people.csv"
    path.write_text(SAME[name], encoding="utf-8", newline="")
    frame = read_file(path, COLUMNS).frame
    assert frame[["who", "words"]].to_numpy().tolist() == ROWS


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("who,words\np1,a,b\n", "line 2: 3 cells: expected 2, as in the header"),
        ("who,words\np1,a\np2\n", "line 3: 1 cell: expected 2, as in the header"),
        ('who,words\np1,"a\np2,b\n', "line 2: unexpected end of data: expected CSV"),
        ("who,words,who\np1,a,p2\n", "two columns are called 'who': expected one"),
        ("", "is empty: expected a first line with the names of the columns"),
        ("who,words\np1,café\n".encode("cp1252"), "line 2: byte 0xE9 is not UTF-8: expected UTF-8"),
        ("who,words\np1,a\n".encode("utf-16"), "is UTF-16: expected UTF-8"),
    ],
)
def test_a_csv_file_that_would_be_misread(tmp_path, content, said):
    path = tmp_path / "people.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError) as error:
        read_file(path, COLUMNS)
    assert str(error.value).startswith(f"{path}: {said}")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"who": "p1"}\n{"who": \n', "line 2: Expecting value: expected a JSON object"),
        ('{"who": "p1"}\n[1, 2]\n', "line 2: '[1, 2]': expected a JSON object"),
        ("\n", "is empty: expected a JSON object a line"),
    ],
)
def test_json_lines_that_are_none(tmp_path, content, said):
    path = tmp_path / "people.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_file(path, COLUMNS)
    assert str(error.value) == f"{path}: {said}"


def test_long_numbers_as_ids_stay_whole_beside_a_gap(tmp_path):
    """As 64-bit floats, which a gap would make of them, the first two are one."""
    ids = [9007199254740992, 9007199254740993, None]
    lines = "".join(f"{json.dumps({'who': who})}\n" for who in ids)
    (tmp_path / "people.jsonl").write_text(lines, encoding="utf-8")
    pd.DataFrame({"who": pd.array(ids, dtype="Int64")}).to_parquet(tmp_path / "people.parquet")
    for name in ("people.jsonl", "people.parquet"):
        assert read_file(tmp_path / name, COLUMNS).frame["who"].tolist() == ids
