"""Requests on their way to the engines of one run: answered from the store where it can be, else by their engine, once.

Requests wait in a line for each engine. An engine that takes requests while it runs is fed at once; any other gets all there
are of the kind most wanted when somebody has to wait. Each reply goes to whoever asked, found by what was asked and never by its
place in a batch.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from simcons.counted import counted
from simcons.engines.base import Asker, AskingEngine, Engine, Reply, Request, StreamEngine
from simcons.engines.budget import Budget
from simcons.engines.calls.keys import Readings
from simcons.engines.calls.store import CallStore, KeyMaker
from simcons.engines.meter import Meter
from simcons.errors import BudgetReached, EngineError
from simcons.scenario.engines import BudgetSettings, SamplingSettings

BatchKind: TypeAlias = tuple[str, SamplingSettings]

_WARM_PREFIXES = 50_000  # beginnings of prompts remembered as read, for each engine


@dataclass(slots=True, eq=False)
class Call:
    """A request that has no reply yet, and those who asked it."""

    key: bytes
    request: Request
    askers: list[Asker]
    read_as: str = ""  # what the engine reads of the prompt, where it can tell
    leads: tuple[int, ...] = ()  # beginnings of prompts that others wait for it to have read

    @property
    def wanted(self) -> bool:
        return any(asker.wanted for asker in self.askers)


class Dispatch:
    """All engines of a run behind one door. Raises EngineError, StorageError, BudgetReached where it must wait."""

    def __init__(
        self,
        engines: Mapping[str, Engine],
        *,
        store: CallStore | None = None,
        budget: Budget | None = None,
        meter: Meter | None = None,
        earlier: Sequence[CallStore] = (),
    ) -> None:
        """earlier: stores of other runs, whose replies are kept in this run's own store as if they had been asked for."""
        self.engines = engines
        self.budget = budget or Budget(BudgetSettings())
        self.meter = meter or Meter()
        self._store = store
        self._earlier = earlier
        self._keys = {name: KeyMaker(engine.identity) for name, engine in engines.items()}
        self._readings = {name: Readings(engine) for name, engine in engines.items()}
        lines = {name: _line(name, engine, self) for name, engine in engines.items()}
        self._lines: dict[str, _Line] = dict(sorted(lines.items(), key=lambda named: named[1].turn))

    def ask(self, request: Request, asker: Asker) -> None:
        """Have ``request`` answered: now, if the store has a reply; else when its engine gets to it."""
        if request.engine not in self._lines:
            known = ", ".join(self.engines) or "none"
            raise EngineError(
                f"a request names an engine that the study does not have: {request.engine!r} (known: {known})"
            )
        key = self._keys[request.engine].key(request)
        read_as = self._readings[request.engine].of(request) if self._store else ""
        reply = self._store.get(key, read_as=read_as) if self._store else None
        if reply is None:
            self._ask_anew(Call(key, request, [asker], read_as))
            return
        self.meter.hit(request.engine)
        if self._store:
            self._store.count_hits(request.engine, request.act, 1)
        asker.deliver(reply)

    def _ask_anew(self, call: Call) -> None:
        """Have a call answered that this run has no reply to: by what an earlier run was told, or else by its engine."""
        replies = (store.get(call.key, read_as=call.read_as) for store in self._earlier)
        reply = next((reply for reply in replies if reply is not None), None)
        if reply is None or self._store is None:
            self._lines[call.request.engine].join(call)
            return
        self.meter.hit(call.request.engine)
        self._store.put([(call.key, call.request, reply)], read_as={call.key: call.read_as})
        for asker in call.askers:
            asker.deliver(reply)

    def feed(self) -> None:
        """Hand what waits to the engines that take requests while they run."""
        for line in self._lines.values():
            line.feed()

    def wait(self) -> None:
        """Work until at least one reply has been delivered.

        Engines that run on are waited for first, so that the others get the largest batch there can be, and before them all those
        that ask others in their turn. Raises EngineError when nothing is open, BudgetReached when nothing may be asked.
        """
        self.feed()
        for line in self._lines.values():
            if line.work():
                return
        refused = next((line.waiting[0].request for line in self._lines.values() if line.waiting), None)
        if refused is not None:
            raise BudgetReached(self.budget.refusal(refused))
        raise EngineError("a result was asked for, but no request is open")

    def load(self) -> tuple[int, int]:
        """Requests that wait for an engine, and requests that one is at work on."""
        lines = self._lines.values()
        waiting = sum(len(line.waiting) for line in lines)
        return waiting, sum(len(line.open) for line in lines) - waiting

    def others_wait(self) -> bool:
        """True if an engine that asks no others has anything to do."""
        return any(line.open for line in self._lines.values() if line.turn > 0)

    def busy_seconds(self) -> float:
        """Time that engines have been at work, what has not come back yet included."""
        done = sum(gauge.busy_seconds for gauge in list(self.meter.gauges.values()))
        return done + sum(self.meter.now() - line.began for line in self._lines.values() if line.at_work)

    def answered(self, calls: Sequence[tuple[Call, Reply]]) -> None:
        """Keep, count and deliver replies that have just come."""
        if self._store:
            read_as = {call.key: call.read_as for call, _ in calls}
            self._store.put([(call.key, call.request, reply) for call, reply in calls], read_as=read_as)
        for call, reply in calls:
            self.budget.pay(call.request, reply)
            self.meter.replied(call.request.engine, reply)
        for call, reply in calls:
            for asker in call.askers:
                asker.deliver(reply)


@dataclass(eq=False)
class _Line:
    """The calls that wait for one engine. Equal requests stand in it once, with all who asked."""

    name: str
    engine: Engine
    dispatch: Dispatch
    waiting: deque[Call] = field(default_factory=deque)
    open: dict[bytes, Call] = field(default_factory=dict)  # waiting or under way
    began: float = 0.0
    at_work: bool = False
    turn = 2  # in which it is waited for

    def join(self, call: Call) -> None:
        if call.key in self.open:
            self.open[call.key].askers.extend(call.askers)
            return
        self.open[call.key] = call
        self.waiting.append(call)

    def feed(self) -> None:
        """Nothing to do for an engine that takes whole batches."""

    def work(self) -> bool:
        """Ask the engine all of the kind of which most waits, as far as it may be asked, in one list. False if that is nothing.

        An engine makes batches of each kind apart. Those of which less waits would not fill theirs, and more may come.
        """
        for call in self.waiting:
            if not call.wanted:
                self.drop(call)
        self.waiting = deque(call for call in self.waiting if call.wanted)
        calls: list[Call] = []
        for kind, _ in Counter(batch_kind(call.request) for call in self.waiting).most_common():
            calls = calls or self._taken(kind)
        if calls:
            self._complete(calls)
        return bool(calls)

    def _taken(self, kind: BatchKind) -> list[Call]:
        """All of ``kind`` that may be asked, off the line."""
        others = [call for call in self.waiting if batch_kind(call.request) != kind]
        self.waiting = deque(call for call in self.waiting if batch_kind(call.request) == kind)
        calls = list(self.admitted())
        self.waiting.extend(others)
        return calls

    def _complete(self, calls: Sequence[Call]) -> None:
        """Ask the engine, and hand out each reply as it comes; those that it told nobody of, once it returns them all."""
        settled: set[int] = set()
        self.begin()

        def on_reply(place: int, reply: Reply) -> None:
            if place in settled or not isinstance(reply, Reply):
                got = f"{reply!r}" if place not in settled else "a second one"
                raise EngineError(f"engine {self.name!r}: expected one Reply to each request, got {got}")
            settled.add(place)
            self.worked(len(calls))
            self.settle([(calls[place], reply)])
            self.begin()

        replies = self.engine.complete([call.request for call in calls], on_reply) or ()
        if len(settled) < len(calls) != len(replies):
            returned, asked = counted(len(replies), "reply", "replies"), counted(len(calls), "request")
            raise EngineError(f"engine {self.name!r} returned {returned} to {asked}; expected one for each, in order")
        for place, reply in enumerate(replies):
            if place not in settled:
                on_reply(place, reply)
        self.at_work = False

    def begin(self) -> None:
        """The engine is at work from here on."""
        self.began, self.at_work = self.dispatch.meter.now(), True

    def worked(self, under_way: int) -> None:
        """The engine has come back with something."""
        self.at_work = False
        seconds = self.dispatch.meter.now() - self.began
        self.dispatch.meter.worked(self.name, seconds, waiting=len(self.waiting), under_way=under_way)

    def admitted(self) -> Iterator[Call]:
        """Take what is still wanted and within the budget off the line."""
        while self.waiting:
            call = self.waiting[0]
            if not call.wanted:
                self.drop(call)
            elif not self.dispatch.budget.reserve(call.request):
                return
            else:
                yield call
            self.waiting.popleft()

    def drop(self, call: Call) -> None:
        """Forget a call that nobody waits for any more."""
        del self.open[call.key]

    def settle(self, calls: Sequence[tuple[Call, Reply]]) -> None:
        """Close ``calls``, then hand out their replies: whoever gets one may ask the same again."""
        for call, _ in calls:
            del self.open[call.key]
        self.dispatch.answered(calls)


@dataclass(eq=False)
class _StreamLine(_Line):
    """The calls that wait for, and are under way in, an engine that takes requests while it runs."""

    engine: StreamEngine
    under_way: dict[int, Call] = field(default_factory=dict)
    latest: int = field(default_factory=time.monotonic_ns)  # key; no earlier run of this process had one as high
    warm: dict[int, None] = field(default_factory=dict)  # beginnings of prompts that the engine has read
    led: dict[int, list[Call]] = field(default_factory=dict)  # being read: those who wait for it
    turn = 1

    def feed(self) -> None:
        for call in self.admitted():
            self._add(call)
        if self.under_way:
            self.engine.nudge()

    def work(self) -> bool:
        if not self.under_way:
            return False
        n_under_way = len(self.under_way)
        self.begin()
        # An engine that served a run which was stopped may still come back with what that run had asked.
        done = [(self.under_way.pop(key), reply) for key, reply in self.engine.step() if key in self.under_way]
        self.worked(n_under_way)
        for call, _ in done:
            self._read(call.leads)
        self.settle(done)
        return True

    def admitted(self) -> Iterator[Call]:
        for call in super().admitted():
            if not self.engine.leads or self._may_go(call):
                yield call

    def _add(self, call: Call) -> None:
        self.latest += 1
        self.under_way[self.latest] = call
        self.engine.add(self.latest, call.request)

    def _may_go(self, call: Call) -> bool:
        """True if no other call has yet to read the beginning that ``call`` shares with it; ``call`` then leads the rest."""
        beginnings = _beginnings(call.request)
        busy = next((beginning for beginning in beginnings if beginning in self.led), None)
        if busy is not None:
            self.led[busy].append(call)
            return False
        call.leads = tuple(beginning for beginning in beginnings if beginning not in self.warm)
        self.led.update((beginning, []) for beginning in call.leads)
        return True

    def _read(self, beginnings: Iterable[int]) -> None:
        """Let those go on who waited for these beginnings to be read."""
        for beginning in beginnings:
            self.warm[beginning] = None
            for call in self.led.pop(beginning):
                if not call.wanted:
                    self.dispatch.budget.release(call.request)
                    self.drop(call)
                elif self._may_go(call):
                    self._add(call)
        while len(self.warm) > _WARM_PREFIXES:
            del self.warm[next(iter(self.warm))]


@dataclass(eq=False)
class _AskingLine(_StreamLine):
    """The calls of an engine whose work asks other engines in its turn."""

    engine: AskingEngine
    turn = 0

    def work(self) -> bool:
        if not self.under_way:
            return False
        n_under_way = len(self.under_way)
        self.begin()
        answered, stirred = self.engine.work(others_wait=self.dispatch.others_wait())
        self.worked(n_under_way)
        self.settle([(self.under_way.pop(key), reply) for key, reply in answered])
        return stirred or bool(answered)


def _line(name: str, engine: Engine, dispatch: Dispatch) -> _Line:
    if isinstance(engine, AskingEngine):
        engine.connect(dispatch.ask)
        return _AskingLine(name, engine, dispatch)
    if isinstance(engine, StreamEngine):
        return _StreamLine(name, engine, dispatch)
    return _Line(name, engine, dispatch)


def batch_kind(request: Request) -> BatchKind:
    """The settings that requests must share to be answered in one batch."""
    return request.answer, request.sampling


def _beginnings(request: Request) -> tuple[int, ...]:
    """Hashes of the beginnings that requests of this kind share: the first turn, and the whole prompt where that is more."""
    return tuple(dict.fromkeys((hash(request.messages[:1]), hash(request.messages))))
