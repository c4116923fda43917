"""The messages of a training run, and its record in the manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, Protocol, TypeVar

from simcons.counted import counted, listed
from simcons.messages import Message, OnMessage
from simcons.storage.provenance import git_commit, machine, versions
from simcons.training.checkpoint import Start
from simcons.training.machine import Machine, peak_memory
from simcons.training.trainer import GuardedTrainer

_LIBRARIES = ("trl", "peft", "accelerate", "datasets")
NO_MORE: Mapping[str, float] = {}

_MOST_NAMED = 5  # examples in a message; the manifest has all
_HELD_OUT = "eval_"
_NO_METRICS = ("runtime", "per_second", "num_tokens", "model_preparation_time")


@dataclass(frozen=True, slots=True)
class TrainingRecord:
    """The making of a checkpoint, for its manifest.

    examples, held_out: how many were learnt from, and how many the stopping went by. left_out: ids of others, by the reason.
    metrics: at the step that was kept, the best on held-out examples; those that end in ``_before`` are of what training began
    from. tokens, seconds: of all steps, prompts included.
    """

    data: str
    data_hash: str
    settings: dict[str, Any]
    examples: int
    held_out: int
    left_out: dict[str, list[str]]
    steps: int
    kept_step: int
    metrics: dict[str, float]
    tokens: int
    seconds: float
    peak_memory: float
    machine: dict[str, Any]
    versions: dict[str, str | None] = field(default_factory=lambda: versions(*_LIBRARIES))
    git_commit: str | None = field(default_factory=git_commit)
    ended_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    @property
    def tokens_per_second(self) -> float:
        return self.tokens / max(self.seconds, 1e-9)

    def document(self) -> dict[str, Any]:
        return {**asdict(self), "tokens_per_second": round(self.tokens_per_second, 1)}


class Sized(Protocol):
    """An example as it is read."""

    @property
    def n_tokens(self) -> int: ...


Read = TypeVar("Read", bound=Sized)


@dataclass(frozen=True, slots=True)
class Examples(Generic[Read]):
    """The examples to learn from, those that stopping goes by, and ids of what is too long for either."""

    learnt: list[Read]
    held_out: list[Read]
    too_long: list[str]

    @property
    def longest(self) -> int:
        return max(example.n_tokens for example in (*self.learnt, *self.held_out))


def recorded(
    trainer: GuardedTrainer,
    start: Start,
    settled: Machine,
    examples: Examples[Any],
    more: Mapping[str, float] = NO_MORE,
) -> TrainingRecord:
    """The record of what ``trainer`` has done. more: measures that it did not log."""
    state = trainer.state
    kept = state.best_global_step or state.global_step
    return TrainingRecord(
        data=start.data,
        data_hash=start.data_hash,
        settings=start.settings,
        examples=len(examples.learnt),
        held_out=len(examples.held_out),
        left_out={"too long": examples.too_long} if examples.too_long else {},
        steps=state.global_step,
        kept_step=kept,
        metrics={**logged_metrics(state.log_history, kept), **more},
        tokens=trainer.pace.tokens,
        seconds=round(trainer.pace.seconds, 1),
        peak_memory=peak_memory(settled.device),
        machine={**machine(), **asdict(settled)},
    )


def logged_metrics(history: Sequence[Mapping[str, float]], kept: int) -> dict[str, float]:
    """The last training loss before the step that was kept, and what was measured of held-out examples there and at first."""
    losses = [entry["loss"] for entry in history if "loss" in entry and entry["step"] <= kept]
    before = _held_out(history, step=0)
    return {
        **({"loss": losses[-1]} if losses else {}),
        **{f"held_out_{name}": value for name, value in _held_out(history, step=kept).items()},
        **{f"held_out_{name}_before": value for name, value in before.items()},
    }


def _held_out(history: Sequence[Mapping[str, float]], *, step: int) -> dict[str, float]:
    measured = [entry for entry in history if entry["step"] == step and f"{_HELD_OUT}loss" in entry]
    return {
        name.removeprefix(_HELD_OUT): value
        for entry in measured[-1:]
        for name, value in entry.items()
        if name.startswith(_HELD_OUT) and not name.endswith(_NO_METRICS)
    }


def say_left_out(on_message: OnMessage, too_long: Sequence[str], n_all: int, limit: int, noun: str) -> None:
    """Say how many examples are longer than the limit, and which."""
    if not too_long:
        return
    more = len(too_long) - _MOST_NAMED
    named = listed([*too_long[:_MOST_NAMED], *([f"{more:,} more"] if more > 0 else [])])
    on_message(
        Message(
            f"{counted(len(too_long), noun)} of {n_all:,} left out: longer than {limit:,} tokens ({named})",
            kind="warning",
        )
    )
