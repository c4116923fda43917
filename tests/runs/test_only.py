"""Single sessions of a study (``only``), with the records they have in the whole of it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import simcons
from simcons.errors import ArgumentError
from simcons.records import TABLES, TRUTH_TABLES

NAMES = [*TABLES, *(f"truth/{name}" for name in TRUTH_TABLES)]
SMALL = ["design.groups=4", "design.rounds=2"]
SCRIPTED = ["engines.small={kind: scripted}", "readers.reader.matching=words"]


def run(folder: Path, name: str, changes: list[str], only: tuple[str, ...] = ()) -> Path:
    return simcons.run(name, overrides=changes, out=folder, only=only).folder


def rows_of(folder: Path, name: str, sessions: tuple[str, ...]) -> pa.Table:
    """The rows that belong to these sessions: by the session itself, its rounds, or the people in it."""
    table = pq.read_table(folder / f"{name}.parquet")
    people = pq.read_table(folder / "participants.parquet")
    members = people.filter(pc.is_in(people["session_id"], pa.array(sessions)))["participant_id"].combine_chunks()
    if "participant_id" in table.column_names:
        return table.filter(pc.is_in(table["participant_id"], members))
    column = next(
        name for name in ("session_id", "round_id", "candidate_id", "opinion_id") if name in table.column_names
    )
    return table.filter(pc.is_in(pc.utf8_slice_codeunits(table[column], 0, 6), pa.array(sessions)))


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("quickstart", SCRIPTED),
        ("paper_baselines", []),
        ("paper_collection_1", []),
        ("paper_baselines", ["design.launch_groups=1", "participants.behaviour.no_show=0.25"]),
        ("paper_exclusion", []),
    ],
)
@pytest.mark.parametrize("only", [("s00003",), ("s00004", "s00002")])
def test_a_session_alone_has_the_rows_it_has_in_the_whole_study(tmp_path, name, changes, only):
    whole = run(tmp_path / "whole", name, [*SMALL, *changes])
    part = run(tmp_path / "part", name, [*SMALL, *changes], only)
    for table in NAMES:
        alone = pq.read_table(part / f"{table}.parquet")
        assert alone.equals(rows_of(whole, table, only)), table
    alone = simcons.load(part)
    assert alone.manifest["only"] == list(only)
    assert len(alone.sessions) == len(only)
    assert len(alone.ratings) > 0


def test_a_replay_of_one_session_and_the_resumption_of_such_a_run(tmp_path):
    whole = run(tmp_path / "whole", "quickstart", [*SMALL, *SCRIPTED])
    part = run(tmp_path / "part", "quickstart", [*SMALL, *SCRIPTED], ("s00002",))
    again = simcons.replay(whole, out=tmp_path / "again", only=["s00002"]).folder
    same = simcons.replay(part, out=tmp_path / "same").folder
    expected = {name: (part / f"{name}.parquet").read_bytes() for name in NAMES}
    for folder in (again, same):
        assert {name: (folder / f"{name}.parquet").read_bytes() for name in NAMES} == expected
    with pytest.raises(ArgumentError, match=r"out .*whole: is the run to be replayed; expected another folder"):
        simcons.replay(whole, out=tmp_path / "part" / ".." / "whole", force=True)  # which would remove its replies
    assert (whole / "calls.sqlite").exists()
    (part / "manifest.json").unlink()
    simcons.resume(part)
    assert {name: (part / f"{name}.parquet").read_bytes() for name in NAMES} == expected
    with pytest.raises(ArgumentError, match=r"only s00001: .*part is a run of s00002 alone; expected one of these"):
        simcons.replay(part, out=tmp_path / "none", only=["s00001"])


@pytest.mark.parametrize("name", ["s00005", "3", "s3", ""])
def test_a_session_that_there_is_not(tmp_path, name):
    with pytest.raises(ArgumentError, match=f"only {name}: no such session; expected one of s00001 to s00004"):
        run(tmp_path / "part", "paper_baselines", SMALL, ("s00001", name))
    assert not (tmp_path / "part").exists()


def test_sessions_that_wait_for_one_another_cannot_be_run_alone(tmp_path):
    with pytest.raises(ArgumentError, match=r"only s00001: sessions of this scenario wait for one another") as error:
        run(tmp_path / "part", "paper_baselines", [*SMALL, "latency={kind: service}"], ("s00001",))
    assert "\n" not in str(error.value)
    assert not (tmp_path / "part").exists()
