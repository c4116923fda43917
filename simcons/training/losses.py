"""Losses over the steps of a training stage, as it logs them for TensorBoard: while it goes and afterwards."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simcons.training.checkpoint import LOGS, TrainingFolder
from simcons.training.packages import check_packages
from simcons.training.progress import TrainingProgress

_TRAINING, _HELD_OUT = "train/loss", "eval/loss"
_TOKENS, _SECONDS = "train/tokens", "train/seconds"


@dataclass(frozen=True, slots=True)
class Losses:
    """By step; tokens and seconds of all steps so far, as logged last."""

    training: Sequence[tuple[int, float]]
    held_out: Sequence[tuple[int, float]]
    steps: int
    tokens: int
    seconds: float


def read_losses(folder: Path) -> Losses:
    """The losses in the logs of a checkpoint's folder; empty where there are none. Raises MissingPackage."""
    if not (folder / LOGS).is_dir():
        return Losses((), (), 0, 0, 0.0)
    check_packages()
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # takes a second to load

    events = EventAccumulator(str(folder / LOGS), size_guidance={"scalars": 0})
    events.Reload()
    training, held_out, tokens, seconds = (_by_step(events, tag) for tag in (_TRAINING, _HELD_OUT, _TOKENS, _SECONDS))
    steps = max((step for step, _ in (*training, *held_out, *tokens)), default=0)
    return Losses(training, held_out, steps, int(tokens[-1][1]) if tokens else 0, seconds[-1][1] if seconds else 0.0)


def _by_step(events: Any, tag: str) -> list[tuple[int, float]]:
    """The last value of each step: those after the last saved one are done again after an interruption."""
    if tag not in events.Tags()["scalars"]:
        return []
    return sorted({event.step: float(event.value) for event in events.Scalars(tag)}.items())


def progress_of(folder: Path, losses: Losses) -> TrainingProgress | None:
    """The progress of a training that has not ended; None before its first saved step, which says how many there will be."""
    saved = TrainingFolder(folder).last_step()
    if saved is None:
        return None
    state = json.loads((saved / "trainer_state.json").read_text(encoding="utf-8"))
    return TrainingProgress(
        step=losses.steps,
        n_steps=state["max_steps"],
        steps_now=losses.steps,
        loss=losses.training[-1][1] if losses.training else float("nan"),
        held_out_loss=losses.held_out[-1][1] if losses.held_out else float("nan"),
        seconds=losses.seconds,
        tokens=losses.tokens,
        tokens_per_second=losses.tokens / max(losses.seconds, 1e-9),
    )
