"""Typing: what becomes of a text under the fingers of somebody who is more or less tidy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from simcons.languages.language import Language

_MISSPELLING = 0.08  # share of the words that people misspell which the untidiest do
_SENTENCE_START = re.compile(r"(?<=[.!?] )[A-Z](?![A-Z'])")


def typed(sentences: Sequence[str], verdict: str, language: Language, tidiness: float, draws: Iterator[float]) -> str:
    """A text as typed by somebody of that ``tidiness``, from 0 to 1: the untidy misspell, and drop apostrophes, capitals, commas
    and the last full stop. The ``verdict`` is never misspelt, as nobody is to be heard on the other side for it.
    """
    rate = _MISSPELLING * (1 - tidiness) ** 1.5
    text = " ".join(
        sentence if sentence == verdict else language.variation.misspelt(sentence, rate, draws)
        for sentence in sentences
    )
    if next(draws) > tidiness + 0.25:
        text = text.replace("'", "")
    lower_case = next(draws) - tidiness
    if lower_case > 0.35:
        text = text if text[1:2].isupper() else text[0].lower() + text[1:]
        text = language.opinions.lone_pronoun.sub(lambda pronoun: pronoun[0].lower(), text)
    if lower_case > 0.55:
        text = _SENTENCE_START.sub(lambda first: first[0].lower(), text)
    if next(draws) > tidiness + 0.45:
        text = text.replace(", ", " ")
    if next(draws) > tidiness + 0.15:
        text = text.rstrip(".")
    return text
