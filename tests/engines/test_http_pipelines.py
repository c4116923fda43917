"""A mediator behind a server: one POST a round; what may pass is tried again, and what does not is a missing statement."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playing import SCRIPTED_ARM, scenario_with, tables

import simcons
from simcons.engines.pipelines.answers import Answer
from simcons.engines.pipelines.load import load_pipelines
from simcons.engines.pipelines.task import Task, task_request
from simcons.errors import EngineError
from simcons.scenario.mediators import HttpMediatorSettings
from simcons.scenario.pipelines import HttpScorerSettings

TASK = Task("Should it be so?", ["Yes.", "No."], seed=7, samples=4)
ANSWERS = {
    "/statement": {"statement": "We agree."},
    "/candidates": {"candidates": [{"text": "a", "score": 1}, {"text": "b", "score": 2}]},
    "/number": 5,
    "/huge": {"statement": "word " * 1_000_000},
}


class Handler(BaseHTTPRequestHandler):
    """Answers as the path says; /busy twice with 503 first, /echo with what it was sent, /scores by length."""

    asked: Counter[str] = Counter()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked[self.path] += 1
        if self.path == "/slow":
            time.sleep(2)
        if self.path == "/refused" or (self.path == "/busy" and self.asked[self.path] < 3):
            self._reply(503 if self.path == "/busy" else 400, b"not now", {"Retry-After": "0"})
        elif self.path == "/garbage":
            self._reply(200, b"<html>")
        else:
            given = json.loads(body)
            if self.path == "/scores":
                scores = [[1 + len(text) for text in given["statements"]] for _ in given["opinions"]]
                self._reply(200, json.dumps({"scores": scores}).encode())
                return
            echoed = {"statement": f"{self.headers['Authorization']} {given['settings']} {given['seed']}"}
            self._reply(200, json.dumps(ANSWERS.get(self.path, echoed)).encode())

    def _reply(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        try:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except ConnectionError:  # nobody waits any more
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def server():
    serving = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{serving.server_port}"
    serving.shutdown()
    serving.server_close()


def answer(url: str, **settings: object) -> Answer:
    pipeline = HttpMediatorSettings(kind="http", url=url, **settings)
    (reply,) = load_pipelines({"arm ours": pipeline})["arm ours"].complete([task_request("arm ours", TASK)])
    return Answer.of(reply.text)


def test_statements_of_a_server(server):
    assert [each.text for each in answer(f"{server}/statement").statements] == ["We agree."]
    assert [each.text for each in answer(f"{server}/candidates").statements] == ["b", "a"]


def test_a_server_that_scores_has_a_row_an_opinion(server):
    scorer = HttpScorerSettings(kind="http", url=f"{server}/scores")
    task = Task("Should it be so?", ["Yes.", "No."], seed=7, statements=["We do", "Never ever"])
    (reply,) = load_pipelines({"scorer ours": scorer})["scorer ours"].complete([task_request("scorer ours", task)])
    assert Answer.of(reply.text).scores == [[6.0, None], [6.0, None]]


def test_the_server_is_sent_settings_seed_and_key(server, monkeypatch):
    monkeypatch.setenv("OURS_KEY", "letmein")
    (echoed,) = answer(f"{server}/echo", settings={"variant": "b"}, key_variable="OURS_KEY").statements
    assert echoed.text == "Bearer letmein {'variant': 'b'} 7"


def test_what_may_pass_is_tried_again(server):
    Handler.asked.clear()
    assert answer(f"{server}/busy").failure is None
    assert Handler.asked["/busy"] == 3
    Handler.asked.clear()
    failure = answer(f"{server}/busy", retries=1).failure
    assert (failure.missing, failure.raw) == ("error", "status 503: not now")


@pytest.mark.parametrize(
    ("path", "reason", "shown"),
    [
        ("refused", "error", "status 400: not now"),
        ("garbage", "malformed", "<html>: expected JSON"),
        (
            "number",
            "malformed",
            "5: expected a text, a list of texts or of (text, score) pairs, or a mapping with statement or candidates",
        ),
        ("huge", "oversized", "more than 4,194,304 bytes"),
    ],
)
def test_what_will_not_pass_is_not_tried_again(server, path, reason, shown):
    Handler.asked.clear()
    failure = answer(f"{server}/{path}").failure
    assert (failure.missing, failure.raw) == (reason, shown)
    assert Handler.asked[f"/{path}"] == 1


def test_a_server_that_does_not_answer_runs_into_the_timeout(server):
    failure = answer(f"{server}/slow", timeout_seconds=0.2, retries=0).failure
    assert (failure.missing, failure.raw) == ("time_limit", "no answer within 0.2 s")


def test_a_server_that_is_not_there_is_told_before_anything_runs():
    with pytest.raises(EngineError, match=r"arm ours: http://127\.0\.0\.1:9: .*; expected a server that listens there"):
        answer("http://127.0.0.1:9")


def test_it_runs_as_an_arm_and_replays_without_the_server(server, tmp_path):
    Handler.asked.clear()
    ours = {"arm": "ours", "mediator": {"kind": "http", "url": f"{server}/echo"}, "select": 1}
    run = simcons.run(scenario_with(mediators=[ours, SCRIPTED_ARM]), out=tmp_path / "run")
    assert Handler.asked["/echo"] == len(run.rounds)
    assert set(run.selections["arm"]) == {"ours", "scripted"}
    replayed = simcons.replay(run.folder, out=tmp_path / "replayed")
    assert Handler.asked["/echo"] == len(run.rounds)
    assert tables(replayed.folder) == tables(run.folder)
