"""From those who ask to the engines and back: each reply to whom it belongs, nothing asked twice, nothing left waiting."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from schedules import ScriptedStream

from simcons.engines.base import Message, ReadingEngine, Reply, Request
from simcons.engines.budget import Budget
from simcons.engines.calls.replay import ReplayEngine
from simcons.engines.calls.store import open_read_only, open_store
from simcons.engines.dispatch import Dispatch
from simcons.engines.scripted import ScriptedEngine
from simcons.errors import BudgetReached, EngineError
from simcons.scenario.engines import BudgetSettings, SamplingSettings


@dataclass
class Asked:
    """One who waits for a reply, and may lose interest."""

    wanted: bool = True
    got: list[str] = field(default_factory=list)
    then: Request | None = None  # asked for when the reply comes
    dispatch: Dispatch | None = None

    def deliver(self, reply: Reply) -> None:
        self.got.append(reply.text)
        if self.then is not None and self.dispatch is not None:
            self.dispatch.ask(self.then, Asked())


class Led(ScriptedStream):
    """A stream that wants prefixes led; keeps which requests were under way together."""

    leads = True

    def __init__(self, *, at_once: int = 3) -> None:
        super().__init__(upper, at_once=at_once)
        self.together: list[list[Request]] = []

    def step(self) -> list[tuple[int, Reply]]:
        self.together.append([request for _, request in self._under_way])
        return super().step()


def upper(request: Request) -> str:
    return request.messages[-1].content.upper()


def request(text: str, *, system: str | None = None, seed: int = 0, engine: str = "m", max_tokens: int = 4) -> Request:
    turns = [] if system is None else [Message("system", system)]
    return Request(engine, (*turns, Message("user", text)), SamplingSettings(max_tokens=max_tokens), seed=seed)


def ask_all(dispatch: Dispatch, requests: list[Request]) -> list[Asked]:
    askers = [Asked() for _ in requests]
    for one, asker in zip(requests, askers, strict=True):
        dispatch.ask(one, asker)
    return askers


def empty(dispatch: Dispatch) -> None:
    """Wait until nothing is open."""
    while sum(dispatch.load()):
        dispatch.wait()


@pytest.mark.parametrize("engine", [ScriptedEngine, ScriptedStream, lambda answer: Led()])
def test_equal_requests_are_asked_once_and_delivered_to_all(engine):
    dispatch = Dispatch({"m": engine(upper)})
    askers = ask_all(dispatch, [request("a"), request("b"), request("a"), request("a", seed=1)])
    empty(dispatch)
    assert [asker.got for asker in askers] == [["A"], ["B"], ["A"], ["A"]]
    assert sum(dispatch.engines["m"].batches) == 3
    with pytest.raises(EngineError, match="no request is open"):
        dispatch.wait()


def test_one_who_asks_for_what_is_under_way_gets_that_reply():
    """A stream has begun the request; an asker who comes then waits for it, and is served though the first has left."""
    dispatch = Dispatch({"m": ScriptedStream(upper, at_once=1)})
    [first] = ask_all(dispatch, [request("a")])
    dispatch.feed()
    [second] = ask_all(dispatch, [request("a")])
    first.wanted = False
    empty(dispatch)
    assert second.got == ["A"]
    assert dispatch.engines["m"].batches == [1]


@pytest.mark.parametrize("engine", [ScriptedEngine(upper), ScriptedStream(upper)])
def test_what_nobody_wants_any_more_is_not_asked(engine):
    dispatch = Dispatch({"m": engine})
    askers = ask_all(dispatch, [request(text) for text in ("a", "b", "b", "c")])
    askers[0].wanted = askers[1].wanted = askers[3].wanted = False
    dispatch.wait()
    assert [asker.got for asker in askers] == [[], ["B"], ["B"], []]
    assert engine.batches == [1]
    assert dispatch.load() == (0, 0)


@dataclass
class Returning:
    """An engine that calls nobody back: it returns what it is made with."""

    replies: list[object]
    identity = {"kind": "returning"}

    def complete(self, requests, on_reply=None):
        return self.replies


def test_replies_that_are_only_returned_are_delivered_in_their_order():
    dispatch = Dispatch({"m": Returning([Reply(text, 1, 1, "stop") for text in "AB"])})
    askers = ask_all(dispatch, [request("a"), request("b")])
    empty(dispatch)
    assert [asker.got for asker in askers] == [["A"], ["B"]]


@pytest.mark.parametrize(
    ("returned", "told"),
    [
        ([], "engine 'm' returned 0 replies to 1 request; expected one for each, in order"),
        (None, "engine 'm' returned 0 replies"),
        (["A"], "engine 'm': expected one Reply to each request, got 'A'"),
    ],
)
def test_what_an_engine_returns_in_place_of_replies_is_told(returned, told):
    dispatch = Dispatch({"m": Returning(returned)})
    ask_all(dispatch, [request("a")])
    with pytest.raises(EngineError, match=told):
        dispatch.wait()


def test_an_engine_that_answers_one_request_twice_is_told():
    class Twice(Returning):
        def complete(self, requests, on_reply=None):
            on_reply(0, self.replies[0])
            on_reply(0, self.replies[0])

    dispatch = Dispatch({"m": Twice([Reply("A", 1, 1, "stop")])})
    ask_all(dispatch, [request("a")])
    with pytest.raises(EngineError, match="expected one Reply to each request, got a second one"):
        dispatch.wait()


def test_an_engine_that_the_study_does_not_have():
    with pytest.raises(EngineError, match=r"'other' \(known: m\)"):
        Dispatch({"m": ScriptedEngine()}).ask(request("a", engine="other"), Asked())


def test_engines_that_run_on_are_waited_for_first():
    """What the stream's replies lead to joins the others' batch."""
    engines = {"m": ScriptedEngine(upper), "s": ScriptedStream(upper)}
    dispatch = Dispatch(engines)
    dispatch.ask(request("a"), Asked())
    dispatch.ask(request("x", engine="s"), Asked(then=request("b"), dispatch=dispatch))
    empty(dispatch)
    assert (engines["s"].batches, engines["m"].batches) == ([1], [2])


def test_replies_are_in_the_store_before_anyone_hears_of_them(tmp_path):
    store, _ = open_store(tmp_path / "calls.sqlite")

    class Checking(Asked):
        def deliver(self, reply: Reply) -> None:
            self.got.append(str(store.total().n_calls))
            raise KeyboardInterrupt

    with store:
        dispatch = Dispatch({"m": ScriptedEngine(upper)}, store=store)
        asker = Checking()
        dispatch.ask(request("a"), asker)
        with pytest.raises(KeyboardInterrupt):
            dispatch.wait()
        assert asker.got == ["1"]


def test_what_the_store_has_is_delivered_at_once_and_counted(tmp_path):
    for n_hits, engine in enumerate((ScriptedEngine(upper), ScriptedEngine(lambda asked: "another model"))):
        store, _ = open_store(tmp_path / "calls.sqlite")
        with store:
            dispatch = Dispatch({"m": engine}, store=store)
            [asker] = ask_all(dispatch, [request("a")])
            assert asker.got == ["A"] * n_hits
            empty(dispatch)
            [account] = store.accounts()
            assert (account.usage.n_calls, account.usage.n_hits) == (1, n_hits)
        assert asker.got == ["A"]
        assert dispatch.meter.gauge("m").usage.n_hits == n_hits
        assert engine.batches == [1] * (1 - n_hits)


# --- leaders -----------------------------------------------------------------------------------------------------


def test_the_first_of_a_prefix_goes_ahead_and_the_rest_follow_together():
    engine = Led(at_once=100)
    dispatch = Dispatch({"m": engine})
    ask_all(dispatch, [request(text, system="S") for text in "abc"] + [request("x", system="T")])
    empty(dispatch)
    assert [[one.messages[-1].content for one in group] for group in engine.together] == [["a", "x"], ["b", "c"]]
    ask_all(dispatch, [request(text, system="S") for text in "def"])
    dispatch.wait()
    assert len(engine.together[-1]) == 3  # the prefix has been read


def test_samples_of_one_prompt_follow_the_first():
    engine = Led(at_once=100)
    dispatch = Dispatch({"m": engine})
    ask_all(dispatch, [request("a", seed=seed) for seed in range(5)])
    empty(dispatch)
    assert [len(group) for group in engine.together] == [1, 4]


PROMPTS = st.tuples(st.sampled_from([None, "S", "T"]), st.sampled_from("abc"), st.integers(0, 2))


@given(
    batches=st.lists(
        st.lists(st.tuples(PROMPTS, st.sampled_from(["keeps", "leaves", "left"])), max_size=8), max_size=4
    ),
    at_once=st.integers(1, 4),
)
@example(batches=[[((None, "a", 0), "keeps")]], at_once=1)  # a single turn is both beginnings
@example(batches=[[(("S", "a", k), "keeps" if k else "leaves") for k in range(3)]], at_once=1)
def test_whatever_shares_a_beginning_everybody_who_stays_is_answered(batches, at_once):
    """Some leave while they wait, some before the engine is fed; what is held back of the budget is let go in the end."""
    budget = Budget(BudgetSettings(max_calls=1000))
    dispatch, askers = Dispatch({"m": Led(at_once=at_once)}, budget=budget), []
    for batch in batches:
        for (system, text, seed), fate in batch:
            askers.append((Asked(), text.upper(), fate))
            dispatch.ask(request(text, system=system, seed=seed), askers[-1][0])
        for asker, _, fate in askers:
            asker.wanted = asker.wanted and fate != "left"
        dispatch.feed()
        for asker, _, fate in askers:
            asker.wanted = asker.wanted and fate != "leaves"
        if sum(dispatch.load()):
            dispatch.wait()
    for _ in range(100):
        if not any(asker.wanted and not asker.got for asker, _, _ in askers):
            break
        dispatch.wait()
    for asker, expected, fate in askers:
        assert asker.got == [expected] or (fate != "keeps" and asker.got == [])
    while sum(dispatch.load()):
        dispatch.wait()
    assert all(budget.reserve(request("z")) for _ in range(1000 - budget.spent.n_calls)), "something is still held back"


# --- the budget --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", [ScriptedEngine(upper), ScriptedStream(upper, at_once=1), Led(at_once=2)])
def test_the_budget_stops_a_run_only_when_nothing_else_can_go_on(engine):
    """Five calls wanted, three allowed: three are answered, whatever they share, before it is said."""
    dispatch = Dispatch({"m": engine}, budget=Budget(BudgetSettings(max_calls=3)))
    askers = ask_all(dispatch, [request("a", system="S", seed=seed) for seed in range(5)])
    with pytest.raises(BudgetReached, match=r"budget\.max_calls 3 is reached: 3 calls"):
        empty(dispatch)
    assert [asker.got for asker in askers] == [["A"]] * 3 + [[]] * 2


def test_another_engine_still_goes_on_when_one_may_not_be_asked():
    """A stream's call that is under way is waited for though the other engine's next call may cost too much."""
    dispatch = Dispatch(
        {"m": ScriptedEngine(upper), "s": ScriptedStream(upper)}, budget=Budget(BudgetSettings(max_tokens=300))
    )
    small, large = request("x", engine="s"), request("a", max_tokens=4000)
    askers = ask_all(dispatch, [large, small])
    dispatch.wait()
    assert [asker.got for asker in askers] == [[], ["X"]]
    with pytest.raises(BudgetReached, match=r"budget\.max_tokens 300"):
        dispatch.wait()


def test_a_hit_costs_nothing(tmp_path):
    for _ in range(2):
        store, _ = open_store(tmp_path / "calls.sqlite")
        with store:
            budget = Budget(BudgetSettings(max_calls=1))
            dispatch = Dispatch({"m": ScriptedEngine(upper)}, store=store, budget=budget)
            [asker] = ask_all(dispatch, [request("a")])
            empty(dispatch)
            assert asker.got == ["A"]
    assert budget.spent.n_calls == 0


class Dated(ScriptedEngine):
    """An engine whose chat template writes the date before every prompt."""

    def __init__(self, date: str) -> None:
        super().__init__(lambda request: f"{date}: {upper(request)}")
        self.date = date

    def fingerprint(self, request: Request) -> str:
        return f"{self.date} {request.messages}"


def test_what_was_read_otherwise_is_asked_again_and_a_replay_finds_what_its_run_had(tmp_path):
    def answers(engine, opened):
        with opened as store:
            dispatch = Dispatch({"m": engine}, store=store)
            askers = ask_all(dispatch, [request("a", seed=seed) for seed in (0, 1)])
            if any(not asker.got for asker in askers):
                empty(dispatch)
            return [asker.got for asker in askers]

    path = tmp_path / "calls.sqlite"
    assert isinstance(Dated("mon"), ReadingEngine)
    monday, again, tuesday = Dated("mon"), Dated("mon"), Dated("tue")
    assert answers(monday, open_store(path)[0]) == answers(again, open_store(path)[0]) == [["mon: A"]] * 2
    assert answers(tuesday, open_store(path)[0]) == [["tue: A"]] * 2
    assert (monday.batches, again.batches, tuesday.batches) == ([2], [], [2])
    assert answers(ReplayEngine("m", tuesday.identity), open_read_only(path)) == [["tue: A"]] * 2


def test_an_engine_of_batches_gets_the_kind_of_which_most_waits():
    """Two long replies and three short ones: the short first, then the long with what came meanwhile."""
    engine = ScriptedEngine(upper)
    dispatch = Dispatch({"m": engine})
    long, short = {"max_tokens": 200}, {"max_tokens": 4}
    kinds = (("a", long), ("b", short), ("c", short), ("d", long), ("e", short))
    askers = ask_all(dispatch, [request(text, **kind) for text, kind in kinds])
    dispatch.wait()
    assert [asker.got for asker in askers] == [[], ["B"], ["C"], [], ["E"]]
    (late,) = ask_all(dispatch, [request("f", **long)])
    dispatch.wait()
    assert [asker.got for asker in (askers[0], askers[3], late)] == [["A"], ["D"], ["F"]]
    assert engine.batches == [3, 3]
