"""The server over a socket: paths, streams, errors, its record and its end."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from commands import typed
from processes import simcons_started
from serving import served_in_a_thread

from simcons.errors import ArgumentError
from simcons.serve.record import AnswerRecord
from simcons.serve.server import Address, serve

QUESTION = "Should MPs be paid more?"
QUICK = ["--set", "design.groups=2", "--set", "readers.reader.matching=words"]


@dataclass(frozen=True)
class Served:
    """A server under test, and the file with its record."""

    url: str
    record: Path

    def get(self, path: str) -> tuple[int, dict]:
        return answer(urllib.request.Request(f"{self.url}{path}"))

    def post(self, body: object) -> tuple[int, dict]:
        return answer(self.request(body))

    def request(self, body: object, path: str = "chat/completions") -> urllib.request.Request:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return urllib.request.Request(f"{self.url}/{path}", data=data)

    def chat(self, text: str, **settings: object) -> dict:
        return {"model": "persona-0003", "messages": [{"role": "user", "content": text}], **settings}


def answer(request: urllib.request.Request) -> tuple[int, dict]:
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


@pytest.fixture(scope="module")
def served(chats, tmp_path_factory) -> Iterator[Served]:
    """The people of the other tests, in a thread of this process."""
    path = tmp_path_factory.mktemp("served") / "new" / "answers.jsonl"
    with served_in_a_thread(chats.service, path) as url:
        yield Served(url, path)


def test_people_are_models(served):
    _, models = served.get("/models")
    names = [model["id"] for model in models["data"]]
    assert names[0] == "persona-0001"
    assert len(names) == len(set(names)) > 10
    assert served.get("/models/persona-0002")[1]["id"] == "persona-0002"
    status, refused = served.get("/models/gpt-4")
    assert (status, refused["error"]["code"]) == (404, "model_not_found")


def test_a_chat_is_answered_with_usage_and_recorded(served):
    status, reply = served.post(served.chat(QUESTION, seed=4, temperature=0.7))
    text = reply["choices"][0]["message"]["content"]
    assert status == 200
    assert text
    assert reply["choices"][0]["finish_reason"] == "stop"
    used = reply["usage"]
    assert used["prompt_tokens"] == len(["Should", "MPs", "be", "paid", "more", "?"])
    assert used["total_tokens"] == used["prompt_tokens"] + used["completion_tokens"]
    kept = [json.loads(line) for line in served.record.read_text().splitlines()]
    mine = [line for line in kept if line.get("seed") == 4]
    assert [line["answers"] for line in mine] == [[text]]
    assert mine[0]["asked"] == reply["simcons"]["asked"]


def test_a_stream_says_the_same(served):
    whole = served.post(served.chat(QUESTION))[1]
    body = served.chat(QUESTION, stream=True, stream_options={"include_usage": True})
    with urllib.request.urlopen(served.request(body), timeout=60) as stream:
        lines = [line.decode().removeprefix("data: ").strip() for line in stream if line.strip()]
    assert lines.pop() == "[DONE]"
    chunks = [json.loads(line) for line in lines]
    said = "".join(choice["delta"].get("content", "") for chunk in chunks for choice in chunk["choices"])
    assert said == whole["choices"][0]["message"]["content"]
    assert chunks[-1]["usage"] == whole["usage"]


def test_the_newer_api_gives_the_same_answer(served):
    chat = served.post(served.chat(QUESTION))[1]
    items = [{"role": "user", "content": [{"type": "input_text", "text": QUESTION}]}]
    for given in (QUESTION, items):
        status, reply = answer(served.request({"model": "persona-0003", "input": given}, "responses"))
        assert status == 200
        assert reply["output"][0]["content"][0]["text"] == chat["choices"][0]["message"]["content"]
        assert reply["usage"]["output_tokens"] == chat["usage"]["completion_tokens"]
    status, refused = answer(served.request({"model": "persona-0003", "input": QUESTION, "stream": True}, "responses"))
    assert (status, refused["error"]["param"]) == (400, "stream")


def test_what_is_longer_than_asked_for_is_cut(served):
    reply = served.post(served.chat(QUESTION, max_tokens=3))[1]
    assert reply["choices"][0]["finish_reason"] == "length"
    assert reply["usage"]["completion_tokens"] == 3


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{no", "body: invalid JSON"),
        ({"messages": []}, "model: field required"),
        ({"model": "persona-0001", "messages": []}, "messages: "),
        ({"model": "persona-0001", "messages": [{"role": "user", "content": 3}]}, "messages.0.content"),
        ({"model": "persona-0001", "messages": [{"role": "assistant", "content": "x"}]}, "the last message is empty"),
        ({"model": "persona-0001", "messages": [{"role": "user", "content": "Hello"}]}, "cannot be understood"),
    ],
)
def test_bad_requests_get_one_clear_line(served, body, words):
    status, refused = served.post(body)
    assert status == 400
    assert words in refused["error"]["message"]
    assert "\n" not in refused["error"]["message"]
    assert refused["error"]["type"] == "invalid_request_error"


def test_other_paths_say_what_there_is(served):
    status, refused = served.get("/completions")
    assert status == 404
    assert "expected GET /v1/models, POST /v1/chat/completions or POST /v1/responses" in refused["error"]["message"]


def test_a_port_that_is_taken_is_named(served, chats):
    port = int(served.url.rsplit(":", 1)[1].split("/")[0])
    with AnswerRecord(None) as record, pytest.raises(ArgumentError, match=f"^port {port}: cannot listen on 127.0.0.1"):
        asyncio.run(serve(chats.service, Address("127.0.0.1", port), record, lambda address: None))
    done = typed("serve", "paper_baselines", "--port", port)  # nobody is made ready for it
    assert done.returncode == 2
    assert done.stderr.startswith(f"simcons: --port {port}: cannot listen on 127.0.0.1: ")
    assert done.stderr.count("\n") == 1


def test_the_command_ends_with_ctrl_c_and_says_what_it_did():
    with simcons_started("serve", "paper_baselines", *QUICK, "--port", "0", stderr=subprocess.PIPE) as process:
        url = next(line for line in process.stderr if "http://" in line).split()[-1]
        assert answer(urllib.request.Request(f"{url}/models/persona-0001"))[0] == 200
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Ended: 0 requests answered." in errors
    assert "Traceback" not in errors
