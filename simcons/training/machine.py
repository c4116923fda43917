"""The machine that trains: what products are done in, how many examples are read at a time, what is worked out twice."""

from __future__ import annotations

import os
import resource
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from simcons.engines.local.dtypes import fastest_dtype, physical_memory
from simcons.engines.local.language_model import device_named
from simcons.engines.local.models import in_one_line
from simcons.engines.local.threads import settle_threads
from simcons.errors import EngineError, ScenarioError
from simcons.training.recipes import MachineSettings, TrainingSettings

# Values a layer keeps of each token for the backward pass, by its sizes: SmolLM2 with LoRA on all maps, in float32, keeps 85 kB.
_OF_HIDDEN, _OF_INNER = 14, 9
_BYTES = {"float32": 4.0, "bfloat16": 2.6}  # some are kept in float32 all the same
_ROOM = 0.6  # share of the memory for activations
_STATUS, _CLEAR_REFS = Path("/proc/self/status"), Path("/proc/self/clear_refs")  # of Linux; 5 clears the peak


@dataclass(frozen=True, slots=True)
class Machine:
    """Settings of training that the machine decides.

    rows: examples read at a time; accumulated: how many times before a step; processes: in all.
    """

    device: str
    dtype: str
    threads: int
    rows: int
    accumulated: int
    checkpointing: bool
    processes: int = 1

    @property
    def low_precision(self) -> bool:
        return self.dtype == "bfloat16"


@dataclass(frozen=True, slots=True)
class Products:
    """Where products are made, and in which dtype."""

    device: torch.device
    dtype: str


def settled_products(settings: MachineSettings, folder: Path) -> Products:
    """Those of the settings, else the fastest for the model in ``folder``. Raises EngineError for an unusable device."""
    device = device_named(settings.device)
    if settings.dtype != "auto":
        return Products(device, settings.dtype)
    with in_one_line(EngineError, f"device {str(device)!r} cannot be used"):
        return Products(device, fastest_dtype(folder, device))


def settled_machine(settings: TrainingSettings, network: Any, products: Products, *, longest: int) -> Machine:
    """The rest of it, for examples of at most ``longest`` tokens.

    One example at a time is the fastest on a CPU: some hundred tokens fill it, and nothing is padded. Raises ScenarioError for a
    batch that the processes cannot share.
    """
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    if settings.batch_size % processes:
        raise ScenarioError(
            f"batch_size: value {settings.batch_size}: expected a multiple of the {processes} processes"
        )
    device, dtype, given = products.device, products.dtype, settings.machine
    share = settings.batch_size // processes
    fit = int(_ROOM * free_memory(device) / (activation_bytes(network.config, dtype) * longest))
    most = given.rows or (1 if device.type == "cpu" else max(1, fit))
    rows = max(n for n in range(1, share + 1) if share % n == 0 and n <= most)
    return Machine(
        device=str(device),
        dtype=dtype,
        threads=settle_threads(device, getattr(torch, dtype)),
        rows=rows,
        accumulated=share // rows,
        checkpointing=fit < 1 if given.checkpointing is None else given.checkpointing,
        processes=processes,
    )


def activation_bytes(config: Any, dtype: str) -> float:
    """Bytes kept of a token for the backward pass, roughly, by a model of this configuration."""
    of_text = config.get_text_config()
    hidden = int(of_text.hidden_size)
    inner = int(getattr(of_text, "intermediate_size", None) or 4 * hidden)
    return int(of_text.num_hidden_layers) * (_OF_HIDDEN * hidden + _OF_INNER * inner) * _BYTES[dtype]


def free_memory(device: torch.device) -> float:
    """Bytes of a GPU that are not in use; all there are, for a CPU."""
    if device.type == "cuda":
        return float(torch.cuda.mem_get_info(device)[0])
    return physical_memory()


def forget_peak(device: str) -> None:
    """Have `peak_memory` count from now on, so that it is not that of a loop's earlier stage. On a CPU Linux alone can."""
    if torch.device(device).type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        return
    with suppress(OSError):
        _CLEAR_REFS.write_text("5", encoding="ascii")


def peak_memory(device: str) -> float:
    """The most bytes that were in use at a time: of the GPU's memory there, else of this process, what it held before too."""
    if torch.device(device).type == "cuda":
        return float(torch.cuda.max_memory_allocated(device))
    lines = _STATUS.read_text(encoding="utf-8").splitlines() if _STATUS.exists() else []
    for line in lines:
        if line.startswith("VmHWM"):
            return 1024.0 * int(line.split()[1])
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024))
