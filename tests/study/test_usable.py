"""A study whose model gives nothing that can be used says so while it runs; a study of usable answers says nothing."""

from __future__ import annotations

import pytest
from playing import MODEL_ARM, PLAYED, SCRIPTED_ARM, capricious, scenario_with

from simcons.engines.dispatch import Dispatch
from simcons.engines.scripted import ScriptedEngine
from simcons.storage.writer import RunWriter
from simcons.study.broker import Broker
from simcons.study.plan import make_plan
from simcons.study.run import run_study
from simcons.study.usable import AnswerWatch

BAD, GOOD = ("off_scale", "42"), None


def told_of(*failures) -> list:
    told = []
    watch = AnswerWatch(told.append)
    for failure in failures:
        watch.count("agreement", failure)
    return told


def test_nothing_is_told_of_fewer_than_thirty_or_of_usable_answers():
    assert told_of(*[BAD] * 29) == []
    assert told_of(*[BAD] * 26, *[GOOD] * 4) == []
    assert told_of(*[BAD, GOOD] * 200) == []


def test_nine_in_ten_of_the_latest_thirty_are_told_once():
    [found] = told_of(*[GOOD] * 3, *[BAD] * 26, ("empty", ""), *[BAD] * 100)
    assert (found.act, found.n, found.missing, found.reply) == ("agreement", 30, {"off_scale": 26, "empty": 1}, "42")
    assert not found.hopeless
    [later] = told_of(*[GOOD] * 100, *[BAD] * 27)
    assert later.missing == {"off_scale": 27}


def test_a_hopeless_act_is_told_of_again():
    first, second = told_of(*[BAD] * 500)
    assert (first.hopeless, second.hopeless) == (False, True)
    assert (second.n, second.missing) == (50, {"off_scale": 50})
    assert [found.hopeless for found in told_of(GOOD, *[BAD] * 500)] == [False]


def played(folder, answer, on_unusable) -> None:
    scenario = scenario_with(
        participants={"mind": PLAYED}, mediators=[{**MODEL_ARM, "select": 2}], design={"groups": 8, "group_sizes": [4]}
    )
    with RunWriter(folder, row_group_rows=50_000) as writer:
        run_study(make_plan(scenario), Broker(Dispatch({"m": ScriptedEngine(answer)})), writer, on_unusable=on_unusable)


def test_every_act_of_a_study_is_watched(tmp_path):
    told = []
    played(tmp_path / "1", lambda request: "<think>so" if request.act != "candidate" else "<|im_end|>", told.append)
    acts = {found.act: next(iter(found.missing)) for found in told if not found.hopeless}
    assert acts == {"position": "reasoning", "opinion": "reasoning"}  # without opinions there is nothing to mediate
    told.clear()
    played(tmp_path / "2", lambda request: "" if request.act == "candidate" else "I think so. 42", told.append)
    assert {found.act for found in told} == {"position", "candidate"}
    told.clear()
    usable = {"candidate": "We agree.", "opinion": "I think so."}
    played(tmp_path / "3", lambda request: usable.get(request.act, "42"), told.append)
    assert {found.act for found in told} == {"position", "agreement", "quality"}
    told.clear()
    played(tmp_path / "4", capricious, told.append)
    assert told == []


@pytest.mark.parametrize("reader", ["asks", "reader"])
def test_readings_are_watched_where_a_language_model_is_asked(tmp_path, reader):
    scenario = scenario_with(
        participants={"reader": reader},
        readers={"asks": {"kind": "model", "engine": "m", "by": "structured", "retries": 0}, "reader": {}},
        mediators=[SCRIPTED_ARM],
        design={"groups": 8},
    )
    told = []
    with RunWriter(tmp_path, row_group_rows=50_000) as writer:
        engine = ScriptedEngine(lambda request: "yes")
        run_study(make_plan(scenario), Broker(Dispatch({"m": engine})), writer, on_unusable=told.append)
    assert [(warning.act, warning.missing, warning.reply) for warning in told[:1]] == (
        [("reading", {"off_scale": 30}, "yes")] if reader == "asks" else []
    )


def test_whoever_is_told_may_stop_the_study(tmp_path):
    def stop(found):
        raise RuntimeError(found.act)

    with pytest.raises(RuntimeError, match="position"):
        played(tmp_path, lambda request: "42", stop)
