"""The trained reader: words of the bank as they stand, anything else by a network learnt from labelled texts.

The network reads text and position once, and says of every claim whether it is asserted or denied, and where the text comes
down. Small networks weigh that with what the rules hear. `docs/decisions/reader.md` has how well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from simcons.arrays import Floats
from simcons.engines.acts import at_once
from simcons.engines.base import Act, Encode, Hear, HeardText, Topic
from simcons.languages.language import Language
from simcons.languages.text import normalise
from simcons.questions.bank import SIGN, Question
from simcons.questions.claim_phrases import ClaimPhrases
from simcons.questions.framing import strength
from simcons.questions.reader import QuestionReader
from simcons.questions.reading import Mention, Reading
from simcons.questions.remembered import RememberingEncoder
from simcons.questions.small_network import SmallNetwork, shaped
from simcons.questions.trained_weights import ReaderWeights, claim_key, position_key

NEITHER, ASSERTED, DENIED = 0, 1, 2  # of a claim
N_STANCES = 3
FOR, AGAINST, TORN, NOT_SAID = 0, 1, 2, 3  # of the position
N_ANSWERS = 4
N_CLAIM_FEATURES = N_STANCES + 2
N_VERDICT_FEATURES = 3 * N_ANSWERS + 1
_AT_ONCE = 64  # texts
_VECTORS_KEPT = 4096  # 6 MB


def topic_of(question: Question, phrases: ClaimPhrases) -> Topic:
    """A question as the network knows it."""
    keys = [claim_key(claim) for claim in question.claims]
    return Topic(question.position, position_key(question), phrases.middles, keys)


@dataclass(frozen=True, slots=True)
class Heads:
    """The small networks of a trained reader, and the probabilities from which it says something."""

    claims: SmallNetwork
    verdict: SmallNetwork
    found: float  # to be touched: claims above are found
    sided: float  # of the likelier side: verdicts above are given

    @classmethod
    def of(cls, weights: ReaderWeights) -> Heads:
        """Raises ValueError where an array is missing or of another shape."""
        claims = SmallNetwork.of(weights.heads, "claims", n_features=N_CLAIM_FEATURES, n_answers=N_STANCES)
        verdict = SmallNetwork.of(weights.heads, "verdict", n_features=N_VERDICT_FEATURES, n_answers=N_ANSWERS)
        found, sided = (float(value) for value in shaped(weights.heads, "thresholds", (2,)))
        return cls(claims, verdict, found, sided)

    def side(self, features: Floats) -> int:
        """Where a text comes down, by its `verdict_features`: FOR and AGAINST only where that is likely enough."""
        likely = np.exp(self.verdict(features))
        side = FOR if likely[FOR] >= likely[AGAINST] else AGAINST
        if likely[side] >= max(self.sided, likely[TORN], likely[NOT_SAID]):
            return side
        return TORN if likely[TORN] > likely[NOT_SAID] else NOT_SAID


def claim_features(heard: HeardText, by_rules: Reading) -> Floats:
    """[claims, features]: what the network makes of each claim, and whether the rules hear it asserted or denied."""
    ruled = np.zeros((len(heard.claims), 2))
    for mention in by_rules.mentions:
        ruled[mention.claim, 0 if mention.polarity > 0 else 1] = 1
    return np.concatenate([heard.claims, ruled], axis=1)


def verdict_features(question: Question, by_rules: Reading, likely: Floats, position: Floats) -> Floats:
    """The numbers by which the verdict of a text is decided: the network on the position, claims by side, and the rules.

    likely: probabilities [claims, 3] of stances on claims; position: log-probabilities [4] of verdicts.
    """
    leaning = (likely[:, ASSERTED] - likely[:, DENIED]) * [SIGN[claim.side] for claim in question.claims]
    favour, oppose = leaning.clip(0).sum(), (-leaning).clip(0).sum()
    ruled = by_rules.verdict
    by_rule = [ruled is not None and ruled > 0, ruled is not None and ruled < 0, ruled == 0, ruled is None]
    sides = [favour, oppose, np.tanh(2 * (favour - oppose)), min(favour, oppose)]
    return np.array([*position, *sides, *by_rule, np.log(by_rules.n_words + 1)], dtype=float)


class TrainedQuestionReader:
    """Reads texts against one question. encode, hear: the sentence encoder, which remembers, and the network.

    Both are asked about many texts at a time, and answer for each to the last bit as if alone: a text near a threshold would else
    be read one way or the other by what else happened to be read. For the same reason the arithmetic here is that of one text.
    """

    def __init__(self, question: Question, language: Language, heads: Heads, encode: Encode, hear: Hear) -> None:
        self.question = question
        self._language = language
        self._heads = heads
        self._encode, self._hear = encode, hear
        self._rules = QuestionReader(question, language, self._encode)

    @cached_property
    def _phrases(self) -> ClaimPhrases:
        return ClaimPhrases(self.question, self._language.text, self._encode)

    @cached_property
    def _topic(self) -> Topic:
        return topic_of(self.question, self._phrases)

    def read_many(self, texts: Sequence[str]) -> list[Reading]:
        """Read texts, each as if alone; networks are asked only about those that say something in words of their own."""
        portions = (texts[start : start + _AT_ONCE] for start in range(0, len(texts), _AT_ONCE))
        return [reading for portion in portions for reading in self._read(portion)]

    def _read(self, texts: Sequence[str]) -> list[Reading]:
        own = [text for text in dict.fromkeys(texts) if self._rules.in_own_words(text)]
        self._embed(own)
        by_rules = [self._rules.read(text) for text in texts]
        heard = dict(zip(own, self.heard(own), strict=True))
        return [
            self._weighed(text, ruled, heard[text]) if text in heard else ruled
            for text, ruled in zip(texts, by_rules, strict=True)
        ]

    def _embed(self, texts: Sequence[str]) -> None:
        """Have all that is compared by its meaning read at once. What is wanted of it afterwards is remembered."""
        parts = [part for text in texts for part in (*self._phrases.units(text), *self._rules.compared(text))]
        if parts:
            self._encode(parts)

    def _weighed(self, text: str, by_rules: Reading, heard: HeardText) -> Reading:
        likely = np.exp(self._heads.claims(claim_features(heard, by_rules)))
        side = self._heads.side(verdict_features(self.question, by_rules, likely, heard.verdict))
        mentions = self._mentions(text, heard, likely)
        return replace(
            by_rules,
            mentions=mentions,
            verdict=_verdict(side, by_rules.verdict),
            on_topic=_on_topic(by_rules, mentions),
        )

    def heard(self, texts: Sequence[str]) -> list[HeardText]:
        """Texts as the network hears them."""
        return self._hear(texts, self._topic, [self._phrases.likeness(text) for text in texts]) if texts else []

    def _mentions(self, text: str, heard: HeardText, likely: Floats) -> tuple[Mention, ...]:
        """The claims found, in the order in which the text comes to them; those in the bank's words as they stand."""
        mentions = self._rules.worded(text)
        sentences = self._language.text.sentences(text)
        for claim in np.flatnonzero(1 - likely[:, NEITHER] > self._heads.found).tolist():
            if claim not in mentions:
                sentence = _sentence_at(heard.places[claim], text, sentences)
                polarity = 1 if likely[claim, ASSERTED] >= likely[claim, DENIED] else -1
                force = strength(self._language.reading.framing, normalise(sentences[sentence])) if sentences else 1.0
                mentions[claim] = Mention(claim, polarity, sentence, force)
        return tuple(sorted(mentions.values(), key=lambda mention: mention.sentence))


def _verdict(side: int, by_rules: float | None) -> float | None:
    """The verdict: as strong as the rules find it where they hear the same side."""
    if side in (TORN, NOT_SAID):
        return 0.0 if side == TORN else None
    sign = 1.0 if side == FOR else -1.0
    return by_rules if by_rules is not None and by_rules * sign > 0 else sign


def _sentence_at(place: int, text: str, sentences: Sequence[str]) -> int:
    """The index of the sentence that stands at a character of the text."""
    begun, index = 0, 0
    for number, sentence in enumerate(sentences):
        begun = text.find(sentence, begun)
        if begun > place or begun < 0:
            break
        index = number
    return index


def _on_topic(reading: Reading, mentions: Sequence[Mention]) -> float:
    """The share of sentences on the topic, where those that make a point are on it."""
    if not reading.n_sentences:
        return reading.on_topic
    return max(reading.on_topic, len({mention.sentence for mention in mentions}) / reading.n_sentences)


class TrainedReader:
    """Reads by what was learnt from labelled texts; asks for nothing. Questions are made ready when they first come up."""

    def __init__(self, name: str, language: Language, heads: Heads, *, encode: Encode, hear: Hear) -> None:
        self.name = name
        self._language, self._hear = language, hear
        self._encode = RememberingEncoder(encode, most=_VECTORS_KEPT)
        self._heads = heads
        self._readers: dict[str, TrainedQuestionReader] = {}

    def read(self, question: Question, texts: Sequence[str]) -> Act[list[Reading]]:
        if question.id not in self._readers:
            self._readers[question.id] = TrainedQuestionReader(
                question, self._language, self._heads, self._encode, self._hear
            )
        return at_once(self._readers[question.id].read_many(texts))
