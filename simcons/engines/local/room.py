"""How many requests are answered at a time: on a CPU as many as there is room for in memory.

A GPU that has no memory left says so, and batches are halved; a process of a CPU that takes too much is ended by the system.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simcons.engines.local.decoding import GenerationJob
from simcons.engines.local.language_model import LanguageModel
from simcons.engines.local.prefill import n_common

# Keys and values of a batch. While prompts are read and put together, as much again is held for a moment.
CACHE_BYTES = 3 << 29


def n_that_fit(model: LanguageModel, jobs: Sequence[GenerationJob], n_more: int) -> int:
    """How many of ``jobs``, from the first on, can be answered together, each with at most ``n_more`` tokens; at least 1."""
    each = _token_bytes(model.network.config.get_text_config())
    if model.device.type != "cpu" or each is None:
        return len(jobs)
    room, first, prompts, width, n_shared = CACHE_BYTES // each, jobs[0].prompt, set(), 0, len(jobs[0].prompt)
    for place, job in enumerate(jobs):
        prompts.add(job.prompt)
        width = max(width, len(job.prompt))
        n_shared = min(n_shared, n_common(first, job.prompt)) if model.shares_prefixes else 0
        n_kept = len(prompts) if model.goes_on else place + 1
        if n_shared + n_kept * (width - n_shared) + (place + 1) * n_more > room:
            return max(1, place)
    return len(jobs)


def _token_bytes(config: Any) -> int | None:
    """Of the keys and values of one token, in float32 as attention on the CPU has them; None for a model of another kind."""
    try:
        dim = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
        n_heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
        return int(2 * 4 * config.num_hidden_layers * n_heads * dim)
    except AttributeError:
        return None
