"""The progress of a training run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from simcons.counted import rough_time

_EARLIEST_ESTIMATE = 5.0  # seconds of training after which the time left may be estimated


@dataclass(frozen=True, slots=True)
class TrainingProgress:
    """A training run after a step; `str` gives a line: ``step 40 of 200 · loss 1.92 · held out 2.01 · 84 tokens/s · 6 min left``.

    loss: of the last steps; held_out_loss: when it was last measured; NaN where not known yet. seconds: since training began,
    or was gone on with, ``steps_now`` steps ago. tokens: of all steps so far, prompts included.
    """

    step: int
    n_steps: int
    steps_now: int
    loss: float
    held_out_loss: float
    seconds: float
    tokens: int
    tokens_per_second: float

    @property
    def seconds_left(self) -> float | None:
        """An estimate; None while it is too early for one."""
        if not self.steps_now or self.seconds < _EARLIEST_ESTIMATE:
            return None
        return (self.n_steps - self.step) * self.seconds / self.steps_now

    def __str__(self) -> str:
        return " · ".join(text for text in (f"step {self.step:,} of {self.n_steps:,}", self.figures) if text)

    @property
    def figures(self) -> str:
        """All but the step: losses, speed and the time left, as far as they are known."""
        return " · ".join(self._figures())

    def _figures(self) -> Iterator[str]:
        if self.loss == self.loss:
            yield f"loss {self.loss:.3f}"
        if self.held_out_loss == self.held_out_loss:
            yield f"held out {self.held_out_loss:.3f}"
        if self.tokens_per_second:
            yield f"{self.tokens_per_second:,.0f} tokens/s"
        if self.seconds_left:
            yield f"{rough_time(self.seconds_left)} left"


OnProgress: TypeAlias = Callable[[TrainingProgress], None]


def unseen(progress: TrainingProgress) -> None:
    """Nobody looks."""
