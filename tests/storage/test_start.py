"""How a run began, kept so that it can go on: whole or not at all."""

from __future__ import annotations

import json

import pytest

from simcons.errors import RunFolderError, StorageError
from simcons.storage.layout import START
from simcons.storage.start import RunStart, is_finished, read_start, write_start
from simcons.storage.writer import RunWriter, prepare_folder

HOW = RunStart(
    scenario={"name": "café", "mediators": [{"alpha": "Infinity"}]},
    inputs={"population uk": "ab"},
    versions={"simcons": "0.1.0", "torch": None},
    git_commit=None,
    began_at="2026-01-01T00:00:00+00:00",
)


def test_it_comes_back_as_it_was(tmp_path):
    folder = tmp_path / "new" / "run"
    write_start(folder, HOW)
    assert read_start(folder) == HOW
    assert [path.name for path in folder.iterdir()] == [START]
    write_start(folder, RunStart(**{**json.loads((folder / START).read_text()), "replay_of": "other"}))
    assert read_start(folder).replay_of == "other"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"scenario": {}}', b'{"scenario": 3}', b"\xff\xfe", b"null", b"\0" * 100]
)
def test_what_cannot_be_read_is_one_line(tmp_path, content):
    (tmp_path / START).write_bytes(content)
    with pytest.raises(RunFolderError, match=r"start\.json: is damaged.*; restore the file") as caught:
        read_start(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_folder_without_it(tmp_path):
    for folder, said in ((tmp_path, r"has no start\.json"), (tmp_path / "none", "no such run folder")):
        with pytest.raises(RunFolderError, match=said):
            read_start(folder)


def test_a_disk_that_refuses(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        write_start(tmp_path / "file", HOW)
    (tmp_path / START).mkdir()
    with pytest.raises(RunFolderError, match="cannot be read"):
        read_start(tmp_path)


def test_a_run_is_finished_by_its_manifest_alone(tmp_path):
    write_start(tmp_path, HOW)
    with RunWriter(tmp_path, row_group_rows=100) as writer:
        assert not is_finished(tmp_path)
        writer.finish({})
    assert is_finished(tmp_path)
    (tmp_path / "UNFINISHED").write_text("")
    assert is_finished(tmp_path)


def test_a_new_run_in_its_place_leaves_nothing_of_it(tmp_path):
    """Its replies, a half-written beginning, and stores that were set aside are parts of a run too."""
    write_start(tmp_path, HOW)
    for name in (f".{START}", "calls.sqlite", "calls.sqlite-wal", "calls.sqlite-lock", "calls-damaged-1.sqlite"):
        (tmp_path / name).write_text("")
    with pytest.raises(RunFolderError, match="is not empty"):
        prepare_folder(tmp_path, force=False)
    prepare_folder(tmp_path, force=True)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
