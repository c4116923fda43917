"""Engines of another process: the same replies, what several ask meanwhile asked together, and nobody harmed by another."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from threading import Event
from typing import Any

import pytest
from schedules import ScriptedStream
from sharing import served

from simcons.engines.base import Engine, Identity, Message, OnReply, ReadingEngine, Reply, Request, StreamEngine
from simcons.engines.load import engine_notes
from simcons.engines.scripted import ScriptedEngine
from simcons.engines.shared.client import SharedEngine, shared_engines
from simcons.engines.shared.messages import Address
from simcons.errors import EngineError, ModelNotFound
from simcons.scenario.engines import EngineSettings, RewardEngineSettings, SamplingSettings, ScriptedEngineSettings

MODEL = RewardEngineSettings(kind="reward", checkpoint="none")  # stands for any engine that holds a model
PATIENCE = 60.0  # seconds


def requests(*texts: str, max_tokens: int = 4) -> list[Request]:
    sampling = SamplingSettings(max_tokens=max_tokens)
    return [Request("m", (Message("user", text),), sampling, seed=place) for place, text in enumerate(texts)]


def texts(replies: Sequence[Reply]) -> list[str]:
    return [reply.text for reply in replies]


def upper(request: Request) -> str:
    if request.messages[0].content == "bad":
        raise EngineError("engine 'm': cannot be asked this")
    return request.messages[0].content.upper()


@contextmanager
def clients(engine: Engine, number: int = 1) -> Iterator[list[Any]]:
    address = served(lambda *_: engine)
    with ExitStack() as stack:
        yield [stack.enter_context(shared_engines({"m": MODEL}, {"m"}, address))["m"] for _ in range(number)]


def test_replies_and_identity_are_the_engine_s_own():
    engine, told = ScriptedEngine(batch_limit=2), []
    asked = requests("a b c d", "e f g h", "i j k l")
    with clients(engine) as (client,):
        replies = client.complete(asked, lambda place, reply: told.append((place, reply)))
    assert replies == engine.complete(asked)
    assert sorted(told) == list(enumerate(replies))
    assert client.identity == engine.identity
    assert (isinstance(client, ReadingEngine), client.fingerprint(asked[0])) == (True, "")
    assert not isinstance(client, StreamEngine)
    assert engine_notes({"m": client}) == {}


def test_only_engines_that_are_used_and_hold_a_model_are_shared():
    configured = {"here": ScriptedEngineSettings(kind="scripted"), "there": MODEL, "unused": MODEL}
    with shared_engines(configured, {"here", "there"}, served(lambda *_: ScriptedEngine())) as engines:
        assert list(engines) == ["there"]


class Held(ScriptedEngine):
    """Keeps what it is asked, in lists; the first is not answered before ``let``."""

    def __init__(self) -> None:
        super().__init__(upper)
        self.asked: list[list[str]] = []
        self.begun, self.let = Event(), Event()

    def complete(self, requests: Sequence[Request], on_reply: OnReply | None = None) -> list[Reply]:
        self.asked.append(sorted(request.messages[0].content for request in requests))
        self.begun.set()
        assert self.let.wait(PATIENCE)
        return super().complete(requests, on_reply)


def ask_beside_one_another(seconds: float) -> tuple[list[list[str]], list[Any]]:
    """Four clients: the lists that the engine gets when the others ask within so many seconds of the first; their replies."""
    engine = Held()
    lists = requests("a"), requests("b", "c"), requests("bad"), requests("x", max_tokens=9)
    with clients(engine, 4) as several, ThreadPoolExecutor() as threads:
        first = threads.submit(several[0].complete, lists[0])
        assert engine.begun.wait(PATIENCE)
        others = [threads.submit(client.complete, asked) for client, asked in zip(several[1:], lists[1:], strict=True)]
        Event().wait(seconds)
        engine.let.set()
        ends = [future.exception() or texts(future.result()) for future in (first, *others)]
    return engine.asked, ends


def test_what_several_ask_meanwhile_is_asked_together_and_apart_where_that_fails():
    together = ["b", "bad", "c"]
    for seconds in (0.1, 1.0, 10.0):  # how long requests take to get there is the machine's affair
        lists, ends = ask_beside_one_another(seconds)
        assert ends[:2] == [["A"], ["B", "C"]]
        assert str(ends[2]) == "engine 'm': cannot be asked this"
        assert ends[3] == ["X"]
        if together in lists:
            break
    assert sorted(lists) == [["a"], ["b", "bad", "c"], ["b", "c"], ["bad"], ["x"]]


def ask_and_go(seconds: float) -> list[list[str]]:
    """The lists that the engine gets when one client asks and goes while it is at work for another, so long before it goes on."""
    engine = Held()
    address = served(lambda *_: engine)
    with shared_engines({"m": MODEL}, {"m"}, address) as stays, ThreadPoolExecutor() as threads:
        with shared_engines({"m": MODEL}, {"m"}, address) as goes:
            first = threads.submit(stays["m"].complete, requests("a"))
            assert engine.begun.wait(PATIENCE)
            goes["m"]._messages.send(list(enumerate(requests("b"))))
        Event().wait(seconds)
        engine.let.set()
        assert texts(first.result()) == ["A"]
        assert texts(stays["m"].complete(requests("c"))) == ["C"]
    return engine.asked


def test_nothing_is_asked_for_one_who_has_gone():
    for seconds in (0.1, 1.0, 10.0):
        asked = ask_and_go(seconds)
        if asked == [["a"], ["c"]]:
            break
    assert asked == [["a"], ["c"]]


def test_an_engine_that_takes_requests_while_it_runs_does_so_for_several():
    engine = ScriptedStream(upper, at_once=2)
    with clients(engine, 2) as (one, other):
        assert isinstance(one, StreamEngine)
        assert one.leads is False
        for key, request in enumerate(requests("a", "b", "c")):
            one.add(key, request)
        other.add(7, requests("d")[0])
        assert [(key, reply.text) for key, reply in other.step()] == [(7, "D")]
        replies: dict[int, Reply] = {}
        while len(replies) < 3:
            replies.update(one.step())
    assert [replies[key].text for key in range(3)] == ["A", "B", "C"]


class Broken(ScriptedStream):
    def step(self) -> list[tuple[int, Reply]]:
        raise RuntimeError("CUDA is no more")


def test_an_engine_that_breaks_down_is_an_error_for_all_who_wait():
    with clients(Broken(), 2) as several:
        for key, client in enumerate(several):
            client.add(key, requests("a")[0])
        for client in several:
            with pytest.raises(EngineError, match=r"^engine 'm': RuntimeError: CUDA is no more$"):
                client.step()


class Measured(ScriptedEngine):
    identity: Identity = {"kind": "reward", "dtype": "float32"}


def test_an_engine_is_loaded_once_whether_its_dtype_is_left_to_be_measured_or_known():
    loaded = []

    def load(name: str, settings: EngineSettings) -> Engine:
        loaded.append((name, settings.dtype))
        return Measured()

    ways: list[Mapping[str, Identity]] = [{}, {"m": Measured.identity}, {}]
    address = served(load)
    for known in ways:
        with shared_engines({"m": MODEL}, {"m"}, address, known=known) as engines:
            assert engines["m"].identity["dtype"] == "float32"
    with shared_engines({"m": MODEL}, {"m"}, address, known={"m": {"kind": "reward", "dtype": "bfloat16"}}):
        pass
    assert loaded == [("m", "auto"), ("m", "bfloat16")]


def test_an_engine_that_cannot_be_loaded_is_tried_again_for_the_next():
    there = iter([ModelNotFound("no such checkpoint"), ScriptedEngine(upper)])

    def load(*_: object) -> Engine:
        found = next(there)
        if isinstance(found, Exception):
            raise found
        return found

    address = served(load)
    with pytest.raises(ModelNotFound, match="no such checkpoint"):
        _asked_at(address)
    with shared_engines({"m": MODEL}, {"m"}, address) as engines:
        assert texts(engines["m"].complete(requests("a"))) == ["A"]


def test_a_process_that_is_not_there_or_another_s_is_one_line():
    address = served(lambda *_: ScriptedEngine())
    stranger = Address(address.host, address.port, b"another key")
    with pytest.raises(EngineError, match=r"^engine 'm': .* cannot be reached \(digest sent was rejected\)$"):
        _asked_at(stranger)
    assert isinstance(_asked_at(address), SharedEngine)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = Address(*closed.getsockname(), b"")
    with pytest.raises(EngineError, match=r"^engine 'm': .* cannot be reached \(.*Connection refused\)$"):
        _asked_at(nobody)


def _asked_at(address: Address) -> Engine:
    with shared_engines({"m": MODEL}, {"m"}, address) as engines:
        return engines["m"]
