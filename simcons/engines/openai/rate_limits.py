"""Rates at which a server may be asked: requests a minute, and the wait after a failure."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime

from simcons.seeds import stream

LONGEST_DELAY = 60.0  # seconds between attempts, where the server does not ask for more


class Pace:
    """So much a minute, kept by spacing: whatever is taken holds back what follows for its share of a minute.

    Over any minute no more begins than ``per_minute`` and one. None is no limit. ``clock`` tells seconds.
    """

    def __init__(self, per_minute: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds_each = 60 / per_minute if per_minute else 0.0
        self._clock = clock
        self._free_at = -math.inf

    def take(self, amount: float = 1.0) -> float:
        """Book ``amount``; the seconds to wait before using it."""
        now = self._clock()
        start = max(now, self._free_at)
        self._free_at = start + amount * self._seconds_each
        return start - now

    def correct(self, amount: float) -> None:
        """Book ``amount`` more, or give it back where it is negative: what was taken turned out otherwise."""
        self._free_at += amount * self._seconds_each


def backoff_seconds(seed: int, attempt: int, first_seconds: float) -> float:
    """Exponential back-off with full jitter: uniform below ``first_seconds`` doubled for each attempt from 0.

    Drawn by the request's seed, so that requests which failed together do not come back together.
    """
    longest = min(LONGEST_DELAY, first_seconds * 2.0**attempt)
    return longest * float(stream(seed, "back-off", attempt).random())


def retry_after_seconds(header: str | None, *, now: float) -> float | None:
    """The seconds a ``Retry-After`` header asks for (a number or an HTTP date); None where it says nothing sensible.

    ``now`` is seconds since 1970.
    """
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        seconds = _seconds_until(header, now)
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _seconds_until(date: str, now: float) -> float:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return math.nan
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now
