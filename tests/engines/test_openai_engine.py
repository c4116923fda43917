"""The client of OpenAI-compatible servers, against a server that misbehaves on demand (stub_server.py)."""

from __future__ import annotations

import asyncio
import gc
import json
import math
import subprocess
import sys
import time
import traceback
import urllib.request
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcons.engines.base import Message, Reply, Request, StreamEngine
from simcons.engines.openai.dialects import Learnt, body_of
from simcons.engines.openai.engine import OpenAIEngine
from simcons.engines.openai.proxies import is_loopback
from simcons.engines.openai.rate_limits import Pace, backoff_seconds, retry_after_seconds
from simcons.engines.openai.replies import NOT_BELIEVED, NOT_COUNTED, read_reply
from simcons.errors import ContextTooLong, EngineError
from simcons.scenario.engines import OpenAIEngineSettings, SamplingSettings

STUB = Path(__file__).with_name("stub_server.py")
SCALE = tuple("1234567")
KEY = "sk-very-secret-0123456789"
LOGPROBS = {
    "token": "7",
    "logprob": -0.5,
    "top_logprobs": [{"token": "7", "logprob": -0.5}, {"token": "x", "logprob": -3}],
}


@dataclass(frozen=True)
class Server:
    """The stub as tests see it."""

    root: str

    def url(self, kind: str = "plain") -> str:
        return f"{self.root}/{kind}/v1"

    def stats(self, *, reset: bool = False) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.root}/stats{'?reset' if reset else ''}") as answer:
            seen: dict[str, Any] = json.load(answer)
        return seen

    def attempts(self, name: str) -> int:
        return self.stats()["attempts"].get(name, 0)


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    command = [sys.executable, str(STUB)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Server(f"http://127.0.0.1:{int(process.stdout.readline())}")
        finally:
            process.terminate()


@pytest.fixture
def server(running: Server) -> Server:
    running.stats(reset=True)
    return running


@pytest.fixture
def make(server: Server) -> Iterator[Callable[..., OpenAIEngine]]:
    made: list[OpenAIEngine] = []

    def make(kind: str = "plain", **given: Any) -> OpenAIEngine:
        first_delay = given.pop("first_delay", 0.01)
        settings = {"base_url": server.url(kind), "model": "stub", "timeout_seconds": 5, "retries": 2} | given
        made.append(OpenAIEngine("m", OpenAIEngineSettings(kind="openai", **settings), first_delay=first_delay))
        return made[-1]

    yield make
    for engine in made:
        engine.close()


def scripted(name: str, *steps: object, seed: int = 1, **more: Any) -> Request:
    """A request that the stub answers by these steps."""
    options = {part: more.pop(part) for part in ("answer", "choices", "sampling", "schema") if part in more}
    return asked(json.dumps({"id": name, "do": steps or ["ok"], **more}), seed=seed, **options)


def asked(text: str, beginning: str = "", *, role: str = "user", seed: int = 1, **options: Any) -> Request:
    sampling = options.pop("sampling", SamplingSettings(temperature=0.7, min_p=0.1, max_tokens=20))
    turns = [Message(role, text)] + ([Message("assistant", beginning)] if beginning else [])
    return Request("m", tuple(turns), sampling, seed=seed, **options)


def text_of(engine: OpenAIEngine, request: Request) -> str:
    return engine.complete([request])[0].text


# --- the stream --------------------------------------------------------------------------------------------------


def test_replies_come_under_their_keys_whatever_their_order_and_never_more_at_a_time_than_wanted(make, server):
    engine = make(concurrency=8)
    assert isinstance(engine, StreamEngine)
    delays = [0.03 * ((7 * key) % 5) for key in range(60)]
    for key, delay in enumerate(delays):
        engine.add(key, scripted(f"r{key}", say=f"reply {key}", delay=delay))
    came: list[tuple[int, Reply]] = []
    while len(came) < 60:
        arrived = engine.step()
        assert arrived
        came += arrived
    assert {key: reply.text for key, reply in came} == {key: f"reply {key}" for key in range(60)}
    assert [key for key, _ in came] != sorted(key for key, _ in came)
    assert server.stats()["most_open"] == 8
    assert set(server.stats()["attempts"].values()) == {1}
    assert engine.step() == []


def test_one_nudge_puts_a_request_on_a_standing_wire_and_waits_for_nothing(make, server):
    engine = make()
    engine.complete([scripted("first")])
    engine.add(0, scripted("a", delay=0.5))
    began = time.perf_counter()
    engine.nudge()
    assert time.perf_counter() - began < 0.3
    while not server.attempts("a"):
        assert time.perf_counter() - began < 5
    assert [key for key, _ in engine.step()] == [0]


def test_a_request_that_fails_comes_out_of_step_and_leaves_the_others_under_way(make):
    engine = make()
    engine.add(0, scripted("slow", delay=0.3, say="slow"))
    engine.add(1, scripted("bad", {"status": 401}))
    engine.add(2, scripted("quick", say="quick"))
    texts, errors = [], []
    for _ in range(3):
        try:
            texts += [reply.text for _, reply in engine.step()]
        except EngineError as error:
            errors.append(error)
    assert (texts, len(errors)) == (["quick", "slow"], 1)


def test_complete_keeps_the_order_and_hands_over_what_was_answered_before_it_raises(make, server):
    engine = make(concurrency=2)
    requests = [scripted(f"r{place}", delay=0.05 * (3 - place), say=str(place)) for place in range(3)]
    assert [reply.text for reply in engine.complete(requests)] == ["0", "1", "2"]
    requests = [
        scripted("good", say="kept", delay=0.2),
        scripted("bad", {"status": 401}),
        *(scripted(f"later{place}", delay=0.2) for place in range(5)),
    ]
    kept: dict[int, Reply] = {}
    with pytest.raises(EngineError, match="401"):
        engine.complete(requests, kept.__setitem__)
    assert kept[0].text == "kept"
    assert server.attempts("later4") == 0
    assert text_of(engine, scripted("again", say="still works")) == "still works"
    assert server.attempts("later4") == 0


def test_nobody_waits_for_the_retries_of_others_once_one_request_has_failed(make):
    engine = make(retries=50, first_delay=30)
    requests = [scripted("sick", {"status": 503}), scripted("bad", "ok", delay=0.2), scripted("wrong", {"status": 401})]
    began = time.perf_counter()
    with pytest.raises(EngineError, match="status 401"):
        engine.complete(requests)
    assert time.perf_counter() - began < 2


def test_what_on_reply_raises_ends_the_call_and_what_waited_is_not_sent(make, server):
    engine = make(concurrency=1)

    def stop(place: int, reply: Reply) -> None:
        raise KeyError(place)

    with pytest.raises(KeyError):
        engine.complete([scripted(f"r{place}") for place in range(9)], stop)
    engine.complete([scripted("other")])
    assert server.attempts("r8") == 0


def test_it_works_inside_a_loop_that_runs_already_as_in_a_notebook(make):
    engine = make()

    async def cell() -> str:
        return text_of(engine, scripted("a", say="from a notebook"))

    assert asyncio.run(cell()) == "from a notebook"
    assert text_of(engine, scripted("b", say="and from without")) == "and from without"


def test_an_engine_may_be_collected_while_the_loop_of_another_runs(server):
    engine = OpenAIEngine("m", OpenAIEngineSettings(kind="openai", base_url=server.url(), model="stub"))
    engine.add(0, scripted("a", say="gone"))
    assert engine.step()[0][1].text == "gone"
    left = weakref.ref(engine)

    async def elsewhere() -> None:
        nonlocal engine
        del engine
        gc.collect()  # where a warning or an error of the finalizer would be one of this test

    asyncio.run(elsewhere())
    assert left() is None


def test_a_closed_engine_says_so(make):
    engine = make()
    engine.add(0, scripted("a", "hang"))
    engine.nudge()
    engine.close()
    engine.close()
    with pytest.raises(EngineError, match="closed"):
        engine.complete([scripted("b")])


def test_an_engine_left_alone_with_requests_under_way_ends_without_a_word(server):
    script = (
        "from simcons.engines.base import *; from simcons.engines.openai.engine import OpenAIEngine\n"
        "from simcons.scenario.engines import OpenAIEngineSettings, SamplingSettings\n"
        f"engine = OpenAIEngine('m', OpenAIEngineSettings(kind='openai', base_url={server.url()!r}, model='stub'))\n"
        "for key, text in enumerate(['hello', '{\"do\": [\"hang\"]}']):\n"
        "    engine.add(key, Request('m', (Message('user', text),), SamplingSettings(), seed=1))\n"
        "print(engine.step()[0][1].text)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", script], capture_output=True, text=True, timeout=20
    )
    assert (ended.stdout, ended.stderr) == ("hello\n", "")


# --- attempts ----------------------------------------------------------------------------------------------------

STATUSES = [{"status": status} for status in (408, 409, 425, 429, 500, 502, 503, 504)]


@pytest.mark.parametrize(
    "step", [*STATUSES, "abort", "half", "garbage", "no_choices", "no_message", "hang", "drip"], ids=str
)
def test_what_may_pass_is_tried_again(make, server, step):
    engine = make(timeout_seconds=0.3 if step in ("hang", "drip") else 5)
    assert text_of(engine, scripted("a", step, "ok", say="at last")) == "at last"
    assert server.attempts("a") == 2


ERRORS_IN_ANSWERS: list[dict[str, Any]] = [
    {"choices": [{"error": {"code": 502}, "finish_reason": "error", "message": {"content": ""}}]},
    {"choices": [{"error": {"code": "503", "message": "busy"}, "message": {"content": "We ag"}}]},
    {
        "choices": [{"message": {"content": "We"}, "finish_reason": "stop"}],
        "error": {"message": "upstream", "code": 500},
    },
    {"choices": [{"message": {"content": "We ag"}, "finish_reason": "error"}]},
    {"choices": [{"message": {"content": ""}, "finish_reason": "abort"}]},
    {"choices": [], "error": "overloaded"},
]


@pytest.mark.parametrize("answer", ERRORS_IN_ANSWERS, ids=str)
def test_an_error_inside_an_answer_is_tried_again_and_is_no_reply(make, server, answer):
    assert text_of(make(), scripted("a", {"answer": answer}, "ok", say="at last")) == "at last"
    with pytest.raises(EngineError, match="after 3 attempts, last: status 50"):
        make().complete([scripted("b", {"answer": answer})])
    assert server.attempts("b") == 3


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"status": 405, "error": {"message": "bad\nmethod"}}, r"m.*status 405: bad method$"),
        ({"status": 401}, "refuses the key.*expected key_variable"),
        ({"status": 402, "error": {"message": "pay"}}, "quota is used up: pay"),
        ({"status": 400, "error": {"code": "insufficient_quota", "message": "pay"}}, "quota is used up: pay"),
        ({"status": 307, "headers": {"Location": "/other"}}, "status 307"),
        ({"status": 429, "error": {"code": "insufficient_quota", "message": "pay"}}, "quota is used up: pay"),
        ({"status": 429, "headers": {"Retry-After": "86400"}}, "asks to wait 86400 seconds"),
    ],
)
def test_what_will_not_pass_is_said_in_one_line_after_one_attempt(make, server, step, said):
    with pytest.raises(EngineError, match=said) as raised:
        make().complete([scripted("a", step)])
    assert "\n" not in str(raised.value)
    assert server.attempts("a") == 1


def test_no_more_attempts_are_made_than_wanted(make, server):
    with pytest.raises(EngineError, match=rf"{server.url()} after 3 attempts, last: status 500: as told"):
        make().complete([scripted("a", {"status": 500})])
    assert server.attempts("a") == 3


def test_a_server_that_is_down_is_named_with_what_to_look_at(make):
    engine = make(base_url="http://127.0.0.1:9/v1")
    for ask in (engine.check, lambda: engine.complete([scripted("a")])):
        with pytest.raises(EngineError, match=r"http://127.0.0.1:9/v1.*(refused|failed).*check base_url"):
            ask()


def test_retry_after_holds_all_requests_back_even_where_it_is_longer_than_the_back_off(make, server):
    engine = make(concurrency=2)
    limited = scripted("a", {"status": 429, "headers": {"Retry-After": "0.6"}}, "ok")
    engine.complete([limited, scripted("b", delay=0.2), *(scripted(f"r{place}") for place in range(4))])
    times = server.stats()["times"]
    assert all(moment - times[0] < 0.3 or moment - times[0] > 0.58 for moment in times)
    assert sum(moment - times[0] > 0.58 for moment in times) == 5


def test_a_server_that_asks_for_time_without_a_limit_holds_back_that_request_alone(make, server):
    busy = scripted("a", {"status": 503, "headers": {"Retry-After": "0.5"}}, "ok")
    make(concurrency=1).complete([busy])
    times = server.stats(reset=True)["times"]
    assert times[1] - times[0] > 0.48
    make(concurrency=2).complete([busy, *(scripted(f"r{place}") for place in range(4))])
    times = server.stats()["times"]
    assert times[4] - times[0] < 0.4 < times[5] - times[0]


def test_no_more_requests_or_tokens_a_minute_than_wanted(make, server):
    make(requests_per_minute=1200).complete([asked(str(place)) for place in range(8)])
    times = server.stats(reset=True)["times"]
    assert times[-1] - times[0] > 7 * 0.05 - 0.03
    # a prompt of 800 bytes and 20 tokens of reply are thought to be 220 tokens and turn out to be 12
    make(tokens_per_minute=12_000, concurrency=1).complete([asked("x" * 800) for _ in range(8)])
    times = server.stats()["times"]
    assert 7 * 12 / 200 - 0.03 < times[-1] - times[0] < 7 * 220 / 200 / 2


@given(
    st.lists(st.tuples(st.floats(0, 30), st.floats(0.1, 5)), min_size=2, max_size=60),
    st.floats(1, 100),
)
def test_no_minute_holds_more_than_its_share_and_one(arrivals, per_minute):
    now = 0.0
    pace = Pace(per_minute, lambda: now)
    begun: list[tuple[float, float]] = []
    for gap, amount in arrivals:
        now += gap
        begun.append((now + pace.take(amount), amount))
    for start, _ in begun:
        inside = [amount for moment, amount in begun if start <= moment < start + 60]
        assert sum(inside[:-1]) <= per_minute * (1 + 1e-9)


@given(st.integers(0, 2**63 - 1), st.integers(0, 100))
def test_back_off_is_the_requests_own_and_bounded(seed, attempt):
    seconds = backoff_seconds(seed, attempt, 0.5)
    assert 0 <= seconds <= min(60, 0.5 * 2**attempt)
    assert seconds == backoff_seconds(seed, attempt, 0.5)
    assert seconds != backoff_seconds(seed + 1, attempt, 0.5)


def test_retry_after_is_seconds_or_a_date():
    now = 1_700_000_000.0
    assert retry_after_seconds("7.5", now=now) == 7.5
    assert retry_after_seconds(formatdate(now + 90, usegmt=True), now=now) == 90
    assert retry_after_seconds(formatdate(now - 90, usegmt=True), now=now) == 0
    assert [retry_after_seconds(value, now=now) for value in (None, "soon", "inf", "nan", "")] == [None] * 5


# --- keys and addresses ------------------------------------------------------------------------------------------


def test_a_key_is_sent_and_is_in_nothing_that_can_be_read(make, server, monkeypatch, capsys):
    monkeypatch.setenv("STUB_KEY", KEY)
    engine = make("locked", key_variable="STUB_KEY")
    seen = [repr(engine), str(vars(engine)), str(engine.identity), str(engine.settings)]
    tls = make("locked", key_variable="STUB_KEY", base_url=server.url("locked").replace("http:", "https:"))
    for ask, said in (
        (engine.check, r"refuses the key, status 401.*Bearer \*\*\*.*'STUB_KEY'"),  # the stub gives back what it got
        (lambda: engine.complete([scripted("a")]), r"refuses the key, status 401.*Bearer \*\*\*.*'STUB_KEY'"),
        (tls.check, "cannot be used"),
    ):
        with pytest.raises(EngineError, match=said) as raised:
            ask()
        seen += traceback.TracebackException.from_exception(raised.value, capture_locals=True).format()
    seen += [*engine.notes, *capsys.readouterr()]
    assert KEY not in "".join(seen)
    monkeypatch.setenv("STUB_KEY", "short")
    with pytest.raises(EngineError, match=r"Bearer \*\*\*\)"):
        engine.check()
    monkeypatch.setenv("STUB_KEY", "right\n")
    engine.check()
    assert text_of(engine, asked("let in")) == "let in"


def test_addresses_that_cannot_be_used_are_refused_when_the_engine_is_made(make, monkeypatch):
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    with pytest.raises(EngineError, match="'NO_SUCH_KEY' is not set"):
        make(key_variable="NO_SUCH_KEY")
    with pytest.raises(EngineError, match="expected key_variable") as raised:
        make(base_url="https://me:hunter2@host.example:8443/v1")
    assert "hunter2" not in str(raised.value)
    assert "https://host.example:8443/v1" in str(raised.value)
    with pytest.raises(EngineError, match="expected one such as"):
        make(base_url="localhost:8000/v1")
    with pytest.raises(EngineError, match="up to and including the version"):
        make(base_url="http://localhost:8000/v1/chat/completions")
    engine = make(base_url="https://host.example/v1/?code=hunter2", dialect="vllm")
    assert engine.identity == {
        "kind": "openai", "endpoint": "https://host.example/v1", "model": "stub", "api": "chat", "dialect": "vllm",
    }  # fmt: skip


@pytest.fixture
def proxied(server, monkeypatch):
    """An environment with the stub as the proxy; it answers whatever server is asked for."""
    for name in ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", server.root)
    return monkeypatch


def test_the_proxy_of_the_environment_is_used_but_not_for_this_machine(make, server, proxied):
    far = "http://models.example/plain/v1"
    assert text_of(make(base_url=far), scripted("a", say="by proxy")) == "by proxy"
    proxied.setenv("http_proxy", server.root.removeprefix("http://"))
    assert text_of(make(base_url=far), scripted("b", say="without scheme")) == "without scheme"
    proxied.setenv("http_proxy", "http://127.0.0.1:9")
    assert text_of(make(), scripted("c", say="directly")) == "directly"
    with pytest.raises(EngineError, match=r"127\.0\.0\.1', 9|refused"):
        make(base_url=far, retries=0).complete([scripted("d")])


def test_no_proxy_names_servers_that_are_asked_directly(make, proxied):
    proxied.setenv("no_proxy", "models.invalid")
    with pytest.raises(EngineError, match=r"models\.invalid"):
        make(base_url="http://models.invalid/plain/v1", retries=0).complete([scripted("a")])


def test_a_proxy_that_cannot_be_used_is_told_without_its_password(make, server, proxied):
    proxied.setenv("http_proxy", "socks5://me:hunter2@proxy.example:1080")
    with pytest.raises(
        EngineError, match=r"http_proxy 'socks5://proxy.example' is no proxy that can be used"
    ) as raised:
        make(base_url="http://models.example/v1")
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    ("host", "here"),
    [("localhost", True), ("127.0.0.2", True), ("::1", True), ("0.0.0.0", True), ("m.localhost", True),
     ("10.0.0.1", False), ("localhost.example", False), ("example", False)],
)  # fmt: skip
def test_this_machine_is_known_by_its_names(host, here):
    assert is_loopback(host) == here


def test_an_unknown_model_is_named_with_those_on_offer(make, server):
    for ask in (make(model="nope", dialect="vllm").check, lambda: make(model="nope").complete([scripted("a")])):
        with pytest.raises(EngineError, match="has no model 'nope'; expected one of 'stub', 'other'"):
            ask()
    assert server.attempts("a") == 1
    hosted = make(model="an-alias")
    hosted.check()
    assert hosted.notes == [f"{server.url()} does not list model 'an-alias'"]
    bare = make("bare", dialect="vllm")
    bare.check()  # lists no models, which is no fault
    with pytest.raises(EngineError, match="does not know model 'stub' or the method"):
        bare.complete([scripted("a")])


# --- the length of the context -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("dialect", "context"), [("vllm", 300), ("llama.cpp", 200)])
def test_a_prompt_that_does_not_fit_is_refused_with_its_tokens_before_the_call(make, server, dialect, context):
    engine = make(dialect=dialect)
    engine.check()
    [reply] = engine.complete([asked("word " * (context - 19))])
    assert (reply.finish, reply.text, reply.tokens_in) == ("too_long", "", 0)
    assert reply.seen == str(ContextTooLong("m", context - 19, 20, context))
    assert server.stats()["times"] == []
    assert text_of(engine, asked("word " * (context - 20)))


def test_without_a_way_to_count_only_what_cannot_fit_is_refused(make):
    engine = make(max_context=100)
    assert text_of(engine, asked("x" * 6 * 80))
    [reply] = engine.complete([asked("x" * 6 * 81)])
    assert (reply.finish, "81 tokens and max_tokens 20 do not fit" in reply.seen) == ("too_long", True)


def test_a_reply_that_fills_the_context_alone_is_no_matter_of_one_request(make):
    long = SamplingSettings(max_tokens=100)
    with pytest.raises(ContextTooLong, match="max_tokens 100 do not fit"):
        make(max_context=100).complete([asked("x" * 40, sampling=long)])
    for said in ("4,096", "4.096", "4 096", "4'096", "4096", "4k", "4\u202f096"):
        error = {"message": f"This model's maximum context length is {said} tokens.", "code": "context_length_exceeded"}
        with pytest.raises(ContextTooLong) as raised:
            make().complete(
                [scripted("a", {"status": 400, "error": error}, sampling=SamplingSettings(max_tokens=4096))]
            )
        assert raised.value.args[2:] == (4096, 4096)
        step = {"status": 400, "error": error}
        [reply] = make().complete([scripted("a", step, sampling=SamplingSettings(max_tokens=4095))])
        assert (reply.finish, said.replace("\u202f", " ") in reply.seen) == ("too_long", True)


TOO_LONG: list[dict[str, Any]] = [
    {"message": "This model's maximum context length is 4096 tokens. However, you requested 5020 tokens "
                "(5000 in the messages, 20 in the completion).", "code": "context_length_exceeded"},
    {"message": "This model's maximum context length is 4,096 tokens. However, your prompt contains at least 4077 "
                "input tokens, which exceeds this limit"},
    {"message": "'max_tokens' or 'max_completion_tokens' is too large: 20. This model's maximum context length is 4096 "
                "tokens and your request has 4090 input tokens"},
    {"message": "request (9412 tokens) exceeds the available context size (8192 tokens), try increasing it",
     "type": "exceed_context_size_error", "n_prompt_tokens": 9412, "n_ctx": 8192},
    {"message": "prompt is too long: 210000 tokens > 200000 maximum"},
    {"message": "Requested tokens (5020) exceed context window of 4096"},
    {"message": "The decoder prompt (length 5000) is longer than the maximum model length of 4096."},
    {"message": "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens"},
]  # fmt: skip


@pytest.mark.parametrize("error", TOO_LONG, ids=str)
def test_a_prompt_that_the_server_finds_too_long_has_no_answer_and_the_servers_words(make, server, error):
    engine = make()
    [reply, other] = engine.complete([scripted("a", {"status": 400, "error": error}), scripted("b", say="goes on")])
    assert (reply.finish, reply.text, other.text) == ("too_long", "", "goes on")
    assert reply.seen == f"status 400: {error['message']}"[: len(reply.seen)]
    assert server.attempts("a") == 1


@pytest.mark.parametrize(
    "step",
    [
        {"status": 413},
        {"status": 422, "error": {"message": "Input is too long: prompt too long"}},
        {
            "status": 429,
            "error": {"message": "Request too large for m on tokens per min: Limit 10000, Requested 12000."},
        },
        {"answer": {"error": {"code": 400, "message": "maximum context length is 8192 tokens"}}},
    ],
    ids=str,
)
def test_too_long_is_understood_in_other_statuses(make, server, step):
    assert make().complete([scripted("a", step)])[0].finish == "too_long"
    assert server.attempts("a") == 1


# --- refusals of one request -------------------------------------------------------------------------------------

AZURE = {
    "message": "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
    "code": "content_filter", "param": "prompt", "status": 400,
    "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": {"hate": {"filtered": True}}},
}  # fmt: skip
FILTERED: list[dict[str, Any]] = [
    {"status": 400, "error": AZURE},
    {"status": 500, "error": {"code": "content_filter", "message": "x"}},
    {"status": 400, "error": {"code": "content_policy_violation", "message": "Your request was rejected."}},
    {"status": 400, "error": {"innererror": {"code": "ResponsibleAIPolicyViolation"}, "message": "rejected"}},
    {"status": 400, "error": {"message": "Output data may contain inappropriate content.", "type": "x"}},
    {"status": 422, "error": {"message": "Input was flagged by our safety system"}},
    {"status": 403, "error": {"message": "Your chosen model requires moderation and your input was flagged",
                              "code": 403, "metadata": {"reasons": ["hate"], "flagged_input": "..."}}},
    {"status": 403, "error": {"message": "This prompt violates our content policy"}},
    {"answer": {"choices": [{"error": {"code": 403, "message": "flagged by moderation"}, "message": {"content": ""}}]}},
    {"answer": {"choices": [{"message": {"content": None}, "finish_reason": "content_filter"}]}},
]  # fmt: skip


@pytest.mark.parametrize("answer", ["text", "logprobs"])
@pytest.mark.parametrize("step", FILTERED, ids=str)
def test_a_filtered_prompt_has_no_answer_with_the_reason_and_the_others_go_on(make, server, step, answer):
    choices = SCALE if answer == "logprobs" else ()
    engine = make("logged" if answer == "logprobs" else "plain")
    [reply, other] = engine.complete(
        [scripted("a", step, answer=answer, choices=choices), scripted("b", say="goes on")]
    )
    assert (reply.finish, reply.text, reply.logprobs, other.text) == ("filtered", "", (), "goes on")
    assert reply.seen.startswith(("status ", "finish_reason "))
    assert server.attempts("a") == 1


@pytest.mark.parametrize("status", [400, 403, 422, 451])
def test_an_unexplained_refusal_of_one_request_is_told_from_one_of_all(make, server, status):
    step = {"status": status, "error": {"message": "no entry"}}
    [reply, other] = make().complete([scripted("a", step), scripted("b", say="goes on")])
    assert (reply.finish, reply.seen, other.text) == ("refused", f"status {status}: no entry", "goes on")
    assert server.attempts("a") == 1
    with pytest.raises(EngineError, match=f"status {status}.*not like this"):
        make(f"closed-{status}").complete([scripted("c", "ok")])
    assert server.attempts("c") == 1


def test_an_account_that_was_blocked_is_no_matter_of_one_request(make):
    with pytest.raises(EngineError, match="not like this"):
        make("closed-400").complete([scripted("a", {"status": 400, "error": {"message": "account flagged"}})])


# --- what is learnt from refusals --------------------------------------------------------------------------------


@pytest.mark.parametrize("taste", ["detail", "param", "words"])
@pytest.mark.parametrize("name", ["seed", "min_p", "top_k", "top_p", "repetition_penalty"])
def test_a_parameter_that_is_refused_is_no_longer_sent_and_that_is_said_once(make, server, taste, name):
    engine = make(f"{taste}-{name}", dialect="vllm")
    assert [reply.text for reply in engine.complete([scripted(f"a{k}", say=str(k)) for k in range(4)])] == list("0123")
    engine.complete([scripted("b")])
    sent = server.stats()["bodies"]["b"]
    assert name not in sent
    assert {"seed", "min_p", "top_k", "top_p", "repetition_penalty"} - {name} <= set(sent)
    assert server.attempts("b") == 1
    [note] = [note for note in engine.notes if "not sent from here on" in note]
    assert note.startswith(f"{name} not sent from here on: the server refuses it (")


@pytest.mark.parametrize(
    ("kind", "given", "said"),
    [
        ("param-temperature", {}, r"refuses the parameter 'temperature'.*expected omit: \[temperature\]"),
        ("detail-documents", {"extra_body": {"documents": []}}, "refuses the parameter 'documents'.*extra_body"),
        ("words-top_p", {"extra_body": {"top_p": 0.5}}, "refuses the parameter 'top_p'.*extra_body"),
    ],
)
def test_a_parameter_without_which_something_else_is_asked_is_an_error(make, server, kind, given, said):
    with pytest.raises(EngineError, match=said):
        make(kind, **given).complete([scripted("a")])
    assert server.attempts("a") == 1


def test_choices_that_cannot_be_had_are_told_with_the_way_out(make):
    request = scripted("a", answer="choice", choices=("yes", "no"))
    with pytest.raises(EngineError, match=r"does not hold to choices.*elicitation.by logprobs or text"):
        make("detail-response_format").complete([request])
    scored = scripted("a", answer="logprobs", choices=SCALE)
    with pytest.raises(EngineError, match=r"no log-probabilities.*elicitation.by choice or text"):
        make("detail-logprobs").complete([scored])


SYSTEM, ASKED = Message("system", "Be fair."), '{"id": "a", "say": "ok"}'


@pytest.mark.parametrize("kind", ["nosystem-400", "nosystem-500", "alternate"])
def test_a_system_turn_that_is_refused_is_said_by_the_user_from_then_on(make, server, kind):
    engine = make(kind)
    turns = (SYSTEM, Message("user", "q"), Message("assistant", "a"), Message("user", ASKED))
    for _ in range(2):
        assert engine.complete([Request("m", turns, SamplingSettings(), seed=1)])[0].text == "ok"
    assert server.attempts("a") == 3
    assert [turn["role"] for turn in server.stats()["bodies"]["a"]["messages"]] == ["user", "assistant", "user"]
    assert server.stats()["bodies"]["a"]["messages"][0]["content"] == "Be fair.\n\nq"
    assert "system turns are sent as the beginning of the user's: the server takes none" in engine.notes


def test_turns_that_must_alternate_are_joined_where_one_role_follows_itself(make, server):
    engine = make("alternate")
    turns = (Message("user", "q"), Message("assistant", "a"), Message("assistant", "b"), Message("user", ASKED))
    assert engine.complete([Request("m", turns, SamplingSettings(), seed=1)])[0].text == "ok"
    assert server.stats()["bodies"]["a"]["messages"][1] == {"role": "assistant", "content": "a\n\nb"}


def test_parameters_are_added_and_left_out_as_the_user_wants_and_are_part_of_the_identity(make, server):
    extra = {"top_p": 0.5, "chat_template_kwargs": {"enable_thinking": False}}
    engine = make(dialect="vllm", extra_body=extra, omit=["seed", "temperature", "top_k"])
    engine.complete([scripted("a")])
    sent = server.stats()["bodies"]["a"]
    assert sent.items() >= extra.items()
    assert not {"seed", "temperature", "top_k"} & set(sent)
    assert engine.identity["extra_body"] == '{"chat_template_kwargs": {"enable_thinking": false}, "top_p": 0.5}'
    assert engine.identity["omit"] == '["seed", "temperature", "top_k"]'
    assert not {"extra_body", "omit"} & set(make(dialect="vllm").identity)


# --- what is sent ------------------------------------------------------------------------------------------------


def body(request: Request, **given: Any) -> dict[str, Any]:
    settings = OpenAIEngineSettings(kind="openai", **{"base_url": "http://host/v1", "model": "stub", **given})
    return body_of(request, settings, Learnt())


def test_sampling_is_what_the_request_says_and_nothing_of_the_servers_own():
    request = asked("q", seed=2**40 + 5)
    plain = {"model": "stub", "temperature": 0.7, "seed": 5, "max_tokens": 20}
    chat = plain | {"messages": [{"role": "user", "content": "q"}]}
    assert body(request) == chat
    assert body(request, dialect="ollama") == chat | {"top_p": 1.0}
    assert body(request, dialect="vllm") == chat | {"min_p": 0.1, "top_p": 1.0, "top_k": 0, "repetition_penalty": 1.0}
    assert body(request, dialect="llama.cpp") == chat | {"min_p": 0.1, "top_p": 1.0, "top_k": 0, "repeat_penalty": 1.0}
    assert body(asked("q", role="text", seed=5), api="completions") == plain | {"prompt": "q"}


def test_prompts_of_the_wrong_kind_are_told_the_api_they_need():
    with pytest.raises(EngineError, match="api 'chat'; expected api completions"):
        body(asked("q", role="text"))
    with pytest.raises(EngineError, match="api 'completions'; expected api chat"):
        body(asked("q"), api="completions")


def test_a_reply_that_is_begun_is_continued_where_the_server_can_and_else_asked_for_in_words():
    request = asked("q", "I think")
    turns = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "I think"}]
    for dialect in ("llama.cpp", "ollama"):
        assert body(request, dialect=dialect)["messages"] == turns
    flags = {"messages": turns, "continue_final_message": True, "add_generation_prompt": False}
    assert body(request, dialect="vllm").items() >= flags.items()
    wish = "q\n\nBegin your answer with exactly these words: I think"
    assert body(request)["messages"] == [{"role": "user", "content": wish}]
    assert (
        body(Request("m", (Message("user", "q"), Message("assistant", "")), SamplingSettings(), 1))["messages"]
        == turns[:1]
    )


def test_only_a_server_that_continues_a_beginning_but_writes_it_again_has_it_cut(make):
    """llama.cpp may write it again; whoever reads the reply of one that was asked in words must see whether it heeded it."""

    def text(content, dialect):
        answer = {"choices": [{"message": {"content": content}, "finish_reason": "stop"}]}
        settings = OpenAIEngineSettings(kind="openai", base_url="http://host/v1", model="stub", dialect=dialect)
        return read_reply(answer, asked("q", "I think"), settings, seconds=0.0, note=print).text

    assert text(" I think so.", "llama.cpp") == " so."
    assert text(" I thinking so.", "llama.cpp") == " I thinking so."
    assert [text(" I think so.", dialect) for dialect in ("openai", "vllm", "ollama")] == [" I think so."] * 3
    assert text_of(make(), scripted("b", {"choice": {"message": {"content": None}}})) == ""


def reply_to(answer: dict[str, Any], request: Request | None = None, notes: list[str] | None = None) -> Reply:
    settings = OpenAIEngineSettings(kind="openai", base_url="http://host/v1", model="stub")
    note = print if notes is None else notes.append
    reply = read_reply(answer, request or asked("q"), settings, seconds=0.0, note=note)
    assert reply is not None
    return reply


def replied(message: dict[str, Any], finish: str | None = "stop", notes: list[str] | None = None) -> Reply:
    usage = {"prompt_tokens": 3, "completion_tokens": 1}
    return reply_to({"choices": [{"message": message, "finish_reason": finish}], "usage": usage}, notes=notes)


@pytest.mark.parametrize(
    ("word", "finish"),
    [
        *((word, "stop") for word in (None, "stop", "eos", "end_turn", "COMPLETE")),
        *((word, "length") for word in ("length", "max_tokens", "MAX_TOKENS", "model_length")),
        *((word, "filtered") for word in ("content_filter", "content-filter", "SAFETY", "RECITATION")),
        ("refusal", "refused"),
    ],
)
def test_why_a_text_ended_is_told_as_it_was(word, finish):
    notes: list[str] = []
    reply = replied({"content": "We ag"}, word, notes)
    assert (reply.finish, reply.text, notes) == (finish, "We ag", [])
    assert reply.answered == (finish in ("stop", "length"))
    assert reply.seen == ("" if reply.answered else f"finish_reason {word!r}")


def test_an_unknown_reason_for_the_end_is_noted_and_kept():
    notes: list[str] = []
    reply = replied({"content": "We"}, "tool_calls", notes)
    assert (reply.finish, reply.seen) == ("stop", "finish_reason 'tool_calls'")
    assert notes == ["the server ends texts for a reason that is not known, 'tool_calls': they are taken as they are"]


THINKING = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}


@pytest.mark.parametrize(
    ("message", "text", "reasoning"),
    [
        ({"content": "", "reasoning_content": "Opinion 1 is"}, "", "Opinion 1 is"),
        ({"content": None, "reasoning": "Hm."}, "", "Hm."),
        ({"content": "We agree", "reasoning_content": "Hm."}, "We agree", "Hm."),
        (
            {"content": [THINKING, {"type": "text", "text": "We "}, {"type": "text", "text": "agree"}]},
            "We agree",
            "Hm.",
        ),
        ({"content": [{"type": "thinking", "thinking": "Hm.", "signature": "x"}]}, "", "Hm."),
        ({"content": [{"type": "output_text", "text": {"value": "We"}}, {"type": "image_url"}]}, "We", ""),
        ({"content": ["We ", "agree"]}, "We agree", ""),
        ({"content": []}, "", ""),
    ],
    ids=str,
)
def test_text_and_reasoning_are_told_apart_in_every_form_of_content(message, text, reasoning):
    reply = replied(message)
    assert (reply.text, reply.reasoning, reply.finish) == (text, reasoning, "stop")


def test_a_refusal_in_the_place_of_the_text_is_no_answer():
    for message in (
        {"content": None, "refusal": "I cannot."},
        {"content": [{"type": "refusal", "refusal": "I cannot."}]},
    ):
        reply = replied(message)
        assert (reply.text, reply.finish, reply.seen) == ("", "refused", "I cannot.")


@pytest.mark.parametrize(
    ("usage", "tokens", "note"),
    [
        ({"prompt_tokens": 30, "completion_tokens": 4}, (30, 4), []),
        ({"prompt_tokens": 0, "completion_tokens": 0}, (10, 5), [NOT_BELIEVED]),
        ({"prompt_tokens": 30, "completion_tokens": 0}, (30, 5), [NOT_BELIEVED]),
        ({"prompt_tokens": -1, "completion_tokens": -5}, (10, 5), [NOT_BELIEVED]),
        ({"prompt_tokens": True, "completion_tokens": True}, (10, 5), [NOT_BELIEVED]),
        ({"prompt_tokens": "30", "completion_tokens": 4.5}, (10, 5), [NOT_BELIEVED]),
        ({"prompt_tokens": 10**6, "completion_tokens": 10**6}, (10, 5), [NOT_BELIEVED]),
        ({"prompt_tokens": 30}, (30, 5), [NOT_COUNTED]),
        ({}, (10, 5), [NOT_COUNTED]),
        ([], (10, 5), [NOT_COUNTED]),
        (None, (10, 5), [NOT_COUNTED]),
    ],
    ids=str,
)
def test_counts_of_tokens_that_cannot_be_right_are_estimated_from_the_text(usage, tokens, note):
    """A prompt of 40 bytes and a text of 20, four bytes a token."""
    notes: list[str] = []
    answer = {"choices": [{"message": {"content": "y" * 20}}], "usage": usage}
    reply = reply_to(answer, asked("x" * 40), notes)
    assert ((reply.tokens_in, reply.tokens_out), notes) == (tokens, note)


def test_reasoning_that_is_not_shown_counts_as_the_server_says():
    usage = {"prompt_tokens": 9, "completion_tokens": 900, "completion_tokens_details": {"reasoning_tokens": 890}}
    assert reply_to({"choices": [{"message": {"content": "We agree"}}], "usage": usage}).tokens_out == 900
    silent = {"choices": [{"message": {"content": ""}}], "usage": {"prompt_tokens": 9, "completion_tokens": 0}}
    assert reply_to(silent).tokens_out == 0


def test_remarks_are_made_once(make):
    engine = make()
    engine.complete([scripted("a", "no_usage", say="four"), scripted("b", "no_usage", say="four")])
    assert [note.split(":")[0].split(",")[0] for note in engine.notes] == [
        "min_p is not sent", "seeds are sent", "the server does not count tokens",
    ]  # fmt: skip
    reply = engine.complete([scripted("c", "no_usage", say="x" * 40)])[0]
    assert (reply.tokens_out, reply.tokens_in) == (
        10,
        -(-len(scripted("c", "no_usage", say="x" * 40).messages[0].content) // 4),
    )


def test_the_words_and_limits_of_newer_models_are_learnt(make, server):
    engine = make("new")
    engine.complete([scripted("a")])
    engine.complete([scripted("b")])
    assert (server.attempts("a"), server.attempts("b")) == (2, 1)
    assert "max_tokens" not in server.stats()["bodies"]["b"]
    choice = {"choice": {"message": {"content": "7"}, "logprobs": {"content": [LOGPROBS]}}}
    engine.complete([scripted("c", choice, answer="logprobs", choices=SCALE)])
    assert server.stats()["bodies"]["c"]["top_logprobs"] == 5


# --- choices -----------------------------------------------------------------------------------------------------


def logprobs_of(logprobs: object, choices: tuple[str, ...] = SCALE, *, api: str = "chat") -> tuple[float, ...]:
    settings = OpenAIEngineSettings(kind="openai", base_url="http://host/v1", model="stub", api=api)
    request = asked("q", answer="logprobs", choices=choices)
    message = {"message": {"content": "7"}} if api == "chat" else {"text": "7"}
    reply = read_reply({"choices": [message | {"logprobs": logprobs}]}, request, settings, seconds=0.0, note=print)
    assert (reply.text, reply.finish) == ("", "choices")
    return reply.logprobs


def test_the_probabilities_of_tokens_that_are_one_choice_add_up():
    listed = [("7", 0.3), (" 7", 0.2), ("7", 0.1), ("6", 0.15), ("I", 0.1), (" ", 0.05)]
    content = {
        "token": "4", "logprob": math.log(0.01),
        "top_logprobs": [{"token": token, "logprob": math.log(share)} for token, share in listed],
    }  # fmt: skip
    expected = [0, 0, 0, 0.01, 0, 0.15, 0.6]
    assert [math.exp(one) for one in logprobs_of({"content": [content]})] == pytest.approx(expected)
    shares = {"7": math.log(0.5), " 6": math.log(0.2)}
    found = logprobs_of({"top_logprobs": [shares]}, api="completions")
    assert [math.exp(one) for one in found] == pytest.approx([0, 0, 0, 0, 0, 0.2, 0.5])
    words = {"Dis": math.log(0.3), "A": math.log(0.4), "gree": math.log(0.2)}
    found = logprobs_of({"top_logprobs": [words]}, ("Agree", "Disagree"), api="completions")
    assert [math.exp(one) for one in found] == pytest.approx([0.4, 0.3])


@pytest.mark.parametrize(
    ("tokens", "choices"),
    [
        (["▁5", "▁7"], SCALE),
        (["Ġ5", "Ġ7"], SCALE),
        (["<0x35>", "<0x37>"], SCALE),
        (["▁vollkommen", "▁nein"], ("", "", "", "", "vollkommen", "", "nein")),
        (["ĠjÃ³", "Ġnem"], ("", "", "", "", "jó", "", "nem")),
        (["ÃĤ", "éĿŀå¸¸"], ("", "", "", "", "Â", "", "非常")),
    ],
)
def test_tokens_as_raw_pieces_of_a_vocabulary_are_understood_and_kept(tokens, choices):
    choices = tuple(choice or f"choice {place}" for place, choice in enumerate(choices))
    shares = dict(zip(tokens, (0.5, 0.25), strict=True))
    listed = [{"token": token, "logprob": math.log(share)} for token, share in shares.items()]
    content = {"content": [{**listed[0], "top_logprobs": listed}]}
    found = logprobs_of(content, choices)
    assert [math.exp(one) for one in found] == pytest.approx([0, 0, 0, 0, 0.5, 0, 0.25])
    choice = {"message": {"content": tokens[0]}, "logprobs": content}
    reply = reply_to({"choices": [choice]}, asked("q", answer="logprobs", choices=choices))
    assert json.loads(reply.seen) == [[tokens[0], -0.6931], [tokens[1], -1.3863]]


def test_a_reply_that_ends_before_its_first_token_has_no_choice_seen():
    silent = {"choices": [{"message": {"content": ""}, "logprobs": {"content": []}, "finish_reason": "stop"}]}
    reply = reply_to(silent, asked("q", answer="logprobs", choices=SCALE))
    assert (reply.finish, set(reply.logprobs), reply.seen) == ("choices", {-math.inf}, "[]")


def test_choices_whose_first_tokens_do_not_tell_them_apart_are_refused(make, server):
    shared = {"top_logprobs": [{"Strongly": math.log(0.5)}]}
    with pytest.raises(EngineError, match="begin with the same token"):
        logprobs_of(shared, ("Strongly agree", "Strongly disagree"), api="completions")
    rare = {"top_logprobs": [{"a": math.log(0.001), "agree": math.log(0.9)}]}
    assert logprobs_of(rare, ("agree", "against"), api="completions") == pytest.approx((math.log(0.9), -math.inf))
    with pytest.raises(EngineError, match="choice '1' is the beginning of '10'"):
        make().complete([scripted("a", answer="logprobs", choices=("1", "2", "10"))])
    assert server.attempts("a") == 0


@pytest.mark.parametrize(
    "step",
    [
        "ok",
        {"choice": {"message": {"content": "5"}, "logprobs": {"content": []}}},
        {"status": 400, "error": {"message": "logprobs are not supported"}},
    ],
    ids=str,
)
def test_a_server_without_log_probabilities_is_told_with_the_way_out(make, step):
    with pytest.raises(EngineError, match=r"no log-probabilities.*expected elicitation.by choice or text"):
        make().complete([scripted("a", step, answer="logprobs", choices=SCALE)])


def test_log_probabilities_are_asked_of_the_first_token_alone_and_without_sampling():
    request = asked("q", answer="logprobs", choices=SCALE)
    sent = {"logprobs": True, "top_logprobs": 20, "max_tokens": 1, "temperature": 0.0}
    for dialect in ("openai", "vllm", "llama.cpp", "ollama"):
        found = body(request, dialect=dialect)
        assert found.items() >= sent.items()
        assert "min_p" not in found
    assert body(asked("q", role="text", answer="logprobs", choices=SCALE), api="completions")["logprobs"] == 20


def test_choices_are_held_to_by_the_means_of_the_dialect_and_given_back_bare(make):
    request = asked("q", answer="choice", choices=("yes", 'so "so"'))
    assert body(request, dialect="vllm")["structured_outputs"] == {"choice": ["yes", 'so "so"']}
    assert body(request, dialect="llama.cpp")["grammar"] == r'root ::= "yes" | "so \"so\""'
    for dialect in ("openai", "ollama"):
        schema = body(request, dialect=dialect)["response_format"]["json_schema"]["schema"]
        assert schema["properties"]["answer"]["enum"] == ["yes", 'so "so"']
        assert body(request, dialect=dialect)["max_tokens"] >= 20
    engine = make()
    for said, expected in (('{"answer": "yes"}', "yes"), ("maybe", "maybe"), ('{"other": 1}', '{"other": 1}')):
        assert text_of(engine, scripted("a", say=said, answer="choice", choices=("yes", "no"))) == expected
    with pytest.raises(EngineError, match="api chat alone"):
        body(asked("q", role="text", answer="choice", choices=("yes",)), api="completions")


SCHEMA = '{"type": "object", "required": ["verdict"]}'


def test_a_schema_is_sent_by_the_means_of_the_dialect(make):
    request, schema = asked("q", schema=SCHEMA), json.loads(SCHEMA)
    assert body(request, dialect="vllm")["structured_outputs"] == {"json": schema}
    for dialect in ("openai", "ollama", "llama.cpp"):
        assert body(request, dialect=dialect)["response_format"]["json_schema"]["schema"] == schema
    assert "response_format" not in body(asked("q", role="text", schema=SCHEMA), api="completions")


def test_a_server_that_holds_to_no_schema_is_asked_without_one_and_goes_on_with_choices(make):
    engine = make("detail-response_format")
    assert text_of(engine, scripted("a", say="ok", schema=SCHEMA)) == "ok"
    [note] = [note for note in engine.notes if "JSON" in note]
    assert "asked for in words: the server holds to none" in note
    assert text_of(engine, scripted("b", say="ok", schema=SCHEMA)) == "ok"
    with pytest.raises(EngineError, match="does not hold to choices"):
        engine.complete([scripted("c", answer="choice", choices=("yes", "no"))])


def test_half_a_character_is_replaced():
    settings = OpenAIEngineSettings(kind="openai", base_url="http://host/v1", model="stub")
    answer = {"choices": [{"message": {"content": "We \ud83d agree 🙂"}, "finish_reason": "stop"}]}
    assert read_reply(answer, asked("q"), settings, seconds=0.0, note=print).text == "We \ufffd agree 🙂"
