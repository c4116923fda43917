"""The trained reader: words of the bank as they stand, anything else by networks learnt from labelled texts.

Two networks read. A `claim_finder` says by the likeness of sentence embeddings which claims a text may touch; a cross-encoder,
which reads text and proposition together, says of each of these whether it is asserted or denied, and of the position statement
where the text comes down. Small networks weigh their answers, and those of the rules. `docs/decisions/reader.md` has how well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from simcons.arrays import Floats
from simcons.engines.acts import at_once
from simcons.engines.base import Act, Encode, Judge
from simcons.languages.language import Language
from simcons.languages.text import normalise
from simcons.questions.bank import SIGN, Claim, Question
from simcons.questions.claim_finder import N_FEATURES, ClaimPhrases, SmallNetwork, shaped, units_of
from simcons.questions.forms import first_form
from simcons.questions.framing import strength
from simcons.questions.reader import QuestionReader
from simcons.questions.reading import Mention, Reading
from simcons.questions.trained_weights import ReaderWeights

NEITHER, ASSERTED, DENIED = 0, 1, 2  # of a claim
N_STANCES = 3
FOR, AGAINST, TORN, NOT_SAID = (
    0,
    1,
    2,
    3,
)  # of the position; a cross-encoder's answers to a proposition in the same order
N_ANSWERS = 4
N_CLAIM_FEATURES = N_STANCES + N_ANSWERS
N_VERDICT_FEATURES = 3 * N_ANSWERS + 1
MOST_CANDIDATES = 6  # claims that a cross-encoder is asked about in one text
_LEAST = 1e-6  # probability, before its logarithm is taken


def claim_proposition(claim: Claim) -> str:
    """A claim and what denies it, as a cross-encoder is asked about it."""
    return f"{claim.point} / {first_form(claim.denials[0])}"


def position_proposition(question: Question) -> str:
    return f"{question.position} / {question.negation}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the networks make of one text, before it is weighed.

    finder: [claims, 3] log-probabilities; units: of each claim, the unit that comes nearest; candidates: the claims asked about.
    """

    finder: Floats
    units: Sequence[str]
    nearest: Sequence[int]
    candidates: Sequence[int]


@dataclass(frozen=True, slots=True)
class Heads:
    """The small networks of a trained reader, and the probabilities from which it says something."""

    finder: SmallNetwork
    claims: SmallNetwork
    verdict: SmallNetwork
    least_likely: float  # to be touched: claims below are not asked about
    found: float  # to be touched: claims above are found
    sided: float  # of the likelier side: verdicts above are given

    @classmethod
    def of(cls, weights: ReaderWeights) -> Heads:
        """Raises ValueError where an array is missing or of another shape."""
        sizes = {
            "finder": (N_FEATURES, N_STANCES),
            "claims": (N_CLAIM_FEATURES, N_STANCES),
            "verdict": (N_VERDICT_FEATURES, N_ANSWERS),
        }
        finder, claims, verdict = (
            SmallNetwork.of(weights.heads, name, n_features=n_features, n_answers=n_answers)
            for name, (n_features, n_answers) in sizes.items()
        )
        least_likely, found, sided = (float(value) for value in shaped(weights.heads, "thresholds", (3,)))
        return cls(finder, claims, verdict, least_likely, found, sided)

    def claims_likely(self, given: Evidence, answers: Floats) -> Floats:
        """Probabilities [claims, 3] that the text says nothing of a claim, asserts or denies it."""
        likely = np.exp(given.finder)
        if given.candidates:
            likely[given.candidates] = np.exp(self.claims(claim_features(given, answers)))
        return likely

    def side(self, features: Floats) -> int:
        """Where a text comes down, by its `verdict_features`: FOR and AGAINST only where that is likely enough."""
        likely = np.exp(self.verdict(features))
        side = FOR if likely[FOR] >= likely[AGAINST] else AGAINST
        if likely[side] >= max(self.sided, likely[TORN], likely[NOT_SAID]):
            return side
        return TORN if likely[TORN] > likely[NOT_SAID] else NOT_SAID


def claim_features(given: Evidence, answers: Floats) -> Floats:
    """[candidates, features]: what both networks say of a text's candidates."""
    return np.concatenate([given.finder[given.candidates], answers], axis=1)


def verdict_features(question: Question, by_rules: Reading, likely: Floats, position: Floats) -> Floats:
    """What decides where a text comes down: answers on the position, claims by side, and the rules."""
    leaning = (likely[:, ASSERTED] - likely[:, DENIED]) * [SIGN[claim.side] for claim in question.claims]
    favour, oppose = leaning.clip(0).sum(), (-leaning).clip(0).sum()
    ruled = by_rules.verdict
    by_rule = [ruled is not None and ruled > 0, ruled is not None and ruled < 0, ruled == 0, ruled is None]
    sides = [favour, oppose, np.tanh(2 * (favour - oppose)), min(favour, oppose)]
    return np.array([*position, *sides, *by_rule, np.log(by_rules.n_words + 1)], dtype=float)


class TrainedQuestionReader:
    """Reads texts against one question. encode, judge: the sentence encoder and the cross-encoder.

    What a network is asked of one text it is asked in one call, and nothing else with it: arithmetic differs in its last bits by
    what shares a batch, and a text near a threshold would be read one way or the other by what else happened to be read.
    """

    def __init__(self, question: Question, language: Language, heads: Heads, encode: Encode, judge: Judge) -> None:
        self.question = question
        self._language = language
        self._heads = heads
        self._encode, self._judge = encode, judge
        self._rules = QuestionReader(question, language)
        self._propositions = [claim_proposition(claim) for claim in question.claims]

    @cached_property
    def _phrases(self) -> ClaimPhrases:
        return ClaimPhrases(self.question, self._encode)

    def read_many(self, texts: Sequence[str]) -> list[Reading]:
        """Read texts, each as if alone; the networks are asked only about those that say something in words of their own."""
        readings = self._rules.read_many(texts)
        return [
            self._hear(text, reading) if self._rules.in_own_words(text) else reading
            for text, reading in zip(texts, readings, strict=True)
        ]

    def _hear(self, text: str, by_rules: Reading) -> Reading:
        given = self.evidence(text)
        claims, position = self.answers(text, given)
        likely = self._heads.claims_likely(given, claims)
        side = self._heads.side(verdict_features(self.question, by_rules, likely, position))
        mentions = self._mentions(text, given, likely)
        return replace(
            by_rules,
            mentions=mentions,
            verdict=_verdict(side, by_rules.verdict),
            on_topic=_on_topic(by_rules, mentions),
        )

    # --- what the networks say -----------------------------------------------------------------------------------

    def evidence(self, text: str) -> Evidence:
        """The claims that a text may touch."""
        units = units_of(text, self._language.text)
        features, nearest = self._phrases.features(self._encode(units), [len(unit.split()) for unit in units])
        finder = self._heads.finder(features)
        touched = 1 - np.exp(finder[:, NEITHER])
        likeliest = np.argsort(-touched, kind="stable")[:MOST_CANDIDATES]
        candidates = [int(claim) for claim in likeliest if touched[claim] >= self._heads.least_likely]
        return Evidence(finder, units, nearest, candidates)

    def answers(self, text: str, given: Evidence) -> tuple[Floats, Floats]:
        """Log-probabilities of a cross-encoder's answers: on a text's candidates [candidates, 4], and on the position [4]."""
        asked = [self._propositions[claim] for claim in given.candidates]
        pairs = [(text, proposition) for proposition in (*asked, position_proposition(self.question))]
        judged = np.log(np.maximum(self._judge(pairs), _LEAST))
        return judged[:-1], judged[-1]

    # --- what is made of it --------------------------------------------------------------------------------------

    def _mentions(self, text: str, given: Evidence, likely: Floats) -> tuple[Mention, ...]:
        """The claims found, in the order in which the text comes to them; those in the bank's words as they stand."""
        mentions = self._rules.worded(text)
        sentences = self._language.text.sentences(text)
        for claim in np.flatnonzero(1 - likely[:, NEITHER] > self._heads.found).tolist():
            if claim not in mentions:
                sentence = _sentence_with(given.units[given.nearest[claim]], sentences)
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


def _sentence_with(unit: str, sentences: Sequence[str]) -> int:
    return next((place for place, sentence in enumerate(sentences) if unit in sentence), 0)


def _on_topic(reading: Reading, mentions: Sequence[Mention]) -> float:
    """The share of sentences on the topic, where those that make a point are on it."""
    if not reading.n_sentences:
        return reading.on_topic
    return max(reading.on_topic, len({mention.sentence for mention in mentions}) / reading.n_sentences)


class TrainedReader:
    """Reads by what was learnt from labelled texts; asks for nothing. Questions are made ready when they first come up."""

    def __init__(self, name: str, language: Language, heads: Heads, *, encode: Encode, judge: Judge) -> None:
        self.name = name
        self._language, self._encode, self._judge = language, encode, judge
        self._heads = heads
        self._readers: dict[str, TrainedQuestionReader] = {}

    def read(self, question: Question, texts: Sequence[str]) -> Act[list[Reading]]:
        if question.id not in self._readers:
            self._readers[question.id] = TrainedQuestionReader(
                question, self._language, self._heads, self._encode, self._judge
            )
        return at_once(self._readers[question.id].read_many(texts))
