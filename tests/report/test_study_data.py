"""Tables inside the page: as recorded, in the room there is; and what is worked out for it."""

from __future__ import annotations

import json
import zlib
from base64 import b64decode

import pyarrow as pa
import pytest
from playing import PLAYED, capricious

from simcons.analysis.calibration_curve import calibration_curve
from simcons.analysis.mind_calls import mind_calls, n_mind_requests
from simcons.analysis.sampling_calls import sampling_calls
from simcons.analysis.weighings import weighings
from simcons.engines.scripted import ScriptedEngine
from simcons.report.study.columns import packed
from simcons.report.study.data import packed_run

ONE_ROUND = {"groups": 1, "rounds": 1}
KEYS = ("session_id", "round_id", "candidate_id", "opinion_id", "participant_id")
TOLD_BY = dict(zip(("sessions", "rounds", "candidates", "opinions", "participants"), KEYS, strict=True))


def unpacked(text):
    document = json.loads(zlib.decompress(b64decode(text), -zlib.MAX_WBITS))
    return {column["name"]: cells(column) for column in document["columns"]}


def cells(column):
    if "words" in column:
        return [None if code is None else column["words"][code] for code in column["codes"]]
    if "steps" not in column:
        return column["values"]
    time, times = 0, []
    for step in column["steps"]:
        time += step or 0
        times.append(None if step is None else time / 100)
    return times


def test_every_kind_of_column_comes_back():
    columns = {
        "name": ["a", "a", None, "b", "a", "a"],
        "text": ["</script>", "\x1b", "", "ä", "“", "\u202e"],
        "entered_at": [1.5, 2.25, None, 0.5, 100.0, 100.0],
        "score": [1.0, None, float("inf"), 0.12345, -2.5, 3.0],
        "ids": [["x"], [], ["y", "z"], None, ["x"], ["x"]],
    }
    back = unpacked(packed(pa.table(columns)))
    assert {**back, "score": columns["score"]} == columns
    assert back["score"] == [1, None, "inf", 0.1235, -2.5, 3]


def test_a_page_has_room_for_fewer_sessions_and_then_for_all_that_belongs_to_them(simulate):
    run = simulate(design={"groups": 6, "rounds": 1}).run
    whole = packed_run(run)
    half = packed_run(run, most_bytes=sum(len(table.text) for table in whole.tables) * 2 // 3)
    tables = {table.name: unpacked(table.text) for table in half.tables}
    kept = set(tables["sessions"]["session_id"])
    assert (whole.n_sessions, half.n_in_all) == (6, 6)
    assert 1 <= half.n_sessions == len(kept) < 6
    assert set(tables["rounds"]["session_id"]) == kept
    assert set(tables["ratings"]["round_id"]) <= set(tables["rounds"]["round_id"])
    assert set(tables["truth/opinions"]["opinion_id"]) == set(tables["opinions"]["opinion_id"])
    assert len(tables["participants"]["participant_id"]) == len(run.participants)


def test_sessions_that_cannot_fit_are_not_read(simulate):
    """One of six takes about a sixth of the room, so that of a third of it no more than two or three are read."""
    run = simulate(design={"groups": 6, "rounds": 1}).run
    room = sum(len(table.text) for table in packed_run(run).tables) // 3
    some = packed_run(run, most_bytes=room, probed=1)
    tables = {table.name: unpacked(table.text) for table in some.tables}
    assert sum(len(table.text) for table in some.tables) <= room
    assert (some.n_sessions, some.n_in_all) == (len(tables["sessions"]["session_id"]), 6)
    assert 1 <= some.n_sessions <= 3
    assert set(tables["participants"]["session_id"]) == set(tables["sessions"]["session_id"]), "read with their people"


def test_of_a_study_that_is_too_large_to_read_some_sessions_are_kept_with_their_people(simulate):
    run = simulate(design={"groups": 5, "rounds": 1}).run
    tables = {table.name: unpacked(table.text) for table in packed_run(run, most_sessions=2).tables}
    whole = {table.name: unpacked(table.text) for table in packed_run(run).tables}
    kept = {name: set(tables[table][name]) for table, name in TOLD_BY.items()}
    assert list(tables) == list(whole)
    assert kept["session_id"] == {whole["sessions"]["session_id"][k] for k in (0, 2)}
    for name, table in tables.items():
        key = next(key for key in KEYS if key in table)
        there = [cell in kept[key] for cell in whole[name][key]]
        assert {c: [x for x, is_there in zip(whole[name][c], there, strict=True) if is_there] for c in table} == table


def test_welfare_worked_out_again_is_the_welfare_recorded(simulate):
    def arm(name, n_samples, select, **welfare):
        generator = {"kind": "scripted", "samples": n_samples}
        return {"arm": name, "scorer": "reader", "generator": generator, "welfare": welfare, "select": select}

    drawn = {"kind": "lognormal", "mu": 0.0, "sigma": 1.0}
    arms = [arm("raised", 4, 1, alpha=2.0), arm("fewer", 2, 1, rule="borda"), arm("drawn", 4, 2, alpha=drawn)]
    run = simulate(design={"groups": 2, "rounds": 2}, mediators=arms).run
    made = weighings(run, run.sessions["session_id"].tolist())
    welfare = made.welfare.to_pandas()
    both = run.selections.merge(welfare, on=["candidate_id", "arm"], suffixes=("", "_again"))
    closest = (both["welfare"] - both["welfare_again"]).abs().groupby([both["arm"], both["candidate_id"]]).min()
    assert set(both["arm"]) == {"raised", "fewer", "drawn"}
    assert closest.max() == pytest.approx(0, abs=1e-9)
    n_weighed = welfare[welfare["arm"] == "fewer"].merge(run.candidates, on="candidate_id").groupby("round_id").size()
    assert set(n_weighed) <= {1, 2}
    assert made.utilities.num_rows == sum(
        run.scores["candidate_id"].isin(welfare[welfare["arm"] == arm]["candidate_id"]).sum()
        for arm in ("raised", "fewer", "drawn")
    )


def test_every_candidate_of_a_model_has_the_call_behind_it(simulate):
    run = simulate(design={"groups": 2, "rounds": 1}, model=True).run
    calls = sampling_calls(run).to_pandas()
    keys = ["round_id", "generator", "omitted", "sample"]
    joined = run.candidates[run.candidates["generator"] == "model"].merge(calls, on=keys)
    assert len(calls) == run.samples["attempts"].sum()
    assert set(joined["candidate_id"]) == set(run.samples["candidate_id"].dropna())
    last = joined.sort_values("attempt").groupby("candidate_id").last()
    assert all(reply.split()[1] in text for text, reply in zip(last["text"], last["reply"], strict=True))


def test_every_answer_of_a_model_that_plays_people_has_its_calls(simulate):
    run = simulate(design=ONE_ROUND, participants={"mind": PLAYED}, model=True, engine=ScriptedEngine(capricious)).run
    calls = mind_calls(run, run.sessions["session_id"].tolist()).to_pandas()
    asked = run.truth("elicitations")
    keys = ["round_id", "participant_id", "about", "candidate_id"]
    n_calls = calls.fillna({"candidate_id": ""}).groupby(keys).size()
    attempts = asked.fillna({"candidate_id": ""}).set_index(keys)["attempts"]
    assert n_calls.to_dict() == attempts.to_dict()
    assert len(calls) == n_mind_requests(run) > len(asked), "some were asked again"
    last = calls.sort_values("attempt").groupby(keys, dropna=False).last().reset_index()
    joined = asked.dropna(subset=["raw"]).merge(last, on=keys)
    assert (joined["raw"] == joined["reply"]).all()
    assert mind_calls(run, []).num_rows == 0


def test_a_bin_of_the_calibration_curve_holds_all_ratings_of_its_scores(simulate):
    arms = [{"arm": "scored", "scorer": "reader", "generator": {"kind": "scripted", "samples": 3}, "select": 2}]
    run = simulate(design={"groups": 4, "rounds": 2}, mediators=arms).run
    curve = calibration_curve(run)
    pairs = run.scores.merge(
        run.ratings.groupby(["candidate_id", "participant_id"], as_index=False)["agreement"].mean()
    )
    assert all(of.n >= 10 for of in curve)
    assert sum(of.n for of in curve) <= len(pairs)
    largest = max(curve, key=lambda of: of.n)
    low = 1 + int((largest.score - 1) * 2) / 2
    there = pairs[(pairs["score"] >= low) & (pairs["score"] < low + 0.5)]
    assert largest.n == len(there)
    assert largest.rating.value == pytest.approx(there["agreement"].mean())
