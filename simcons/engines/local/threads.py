"""The number of threads that torch should use on a CPU that others may be using too."""

from __future__ import annotations

import time
from functools import cache

import torch

_ROUNDS = 30


@cache  # the number of threads is the process's own: settled once for each dtype that is used
def settle_threads(dtype: torch.dtype = torch.float32) -> int:
    """Keep torch's threads where they help, else use one. Returns the number.

    On a busy machine the threads of one operation wait for each other to be scheduled: two of them can be thirty
    times slower than one. A small product like a language model's, in the ``dtype`` it runs in, tells which it is now.
    """
    n_threads = torch.get_num_threads()
    if n_threads > 1:
        with_all = _seconds(dtype)
        torch.set_num_threads(1)
        if with_all < _seconds(dtype):
            torch.set_num_threads(n_threads)
    return torch.get_num_threads()


@torch.inference_mode()
def _seconds(dtype: torch.dtype) -> float:
    """The time of some products, the first few left out."""
    left, right = torch.ones(64, 576, dtype=dtype), torch.ones(576, 1536, dtype=dtype)
    began = time.perf_counter()
    for k in range(_ROUNDS):
        if k == 3:
            began = time.perf_counter()
        left @ right
    return time.perf_counter() - began
