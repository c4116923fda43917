"""Points made in the bank's own words: wordings and denials, and the frames around them. No model, and no tolerance but for
misspellings and phrases that stand for one another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from simcons.languages.language import Language
from simcons.languages.text import normalise
from simcons.questions.bank import Question
from simcons.questions.forms import forms
from simcons.questions.framing import Framing, framing
from simcons.questions.reading import Mention

_INDEXED = 3  # words that a phrase is looked up by
_FRAMINGS_KEPT = 5_000


@dataclass(frozen=True, slots=True)
class _Phrase:
    """The units (as `Variation.heard` has them) of a wording (1) or denial (-1) of a claim."""

    units: tuple[str, ...]
    claim: int
    polarity: int


@dataclass(frozen=True, slots=True)
class _Span:
    """A phrase at words ``start`` to ``end`` of a sentence."""

    start: int
    end: int
    phrase: _Phrase


class WordingFinder:
    """The wordings and denials of a question in all their forms, ready to be looked for."""

    def __init__(self, question: Question, language: Language) -> None:
        self._variation = language.variation
        self._framing = lru_cache(maxsize=_FRAMINGS_KEPT)(partial(framing, language.reading.framing))
        phrases: dict[tuple[str, ...], _Phrase] = {}
        for claim, asked in enumerate(question.claims):
            for text, polarity in (*((text, 1) for text in asked.assertions), *((text, -1) for text in asked.denials)):
                for form in forms(text):
                    words = self._variation.respelt(normalise(form)).split()
                    units = self._variation.heard(words).units
                    phrases.setdefault(units, _Phrase(units, claim, polarity))
        self._phrases: dict[tuple[str, ...], list[_Phrase]] = defaultdict(list)
        for units, phrase in phrases.items():
            self._phrases[units[:_INDEXED]].append(phrase)

    def find(self, sentence: str) -> tuple[list[Mention], list[str]]:
        """The points a normalised sentence makes in the bank's words (sentence index 0), and the stretches in between."""
        words = sentence.split()
        spans = self._spans(words)
        cuts = [0, *(cut for span in spans for cut in (span.start, span.end)), len(words)]
        between = [" ".join(words[start:end]) for start, end in zip(cuts[::2], cuts[1::2], strict=True)]
        return self._mentions(spans, between), [stretch for stretch in between if stretch]

    def _spans(self, words: Sequence[str]) -> list[_Span]:
        """The places of phrases, longest first where two overlap, in order; each phrase once."""
        taken: list[_Span] = []
        phrases: set[_Phrase] = set()
        for span in sorted(self._anywhere(words), key=lambda span: -len(" ".join(words[span.start : span.end]))):
            if span.phrase not in phrases and all(span.end <= o.start or span.start >= o.end for o in taken):
                taken.append(span)
                phrases.add(span.phrase)
        return sorted(taken, key=lambda span: span.start)

    def _anywhere(self, words: Sequence[str]) -> Iterator[_Span]:
        units, starts, ends = self._variation.heard(words)
        for first, start in enumerate(starts):
            for phrase in self._phrases.get(units[first : first + _INDEXED], ()):
                after = first + len(phrase.units)
                if units[first:after] == phrase.units:
                    yield _Span(start, ends[after - 1], phrase)

    def _mentions(self, spans: list[_Span], between: list[str]) -> list[Mention]:
        mentions: dict[int, Mention] = {}
        before: Framing | None = None
        for i, span in enumerate(spans):
            before = self._framing(between[i], between[i + 1], before=before)
            claim = span.phrase.claim
            mentions.setdefault(claim, Mention(claim, span.phrase.polarity * before.polarity, 0, before.strength))
        return list(mentions.values())
