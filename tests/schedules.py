"""Other ways to have calls answered than a study's own: what records must not depend on."""

from __future__ import annotations

from collections.abc import Callable

from simcons.engines.base import Act, Reply, Request, Result
from simcons.engines.scripted import ScriptedEngine
from simcons.seeds import stream
from simcons.study.broker import Broker, Ticket
from simcons.study.clock import Clock


class BlockingBroker(Broker):
    """Answers every act where it is submitted, alone: what a program does that calls a model and waits."""

    def submit(self, act: Act[Result], *, needed_at: float) -> Ticket[Result]:
        ticket = super().submit(act, needed_at=needed_at)
        ticket.result()
        return ticket


class SameTimeClock(Clock):
    """Does not go on to a later moment while any call is open, needed or not: every moment's requests make one batch."""

    def watch(self, ticket: Ticket[Result]) -> Ticket[Result]:
        ticket.needed_at = self.env.now
        return super().watch(ticket)

    def is_blocked(self) -> bool:
        return super().is_blocked() and self.env.peek() > self.env.now


class ScriptedStream(ScriptedEngine):
    """The same replies from an engine that takes requests while it runs: ``at_once`` of them a step, in no good order."""

    leads = False

    def __init__(self, answer: Callable[[Request], str] | None = None, *, at_once: int = 3) -> None:
        super().__init__(answer)
        self.at_once = at_once
        self._under_way: list[tuple[int, Request]] = []

    def add(self, key: int, request: Request) -> None:
        self._under_way.append((key, request))

    def step(self) -> list[tuple[int, Reply]]:
        rng = stream(len(self.batches), "order")
        order = rng.permutation(len(self._under_way)).tolist()
        done, self._under_way = (
            [self._under_way[place] for place in order[: self.at_once]],
            [self._under_way[place] for place in order[self.at_once :]],
        )
        self.batches.append(len(done))
        return [(key, self.reply(request)) for key, request in done]

    def nudge(self) -> None:
        """Nothing goes on in the background."""
