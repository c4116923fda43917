"""How busy the engines of a run are, over wall time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from simcons.engines.base import Reply
from simcons.records import EngineRecord

_SLICE_SECONDS = 0.5  # of wall time a row stands for, at least


@dataclass(slots=True)
class Gauge:
    """One engine's work so far, and since the last row."""

    replies: int = 0
    hits: int = 0  # answered from the store
    tokens_in: int = 0
    tokens_out: int = 0
    busy_seconds: float = 0.0
    largest: int = 0  # requests it had at a time, at most


class Meter:
    """Counts what engines do; ``on_row`` gets a row about every half second of an engine's work, and one at the end.

    The engine works while it is called, and ``busy_seconds`` is the time spent in those calls; a server that goes on between
    them is counted while it is waited for.
    """

    def __init__(
        self, on_row: Callable[[EngineRecord], None] = lambda row: None, *, now: Callable[[], float] = time.perf_counter
    ) -> None:
        self.on_row = on_row
        self.now = now
        self.began = now()
        self.gauges: dict[str, Gauge] = {}
        self._slices: dict[str, Gauge] = {}
        self._since: dict[str, float] = {}

    def gauge(self, engine: str) -> Gauge:
        return self.gauges.setdefault(engine, Gauge())

    def hit(self, engine: str) -> None:
        self.gauge(engine).hits += 1

    def replied(self, engine: str, reply: Reply) -> None:
        for gauge in (self.gauge(engine), self._slice(engine)):
            gauge.replies += 1
            gauge.tokens_in += reply.tokens_in
            gauge.tokens_out += reply.tokens_out

    def worked(self, engine: str, seconds: float, *, waiting: int, under_way: int) -> None:
        """Note that the engine came back after ``seconds``, with so many requests waiting for it and under way in it."""
        for gauge in (self.gauge(engine), self._slice(engine)):
            gauge.busy_seconds += seconds
            gauge.largest = max(gauge.largest, under_way)
        if self.now() - self._since[engine] >= _SLICE_SECONDS:
            self._row(engine, waiting, under_way)

    def finish(self) -> None:
        """The rows of what has not had one yet."""
        for engine in sorted(self._slices):
            self._row(engine, 0, 0)

    @property
    def seconds(self) -> float:
        return self.now() - self.began

    def _slice(self, engine: str) -> Gauge:
        self._since.setdefault(engine, self.now())
        return self._slices.setdefault(engine, Gauge())

    def _row(self, engine: str, waiting: int, under_way: int) -> None:
        part = self._slices.pop(engine)
        began = self._since.pop(engine)
        self.on_row(
            EngineRecord(
                engine=engine,
                began_wall=began - self.began,
                ended_wall=self.now() - self.began,
                busy_seconds=part.busy_seconds,
                n_replies=part.replies,
                largest_batch=part.largest,
                waiting=waiting,
                under_way=under_way,
                tokens_in=part.tokens_in,
                tokens_out=part.tokens_out,
            )
        )
