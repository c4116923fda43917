"""Calls to language models inside simulated time.

An act (a generator that yields requests and is sent replies) is submitted at one simulated moment and its result is needed
at a later one, fixed at submission. Between the two the engine may answer whenever it likes: the order of events, and so
every record, does not depend on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic

from simcons.engines.base import Act, Reply, Request, Result
from simcons.engines.dispatch import Dispatch
from simcons.engines.pipelines.answers import usage_behind
from simcons.engines.usage import NOTHING, Usage, usage_of


@dataclass(eq=False)
class Ticket(Generic[Result]):
    """An act under way. ``on_done`` is called when it has its result; ``usage``: of its requests so far,
    replies from the store counted as calls, so that it is the same in a replay; without prices. Of a pipeline, of what it asked.
    """

    act: Act[Result]
    needed_at: float
    broker: Broker
    usage: Usage = field(default_factory=Usage)
    done: bool = False
    withdrawn: bool = False
    on_done: Callable[[], None] | None = None
    _replies: list[Reply | None] = field(default_factory=list)
    _n_missing: int = 0
    _result: list[Result] = field(default_factory=list)

    def result(self) -> Result:
        """The act's return value; works on the engines now if the answer has not come by itself."""
        while not self.done:
            self.broker.wait()
        return self._result[0]

    def advance(self, replies: list[Reply] | None) -> None:
        """Send ``replies`` (none to begin), and ask for what the act wants next."""
        try:
            requests = next(self.act) if replies is None else self.act.send(replies)
            while not requests:
                requests = self.act.send([])
        except StopIteration as stop:
            self._finish(stop.value)
            return
        self._ask(requests)

    def deliver(self, place: int, reply: Reply) -> None:
        """Take one reply; with the last of them the act goes on."""
        self._replies[place] = reply
        self._n_missing -= 1
        if self._n_missing == 0:
            replies = [reply for reply in self._replies if reply is not None]
            usage = sum(map(_usage, replies), NOTHING)
            self.usage += usage
            self.broker.total += usage
            self.advance(replies)

    def _ask(self, requests: list[Request]) -> None:
        self._replies = [None] * len(requests)
        self._n_missing = len(requests)
        for place, request in enumerate(requests):
            self.broker.dispatch.ask(request, _Slot(self, place))

    def _finish(self, result: Result) -> None:
        self.done = True
        self._result.append(result)
        if self.on_done is not None:
            self.on_done()


def _usage(reply: Reply) -> Usage:
    """Of the request that was answered; of a pipeline's, of what it asked for it."""
    return usage_behind(reply.text) if reply.finish == "pipeline" else usage_of(reply)


@dataclass(slots=True)
class _Slot:
    """Where one reply of a ticket goes."""

    ticket: Ticket[Any]
    place: int

    @property
    def wanted(self) -> bool:
        return not self.ticket.withdrawn

    def deliver(self, reply: Reply) -> None:
        self.ticket.deliver(self.place, reply)


class Broker:
    """Takes acts and has their requests answered."""

    def __init__(self, dispatch: Dispatch) -> None:
        self.dispatch = dispatch
        self.total = NOTHING

    def submit(self, act: Act[Result], *, needed_at: float) -> Ticket[Result]:
        """Begin ``act``. One that asks for nothing, or only what the store has replies to, is done at once."""
        ticket = Ticket(act=act, needed_at=needed_at, broker=self)
        ticket.advance(None)
        return ticket

    def withdraw(self, tickets: Iterable[Ticket[Any]]) -> None:
        """Forget acts that nobody waits for any more; what has not been asked of an engine never is."""
        for ticket in tickets:
            ticket.withdrawn = True

    def feed(self) -> None:
        """Let engines that take requests while they run begin what has been asked for."""
        self.dispatch.feed()

    def wait(self) -> None:
        """Work on the engines until something is answered. Raises EngineError when nothing is open."""
        self.dispatch.wait()
