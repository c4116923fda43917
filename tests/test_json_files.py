"""Reading one JSON object: as it was written, or refused in a line that names the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from simcons.errors import CheckpointError
from simcons.json_files import read_object


def test_an_object_is_read_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"größe": [1, null], "to": Infinity}', encoding="utf-8")
    assert read_object(tmp_path / "x.json", CheckpointError, "x") == {"größe": [1, None], "to": float("inf")}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"{\n", "is not JSON: Expecting property name"),
        (b"\xff\xfe", "is not JSON: 'utf-8' codec"),
        (b"[" * 100_000, "is not JSON: "),
        (b"[]", "is a JSON list, no object"),
        (b"3", "is a JSON int, no object"),
    ],
)
def test_anything_else_is_refused_in_a_line(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "x.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CheckpointError) as caught:
        read_object(path, CheckpointError, "the manifest of a checkpoint")
    line = str(caught.value)
    assert line.startswith(f"{path}: {said}")
    assert line.endswith("; expected the manifest of a checkpoint")
    assert len(line.splitlines()) == 1
