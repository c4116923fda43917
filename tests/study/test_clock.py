"""Calls to language models inside simulated time: acts, tickets, the broker, and clocks side by side."""

from __future__ import annotations

import pytest

from simcons.engines.base import Message, Request
from simcons.engines.dispatch import Dispatch
from simcons.engines.scripted import ScriptedEngine
from simcons.engines.usage import NOTHING, Usage
from simcons.errors import EngineError
from simcons.scenario.engines import SamplingSettings
from simcons.study.broker import Broker
from simcons.study.clock import Clock, run_clocks


def request(text: str, engine: str = "m") -> Request:
    return Request(engine, (Message("user", text),), SamplingSettings(), seed=0)


def act(*steps: list[str], engine: str = "m"):
    """Asks step by step and returns every reply; what a step asks for repeats the first reply to the step before."""
    said: list[list[str]] = []
    for step in steps:
        before = said[-1][0] + ">" if said and said[-1] else ""
        replies = yield [request(before + text, engine) for text in step]
        said.append([reply.text for reply in replies])
    return said


def upper(asked: Request) -> str:
    return asked.messages[0].content.upper()


def used(n_calls: int) -> Usage:
    """Of calls with one token each way."""
    return Usage(n_calls, tokens_in=n_calls, tokens_out=n_calls)


def make_broker(**engines) -> Broker:
    return Broker(Dispatch(engines or {"m": ScriptedEngine(upper)}))


def test_a_result_wanted_before_the_engine_answered_is_fetched_then():
    broker = make_broker()
    ticket = broker.submit(act(["a", "b"]), needed_at=0.0)
    assert not ticket.done
    assert ticket.result() == [["A", "B"]]
    assert ticket.result() == [["A", "B"]]  # again, from what is known
    assert broker.dispatch.engines["m"].batches == [2]


def test_an_act_of_several_steps_is_sent_the_replies_to_each():
    broker = make_broker()
    long, short, silent = (broker.submit(a, needed_at=0.0) for a in (act(["a"], ["b", "c"], []), act(["x"]), act()))
    assert silent.done
    assert silent.result() == []
    assert long.result() == [["A"], ["A>B", "A>C"], []]
    assert short.done  # answered in the first batch, together with the other's first step
    assert short.result() == [["X"]]
    assert broker.dispatch.engines["m"].batches == [2, 2]
    assert (long.usage, short.usage, silent.usage) == (used(3), used(1), NOTHING)
    assert broker.total == used(4)


def test_each_engine_gets_its_own_requests_and_each_act_its_own_replies():
    engines = {"low": ScriptedEngine(lambda asked: asked.messages[0].content.lower()), "up": ScriptedEngine(upper)}
    broker = Broker(Dispatch(engines))
    acts = [act(["Aa", "Bb"], engine="low"), act(["Cc"], engine="up"), act(["Dd", "Ee"], ["Ff"], engine="low")]
    tickets = [broker.submit(each, needed_at=0.0) for each in acts]
    assert [ticket.result() for ticket in tickets] == [[["aa", "bb"]], [["CC"]], [["dd", "ee"], ["dd>ff"]]]
    assert (engines["low"].batches, engines["up"].batches) == ([4, 1], [1])


def test_a_request_for_an_unknown_engine_is_an_engine_error():
    with pytest.raises(EngineError, match="names an engine"):
        make_broker().submit(act(["a"], engine="other"), needed_at=0.0)


def test_waiting_with_nothing_open_is_an_engine_error():
    with pytest.raises(EngineError, match="no request is open"):
        make_broker().wait()


def caller(clock: Clock, broker: Broker, name: str, delays: list[float], log: list):
    """Calls again and again, each result needed some time after; what comes next waits for as long as the reply says."""
    for k, seconds in enumerate(delays):
        ticket = clock.watch(broker.submit(act([f"{name}{k}"]), needed_at=clock.env.now + seconds))
        yield clock.env.timeout(seconds)
        log.append((name, clock.env.now, ticket.result()[0][0]))
        yield clock.env.timeout(len(log[-1][2]))


def clocks_with_callers(broker: Broker, callers: dict[str, list[float]], begun: list[str], log: list):
    for name, delays in callers.items():
        begun.append(name)
        clock = Clock(at=100.0)
        clock.env.process(caller(clock, broker, name, delays, log))
        yield clock


@pytest.mark.parametrize(("live", "batches"), [(1, [1] * 8), (2, [2, 2, 2, 1, 1]), (9, [4, 3, 1])])
def test_the_engine_is_asked_only_when_every_live_clock_is_blocked(live, batches):
    """Four clocks with 3, 1, 2, 2 calls. With two live, d begins once b or a has ended; batches shrink at the end only."""
    callers = {"a": [5.0, 1.0, 2.0], "b": [3.0], "c": [4.0, 2.0], "d": [1.0, 1.0]}
    broker, begun, log = make_broker(), [], []
    n_events = run_clocks(clocks_with_callers(broker, callers, begun, log), broker, live=live)
    assert begun == ["a", "b", "c", "d"]
    assert broker.dispatch.engines["m"].batches == batches
    # a: asks at 100, has it at 105, waits 2 s ("A0"), has the next at 108, waits, has the last at 112
    own = {name: [(at, text) for who, at, text in log if who == name] for name in callers}
    assert own["a"] == [(105.0, "A0"), (108.0, "A1"), (112.0, "A2")]
    assert own["d"] == [(101.0, "D0"), (104.0, "D1")]
    # per clock: one start, two timeouts a call, one end of the process
    assert n_events == sum(2 + 2 * len(delays) for delays in callers.values())


def test_more_clocks_than_places_all_run():
    """Also those that never ask for anything, and none at all."""
    broker, begun, log = make_broker(), [], []
    callers = {f"{k}": [] if k % 3 else [1.0] for k in range(20)}
    run_clocks(clocks_with_callers(broker, callers, begun, log), broker, live=3)
    assert len(begun) == 20
    assert len(log) == 7
    assert run_clocks([], broker, live=3) == 0


def test_a_clock_goes_on_up_to_the_moment_a_result_is_needed():
    broker, clock, seen = make_broker(), Clock(), []

    def ticking():
        while clock.env.now < 20:
            yield clock.env.timeout(3)
            seen.append(clock.env.now)

    clock.env.process(ticking())
    clock.env.process(caller(clock, broker, "a", [10.0], []))
    assert clock.run_until_blocked() is False
    assert seen == [3, 6, 9]
    broker.wait()
    assert clock.run_until_blocked() is True
    assert seen[-1] == 21


def test_a_call_whose_clock_is_over_is_taken_back():
    """Nobody waits for it any more: the engine is not asked, whatever else is live."""
    broker, clock, log = make_broker(), Clock(), []

    def ending():
        yield clock.env.timeout(2)
        clock.over = True

    clock.env.process(caller(clock, broker, "gone", [10.0], log))
    clock.env.process(ending())
    other = Clock()
    other.env.process(caller(other, broker, "stays", [5.0], log))
    run_clocks([clock, other], broker, live=2)
    assert [who for who, *_ in log] == ["stays"]
    assert broker.dispatch.engines["m"].batches == [1]
    with pytest.raises(EngineError):
        broker.wait()
