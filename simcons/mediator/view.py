"""A round as a mediator may see it: the question, the opinions as text, and what readers make of texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simcons.questions.bank import Question
from simcons.questions.reading import Reader


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
    readers: Mapping[str, Reader]  # by name
