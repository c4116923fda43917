"""Readers as those who need one are given it: by name, and as acts, for some may have to ask a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from simcons.engines.acts import at_once
from simcons.engines.base import Act, Encode
from simcons.questions.bank import Question
from simcons.questions.reader import Reader
from simcons.questions.reading import Reading


class TextReader(Protocol):
    """Finds in texts what they say on a question. What it returns follows from question and texts alone."""

    @property
    def name(self) -> str:
        """As the scenario calls it."""

    def read(self, question: Question, texts: Sequence[str]) -> Act[list[Reading]]:
        """A reading of each text, in order."""


class ClaimReader:
    """Compares texts with the wordings of claims, and with ``encode`` by their meaning too; asks for nothing.

    Questions are made ready for reading when they first come up.
    """

    def __init__(self, name: str = "reader", *, encode: Encode | None = None) -> None:
        self.name = name
        self._encode = encode
        self._readers: dict[str, Reader] = {}

    def read(self, question: Question, texts: Sequence[str]) -> Act[list[Reading]]:
        if question.id not in self._readers:
            self._readers[question.id] = Reader(question, self._encode)
        return at_once(self._readers[question.id].read_many(texts))
