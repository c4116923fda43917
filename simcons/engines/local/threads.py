"""The number of threads that torch should use on a CPU that others may be using too."""

from __future__ import annotations

import statistics
import time
from functools import cache

import torch

_PRODUCTS = 12  # timed together
_REPEATS = 7  # with each number of threads, in turn: that a neighbour woke up for a moment is not to decide


def settle_threads(dtype: torch.dtype = torch.float32) -> int:
    """Keep torch's threads where they help now, else use one. Returns the number.

    On a busy machine the threads of one operation wait for each other to be scheduled: two of them can be thirty
    times slower than one. Small products like a language model's, in the ``dtype`` it runs in, tell which it is. Asked at every
    model that is loaded, since neighbours come and go.
    """
    n_threads = _all_threads()
    if n_threads > 1:
        seconds: dict[int, list[float]] = {1: [], n_threads: []}
        for _ in range(_REPEATS):
            for n, timed in seconds.items():
                torch.set_num_threads(n)
                timed.append(_seconds(dtype))
        torch.set_num_threads(min(seconds, key=lambda n: statistics.median(seconds[n])))
    return torch.get_num_threads()


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
