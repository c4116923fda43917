"""What a mediator may see of a round: the question and the opinions, as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from simcons.questions.bank import Question
from simcons.questions.reading import Reading


@dataclass(frozen=True, slots=True)
class SeenOpinion:
    """An opinion as submitted."""

    opinion_id: str
    text: str


@dataclass(frozen=True, slots=True)
class RoundView:
    """One round as the mediator sees it."""

    round_id: str
    question: Question
    opinions: tuple[SeenOpinion, ...]


class Read(Protocol):
    """Reads texts against a question; what it returns follows from the texts alone."""

    def __call__(self, question: Question, texts: Sequence[str]) -> list[Reading]: ...
