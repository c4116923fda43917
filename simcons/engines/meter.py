"""The work of a run's engines over wall time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from simcons.engines.base import Reply
from simcons.engines.usage import Usage, usage_of
from simcons.records import EngineRecord

_HIT = Usage(n_hits=1)
_SLICE_SECONDS = 0.5  # of wall time a row stands for, at least


@dataclass(slots=True)
class Gauge:
    """One engine's work so far, and since the last row."""

    usage: Usage = field(default_factory=Usage)  # without prices
    busy_seconds: float = 0.0
    largest: int = 0  # requests it had at a time, at most


@dataclass(slots=True)
class _Slice(Gauge):
    """The work that no row records yet, from the beginning of the first piece to the end of the last."""

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
        self.gauge(engine).usage += _HIT

    def replied(self, engine: str, reply: Reply) -> None:
        """Count a reply that the engine came back with."""
        usage = usage_of(reply)
        for gauge in (self.gauge(engine), self._slices[engine]):
            gauge.usage += usage

    def worked(self, engine: str, seconds: float, *, waiting: int, under_way: int) -> None:
        """Note that the engine came back after ``seconds``, with so many requests waiting for it and under way in it. What it
        came back with is to be told next, so that a row has the replies of its own work.
        """
        now = self.now()
        current = self._slices.get(engine)
        if current is not None and current.ended - current.began >= _SLICE_SECONDS:
            self._row(engine)
            current = None
        if current is None:
            current = self._slices[engine] = _Slice(began=now - seconds)
        current.ended, current.waiting, current.under_way = now, waiting, under_way
        for gauge in (self.gauge(engine), current):
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
        current = self._slices.pop(engine)
        self.on_row(
            EngineRecord(
                engine=engine,
                began_wall=current.began - self.began,
                ended_wall=current.ended - self.began,
                busy_seconds=current.busy_seconds,
                n_replies=current.usage.n_calls,
                largest_batch=current.largest,
                waiting=current.waiting,
                under_way=current.under_way,
                tokens_in=current.usage.tokens_in,
                tokens_out=current.usage.tokens_out,
            )
        )
