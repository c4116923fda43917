"""Answers on a scale in a language model's own words.

All patterns read lower case without apostrophes or decoration, marks kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from simcons.languages.text import NEVER
from simcons.scale import LOWEST

Labels: TypeAlias = tuple[str, str, str, str, str, str, str]  # from the least to the most


def as_they_stand(labels: Labels) -> dict[str, int]:
    """Points by their labels."""
    return {label: point for point, label in enumerate(labels, start=LOWEST)}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCues:
    """Signs of an answer, and of one that is taken back.

    declining: replies that are no answers. scale_named: mentions of the scale itself, and in_person of who speaks, which are
    passed over. no_point: a number of something else ("60%"); after_number: what may follow one that is an answer.
    number_words: as an answer alone. label_forms: ways to say each label. lead: the only words that may come before an answer.
    taking_back: words that take some of it back before the next ``clause_end``; taking_back_next: the same at the head of the
    next clause; condition: anywhere before a ``reason``.
    """

    number_words: tuple[str, str, str, str, str, str, str]
    lead: frozenset[str]
    taking_back: frozenset[str]
    label_forms: Callable[[Labels], Mapping[str, int]] = as_they_stand
    declining: re.Pattern[str] = NEVER
    scale_named: re.Pattern[str] = NEVER
    in_person: re.Pattern[str] = NEVER
    no_point: re.Pattern[str] = re.compile(r"\b\d[\d.,]*(?:%|[^\W\d_])\w*|[<>≥≤~≈±]\s*\d")
    after_number: re.Pattern[str] = re.compile(r"\s*(?:$|[,:=()/-])")
    clause_end: re.Pattern[str] = re.compile(r"[,:()]| - ")
    taking_back_next: re.Pattern[str] = NEVER
    condition: re.Pattern[str] = NEVER
    reason: re.Pattern[str] = NEVER
