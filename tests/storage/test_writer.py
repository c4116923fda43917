"""Writing a run folder: streamed tables, a manifest last, and what is left when writing is cut off."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tracemalloc
from dataclasses import make_dataclass
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import simcons
from simcons.errors import RunFolderError, StorageError
from simcons.records import (
    TABLES,
    TELEMETRY_TABLES,
    TRUTH_TABLES,
    OpinionRecord,
    PositionRecord,
    RatingRecord,
    TruePosition,
)
from simcons.scale import USUAL_SCALES
from simcons.storage.layout import JOURNAL
from simcons.storage.schema import arrow_schema, columns_of
from simcons.storage.writer import RunWriter, prepare_folder

PARTS = {"": TABLES, "truth/": TRUTH_TABLES, "telemetry/": TELEMETRY_TABLES}
FILES = {f"{part}{name}.parquet" for part, tables in PARTS.items() for name in tables}


def position(k: int, rating: int | None = 4) -> PositionRecord:
    return PositionRecord(
        f"r{k}", f"p{k}", "before", rating, None if rating else "time_limit", at=float(k), seconds=1.5
    )


def write(folder, *batches) -> None:
    with RunWriter(folder, row_group_rows=100) as writer:
        for records in batches:
            writer.write(records)
        writer.finish({})


def files_in(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


class Interrupting(tuple):
    """A row on the first reading of which Ctrl-C comes."""

    comes = True

    def __iter__(self):
        if self.comes:
            self.comes = False
            raise KeyboardInterrupt
        return super().__iter__()


def test_a_row_group_that_is_interrupted_is_written_at_the_end(tmp_path):
    row = Interrupting(("r1", "p1", "before", 4, None, 1.0, 1.5))
    with pytest.raises(KeyboardInterrupt), RunWriter(tmp_path, row_group_rows=1) as writer:
        writer.write_rows([("positions", row)])
    assert pq.read_table(tmp_path / "positions.parquet")["round_id"].to_pylist() == ["r1"]


def test_a_schema_is_its_record_type():
    record_type = make_dataclass(
        "R",
        {
            "name": str,
            "kind": Literal["a", "b"],
            "n": int,
            "n_or_none": int | None,
            "kind_or_none": Literal["a"] | None,
            "seconds": float,
            "shown": bool,
            "ids": list[str],
            "answers": dict[str, int | None],
            "end": str,
        }.items(),
    )
    expected = {
        "name": (pa.string(), False),
        "kind": (pa.string(), False),
        "n": (pa.int64(), False),
        "n_or_none": (pa.int64(), True),
        "kind_or_none": (pa.string(), True),
        "seconds": (pa.float64(), False),
        "shown": (pa.bool_(), False),
        "ids": (pa.list_(pa.string()), False),
        "this": (pa.int64(), True),
        "that": (pa.int64(), True),
        "end": (pa.string(), False),
    }
    schema = arrow_schema(record_type, ("this", "that"))
    assert {field.name: (field.type, field.nullable) for field in schema} == expected
    assert schema.names == list(expected), "answers by scale stand where their field stands"
    for table in (*TABLES.values(), *TRUTH_TABLES.values()):
        fields = [column.field for column in columns_of(table, ("this", "that"))]
        assert list(dict.fromkeys(fields)) == list(table.__dataclass_fields__)


def test_a_field_of_two_types_is_refused():
    with pytest.raises(TypeError, match="expected one type"):
        arrow_schema(make_dataclass("R", [("x", int | str)]))


def test_rows_come_back_as_written(tmp_path):
    """Missing stays missing, whole numbers stay whole, text keeps every character; a truth record goes under truth/."""
    ratings = [
        RatingRecord("r", "p", "c", 1, 1, {"agreement": 7, "quality": None}, missing=None, at=0.1, seconds=1e-9),
        RatingRecord("r", "p", "c", 2, 1, dict.fromkeys(USUAL_SCALES), missing="time_limit", at=1e12, seconds=0.0),
    ]
    text = "“We should” — naïve 🙂\nline, 'quoted'"
    with RunWriter(tmp_path / "run", row_group_rows=100) as writer:
        writer.write([*ratings, OpinionRecord("o", "r", "p", text, 3, 1.0, 2.0, True), TruePosition("r", "p", 4.25)])
        writer.finish({"seed": 3})
    run = simcons.load(tmp_path / "run")
    assert str(run.ratings["agreement"].dtype) == "float64"
    assert run.ratings["agreement"].tolist()[0] == 7
    assert run.ratings["agreement"].isna().tolist() == [False, True]
    assert run.ratings["missing"].isna().tolist() == [True, False]
    assert run.ratings["seconds"].tolist() == [1e-9, 0.0]
    assert run.opinions["text"].tolist() == [text]
    assert run.opinions["cut_short"].tolist() == [True]
    assert run.truth("positions").to_dict("records") == [{"round_id": "r", "participant_id": "p", "position": 4.25}]
    assert len(run.positions) == 0


def test_what_must_not_be_missing_is_refused(tmp_path):
    with pytest.raises(ValueError, match="null"):
        write(tmp_path / "run", [PositionRecord(None, "p", "before", 4, None, 0.0, 0.0)])
    assert not (tmp_path / "run/manifest.json").exists()


def test_rows_are_written_in_groups_as_they_come(tmp_path):
    """Ten times the rows take hardly more memory: 100 rows wait at most; the footer alone, kept to the end, grows."""

    def peak(n: int) -> int:
        with RunWriter(tmp_path / str(n), row_group_rows=100) as writer:
            tracemalloc.start()
            for first in range(0, n, 50):  # a session's at a time
                writer.write(position(k) for k in range(first, min(first + 50, n)))
            size = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            on_disk = (tmp_path / str(n) / "positions.parquet").stat().st_size
            writer.finish({})
        assert on_disk > n  # bytes that were there before the end
        return size

    assert peak(10_050) < 2 * peak(1_050)
    written = pq.ParquetFile(tmp_path / "10050/positions.parquet").metadata
    sizes = [written.row_group(k).num_rows for k in range(written.num_row_groups)]
    assert sizes == [100] * 100 + [50]
    assert simcons.load(tmp_path / "10050").positions["round_id"].tolist() == [f"r{k}" for k in range(10_050)]


def test_the_manifest_comes_last(tmp_path):
    folder = tmp_path / "run"
    with RunWriter(folder, row_group_rows=100, note="seed 3") as writer:
        writer.write(position(k) for k in range(3))
        assert "seed 3" in (folder / "UNFINISHED").read_text()
        assert not (folder / "manifest.json").exists()
        writer.finish({"seed": 3})
        assert files_in(folder) == FILES | {"manifest.json"}
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["seed"] == 3
    assert manifest["rows"].keys() == {name.removesuffix(".parquet") for name in FILES}
    assert {name for name, rows in manifest["rows"].items() if rows} == {"positions"}
    assert manifest["rows"]["positions"] == 3


@pytest.mark.parametrize("stop", [KeyboardInterrupt, StorageError("disk"), RuntimeError])
def test_an_interrupted_run_can_be_read_up_to_there(tmp_path, make_scenario, stop):
    """Whole sessions, those that had ended; and the folder says that it is unfinished."""
    folder = tmp_path / "run"

    def after_two(progress):
        if progress.sessions == 2:
            raise stop

    with pytest.raises(stop if isinstance(stop, type) else type(stop)):
        simcons.run(make_scenario(design={"groups": 4, "rounds": 1}), out=folder, on_progress=after_two)
    assert files_in(folder) == FILES | {"UNFINISHED", "start.json", "run.log", JOURNAL}
    with pytest.raises(RunFolderError, match="has not finished"):
        simcons.load(folder)
    run = simcons.load(folder, partial=True)
    assert run.manifest["name"] == "test"
    assert run.sessions["session_id"].tolist() == ["s00001", "s00002"]
    assert set(run.rounds["session_id"]) == {"s00001", "s00002"}
    assert len(run.ratings) > 0
    assert run.sql().execute("SELECT count(*) FROM sessions").fetchone() == (2,)
    prepare_folder(folder, force=True)
    assert files_in(folder) == set()


# --- folders ---------------------------------------------------------------------------------------------------------


def finished(folder):
    write(folder, [position(1)])
    return folder


def test_a_new_or_empty_folder_will_do(tmp_path):
    prepare_folder(tmp_path / "new", force=False)
    prepare_folder(tmp_path, force=False)
    assert files_in(tmp_path) == set()


def test_a_former_run_is_replaced_only_if_forced(tmp_path):
    folder = finished(tmp_path / "run")
    with pytest.raises(RunFolderError, match="is not empty"):
        prepare_folder(folder, force=False)
    assert len(simcons.load(folder).positions) == 1
    prepare_folder(folder, force=True)
    assert files_in(folder) == set()
    finished(folder)


@pytest.mark.parametrize("name", ["notes.txt", "truth/notes.parquet", "ratings.csv", "deep/er/x", ".hidden"])
@pytest.mark.parametrize("force", [False, True])
def test_what_is_no_part_of_a_run_is_never_removed(tmp_path, name, force):
    folder = finished(tmp_path / "run")
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("mine")
    before = files_in(folder)
    with pytest.raises(RunFolderError) as caught:
        prepare_folder(folder, force=force)
    assert files_in(folder) == before
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "run").write_text("mine")
    with pytest.raises(RunFolderError, match="is a file"):
        prepare_folder(tmp_path / "run", force=True)
    assert (tmp_path / "run").read_text() == "mine"


# --- a disk that will not take it --------------------------------------------------------------------------------------


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError) as caught:
        RunWriter(tmp_path / "file" / "run", row_group_rows=100)
    assert len(str(caught.value).splitlines()) == 1


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 128 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if not shutil.which("mount"):
        pytest.skip("needs mount")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", disk], capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip("may not mount a small file system here (not root)")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def long_opinions(n: int):
    for k in range(n):
        yield OpinionRecord(f"o{k}", f"r{k}", f"p{k}", os.urandom(500).hex(), 3, 1.0, 2.0, False)


def check_full(caught, table) -> None:
    message = str(caught.value)
    assert message.startswith(f"{table}: cannot be written")
    assert "No space left" in message
    assert len(message.splitlines()) == 1


def test_a_full_disk_is_a_storage_error(small_disk):
    folder = small_disk / "run"
    with pytest.raises(StorageError) as caught:
        write(folder, [position(k) for k in range(100)], long_opinions(10_000))
    check_full(caught, folder / "opinions.parquet")
    assert not (folder / "manifest.json").exists()
    assert (folder / "UNFINISHED").exists()
    partial = simcons.load(folder, partial=True)  # what was recorded before, from the journal
    assert (len(partial.positions), len(partial.opinions)) == (100, 0)


@pytest.mark.parametrize("interrupted", [False, True])
def test_a_table_that_cannot_be_closed_costs_no_other(small_disk, tmp_path, interrupted):
    """Opinions lie on the full disk, the tables after them on another: those are whole. An interruption stays one."""
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "opinions.parquet").symlink_to(small_disk / "opinions.parquet")

    def until_full():
        yield from long_opinions(99)  # one fewer than a row group, so that they are written on closing
        (small_disk / "filler").write_bytes(bytes(100 * 1024))
        if interrupted:
            raise KeyboardInterrupt

    ratings = [RatingRecord("r", "p", f"c{k}", 1, k, {"agreement": 4, "quality": 4}, None, 0.0, 0.0) for k in range(30)]
    with pytest.raises(KeyboardInterrupt if interrupted else StorageError) as caught:
        write(folder, ratings, until_full())
    if not interrupted:
        check_full(caught, folder / "opinions.parquet")
    assert not (folder / "manifest.json").exists()
    assert len(simcons.load(folder, partial=True).ratings) == 30
