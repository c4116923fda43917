"""Clocks: simulated time for one session, or for all of them, that does not run ahead of answers it needs.

After the lobby sessions have nothing to do with one another, so each runs on a clock of its own until its next event needs an
answer that is not there. When all are blocked the engines have every request there is; one clock for all would be a false
dependency. Where a scenario couples its sessions, they share a clock.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import Any

import simpy

from simcons.engines.base import Result
from simcons.study.broker import Broker, Ticket


class Clock:
    """Simulated time for one session, or for all of them where a scenario couples them."""

    def __init__(self, *, at: float = 0.0) -> None:
        self.env = simpy.Environment(initial_time=at)
        self.n_events = 0
        self.over = False  # set once nothing that could still happen matters (stale timers of people who have left)
        self._open: list[tuple[float, int, Ticket[Any]]] = []  # heap by the moment the answer is needed
        self._number = count()
        self._afterwards: list[Callable[[], None]] = []
        self.wake: Callable[[], None] = _stay_awake  # called when a call that was watched is done

    def afterwards(self, do: Callable[[], None]) -> None:
        """Have ``do`` called once the present event is over, outside SimPy.

        Inside a process an exception becomes an event of its own, which nobody may live to see: writing to disk, where
        errors and Ctrl-C come up, has to happen out here.
        """
        self._afterwards.append(do)

    def watch(self, ticket: Ticket[Result]) -> Ticket[Result]:
        """Do not step to the moment ``ticket`` is needed before it is done."""
        if not ticket.done:
            heapq.heappush(self._open, (ticket.needed_at, next(self._number), ticket))
            ticket.on_done = self._on_done
        return ticket

    def run_until_blocked(self) -> bool:
        """Step until the next event needs an answer that is not there (False), or nothing is left to happen (True)."""
        env = self.env
        while (upcoming := env.peek()) < float("inf") and not (self.over and upcoming > env.now):
            if self._open and self.is_blocked():
                return False
            env.step()
            self.n_events += 1
            while self._afterwards:
                self._afterwards.pop(0)()
        return True

    def is_blocked(self) -> bool:
        """True if the next event must wait for an answer."""
        while self._open and self._open[0][2].done:
            heapq.heappop(self._open)
        return bool(self._open) and self._open[0][0] <= self.env.peek()

    def unanswered(self) -> list[Ticket[Any]]:
        """Calls watched that have no result yet."""
        return [ticket for _, _, ticket in self._open if not ticket.done]

    def _on_done(self) -> None:
        self.wake()


def run_clocks(clocks: Iterable[Clock], broker: Broker, *, live: int) -> int:
    """Run clocks side by side, at most ``live`` at a time, to their ends. Returns the number of events processed.

    Clocks are begun in order as places come free, so that memory holds ``live`` of them whatever the size of the study.
    The engines are waited for only once every clock is blocked and no further one may begin; then only those whose answers
    have come are looked at again.
    """
    return _Floor(iter(clocks), broker, live).run()


class _Floor:
    """The clocks that are live: those that can go on, in turn, and those that wait."""

    def __init__(self, upcoming: Iterator[Clock], broker: Broker, live: int) -> None:
        self.upcoming = upcoming
        self.broker = broker
        self.live = live
        self.n_events = 0
        self._n_live = 0
        self._awake: deque[Clock] = deque()

    def run(self) -> int:
        while True:
            while (clock := self._next()) is not None:
                self._go_on(clock)
                self.broker.feed()
            if not self._n_live:
                return self.n_events
            self.broker.wait()

    def _next(self) -> Clock | None:
        """A clock that can go on: one whose answers have come, or a further one if there is room."""
        while self._awake:
            clock = self._awake.popleft()
            if not clock.is_blocked():
                return clock
            self._sleep(clock)  # one answer has come, but not the one it needs
        if self._n_live >= self.live:
            return None
        begun = next(self.upcoming, None)
        if begun is not None:
            self._n_live += 1
        return begun

    def _go_on(self, clock: Clock) -> None:
        if clock.run_until_blocked():
            self.n_events += clock.n_events
            self._n_live -= 1
            self.broker.withdraw(clock.unanswered())
        else:
            self._sleep(clock)

    def _sleep(self, clock: Clock) -> None:
        def wake() -> None:
            clock.wake = _stay_awake
            self._awake.append(clock)

        clock.wake = wake


def _stay_awake() -> None:
    """Wake a clock that is not asleep: nothing happens."""
