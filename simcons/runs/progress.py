"""Progress of a run: sessions and rounds, calls of language models, speed and the time left."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from simcons.counted import counted, rough_time
from simcons.engines.base import CountingEngine
from simcons.engines.dispatch import Dispatch
from simcons.engines.usage import NOTHING, Usage
from simcons.scenario.study import Scenario
from simcons.study.progress import Progress

_EARLIEST_ESTIMATE = 5.0  # seconds of work after which the time left may be estimated


class RunProgress:
    """Progress of the run in ``folder``. Its numbers are those of now whenever they are read, from any thread, and only grow.

    `str` gives a line such as ``3 of 6 sessions, 11 of 18 rounds · 250 of 312 known model calls answered · 96 tokens/s · about
    2 min left``.
    """

    def __init__(self, scenario: Scenario, dispatch: Dispatch, folder: Path, *, n_sessions: int | None = None) -> None:
        self.name = scenario.name
        self.folder = folder
        self.n_sessions = n_sessions or scenario.design.groups
        self.n_rounds = self.n_sessions * scenario.design.rounds
        self._dispatch = dispatch
        self._numbers = Progress()
        self._n_streamed = 0
        self._began = time.perf_counter()
        self._rounds_before = 0  # over when it was resumed
        self._answered_at_round = (0, 0)  # rounds over, and calls answered by then

    @property
    def sessions(self) -> int:
        """Sessions that are over."""
        return self._numbers.sessions

    @property
    def rounds(self) -> int:
        """Rounds that are over, of sessions that may go on."""
        return self._numbers.rounds_over

    @property
    def simulated_seconds(self) -> float:
        """The latest end of a session, in simulated time."""
        return self._numbers.simulated_seconds

    @property
    def seconds(self) -> float:
        """Wall time since the run began, or was resumed."""
        return max(1e-9, time.perf_counter() - self._began)

    @property
    def asks_models(self) -> bool:
        """True if the run has language models to ask."""
        return bool(self._dispatch.engines)

    @property
    def calls_replied(self) -> int:
        """Calls that an engine came back with."""
        return self._usage.n_calls

    @property
    def calls_from_store(self) -> int:
        """Calls whose replies were kept from before."""
        return self._usage.n_hits

    @property
    def calls_answered(self) -> int:
        return self.calls_replied + self.calls_from_store

    @property
    def calls_open(self) -> int:
        """Calls that wait for an engine, or that one is at work on."""
        return sum(self._dispatch.load())

    @property
    def tokens_out(self) -> int:
        """Tokens that engines have written; those of replies under way too, where an engine tells."""
        return max(self._n_streamed, self._usage.tokens_out)

    @property
    def tokens_per_second(self) -> float:
        return self.tokens_out / self.seconds

    @property
    def busy_share(self) -> float:
        """The part of the time, of 1, that engines were at work."""
        return min(1.0, self._dispatch.busy_seconds() / self.seconds)

    def updated(self, numbers: Progress) -> Self:
        """Take the numbers of the study from ``numbers`` from now on, as they grow."""
        self._numbers = numbers
        return self

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count the time, and the tokens of replies that are still being written, while the block runs."""
        self._began, self._rounds_before = time.perf_counter(), self.rounds
        telling = [engine for engine in self._dispatch.engines.values() if isinstance(engine, CountingEngine)]
        for engine in telling:
            engine.on_tokens = self._count_tokens
        try:
            yield
        finally:
            for engine in telling:
                engine.on_tokens = None

    def __str__(self) -> str:
        over = f"{self.sessions:,} of {counted(self.n_sessions, 'session')}, {self.rounds:,} of {counted(self.n_rounds, 'round')}"
        return " · ".join(text for text in (over, *self._calls(), self._left()) if text)

    def __repr__(self) -> str:
        return f"<run {self.folder}: {self}>"

    @property
    def _usage(self) -> Usage:
        gauges = list(self._dispatch.meter.gauges.values())  # other threads read here while engines add to it
        return sum((gauge.usage for gauge in gauges), NOTHING)

    def _count_tokens(self, n: int) -> None:
        self._n_streamed += n

    def _calls(self) -> Iterator[str]:
        """Calls answered and known so far, and speed; nothing where no language model is asked."""
        if not self.asks_models:
            return
        known, hits = self.calls_answered + self.calls_open, self.calls_from_store
        kept = f" ({hits:,} kept from before)" if hits else ""
        yield f"{self.calls_answered:,} of {known:,} known model calls answered{kept}"
        if self.calls_replied or self._n_streamed:
            yield f"{self.tokens_per_second:,.0f} tokens/s"

    def _left(self) -> str:
        """The time left, as far as it can be told from the rounds over and the calls that they took."""
        over, begun = self.rounds, self._numbers.rounds_begun
        if self.seconds < _EARLIEST_ESTIMATE or self.n_rounds <= over:
            return ""
        if not self.asks_models:
            done = over - self._rounds_before
            return f"about {rough_time(self.seconds * (self.n_rounds - over) / done)} left" if done else ""
        replied, answered = self.calls_replied, self.calls_answered
        if not replied or not begun:
            return ""
        at_least = (answered + self.calls_open) / begun  # calls a round; those begun may still ask more
        if over > self._answered_at_round[0]:
            self._answered_at_round = (over, answered)
        rounds, answered_by_then = self._answered_at_round
        a_round = (at_least + answered_by_then / rounds) / 2 if rounds else at_least
        seconds = max(0.0, a_round * self.n_rounds - answered) * self.seconds / replied
        return f"{'about' if rounds else 'at least'} {rough_time(seconds)} left"
