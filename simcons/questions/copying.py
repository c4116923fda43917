"""The share of a text that stands word for word in other texts."""

from __future__ import annotations

from collections.abc import Iterable

from simcons.languages.text import TextRules, normalise

_SHORTEST = 4  # words; shorter sentences ("I agree.") coincide without being copied


class Sources:
    """Texts that others may be copied from."""

    def __init__(self, texts: Iterable[str], rules: TextRules) -> None:
        self._rules = rules
        self._bodies = [f" {normalise(text)} " for text in texts]

    def copied_share(self, text: str) -> float:
        """Share of the sentences of ``text`` that stand, up to case and punctuation, in a source; 0 for no sentences."""
        if not self._bodies:
            return 0.0
        sentences = [normalise(sentence) for sentence in self._rules.sentences(text)]
        long_enough = [sentence for sentence in sentences if sentence.count(" ") + 1 >= _SHORTEST]
        copied = sum(any(f" {sentence} " in body for body in self._bodies) for sentence in long_enough)
        return copied / len(long_enough) if long_enough else 0.0
