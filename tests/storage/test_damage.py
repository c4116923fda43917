"""A run folder that was damaged ends every read in one line: which file, what is wrong, what to do."""

from __future__ import annotations

import json
import os
import shutil

import pytest
from commands import typed

import simcons
from simcons.errors import RunFolderError
from simcons.records import TABLES, TRUTH_TABLES
from simcons.storage.check import check_tables


@pytest.fixture(scope="module")
def whole(simulate):
    return simulate(design={"groups": 2, "rounds": 1}).run.folder


@pytest.fixture
def folder(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "run[draft]")


def truncate(path):
    path.write_bytes(path.read_bytes()[:-200])


def flip(path):
    """Bytes of the first page, far from the footer."""
    content = bytearray(path.read_bytes())
    for place in range(30, 90):
        content[place] ^= 0xFF
    path.write_bytes(content)


def become_folder(path):
    path.unlink()
    path.mkdir()


def lose_rows(path):
    import pyarrow.parquet as pq

    pq.write_table(pq.read_table(path).slice(1), path)


def lose_column(path):
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    pq.write_table(table.drop_columns(table.column_names[-1:]), path)


DAMAGE = {
    "truncated": (truncate, "cannot be read as Parquet"),
    "flipped": (flip, "cannot be read as Parquet"),
    "deleted": (lambda path: path.unlink(), "missing from the run folder"),
    "empty": (lambda path: path.write_bytes(b""), "cannot be read as Parquet"),
    "another file": (lambda path: path.write_text("participant,rating\n"), "cannot be read as Parquet"),
    "a folder": (become_folder, "is a folder; expected a file"),
    "rows lost": (lose_rows, "as in the manifest"),
    "column lost": (lose_column, "is missing; expected"),
}


def one_line(caught) -> str:
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert ";" in message, "it says what to do"
    return message


@pytest.mark.parametrize("name", ["ratings", "rounds"])
@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_table_is_named_with_what_is_wrong(folder, kind, name):
    do, expected = DAMAGE[kind]
    path = folder / f"{name}.parquet"
    do(path)
    run = simcons.load(folder)
    for read in (lambda: run.frame(name), lambda: check_tables(run), lambda: run.ratings_by_arm):
        with pytest.raises(RunFolderError, match=expected) as caught:
            read()
        assert one_line(caught).startswith(f"{path}: ")
    if kind != "flipped":  # SQL reads pages as they are asked for
        with pytest.raises(RunFolderError, match=expected) as caught:
            run.sql()
        assert one_line(caught).startswith(f"{path}: ")
    assert str(path) in repr(run), "a look at the run is no traceback either"


@pytest.mark.parametrize("kind", DAMAGE)
def test_damaged_truth_is_named(folder, kind):
    do, expected = DAMAGE[kind]
    path = folder / "truth" / "positions.parquet"
    do(path)
    run = simcons.load(folder)
    for read in (lambda: run.truth("positions"), lambda: run.truth("positions"), lambda: check_tables(run)):
        with pytest.raises(RunFolderError, match=expected) as caught:
            read()
        assert one_line(caught).startswith(f"{path}: ")


def test_truth_that_was_taken_out_is_missed_only_where_it_is_asked_for(folder):
    shutil.rmtree(folder / "truth")
    check_tables(simcons.load(folder))
    with pytest.raises(RunFolderError, match=r"truth/personas\.parquet: the table is missing"):
        check_tables(simcons.load(folder), truth=True)
    done = typed("show", folder, "--truth")
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize("command", [("show",), ("reselect",), ("show", "--round", "s00001-r1")])
@pytest.mark.parametrize(
    ("kind", "name"), [("flipped", "ratings"), ("deleted", "scores"), ("truncated", "participants")]
)
def test_no_command_prints_anything_of_a_damaged_run(folder, command, kind, name):
    DAMAGE[kind][0](folder / f"{name}.parquet")
    done = typed(*command, folder)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.faults) == 1
    assert f"{name}.parquet" in done.stderr


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"{", "is not JSON"),
        (b"", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", "is a JSON list, no object"),
        (b'{"schema_version": 99}', "schema_version 99 is newer"),
        (b'{"schema_version": "x"}', "schema_version 'x' is newer"),
        (b'{"scenario": []}', "scenario: expected an object"),
        (b'{"rows": 3}', "rows: expected an object, got '3'"),
        (b'{"scenario": {"mediators": "x"}}', r"scenario\.mediators: expected a list, got 'x'"),
        (b'{"scenario": {"mediators": [{}]}}', r"scenario\.mediators\.0: expected an object with the name of an arm"),
        (b'{"scenario": {"design": {"omissions": 1}}}', r"scenario\.design\.omissions: expected a list, got '1'"),
        (b'{"kind": "stress"}', "is of a result of simcons stress; expected a run folder"),
    ],
)
def test_a_manifest_that_is_none(folder, content, expected):
    (folder / "manifest.json").write_bytes(content)
    with pytest.raises(RunFolderError, match=expected) as caught:
        simcons.load(folder)
    assert str(caught.value).startswith(f"{folder / 'manifest.json'}: ")
    assert len(str(caught.value).splitlines()) == 1


def test_a_manifest_that_is_a_folder(folder):
    become_folder(folder / "manifest.json")
    with pytest.raises(RunFolderError, match=r"manifest\.json: cannot be read: Is a directory"):
        simcons.load(folder)


def test_what_is_no_run_folder(tmp_path):
    (tmp_path / "file.yaml").write_text("")
    for path, expected in [
        (tmp_path / "file.yaml", "is a file; expected a run folder"),
        (tmp_path / "none", "no such run folder"),
        (tmp_path, "is not a run folder"),
        (tmp_path / ("x" * 300), "File name too long|no such run folder"),
    ]:
        with pytest.raises(RunFolderError, match=expected):
            simcons.load(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_said_so(folder):
    (folder / "ratings.parquet").chmod(0)
    with pytest.raises(RunFolderError, match="may not be read"):
        _ = simcons.load(folder).ratings
    (folder / "manifest.json").chmod(0)
    with pytest.raises(RunFolderError, match="Permission denied"):
        simcons.load(folder)


def test_rows_are_counted_in_every_table(folder):
    rows = json.loads((folder / "manifest.json").read_text())["rows"]
    assert {*TABLES} | {f"truth/{name}" for name in TRUTH_TABLES} <= set(rows)
    check_tables(simcons.load(folder))


def test_a_table_that_the_version_of_a_run_did_not_have_is_empty_and_no_damage(folder):
    """Its manifest does not count it."""
    manifest = json.loads((folder / "manifest.json").read_text())
    for name in ("mediations", "truth/fidelity"):
        del manifest["rows"][name]
        (folder / f"{name}.parquet").unlink()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    run = simcons.load(folder)
    check_tables(run)
    assert len(run.mediations) == len(run.truth("fidelity")) == 0
    assert list(run.mediations.columns) == list(TABLES["mediations"].__dataclass_fields__)
    assert run.sql().execute("SELECT count(*) FROM mediations").fetchone() == (0,)
    assert typed("show", folder).returncode == 0
