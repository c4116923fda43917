"""Acts driven plainly and by the study's broker, alone and as one."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from schedules import BlockingBroker, ScriptedStream

from simcons.engines.acts import run_act, together
from simcons.engines.base import Act, Message, Request
from simcons.engines.calls.store import open_store
from simcons.engines.dispatch import Dispatch
from simcons.engines.scripted import ScriptedEngine
from simcons.errors import EngineError
from simcons.scenario.engines import SamplingSettings
from simcons.study.broker import Broker

# What an act asks step by step: texts for one engine or the other. What follows a step depends on its replies.
STEPS = st.lists(st.lists(st.tuples(st.sampled_from("mn"), st.sampled_from("abc")), max_size=4), max_size=4)


def echo(request: Request) -> str:
    """Its own seed and the prompt: another one for every other request."""
    return f"{request.engine}{request.seed}({request.messages[0].content})"


def request(engine: str, text: str, seed: int) -> Request:
    return Request(engine, (Message("user", text),), SamplingSettings(), seed=seed)


def act(steps: list[list[tuple[str, str]]], seed: int = 0) -> Act[list[str]]:
    """Each step's prompts hold the last reply to the step before; one that comes back even is asked for again."""
    said, last = [], ""
    for step in steps:
        replies = yield [request(engine, text + last, seed + k) for k, (engine, text) in enumerate(step)]
        said += [reply.text for reply in replies]
        last = said[-1] if replies else last
        while len(last) % 2 and seed < 40:
            seed += 20
            [reply] = yield [request("n", last, seed)]
            last = reply.text
            said.append(last)
    return said


class Other(ScriptedEngine):
    @property
    def identity(self):
        return {"kind": "other"}


def engines(*, stream: bool = False, limit: int | None = None) -> dict[str, ScriptedEngine]:
    return {
        "m": ScriptedStream(echo, at_once=2) if stream else ScriptedEngine(echo, batch_limit=limit),
        "n": Other(echo),
    }


@given(plans=st.lists(st.tuples(STEPS, st.integers(0, 3)), max_size=5), limit=st.none() | st.integers(1, 3))
@example(plans=[([[], [("m", "a"), ("m", "a")], []], 0), ([], 0)], limit=None)
def test_an_act_comes_to_the_same_whoever_drives_it(plans, limit):
    expected = [run_act(act(*plan), engines()) for plan in plans]
    for broker in (
        Broker(Dispatch(engines(limit=limit))),
        Broker(Dispatch(engines(stream=True))),
        BlockingBroker(Dispatch(engines(limit=limit))),
    ):
        tickets = [broker.submit(act(*plan), needed_at=0.0) for plan in plans]
        assert [ticket.result() for ticket in reversed(tickets)] == expected[::-1]
        assert [ticket.usage.n_calls for ticket in tickets] == [len(said) for said in expected]
    assert run_act(together([act(*plan) for plan in plans]), engines()) == expected


def test_an_act_is_done_at_once_where_the_store_has_its_replies(tmp_path):
    steps = [[("m", "a"), ("n", "b")], [("m", "c")]]
    for done in (False, True):
        store, _ = open_store(tmp_path / "calls.sqlite")
        with store:
            ticket = Broker(Dispatch(engines(), store=store)).submit(act(steps), needed_at=0.0)
            assert ticket.done is done
            assert ticket.result() == run_act(act(steps), engines())


def test_acts_as_one_ask_in_one_list_until_each_has_ended():
    driven = engines()
    plans = [[[("m", "aa")], [("m", "bb")]], [[("m", "cc")]], []]
    run_act(together([act(steps, seed=40) for steps in plans]), driven)
    assert driven["m"].batches == [2, 1]


def test_a_plain_driver_without_the_engine_that_is_asked():
    with pytest.raises(EngineError, match=r"engine 'x'; expected one of m, n"):
        run_act(act([[("x", "a")]]), engines())
