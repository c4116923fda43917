"""A pipeline of a user's own as an engine: one request a call, in threads, a few at a time."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeAlias

from simcons.counted import counted
from simcons.engines.base import Ask, Identity, OnReply, Reply, Request
from simcons.engines.pipelines.answers import Answer, read_scores, read_statements
from simcons.engines.pipelines.client import Client
from simcons.engines.pipelines.switchboard import OwnCall, Switchboard
from simcons.engines.pipelines.task import Task, task_of

_MOST_NOTES = 3  # kinds of failure that are told

Function: TypeAlias = Callable[[Task, Client], object]  # what it returns is yet to be read


class PipelineEngine:
    """Has ``function`` do each task that is asked for, ``threads`` at a time; it may take ``seconds`` of its own over each.

    A call that fails has an answer all the same, which says why. ``notes`` tells of the failures there were.
    """

    leads = False

    def __init__(
        self,
        name: str,
        identity: Identity,
        function: Function,
        switchboard: Switchboard,
        *,
        asks: Sequence[str],
        threads: int,
        seconds: float,
    ) -> None:
        self.name = name
        self.identity = identity
        self._function = function
        self._switchboard = switchboard
        self._asks = tuple(asks)
        self._threads = threads
        self._seconds = seconds
        self._to_begin: deque[tuple[int, Request]] = deque()
        self._under_way: list[OwnCall] = []
        self._failures: Counter[str] = Counter()
        self._n_calls = 0

    @property
    def notes(self) -> list[str]:
        """Failures, the most frequent first."""
        return [
            f"{counted(n, 'call')} of {self._n_calls:,} came to nothing: {failure}"
            for failure, n in self._failures.most_common(_MOST_NOTES)
        ]

    def connect(self, ask: Ask) -> None:
        self._switchboard.connect(ask)

    def add(self, key: int, request: Request) -> None:
        self._to_begin.append((key, request))

    def nudge(self) -> None:
        self._begin()
        self._switchboard.take(wait=False)

    def step(self) -> list[tuple[int, Reply]]:
        return self.work(others_wait=False)[0]

    def work(self, *, others_wait: bool) -> tuple[list[tuple[int, Reply]], bool]:
        self._begin()
        happened = self._switchboard.take(wait=not any(call.over for call in self._under_way), others_wait=others_wait)
        done = [call for call in self._under_way if call.over]
        self._under_way = [call for call in self._under_way if not call.over]
        return [(call.key, self._reply(call)) for call in done], happened

    def complete(self, requests: Sequence[Request], on_reply: OnReply | None = None) -> list[Reply]:
        for place, request in enumerate(requests):
            self.add(place, request)
        replies: dict[int, Reply] = {}
        while len(replies) < len(requests):
            for place, reply in self.step():
                replies[place] = reply
                if on_reply is not None:
                    on_reply(place, reply)
        return [replies[place] for place in range(len(requests))]

    def close(self) -> None:
        """Give up what is under way."""
        self._switchboard.close()

    def _begin(self) -> None:
        while self._to_begin and sum(not call.over for call in self._under_way) < self._threads:
            key, request = self._to_begin.popleft()
            call = OwnCall(key, self._seconds, partial(self._answer, task_of(request)), self._switchboard)
            self._under_way.append(call)
            self._switchboard.begin(call)

    def _answer(self, task: Task, call: OwnCall) -> Answer:
        """In the call's own thread: what the function returns, read."""
        client = Client(self._asks, call.send, seed=task.seed, samples=task.samples or 0)
        given = self._function(task, client)
        if task.statements is not None:
            return Answer(scores=read_scores(given, len(task.opinions), len(task.statements)))
        return Answer(read_statements(given, task.samples or 1))

    def _reply(self, call: OwnCall) -> Reply:
        answer, usage = call.answer or Answer(), call.usage
        self._n_calls += 1
        faults = (
            [answer.failure] if answer.failure is not None else [each for each in answer.statements if each.missing]
        )
        self._failures.update(
            f"{fault.missing}: {fault.raw}".removesuffix(": ") for fault in faults[:1] if fault is not None
        )
        counted_in = replace(answer, n_requests=usage.n_calls, tokens_in=usage.tokens_in, tokens_out=usage.tokens_out)
        return Reply(counted_in.text(), 0, 0, "pipeline", seconds=call.spent)
