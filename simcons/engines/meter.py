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


@dataclass(slots=True)
class _Slice(Gauge):
    """What has had no row yet: from the beginning of its first work to the end of its last."""

    began: float = 0.0
    ended: float = 0.0
    waiting: int = 0
    under_way: int = 0


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
        self._slices: dict[str, _Slice] = {}

    def gauge(self, engine: str) -> Gauge:
        return self.gauges.setdefault(engine, Gauge())

    def hit(self, engine: str) -> None:
        self.gauge(engine).hits += 1

    def replied(self, engine: str, reply: Reply) -> None:
        """Count a reply that the engine came back with."""
        for gauge in (self.gauge(engine), self._slices[engine]):
            gauge.replies += 1
            gauge.tokens_in += reply.tokens_in
            gauge.tokens_out += reply.tokens_out

    def worked(self, engine: str, seconds: float, *, waiting: int, under_way: int) -> None:
        """Note that the engine came back after ``seconds``, with so many requests waiting for it and under way in it. What it
        came back with is to be told next, so that a row has the replies of its own work.
        """
        now = self.now()
        part = self._slices.get(engine)
        if part is not None and part.ended - part.began >= _SLICE_SECONDS:
            self._row(engine)
            part = None
        if part is None:
            part = self._slices[engine] = _Slice(began=now - seconds)
        part.ended, part.waiting, part.under_way = now, waiting, under_way
        for gauge in (self.gauge(engine), part):
            gauge.busy_seconds += seconds
            gauge.largest = max(gauge.largest, under_way)

    def finish(self) -> None:
        """The rows of what has not had one yet."""
        for engine in sorted(self._slices):
            self._row(engine)

    @property
    def seconds(self) -> float:
        return self.now() - self.began

    def _row(self, engine: str) -> None:
        part = self._slices.pop(engine)
        self.on_row(
            EngineRecord(
                engine=engine,
                began_wall=part.began - self.began,
                ended_wall=part.ended - self.began,
                busy_seconds=part.busy_seconds,
                n_replies=part.replies,
                largest_batch=part.largest,
                waiting=part.waiting,
                under_way=part.under_way,
                tokens_in=part.tokens_in,
                tokens_out=part.tokens_out,
            )
        )
