"""Language models inside simulated time.

An act (a generator that yields requests and is sent replies) is submitted at one simulated moment and its result is needed
at a later one, fixed at submission. Between the two the engine may answer whenever it likes: the order of events, and so
every record, does not depend on it. After the lobby sessions have nothing to do with one another, so each runs on a clock
of its own until its next event needs an answer that is not there; when all are blocked, the engine gets every request
there is in one batch.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Generic, TypeAlias, TypeVar

import simpy

from simcons.engines.base import Engine, Reply, Request
from simcons.errors import EngineError

Result = TypeVar("Result")
Act: TypeAlias = Generator[list[Request], list[Reply], Result]


@dataclass(eq=False)
class Ticket(Generic[Result]):
    """A call under way. ``usage`` counts its requests and tokens so far."""

    act: Act[Result]
    needed_at: float
    broker: Broker
    requests: list[Request] = field(default_factory=list)
    usage: Usage = field(default_factory=lambda: Usage())
    done: bool = False
    _result: list[Result] = field(default_factory=list)

    def result(self) -> Result:
        """What the act returned; asks the engine now if the answer has not come by itself."""
        while not self.done:
            self.broker.flush()
        return self._result[0]

    def advance(self, replies: list[Reply] | None) -> None:
        """Send ``replies`` (none to begin) and note what the act wants next."""
        try:
            self.requests = next(self.act) if replies is None else self.act.send(replies)
        except StopIteration as stop:
            self.requests, self.done = [], True
            self._result.append(stop.value)


@dataclass(slots=True)
class Usage:
    """What a call has cost the engine."""

    n_requests: int = 0
    tokens_in: int = 0
    tokens_out: int = 0

    def add(self, replies: Sequence[Reply]) -> None:
        self.n_requests += len(replies)
        self.tokens_in += sum(reply.tokens_in for reply in replies)
        self.tokens_out += sum(reply.tokens_out for reply in replies)


class Broker:
    """Collects the requests of all calls under way and hands them to their engines, each batch as large as it gets."""

    def __init__(self, engines: Mapping[str, Engine]) -> None:
        self.engines = engines
        self.total = Usage()
        self._open: list[Ticket[object]] = []

    def submit(self, act: Act[Result], *, needed_at: float) -> Ticket[Result]:
        """Begin ``act``. One that asks for nothing is done at once."""
        ticket = Ticket(act=act, needed_at=needed_at, broker=self)
        ticket.advance(None)
        if not ticket.done:
            self._open.append(ticket)  # type: ignore[arg-type]  # results are handed back untouched
        return ticket

    def withdraw(self, tickets: Iterable[Ticket[object]]) -> None:
        """Forget calls that nobody waits for any more; what has not been asked of an engine never is."""
        gone = set(map(id, tickets))
        self._open = [ticket for ticket in self._open if id(ticket) not in gone]

    def flush(self) -> None:
        """Answer every open request once. Raises EngineError when there is none, as a result then can never come."""
        if not self._open:
            raise EngineError("a result was asked for, but no request is open")
        tickets, self._open = self._open, []
        for ticket, replies in zip(tickets, self._replies(tickets), strict=True):
            ticket.usage.add(replies)
            self.total.add(replies)
            ticket.advance(replies)
        self._open = [ticket for ticket in tickets if not ticket.done] + self._open

    def _replies(self, tickets: Sequence[Ticket[object]]) -> list[list[Reply]]:
        """The replies to each ticket's requests, asked of each engine in one list."""
        replies: list[list[Reply | None]] = [[None] * len(ticket.requests) for ticket in tickets]
        for name, engine in self.engines.items():
            places = [
                (row, column)
                for row, ticket in enumerate(tickets)
                for column, request in enumerate(ticket.requests)
                if request.engine == name
            ]
            answered = engine.complete([tickets[row].requests[column] for row, column in places]) if places else []
            for (row, column), reply in zip(places, answered, strict=True):
                replies[row][column] = reply
        return [[_present(reply) for reply in row] for row in replies]


def _present(reply: Reply | None) -> Reply:
    if reply is None:
        raise EngineError("a request names an engine that the study does not have")
    return reply


class Clock:
    """Simulated time for one session, or for all of them where a scenario couples them."""

    def __init__(self, *, at: float = 0.0) -> None:
        self.env = simpy.Environment(initial_time=at)
        self.n_events = 0
        self.over = False  # set once nothing that could still happen matters (stale timers of people who have left)
        self._waiting: list[Ticket[object]] = []
        self._afterwards: list[Callable[[], None]] = []

    def afterwards(self, do: Callable[[], None]) -> None:
        """Have ``do`` called once the present event is over, outside SimPy.

        Inside a process an exception becomes an event of its own, which nobody may live to see: writing to disk, where
        errors and Ctrl-C come up, has to happen out here.
        """
        self._afterwards.append(do)

    def watch(self, ticket: Ticket[Result]) -> Ticket[Result]:
        """Do not step to the moment ``ticket`` is needed before it is done."""
        if not ticket.done:
            self._waiting.append(ticket)  # type: ignore[arg-type]
        return ticket

    def run_until_blocked(self) -> bool:
        """Step until the next event needs an answer that is not there (False), or nothing is left to happen (True)."""
        env = self.env
        while (upcoming := env.peek()) < float("inf") and not (self.over and upcoming > env.now):
            if self._waiting and self._blocked(upcoming):
                return False
            env.step()
            self.n_events += 1
            while self._afterwards:
                self._afterwards.pop(0)()
        return True

    def unanswered(self) -> list[Ticket[object]]:
        """Calls watched that have no result yet."""
        self._waiting = [ticket for ticket in self._waiting if not ticket.done]
        return self._waiting

    def _blocked(self, upcoming: float) -> bool:
        return any(ticket.needed_at <= upcoming for ticket in self.unanswered())


def run_clocks(clocks: Iterable[Clock], broker: Broker, *, live: int) -> int:
    """Run clocks side by side, at most ``live`` at a time, to their ends. Returns the number of events processed.

    Clocks are begun in order as places come free, so that memory holds ``live`` of them whatever the size of the study.
    The engine is asked only once every clock is blocked and no further one may begin.
    """
    upcoming = iter(clocks)
    window: list[Clock] = []
    n_events = 0
    while True:
        begun = list(islice(upcoming, live - len(window)))
        if not window and not begun:
            return n_events
        blocked = []
        for clock in window + begun:
            if clock.run_until_blocked():
                n_events += clock.n_events
                broker.withdraw(clock.unanswered())
            else:
                blocked.append(clock)
        if len(blocked) == len(window) + len(begun):
            broker.flush()
        window = blocked
