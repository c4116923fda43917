"""Points made in the bank's own words: wordings and denials, and the frames around them. No model, no tolerance."""

from __future__ import annotations

from dataclasses import dataclass

from simcons.languages.cues import FramingCues
from simcons.languages.text import normalise
from simcons.questions.bank import Question
from simcons.questions.framing import Framing, framing
from simcons.questions.reading import Mention


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A wording (1) or denial (-1) of a claim, normalised, between spaces."""

    text: str
    claim: int
    polarity: int


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    phrase: _Phrase


class WordingFinder:
    """The wordings and denials of a question, ready to be looked for."""

    def __init__(self, question: Question, cues: FramingCues) -> None:
        self._cues = cues
        asserted = [(text, i, 1) for i, claim in enumerate(question.claims) for text in claim.wordings]
        denied = [(claim.denial, i, -1) for i, claim in enumerate(question.claims)]
        phrases = [_Phrase(f" {normalise(text)} ", claim, sign) for text, claim, sign in asserted + denied]
        self._phrases = sorted(phrases, key=lambda phrase: -len(phrase.text))

    def find(self, sentence: str) -> tuple[list[Mention], list[str]]:
        """The points a normalised sentence makes in the bank's words (sentence index 0), and the stretches in between."""
        padded = f" {sentence} "
        spans = self._spans(padded)
        cuts = [0, *(cut for span in spans for cut in (span.start, span.end)), len(padded)]
        between = [padded[start:end].strip() for start, end in zip(cuts[::2], cuts[1::2], strict=True)]
        return self._mentions(spans, between), [stretch for stretch in between if stretch]

    def _spans(self, padded: str) -> list[_Span]:
        """The places of phrases, longest first where two overlap, in order."""
        spans: list[_Span] = []
        for phrase in self._phrases:
            start = padded.find(phrase.text)
            if start >= 0:
                end = start + len(phrase.text) - 1  # the last space may begin the next phrase
                if all(end <= span.start or start >= span.end for span in spans):
                    spans.append(_Span(start, end, phrase))
        return sorted(spans, key=lambda span: span.start)

    def _mentions(self, spans: list[_Span], between: list[str]) -> list[Mention]:
        mentions: dict[int, Mention] = {}
        before: Framing | None = None
        for i, span in enumerate(spans):
            before = framing(self._cues, between[i], between[i + 1], before=before)
            claim = span.phrase.claim
            mentions.setdefault(claim, Mention(claim, span.phrase.polarity * before.polarity, 0, before.strength))
        return list(mentions.values())
