"""Reading a run folder: what a researcher gets, and what stays out of sight."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import numpy as np
import pytest

import simcons
from simcons.errors import RunFolderError
from simcons.records import TABLES, TRUTH_TABLES
from simcons.storage.query import one_row
from simcons.storage.schema import columns_of


@pytest.fixture(scope="module")
def run(simulate):
    return simulate(design={"groups": 2, "rounds": 1}, mediators=[{"arm": "o", "scorer": "oracle"}]).run


def copy_of(run, folder):
    folder.mkdir()
    for name in TABLES:
        (folder / f"{name}.parquet").write_bytes((run.folder / f"{name}.parquet").read_bytes())
    (folder / "manifest.json").write_text("{}")
    return folder


def one_line(error) -> str:
    message = str(error.value)
    assert len(message.splitlines()) == 1
    return message


def test_every_table_is_a_frame_and_a_view(run):
    connection = run.sql()
    for name, record_type in TABLES.items():
        frame = getattr(run, name)
        assert list(frame.columns) == [column.name for column in columns_of(record_type, run.scales)]
        assert connection.execute(f"SELECT count(*) FROM {name}").fetchone() == (len(frame),)
    mean = run.ratings["agreement"].astype(float).mean()
    assert one_row(run, "SELECT avg(agreement), count(*) FROM ratings")[0] == pytest.approx(mean)


def test_no_truth_is_shown(run):
    """Not by name, not by attribute, and no column of a truth table is among the public ones."""
    secret = {
        name: set(kind.__dataclass_fields__) - {"participant_id", "round_id", "opinion_id", "candidate_id"}
        for name, kind in TRUTH_TABLES.items()
    }
    for name in TABLES:
        shared = set(run.frame(name).columns) & secret.get(name, set())
        assert not shared, (name, shared)
    for name in {*TRUTH_TABLES} - {*TABLES}:
        with pytest.raises(AttributeError):
            getattr(run, name)
        for spelled in (name, f"truth/{name}", f"../{run.folder.name}/truth/{name}"):
            with pytest.raises(RunFolderError, match="no table"):
                run.frame(spelled)
    assert set(run.scores["scorer"]) == set()
    assert len(run.truth("oracle_scores")) > 0


def test_a_table_of_an_earlier_name_is_told_what_it_is_now(run):
    with pytest.raises(AttributeError, match=r"^`calls` is now `mediations`$"):
        _ = run.calls
    with pytest.raises(RunFolderError, match=r"table `calls` is now `mediations`$"):
        run.table("calls")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_parquet('{folder}/truth/appraisals.parquet')",
        "SELECT * FROM '{folder}/truth/personas.parquet'",
        "SELECT * FROM read_parquet('{folder}/*/positions.parquet')",
        "SELECT * FROM read_parquet('{folder}/ratings.parquet/../truth/positions.parquet')",
        "SELECT * FROM read_text('{folder}/manifest.json')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('{folder}/truth/*')",
        "ATTACH '{folder}/x.duckdb'",
        "COPY ratings TO '{folder}/out.csv'",
        "SET enable_external_access = true",
        "SET allowed_directories = ['{folder}']",
        "RESET allowed_paths",
    ],
)
def test_sql_reads_the_tables_and_nothing_else_on_the_disk(run, query):
    connection = run.sql()
    before = {path: path.stat().st_mtime_ns for path in run.folder.rglob("*")}
    with pytest.raises(duckdb.Error):
        connection.execute(query.format(folder=run.folder)).fetchall()
    assert {path: path.stat().st_mtime_ns for path in run.folder.rglob("*")} == before


@pytest.mark.parametrize(
    ("name", "decoys"),
    [
        ("x'y", ()),
        ("two words", ()),
        ("税金 é", ()),
        ("o[draft]", ("od", "or", "o")),
        ("a*b", ("ab", "axb")),
        ("a?b", ("a*b", "axb")),
        ("[!a]", ("b",)),
        ("a{b,c}", ("ab", "ac")),
        ("a]b[", ()),
        ("back\\slash", ()),
        ("~", ()),
    ],
)
def test_a_folders_name_is_no_pattern(run, tmp_path, name, decoys):
    """Other folders that it would match as one hold other tables."""
    for decoy in decoys:
        (copy_of(run, tmp_path / decoy) / "rounds.parquet").write_bytes(b"no table")
    folder = copy_of(run, tmp_path / name)
    assert one_row(simcons.load(folder), "SELECT count(*) FROM rounds") == (2,)
    with pytest.raises(duckdb.Error):
        simcons.load(folder).sql().execute(f"SELECT * FROM read_parquet('{tmp_path}/*/ratings.parquet')")


def test_what_does_not_fit_into_memory_goes_to_the_disk(run):
    sql = run.sql()
    settings = dict(sql.execute("SELECT name, value FROM duckdb_settings()").fetchall())
    assert settings["memory_limit"] == "2.0 GiB"
    assert Path(settings["temp_directory"]).is_absolute(), "and not in the folder that a user is in"
    assert settings["enable_progress_bar"] == "false", "it would be drawn into the output"
    sql.execute("SET memory_limit = '60MB'")
    texts = "SELECT hash(range)::VARCHAR || repeat('x', 60) AS text FROM range(600000)"
    ((n,),) = sql.execute(f"SELECT count(*) FROM (SELECT text, count(*) FROM ({texts}) GROUP BY text)").fetchall()
    assert n == 600_000


def test_sql_says_which_path_no_text_can_spell(run, tmp_path):
    folder = copy_of(run, tmp_path / "a\udcff")
    with pytest.raises(RunFolderError, match=r"its path holds the character U\+DCFF; expected a path that is text"):
        simcons.load(folder).sql()


def test_no_run_folder(tmp_path):
    for folder, expected in ((tmp_path / "none", "no such run folder"), (tmp_path, "is not a run folder")):
        for unfinished in (False, True):
            with pytest.raises(RunFolderError, match=expected) as error:
                simcons.load(folder, partial=unfinished)
            assert str(folder) in one_line(error)


def test_an_unfinished_run_is_opened_only_if_asked(run, tmp_path):
    folder = copy_of(run, tmp_path / "run")
    (folder / "manifest.json").rename(folder / "UNFINISHED")
    with pytest.raises(RunFolderError, match="has not finished") as error:
        simcons.load(folder)
    assert str(folder) in one_line(error)
    unfinished = simcons.load(folder, partial=True)
    assert len(unfinished.ratings) == len(run.ratings)
    assert unfinished.manifest == {}


@pytest.mark.parametrize("content", ["{", "[]", ""])
def test_a_manifest_that_cannot_be_read(run, tmp_path, content):
    folder = copy_of(run, tmp_path / "run")
    (folder / "manifest.json").write_text(content)
    with pytest.raises(RunFolderError, match=r"manifest\.json") as error:
        simcons.load(folder)
    one_line(error)


@pytest.mark.parametrize("damage", ["missing", "empty", "cut"])
def test_a_damaged_table_is_named(run, tmp_path, damage):
    folder = copy_of(run, tmp_path / "run")
    table = folder / "ratings.parquet"
    content = table.read_bytes()
    table.unlink() if damage == "missing" else table.write_bytes(content[: 200 * (damage == "cut")])
    damaged = simcons.load(folder)
    for read in (lambda: damaged.ratings, damaged.sql):
        with pytest.raises(RunFolderError, match=r"ratings\.parquet") as error:
            read()
        one_line(error)
    assert len(damaged.opinions) == len(run.opinions)


def test_unknown_names(run):
    with pytest.raises(AttributeError, match="expected one of participants"):
        _ = run.rating
    with pytest.raises(RunFolderError, match="no truth table 'ratings'"):
        run.truth("ratings")


def test_the_manifest_is_what_was_written(run):
    assert run.manifest == json.loads((run.folder / "manifest.json").read_text())
    assert run.manifest["rows"]["ratings"] == len(run.ratings)


# --- in Python -----------------------------------------------------------------------------------------------------------


def test_a_run_prints_in_a_few_lines_and_completes(run):
    text = str(run)
    assert len(text.splitlines()) <= 5
    assert len(text) < 600
    assert f"2 sessions, {len(run.rounds)} rounds, {len(run.ratings):,} ratings" in text
    assert f"folder: {run.folder}" in text
    assert "arms: o" in text
    assert set(TABLES) <= set(dir(run))
    assert {"ratings_by_arm", "truth", "sql", "tables"} <= set(dir(run))
    assert run.tables == list(TABLES)
    assert len(repr(run).splitlines()) == 1
    assert repr(run).startswith(text.splitlines()[0])
    assert str(run.folder) in repr(run)


def test_numbers_that_can_be_missing_can_be_computed_with(simulate):
    """As a regression does: a design matrix and a vector of floats, rows with missing values dropped."""
    hurried = {"position": 1.0, "rating": 1.0}
    run = simulate(design={"groups": 2, "rounds": 1, "limits": hurried}).run
    for table in (*run.tables, "ratings_by_arm"):
        frame = getattr(run, table)
        for column in frame.select_dtypes(exclude=["str", "object"]):
            values = np.asarray(frame[column], float)
            assert (np.isnan(values) == frame[column].isna()).all(), (table, column)
    agreement = np.asarray(run.ratings["agreement"], float)
    assert np.isnan(agreement).any()
    for name in TRUTH_TABLES:
        frame = run.truth(name)
        for column in frame.select_dtypes(exclude=["str", "object"]):
            np.asarray(frame[column], float)


def test_missing_text_is_missing_alike(run):
    for frame in (run.ratings["missing"], run.selections["decided_by"], run.positions["missing"]):
        assert str(frame.dtype) == "str"
        assert (frame.isna() | frame.str.len().gt(0)).all()
    assert run.selections["decided_by"].isna().all()


def test_ratings_by_arm_count_each_rating_once_for_each_arm_that_showed_it(simulate):
    same = {"kind": "scripted", "samples": 4}
    arms = [{"arm": name, "generator": same, "select": 2} for name in ("a", "b")]
    arms.append({"arm": "c", "generator": same, "welfare": {"alpha": float("inf")}})
    run = simulate(mediators=arms, design={"groups": 3, "rounds": 2, "others_opinions": True}).run
    rows, ratings = run.ratings_by_arm, run.ratings
    key = ["participant_id", "candidate_id", "pass_index"]
    assert set(ratings.columns) <= set(rows.columns)
    assert len(rows.drop_duplicates(key)) == len(ratings)
    assert not rows.duplicated([*key, "arm"]).any()
    assert (1 / rows["n_arms"].clip(lower=1)).sum() == pytest.approx(len(ratings))
    shown = run.selections.groupby("candidate_id")["arm"].agg(set)
    for candidate, part in rows.groupby("candidate_id"):
        assert set(part["arm"].dropna()) == shown.get(candidate, set())
        assert (part["n_arms"] == len(shown.get(candidate, ()))).all()
    opinions = rows[rows["arm"].isna()]
    assert set(opinions["candidate_id"]) == set(run.candidates.query("source == 'opinion'")["candidate_id"])
    assert rows["session_id"].notna().all()
    assert (rows["arm"] == "a").sum() == (rows["arm"] == "b").sum() > 0


def test_truth_is_asked_for_by_name(run):
    assert run.truth("personas").equals(run.truth("personas"))
    with pytest.raises(RunFolderError, match="no truth table 'ratings'"):
        run.truth("ratings")
