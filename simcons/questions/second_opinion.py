"""Where a text comes down by the claims it makes: a second opinion, where it says so in no words or in unclear ones."""

from __future__ import annotations

from collections.abc import Sequence

from simcons.languages.cues import VerdictCues
from simcons.questions.bank import SIGN, Question
from simcons.questions.reading import Mention

WEAK = 0.4  # of 1: claims tell less surely than words of verdict
_POINTS_OF_A_GROUP = 2  # a group that gives one argument has not said where it comes down
_SENTENCES, _WORDS = 3, 25  # nor has a person who says one thing, or two in few words
_AT_ONCE = 8  # words of the next sentence in which a point may be set aside


def second_opinion(
    question: Question, cues: VerdictCues, sentences: Sequence[str], mentions: Sequence[Mention], *, group: bool
) -> float | None:
    """A weak verdict from the sides of the claims that a text makes, or None where they are few or mixed.

    ``sentences``: normalised; ``group``: the text speaks as one. A claim granted ("I know it costs, but ...") counts for the
    other side. Common ground says nothing.
    """
    n_words = sum(len(sentence.split()) for sentence in sentences)
    if len(sentences) < 2 or (not group and len(sentences) < _SENTENCES and n_words < _WORDS):
        return None
    weights = {1: 0.0, -1: 0.0}
    for mention in mentions:
        if side := SIGN[question.claims[mention.claim].side] * mention.polarity:
            weights[-side if _is_granted(cues, sentences, mention.sentence) else side] += mention.strength
    side = 1 if weights[1] > weights[-1] else -1
    if not weights[side] or weights[-side] or (group and weights[side] < _POINTS_OF_A_GROUP):
        return None
    return side * WEAK


def _is_granted(cues: VerdictCues, sentences: Sequence[str], index: int) -> bool:
    """True of a point in a sentence that grants it, to set it aside there or at the beginning of the next."""
    if not cues.granting.search(sentences[index]):
        return False
    after = " ".join(sentences[index + 1].split()[:_AT_ONCE]) if index + 1 < len(sentences) else ""
    return any(cues.setting_aside.search(text) for text in (sentences[index], after))


def settled(verdict: float | None, by_claims: float | None, *, sure: bool) -> float | None:
    """The verdict of a text from its words of verdict and its claims.

    Where they disagree and the words are not ``sure``, the claims are right more often: many an order or praise in a long text
    speaks of something else.
    """
    if verdict is None or (not sure and by_claims is not None and verdict * by_claims < 0):
        return by_claims
    return verdict
