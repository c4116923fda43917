"""The number of threads that torch should use on a CPU that others may be using too."""

from __future__ import annotations

import math
import statistics
import time
from functools import cache

import torch

_PRODUCTS = 12  # timed together
_HOLDS = 300.0  # seconds for which what was settled is taken to hold
_REPEATS = 7  # with each number of threads, in turn: that a neighbour woke up for a moment is not to decide

_SETTLED: dict[torch.dtype, tuple[int, float]] = {}  # by dtype, threads and when they were settled


def settle_threads(device: torch.device, dtype: torch.dtype) -> int:
    """On the CPU, keep torch's threads where they help now, else use one. Returns the number.

    On a busy machine the threads of one operation wait for each other to be scheduled: two of them can be thirty
    times slower than one. Small products like a language model's, in the ``dtype`` it runs in, tell which it is. To be called
    before each piece of work: models of several dtypes may be at work in turn, and neighbours come and go.
    """
    if device.type != "cpu":
        return torch.get_num_threads()
    n_threads, settled = _SETTLED.get(dtype, (1, -math.inf))
    if time.monotonic() - settled > _HOLDS:
        n_threads = _fastest(dtype)
        _SETTLED[dtype] = n_threads, time.monotonic()
    torch.set_num_threads(n_threads)
    return n_threads


def _fastest(dtype: torch.dtype) -> int:
    if _all_threads() == 1:
        return 1
    seconds: dict[int, list[float]] = {1: [], _all_threads(): []}
    for _ in range(_REPEATS):
        for n, timed in seconds.items():
            torch.set_num_threads(n)
            timed.append(_seconds(dtype))
    return min(seconds, key=lambda n: statistics.median(seconds[n]))


@cache
def _all_threads() -> int:
    """Those that torch had when it was first asked."""
    return torch.get_num_threads()


@torch.inference_mode()
def _seconds(dtype: torch.dtype) -> float:
    """The time of some products; one more warms up."""
    left, right = torch.ones(64, 576, dtype=dtype), torch.ones(576, 1536, dtype=dtype)
    left @ right
    began = time.perf_counter()
    for _ in range(_PRODUCTS):
        left @ right
    return time.perf_counter() - began
