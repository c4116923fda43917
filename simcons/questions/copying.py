"""How much of a text stands word for word in other texts."""

from __future__ import annotations

from collections.abc import Iterable

from simcons.questions.sentences import normalise, split_sentences

_SHORTEST = 4  # words; shorter sentences ("I agree.") coincide without being copied


def copied_share(text: str, sources: Iterable[str]) -> float:
    """Share of the sentences of ``text`` that stand, up to case and punctuation, in one of ``sources``; 0 for no sentences."""
    sentences = [sentence for part in split_sentences(text) if len((sentence := normalise(part)).split()) >= _SHORTEST]
    if not sentences:
        return 0.0
    bodies = [f" {normalise(source)} " for source in sources]
    return sum(any(f" {sentence} " in body for body in bodies) for sentence in sentences) / len(sentences)
