"""Pipelines of a user's own: what they return is read strictly, and no failure of theirs goes further than its call."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from pipelines_of_ours import BAD, bad

from simcons.engines.base import Reply
from simcons.engines.dispatch import Dispatch
from simcons.engines.pipelines.answers import Answer, Unfit, read_scores, read_statements
from simcons.engines.pipelines.load import check_pipelines, load_pipelines
from simcons.engines.pipelines.task import Task, task_of, task_request
from simcons.engines.scripted import ScriptedEngine
from simcons.errors import ScenarioError
from simcons.scenario.mediators import PythonMediatorSettings
from simcons.scenario.pipelines import PythonScorerSettings

OPINIONS = ["Yes, because of the trains.", "No, it costs too much."]
TASK = Task("Should it be so?", OPINIONS, seed=7, samples=4)


class Slot:
    """Takes one reply."""

    wanted = True

    def __init__(self) -> None:
        self.reply: Reply | None = None

    def deliver(self, reply: Reply) -> None:
        self.reply = reply


def answer_to(task: Task, *, engine=None, **settings) -> Answer:
    """The answer of a pipeline of these settings, its requests answered by ``engine``."""
    kind = PythonScorerSettings if task.statements is not None else PythonMediatorSettings
    pipelines = load_pipelines({"arm ours": kind(kind="python", **settings)})
    dispatch = Dispatch({"m": engine or ScriptedEngine(), **pipelines})
    slot = Slot()
    dispatch.ask(task_request("arm ours", task), slot)
    while slot.reply is None:
        dispatch.wait()
    return Answer.of(slot.reply.text)


def ours(name: str, **settings) -> Answer:
    return answer_to(TASK, call=f"pipelines_of_ours:{name}", **settings)


def test_a_task_is_its_request():
    assert task_of(task_request("arm ours", TASK)) == TASK
    assert json.loads(task_request("arm ours", TASK).messages[0].content) == {
        "question": "Should it be so?",
        "opinions": OPINIONS,
        "seed": 7,
        "samples": 4,
    }


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("We agree.", [("We agree.", None)]),
        ({"statement": "  We\nagree. "}, [("We agree.", None)]),
        (["a", "b"], [("a", None), ("b", None)]),
        ([("a", 1), ("b", 3.0), ("c", 2)], [("b", 3.0), ("c", 2.0), ("a", 1.0)]),
        ([("a", None), ("b", -1)], [("b", -1.0), ("a", None)]),
        ({"candidates": [{"text": "a", "score": 0.1}, {"text": "b", "score": 0.2}]}, [("b", 0.2), ("a", 0.1)]),
        ([("a", float("nan")), ("b", 0)], [("b", 0.0), ("a", None)]),
        (["a", "b", "c", "d", "e"], [("a", None), ("b", None), ("c", None), ("d", None)]),
    ],
)
def test_statements_come_best_first(given, read):
    assert [(each.text, each.score) for each in read_statements(given, 4)] == read


def test_each_statement_fails_for_itself():
    read = read_statements(["", 5, "We agree.", "x" * 20_001, ("a", "high")], 9)
    assert [each.missing for each in read] == ["empty", "malformed", None, "oversized", "malformed"]


def test_scores_are_a_number_from_1_to_7_each_or_none():
    assert read_scores([[1, 7.0], [None, 7.1]], 2, 2) == [[1.0, 7.0], [None, None]]
    for wrong in ([[1, 2]], [[1], [2]], "scores", None, {"scores": 3}, [[1, 2], [3, "4"]]):
        with pytest.raises(Unfit):
            read_scores(wrong, 2, 2)


@pytest.mark.parametrize("name", ["asking", "act"])
def test_a_blocking_function_and_an_act_ask_alike(name):
    engine = ScriptedEngine(lambda request: f"{request.draw} {request.seed % 97}")
    answer = answer_to(TASK, engine=engine, call=f"pipelines_of_ours:{name}", asks=["m"])
    assert [each.score for each in answer.statements] == [0.5, 0.0]
    assert [each.text.split()[0] for each in answer.statements] == ["1", "0"]
    assert (answer.n_requests, answer.failure) == (3, None)
    assert answer == answer_to(TASK, engine=engine, call=f"pipelines_of_ours:{name}", asks=["m"])


def test_threads_of_its_own_get_the_draws_they_name():
    engine = ScriptedEngine(lambda request: f"draw {request.draw}")
    answer = answer_to(TASK, engine=engine, call="pipelines_of_ours:with_threads", asks=["m"])
    assert [each.text for each in answer.statements] == ["draw 0", "draw 1", "draw 2", "draw 3"]
    assert sum(engine.batches) == answer.n_requests == 4


REASONS = {"empty": "empty", "blank": "empty", "no list": "empty", "huge": "oversized"}


@pytest.mark.parametrize("how", BAD)
def test_what_is_no_statement_is_a_missing_one(how):
    answer = ours("bad", settings={"how": how})
    (missing,) = answer.statements or [answer.failure]
    assert (missing.text, missing.missing) == (None, REASONS.get(how, "malformed"))
    assert len(missing.raw) <= 300


@pytest.mark.parametrize(
    ("how", "shown"), [("raises", "RuntimeError: no idea about Should it be so?"), ("exits", "SystemExit: 3")]
)
def test_an_exception_is_a_missing_statement(how, shown):
    failure = ours("bad", settings={"how": how}).failure
    said, _, place = failure.raw.rpartition(" (")
    assert (failure.missing, said) == ("error", shown)
    lines = Path(bad.__code__.co_filename).read_text(encoding="utf-8").splitlines()
    number = int(re.fullmatch(r"pipelines_of_ours\.py, line (\d+)\)", place)[1])
    assert lines[number - 1].strip().startswith("raise")


def test_failures_are_told_with_what_came_back_if_anything_did():
    pipelines = load_pipelines(
        {
            how: PythonMediatorSettings(kind="python", call="pipelines_of_ours:bad", settings={"how": how})
            for how in ("empty", "no text")
        }
    )
    for engine in pipelines.values():
        engine.complete([task_request(engine.name, TASK)])
    texts = "a text, a list of texts or of (text, score) pairs, or a mapping with statement or candidates"
    assert [engine.notes for engine in pipelines.values()] == [
        ["1 call of 1 came to nothing: empty"],
        [f"1 call of 1 came to nothing: malformed: 17: expected {texts}"],
    ]


def test_a_hang_ends_with_the_time_limit():
    began = time.monotonic()
    failure = ours("bad", settings={"how": "hangs"}, time_limit_seconds=0.2).failure
    assert failure.missing == "time_limit"
    assert time.monotonic() - began < 10


def test_waiting_for_an_engine_is_no_work_of_ones_own():
    def slow(request):
        time.sleep(0.4)
        return "word"

    answer = answer_to(
        TASK, engine=ScriptedEngine(slow), call="pipelines_of_ours:asking", asks=["m"], time_limit_seconds=0.3
    )
    assert answer.failure is None


def test_an_engine_that_is_not_named_is_not_asked():
    failure = ours("asking").failure
    assert failure.missing == "error"
    assert "expected one that `asks` names (none)" in failure.raw


def test_a_scorer_gives_a_row_an_opinion():
    task = Task("Should it be so?", OPINIONS, seed=7, statements=["short", "longer one"])
    answer = answer_to(task, call="pipelines_of_ours:scored")
    assert [row[1] for row in answer.scores] == [7.0, 7.0]
    short = answer_to(task, call="pipelines_of_ours:badly_scored", settings={"how": "short"})
    assert short.failure.missing == "malformed"
    off = answer_to(task, call="pipelines_of_ours:badly_scored", settings={"how": "off scale"})
    assert off.scores == [[None, None], [None, None]]


@pytest.mark.parametrize(
    ("call", "settings", "fault"),
    [
        ("nowhere_at_all:f", {}, "module 'nowhere_at_all': not found in "),
        ("pipelines_of_ours:absent", {}, "function 'absent' is not there"),
        ("pipelines_of_ours:BAD", {}, "function 'BAD' cannot be called"),
        ("pipelines_of_ours:joined", {"suffix": "."}, "got an unexpected keyword argument 'suffix'"),
        ("pipelines_of_ours:Numbering", {}, "missing a required argument: 'word'"),
        ("pipelines_of_ours:Numbering", {"word": ""}, "ValueError: word: expected one (pipelines_of_ours.py, line "),
        ("pipelines_of_ours:scored", {}, "missing a required argument: 'client'"),
        ("pipelines_of_ours:later", {}, "is async; expected a plain function"),
        ("pipelines_of_ours:Silent", {}, "too many positional arguments"),
    ],
)
def test_code_that_cannot_be_called_is_told_before_anything_runs(call, settings, fault):
    pipeline = PythonMediatorSettings(kind="python", call=call, settings=settings)
    with pytest.raises(ScenarioError, match=f"arm ours: call '{call}': .*") as error:
        check_pipelines({"arm ours": pipeline})
    assert fault in str(error.value)
    assert "\n" not in str(error.value)
