"""The size of a stage, or how far it has come, in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simcons.counted import counted
from simcons.training.progress import TrainingProgress


def study(n_groups: int, n_rounds: int, *, of_groups: int | None = None) -> str:
    """of_groups: how many there will be, where the study has not ended."""
    if of_groups is not None:
        return f"{n_groups:,} of {counted(of_groups, 'group')}, {counted(n_rounds, 'round')} so far"
    return f"{counted(n_groups, 'group')}, {counted(n_rounds, 'round')}"


def data(sizes: Mapping[str, int]) -> str:
    """sizes: of the side that is learnt from."""
    kinds = (("sft", "statement"), ("comparisons", "comparison"), ("ratings", "rating"))
    return ", ".join(counted(sizes.get(name, 0), noun) for name, noun in kinds)


def training(record: Mapping[str, Any]) -> str:
    """record: of a training that has ended, as its manifest has it."""
    kept = "the last" if record["kept_step"] == record["steps"] else f"step {record['kept_step']:,}"
    size = f"{counted(record['examples'], 'example')}, {counted(record['steps'], 'step')} ({kept} kept)"
    metrics = record["metrics"]
    before, after = metrics.get("held_out_loss_before"), metrics.get("held_out_loss")
    if before is None or after is None:
        return size
    return f"{size}, held-out loss {before:.3f} before and {after:.3f} after"


def training_so_far(progress: TrainingProgress | None, n_steps: int) -> str:
    """progress: as it is shown while it goes; None where no step was saved yet, which would say how many there are."""
    return f"{counted(n_steps, 'step')} so far" if progress is None else str(progress)
