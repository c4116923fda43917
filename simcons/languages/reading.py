"""Answers of a language model that is asked what a text says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadingAnswer:
    """One answer: a word that stands for it alone, and its meaning as an option in a list."""

    word: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingAnswers:
    """Answers on a claim, and on where a text comes down. ``verdict_key`` names the latter where all are given in one object."""

    asserts: ReadingAnswer
    denies: ReadingAnswer
    neither: ReadingAnswer
    in_favour: ReadingAnswer
    against: ReadingAnswer
    torn: ReadingAnswer
    not_said: ReadingAnswer
    verdict_key: str
