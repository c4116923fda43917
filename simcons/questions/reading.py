"""Reading: the claims that a text makes, its verdict, and how it is written. All of it observable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from simcons.engines.base import Act
from simcons.questions.bank import SIGN, Question
from simcons.records import MissingReason


@dataclass(frozen=True, slots=True)
class Mention:
    """One claim of the question made in a text."""

    claim: int  # index into Question.claims
    polarity: int  # 1 asserted, -1 denied
    sentence: int  # index of the sentence where it is made first
    strength: float  # 1 said outright; less where it is hedged or reported as some people's view


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as read against one question."""

    mentions: tuple[
        Mention, ...
    ]  # at most one a claim, in order of appearance, or that of the claims where it is not known
    verdict: (
        float | None
    )  # from -1 (against the position) over 0 (says it is torn) to 1 (for); None: says nothing on it
    n_words: int
    n_sentences: int
    on_topic: float  # share of sentences that make a claim, give a verdict, or speak of the question's subject
    repetition: float  # share of the text that says again what it has said
    fluency: float  # 0 a list of keywords, 1 running prose
    first_person: float  # share of sentences that speak as one person ("I", "my")
    directed: bool  # speaks to whoever rates it ("give this a 7") rather than about the question
    complete: bool  # ends where a sentence ends
    n_contradicted: int = 0  # claims that it both asserts and denies, neither as somebody else's view
    missing: MissingReason | None = (
        None  # why a language model gave no reading; mentions and verdict are then not known
    )
    reply: str = ""  # the reply of that model that could not be used


class Reader(Protocol):
    """Reads texts. What it makes of a text depends on the question and that text alone."""

    @property
    def name(self) -> str:
        """As the scenario calls it."""

    def read(self, question: Question, texts: Sequence[str]) -> Act[list[Reading]]:
        """An act that returns one reading for each text, in order."""


def side_taken(question: Question, reading: Reading) -> float:
    """Where a text comes down, from -1 to 1: its verdict, else that of its claims on average; 0 for one that says nothing."""
    if reading.verdict is not None:
        return reading.verdict
    sides = [SIGN[question.claims[mention.claim].side] * mention.polarity for mention in reading.mentions]
    return sum(sides) / len(sides) if sides else 0.0
