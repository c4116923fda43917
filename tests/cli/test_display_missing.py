"""What a summary and a round say where ratings are missing, and after it what an engine could not do."""

from __future__ import annotations

import shutil
from dataclasses import replace
from io import StringIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import simcons
from simcons.analysis.agreement import by_arm
from simcons.analysis.engines import EngineUse
from simcons.analysis.reliability import rating_counts
from simcons.analysis.round_in_full import round_in_full
from simcons.cli.calls import _Asked, _grid
from simcons.cli.console import console
from simcons.cli.display import rounds as display_round
from simcons.cli.display import summary as display
from simcons.engines.load import engine_notes
from simcons.engines.scripted import ScriptedEngine
from simcons.engines.usage import Account, Usage
from simcons.report.engines import engine_sentence

ARM = {"generator": {"kind": "scripted", "samples": 2}, "select": 2}
DIVIDED = "(where the group was most divided)"
EVERY = slice(None)


@pytest.fixture(scope="module")
def study(simulate):
    return simulate(mediators=[{"arm": "a", **ARM}], design={"groups": 3, "rounds": 1}, seed=3).run


@pytest.fixture
def without(study, tmp_path):
    """The run with some answers taken out: table, column and rows."""

    def without(*gaps):
        folder = shutil.copytree(study.folder, tmp_path / str(len(list(tmp_path.iterdir()))))
        for table, column, rows in gaps:
            path = folder / f"{table}.parquet"
            found = pq.read_table(path)
            values = found[column].to_pylist()
            values[rows] = [None] * len(values[rows])
            index = found.schema.get_field_index(column)
            gappy = pa.array(values, found.schema.field(index).type)
            pq.write_table(found.set_column(index, found.schema.field(index), gappy), path)
        return simcons.load(folder)

    return without


def shown(function, *arguments) -> str:
    sink = StringIO()
    function(*arguments, console(file=sink, width=100))
    return " ".join(sink.getvalue().split())


NOBODY = [("positions", "rating", EVERY), ("ratings", "agreement", EVERY), ("ratings", "quality", EVERY)]


def test_a_round_is_called_divided_only_where_it_was(study, without):
    assert DIVIDED in shown(display_round.print_round, study, None)
    assert DIVIDED not in shown(display_round.print_round, without(*NOBODY), None)
    first = round_in_full(study).round_id
    assert DIVIDED not in shown(display_round.print_round, study, first)


def test_a_group_of_one_mind_is_not_called_divided(study, tmp_path):
    folder = shutil.copytree(study.folder, tmp_path / "run")
    table = pq.read_table(folder / "positions.parquet")
    index = table.schema.get_field_index("rating")
    same = pa.array([4] * len(table), table.schema.field(index).type)
    pq.write_table(table.set_column(index, table.schema.field(index), same), folder / "positions.parquet")
    text = shown(display_round.print_round, simcons.load(folder), None)
    assert "rated 4 of 7" in text
    assert DIVIDED not in text


def test_noise_is_spoken_of_where_a_rating_is_shown(study, without):
    noise = "Ratings carry noise"
    assert noise in shown(display_round.print_round, study, None)
    assert noise in shown(display_round.print_round, without(*NOBODY[1:]), None)
    assert noise in shown(display_round.print_round, without(NOBODY[0]), None)
    text = shown(display_round.print_round, without(*NOBODY), None)
    assert "no rating" in text
    assert noise not in text


@pytest.mark.parametrize("everything", [False, True])
def test_a_round_without_ratings_of_quality_is_shown(without, everything):
    run = without(("ratings", "quality", EVERY))
    shown_round = round_in_full(run)
    assert shown_round.statements[0].means["quality"] is None
    text = shown(display_round.print_round, run, shown_round.round_id if everything else None)
    assert f"mean agreement {shown_round.statements[0].means['agreement']:.1f}, no rating of quality): " in text
    assert ("quality not rated): " in text) is everything


def test_no_rating_at_all_is_said_in_four_words(without):
    text = shown(display.print_summary, without(*NOBODY))
    assert "No statement has a rating. What the measures" in text
    assert "0 ratings" not in text
    assert "several arms" not in text


def test_one_arm_with_a_statement_nobody_rated_is_not_several(study, without):
    rows = [k for k, one in enumerate(study.ratings["candidate_id"]) if one == study.ratings["candidate_id"][0]]
    gaps = [("ratings", column, slice(row, row + 1)) for row in rows for column in ("agreement", "quality")]
    assert "several arms" not in shown(display.print_summary, without(*gaps))


def test_the_table_and_the_line_below_it_count_the_same_ratings(study, without):
    n = len(study.ratings)
    missing = len(study.ratings) - len(study.ratings.dropna(subset=["agreement", "quality"]))
    run = without(("ratings", "quality", slice(0, 1)), ("ratings", "agreement", slice(1, 3)), ("ratings", "quality", slice(3, 4)),
                  ("ratings", "agreement", slice(3, 4)))  # fmt: skip
    assert missing == 0
    [arm], counts = by_arm(run), rating_counts(run)
    assert (arm.n_ratings, arm.n_missing) == (counts.n_ratings, 4) == (n - 4, 4)
    assert counts.n_in_part == 3
    text = shown(display.print_summary, run)
    assert f"{n - 4} + 4 missing" in text
    assert f"{n - 4} ratings of " in text
    assert "3 more have an answer on some of agreement and quality alone, and count as missing." in text
    whole = run.ratings.dropna(subset=["agreement", "quality"])
    assert counts.n_pairs == (whole.groupby(["candidate_id", "participant_id"]).size() == 2).sum()


def test_one_rating_with_half_its_answers(without):
    run = without(("ratings", "quality", slice(0, 1)))
    assert "1 more has an answer on some of agreement and quality alone, and counts as missing." in shown(
        display.print_summary, run
    )


def test_what_an_engine_could_not_do_comes_after_the_results(study):
    class Odd(ScriptedEngine):
        notes = ("seeds are ignored", "min_p is not sent")

    notes = engine_notes({"m": Odd(), "n": ScriptedEngine()})
    assert notes == {"m": ["seeds are ignored", "min_p is not sent"]}
    text = shown(display.print_summary, replace(study, manifest={"engine_notes": notes}))
    assert text.endswith(f"Engine m: seeds are ignored Engine m: min_p is not sent {display.EXPLAINED}")
    assert text.index("Ratings by arm") < text.index("Engine m")


def test_speed_is_told_of_engines_that_worked_for_a_second():
    def told(seconds, share):
        return engine_sentence(EngineUse("m", seconds, share, 5.0, 1_163_727.0, 9, 2.0))

    assert told(1.0, 0.001) == (
        "m: at work for less than a second in the last start of this run, up to 9 requests at a time, 2 waiting on average"
    )
    assert told(0.0, 0.0) == told(1.0, 0.001)
    assert "at work 50% of 2 s" in told(2.0, 0.5)
    assert "1,163,727 tokens written and 5 read a second" in told(2.0, 0.5)


def test_requests_without_an_answer_have_a_column_where_there_are_any():
    plain = Account("opinion", "m", Usage(n_calls=9, n_length=2))
    grid = _grid(_Asked({}, [plain]))
    assert "none" not in grid.columns
    assert "no answer" not in grid.note
    grid = _grid(_Asked({}, [plain, Account("candidate", "m", Usage(n_calls=9, n_length=2, n_unanswered=1234))]))
    place = list(grid.columns).index("none")
    assert [row[place] for row in grid.rows] == ["0", "1,234", "1,234"]
    assert all(len(row) == len(grid.columns) for row in grid.rows)
    assert "none: calls that have no answer, filtered, too long or refused." in grid.note
