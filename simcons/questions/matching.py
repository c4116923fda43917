"""Closeness of a clause to each claim of a question, by its words, by its sentence embedding, or by both.

The claims of a question share a subject, and all similarities are high because of it. So vectors are compared after the
question's mean has been taken off: on `benchmarks/reader/dev.yaml` that alone lifts the F1 of embeddings from .44 to .58.
Comparing with the middle of a claim as well as with its nearest wording lifts it to .71, and taking off what the
strongest rival claim scores to .75 (`benchmarks/results/reader.md`).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcons.arrays import Floats
from simcons.engines.base import Encode
from simcons.languages.text import TextRules, normalise
from simcons.questions.bank import Question
from simcons.questions.forms import first_form

Matrix = Floats

_CENTROID_SHARE = 2 / 3  # of closeness; the nearest wording has the rest
_DENIAL_WEIGHT = 0.5  # in the middle of a claim: a denial speaks of the same thing in other words
_RIVAL_WEIGHT = 0.4
_WHOLE_WEIGHT = 0.2  # of the sentence that a clause stands in
_GRAM = 4


@dataclass(frozen=True, slots=True)
class Matching:
    """The evidence that counts, and the score from which a claim is found (tuned on `benchmarks/reader/dev.yaml`)."""

    words: float  # weight of word overlap
    meaning: float  # weight of sentence embeddings
    threshold: float


LEXICAL = Matching(words=1.0, meaning=0.0, threshold=0.10)
EMBEDDINGS = Matching(words=0.0, meaning=1.0, threshold=0.20)
COMBINED = Matching(words=0.6, meaning=1.0, threshold=0.21)


@dataclass(frozen=True, slots=True)
class Closeness:
    """Clauses against claims, both [n_clauses, n_claims]."""

    score: Matrix
    denial_lean: Matrix  # similarity to the claim's nearest denial less that to its nearest wording
    nearest: npt.NDArray[np.intp]  # index of that wording in Claim.assertions


class Matcher:
    """The claims of one question, ready for comparison. Embeds their wordings on first use."""

    def __init__(self, question: Question, text: TextRules, encode: Encode | None, matching: Matching) -> None:
        self.matching = matching
        self._encode = encode if matching.meaning else None
        self._phrases = [first_form(text) for claim in question.claims for text in (*claim.assertions, *claim.denials)]
        self._sizes = [(len(claim.assertions), len(claim.denials)) for claim in question.claims]
        self._words = _WordVectors(self._phrases, text)
        self._by_words = _Claims(self._words(self._phrases), self._sizes)
        self._by_meaning: _Claims | None = None

    def closeness(self, clauses: Sequence[str], wholes: Sequence[int]) -> Closeness:
        """Compare clauses with claims. ``wholes[i]`` is the row of the sentence that clause i stands in (i for a sentence)."""
        claims = self._by_words
        score, similarity = claims.compare(self._words(clauses))
        score = self.matching.words * score
        if self._encode is not None:
            claims = self._embedded(self._encode)
            meaning, similarity = claims.compare(_unit(self._encode(clauses)))
            score = score + self.matching.meaning * meaning
        score = (1 - _WHOLE_WEIGHT) * score + _WHOLE_WEIGHT * score[np.asarray(wholes, dtype=int)]
        lean, nearest = claims.lean(similarity)
        return Closeness(_less_rivals(score), lean, nearest)

    def _embedded(self, encode: Encode) -> _Claims:
        if self._by_meaning is None:
            self._by_meaning = _Claims(_unit(encode(self._phrases)), self._sizes)
        return self._by_meaning


class _Claims:
    """Unit vectors of the phrases of claims (each claim's wordings, then its denials), seen from their centre."""

    def __init__(self, phrases: Matrix, sizes: Sequence[tuple[int, int]]) -> None:
        n_wordings, n_denials = np.array(sizes).T
        self._ends = np.cumsum(n_wordings + n_denials)
        self._denials = self._ends - n_denials
        self._starts = self._denials - n_wordings
        self._centre = phrases.mean(axis=0)
        self._phrases = _unit(phrases - self._centre)
        weights = np.ones((len(phrases), 1))
        for start, end in zip(self._denials, self._ends, strict=True):
            weights[start:end] = _DENIAL_WEIGHT
        self._middles = _unit(np.add.reduceat(self._phrases * weights, self._starts, axis=0))

    def compare(self, clauses: Matrix) -> tuple[Matrix, Matrix]:
        """Closeness of unit vectors to claims, and their similarity to each phrase."""
        near = _unit(clauses - self._centre)
        similarity = near @ self._phrases.T
        nearest = np.maximum.reduceat(similarity, self._starts, axis=1)
        score = _CENTROID_SHARE * (near @ self._middles.T) + (1 - _CENTROID_SHARE) * nearest
        return np.asarray(score), np.asarray(similarity)

    def lean(self, similarity: Matrix) -> tuple[Matrix, npt.NDArray[np.intp]]:
        """The similarity of each claim's nearest denial less that of its nearest wording, and the index of that wording."""
        blocks = zip(self._starts, self._denials, strict=True)
        nearest = np.stack([similarity[:, start:end].argmax(axis=1) for start, end in blocks], axis=1)
        blocks = zip(self._denials, self._ends, strict=True)
        denial = np.stack([similarity[:, start:end].max(axis=1) for start, end in blocks], axis=1)
        wording = np.take_along_axis(similarity, nearest + self._starts, axis=1)
        return denial - wording, nearest


class _WordVectors:
    """Texts as unit vectors of stems and character n-grams, weighted by how rare they are among a question's phrases."""

    def __init__(self, phrases: Sequence[str], text: TextRules) -> None:
        self._text = text
        documents = [self._features(phrase) for phrase in phrases]
        counts = Counter(feature for document in documents for feature in document)
        self._column = {feature: i for i, feature in enumerate(sorted(counts))}
        self._n_phrases = len(phrases)
        self._rarity = {feature: math.log((1 + self._n_phrases) / counts[feature]) for feature in self._column}

    def __call__(self, texts: Sequence[str]) -> Matrix:
        vectors = np.zeros((len(texts), len(self._column) + 1))
        for row, text in enumerate(texts):
            features = self._features(text)
            known = [feature for feature in features if feature in self._column]
            vectors[row, [self._column[feature] for feature in known]] = [self._rarity[feature] for feature in known]
            vectors[row, -1] = math.log(1 + self._n_phrases) * math.sqrt(len(features) - len(known))
        return _unit(vectors)

    def _features(self, text: str) -> set[str]:
        """Stems (marked with =) and n-grams of the stemmed text."""
        rules, normalised = self._text, normalise(text)
        joined = " ".join(rules.stem(word) for word in normalised.split() if word not in rules.function_words)
        grams = {joined[i : i + _GRAM] for i in range(len(joined) - _GRAM + 1)}
        return grams | {"=" + word for word in rules.content_stems(normalised)}


def _less_rivals(score: Matrix) -> Matrix:
    """Each score less a share of the best score among the other claims, where that is above nought."""
    if score.shape[1] < 2:
        return score
    best = np.sort(score, axis=1)[:, -2:]
    rival = np.where(score == best[:, 1:], best[:, :1], best[:, 1:])
    return np.asarray(score - _RIVAL_WEIGHT * np.maximum(rival, 0))


def _unit(vectors: npt.NDArray[np.floating]) -> Matrix:
    wide = np.asarray(vectors, dtype=np.float64)
    return np.asarray(wide / np.maximum(np.linalg.norm(wide, axis=1, keepdims=True), 1e-12))
