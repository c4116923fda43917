"""Calls of pipelines under way, each in a thread of its own, and their requests on the way to the engines of a run.

Threads run a user's code and nothing else. What they ask and what they return waits here until the one thread that runs the study
takes it, so that the store, the budget and the engines are used by that thread alone. A record can depend on what a call
returned, never on when.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Event, Thread, get_ident
from typing import TypeAlias

from simcons.engines.base import Ask, Reply, Request
from simcons.engines.pipelines.answers import Answer, Unfit, failed
from simcons.engines.usage import NOTHING, Usage, usage_of
from simcons.errors import NoAnswer
from simcons.named_code import in_one_line, line_raising

_PATIENCE = 0.02  # seconds that engines with nothing else to do than their work wait for threads to ask for more

Work: TypeAlias = Callable[["OwnCall"], Answer]


class CallIsOver(Exception):
    """The pipeline's call has been given up: its answer is not waited for any more."""


@dataclass(eq=False)
class OwnCall:
    """One call of a pipeline. The thread that runs the study alone writes to it."""

    key: int
    seconds: float  # of its own work that it may take
    work: Work
    switchboard: Switchboard
    usage: Usage = NOTHING  # of what it asked
    answer: Answer | None = None
    spent: float = 0.0  # seconds of its own work
    since: float = 0.0  # at work from then on
    n_open: int = 0  # requests that have no reply yet
    over: bool = False
    thread: Thread | None = None

    def send(self, requests: Sequence[Request]) -> list[Reply]:
        """Replies to ``requests``, from a thread of the call's. Raises CallIsOver."""
        asked = _Asked(self, tuple(requests), get_ident())
        if not self.over:
            self.switchboard.events.put(asked)
            asked.settled.wait()
        if self.over:
            raise CallIsOver("the time for this call is over, or the run has stopped")
        return [reply for reply in asked.replies if reply is not None]

    def run(self) -> None:
        """In the call's own thread: do its work, and hand in the answer."""
        self.switchboard.events.put(_Returned(self, answer_of(lambda: self.work(self))))


def answer_of(work: Callable[[], Answer]) -> Answer:
    """The answer of ``work``; whatever it raises is a failure of this call alone."""
    try:
        return work()
    except Unfit as unfit:
        return failed(unfit.reason, unfit.shown)
    except NoAnswer as error:
        return failed("too_long" if error.args[0] == "too_long" else "refused", str(error))
    except BaseException as error:  # a user's code may raise anything, SystemExit too
        return failed("error", f"{in_one_line(error)}{line_raising(error)}")


@dataclass(eq=False)
class _Asked:
    """Requests of a call, and the thread that waits for their replies."""

    call: OwnCall
    requests: tuple[Request, ...]
    thread: int
    replies: list[Reply | None] = field(default_factory=list)
    settled: Event = field(default_factory=Event)


@dataclass(frozen=True, slots=True)
class _Returned:
    call: OwnCall
    answer: Answer


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one reply goes."""

    asked: _Asked
    place: int
    switchboard: Switchboard

    @property
    def wanted(self) -> bool:
        return not self.asked.call.over

    def deliver(self, reply: Reply) -> None:
        self.switchboard.replied(self.asked, self.place, reply)


class Switchboard:
    """All calls of pipelines that a run has under way."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.events: SimpleQueue[_Asked | _Returned] = SimpleQueue()
        self.now = now
        self._calls: dict[OwnCall, None] = {}
        self._stirring: set[OwnCall] = set()  # that may be about to ask
        self._waiting: set[_Asked] = set()
        self._ask: Ask | None = None

    def connect(self, ask: Ask) -> None:
        """Have requests asked by ``ask``."""
        self._ask = ask

    def begin(self, call: OwnCall) -> None:
        """Put a call to work."""
        self._calls[call] = None
        self._stirring.add(call)
        call.since = self.now()
        call.thread = Thread(target=call.run, name=f"pipeline-{call.key}", daemon=True)
        call.thread.start()

    def take(self, *, wait: bool, others_wait: bool = False) -> bool:
        """Take what calls have asked or returned; True if there was anything.

        wait: until there is, unless all calls wait for replies; where ``others_wait``, only for what is about to be asked.
        """
        happened = self._take_all()
        while wait and not happened and self._at_work():
            if others_wait and not self._stirring:
                return False
            try:
                self._apply(self.events.get(timeout=self._timeout(others_wait)))
                happened = True
            except Empty:
                happened = self._give_up()
                if others_wait and not happened:
                    self._stirring.clear()
        while others_wait and self._stirring and self._hear_more():
            happened = True
        return happened

    def replied(self, asked: _Asked, place: int, reply: Reply) -> None:
        """Hand a reply to the thread that waits for it, once it has them all."""
        call = asked.call
        asked.replies[place] = reply
        call.usage += usage_of(reply)
        call.n_open -= 1
        if None not in asked.replies:
            self._go_on(asked)

    def close(self) -> None:
        """Give up all calls that are under way."""
        for call in list(self._calls):
            call.over = True
        for asked in list(self._waiting):
            asked.settled.set()
        self._calls.clear()

    def _take_all(self) -> bool:
        happened = False
        while True:
            try:
                self._apply(self.events.get_nowait())
            except Empty:
                return self._give_up() or happened
            happened = True

    def _hear_more(self) -> bool:
        """Wait a little for calls that may ask at any moment; False if none did."""
        try:
            self._apply(self.events.get(timeout=_PATIENCE))
        except Empty:
            self._stirring.clear()
            return False
        return True

    def _apply(self, event: _Asked | _Returned) -> None:
        call = event.call
        if isinstance(event, _Returned):
            self._stirring.discard(call)
            if not call.over:
                self._end(call, event.answer)
        elif call.over:
            event.settled.set()
        else:
            self._pass_on(event)

    def _pass_on(self, asked: _Asked) -> None:
        call = asked.call
        if call.n_open == 0:
            call.spent += self.now() - call.since
        if call.thread is not None and asked.thread == call.thread.ident:
            self._stirring.discard(call)  # it has no other thread, or none that we know of
        call.n_open += len(asked.requests)
        asked.replies = [None] * len(asked.requests)
        self._waiting.add(asked)
        if self._ask is None:
            raise RuntimeError("a pipeline asks for something outside a run; expected one that is connected")
        for place, request in enumerate(asked.requests):
            self._ask(request, _Place(asked, place, self))

    def _go_on(self, asked: _Asked) -> None:
        call = asked.call
        self._waiting.discard(asked)
        if call.n_open == 0:
            call.since = self.now()
        self._stirring.add(call)
        asked.settled.set()

    def _end(self, call: OwnCall, answer: Answer) -> None:
        call.over, call.answer = True, answer
        if call.n_open == 0:
            call.spent += self.now() - call.since
        self._calls.pop(call, None)
        for asked in [each for each in self._waiting if each.call is call]:
            self._waiting.discard(asked)
            asked.settled.set()

    def _at_work(self) -> list[OwnCall]:
        """Calls that do something themselves, rather than wait for replies."""
        return [call for call in self._calls if call.n_open == 0]

    def _left(self, call: OwnCall) -> float:
        return call.seconds - call.spent - (self.now() - call.since)

    def _timeout(self, others_wait: bool) -> float:
        until_one_is_late = max(0.0, min(map(self._left, self._at_work())))
        return min(until_one_is_late, _PATIENCE) if others_wait else until_one_is_late

    def _give_up(self) -> bool:
        """End the calls whose time is over; True if there are any."""
        late = [call for call in self._at_work() if self._left(call) <= 0]
        for call in late:
            self._end(call, failed("time_limit", f"it was at work for {call.seconds:g} s"))
            self._stirring.discard(call)
        return bool(late)
