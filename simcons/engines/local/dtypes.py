"""Which floating-point type a model should run in on this processor, found by trying.

bfloat16 halves memory everywhere, but a CPU without AVX512-BF16 or AMX multiplies it four to eight times more slowly than
float32, and no library tells beforehand which it will be.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import torch

from simcons.engines.local.models import in_one_line
from simcons.errors import ModelNotFound

ROWS = 32  # of a product: a batch of replies being written
MOST_COLUMNS = 4096  # of a product, whatever the model has: as telling, and done in an instant
REPEATS = 5  # the fastest counts: a neighbour on the machine can slow a product, nothing can speed it up
CLEARLY = 0.9  # of float32's time; bfloat16 has to beat that, since it is the coarser
MOST_MEMORY = 0.5  # of the machine's, for weights in float32


def fastest_dtype(folder: Path, device: torch.device) -> str:
    """``float32`` or ``bfloat16`` for the model in ``folder``: the faster in products of its own shapes on ``device``.

    A tie goes to float32, a model too large for it to bfloat16.
    """
    n_bytes = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
    if device.type == "cpu" and 2 * n_bytes > MOST_MEMORY * physical_memory():
        return "bfloat16"
    seconds = product_seconds(folder, device)
    return "bfloat16" if seconds["bfloat16"] < CLEARLY * seconds["float32"] else "float32"


@torch.inference_mode()
def product_seconds(folder: Path, device: torch.device) -> dict[str, float]:
    """Seconds of one product through the model's widest layer, by dtype, on one thread."""
    n_in, n_out = _shape(folder)
    products = {}
    for name, dtype in (("float32", torch.float32), ("bfloat16", torch.bfloat16)):
        rows, weights = (torch.ones(n, n_in, dtype=dtype, device=device) for n in (ROWS, n_out))
        products[name] = _product(rows, weights)
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        timings: dict[str, list[float]] = {name: [] for name in products}
        for _ in range(1 + REPEATS):
            for name, product in products.items():
                timings[name].append(_seconds(product, device))
    finally:
        torch.set_num_threads(n_threads)
    return {name: min(seconds[1:]) for name, seconds in timings.items()}  # the first of each warms up


def _product(rows: torch.Tensor, weights: torch.Tensor) -> Callable[[], torch.Tensor]:
    return lambda: torch.nn.functional.linear(rows, weights)


def _seconds(product: Callable[[], torch.Tensor], device: torch.device) -> float:
    began = time.perf_counter()
    product()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - began


def _shape(folder: Path) -> tuple[int, int]:
    """Columns in and out of the widest layer but the last."""
    with in_one_line(ModelNotFound, f"model folder {str(folder)!r} has an unreadable config.json"):
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        config = config.get("text_config") or config
        n_in = int(config.get("hidden_size") or config.get("n_embd") or 1024)
        n_out = int(config.get("intermediate_size") or config.get("n_inner") or 4 * n_in)
    return min(n_in, MOST_COLUMNS), min(n_out, MOST_COLUMNS)


def physical_memory() -> float:
    return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
