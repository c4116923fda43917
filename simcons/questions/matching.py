"""Closeness of a clause to each claim of a question, by its words, by its sentence embedding, or by both.

The claims of a question share a subject, and all similarities are high because of it. So vectors are compared after the
question's mean has been taken off: on `benchmarks/reader/dev.yaml` that alone lifts the F1 of embeddings from .44 to .58.
Comparing with the middle of a claim as well as with its nearest wording lifts it to .71, and taking off what the
strongest rival claim scores to .75 (`benchmarks/results/reader.md`).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcons.arrays import Floats, unit_rows
from simcons.engines.base import Encode
from simcons.languages.text import TextRules, normalise
from simcons.questions.bank import Question
from simcons.questions.forms import first_form

Matrix = Floats

_CENTROID_SHARE = 2 / 3  # of closeness; the nearest wording has the rest
_RIVAL_WEIGHT = 0.4
_WHOLE_WEIGHT = 0.2  # of the sentence that a clause stands in
_GRAM = 4
_NEAREST_WORDINGS, _NEAREST_DENIALS = 4, 2


@dataclass(frozen=True, slots=True)
class Matching:
    """The evidence that counts, and the score from which a claim is found.

    Tuned for the harmonic mean of precision and recall on labelled texts (`docs/decisions/reader_polarity.md`). Leaning towards
    denials is in log odds of a denial: logistic regression on the same texts.
    """

    words: float  # weight of word overlap
    meaning: float  # weight of sentence embeddings
    threshold: float
    lean_by_words: float
    lean_by_meaning: float
    lean_at_nought: float


LEXICAL = Matching(1.0, 0.0, threshold=0.08, lean_by_words=7.5, lean_by_meaning=0.0, lean_at_nought=-1.8)
COMBINED = Matching(1.0, 1.0, threshold=0.25, lean_by_words=4.9, lean_by_meaning=3.1, lean_at_nought=-1.7)


@dataclass(frozen=True, slots=True)
class Closeness:
    """Clauses against claims, both [n_clauses, n_claims]."""

    score: Matrix
    denial_lean: Matrix  # log odds that a clause which speaks of the claim denies it
    nearest: npt.NDArray[np.intp]  # index of that wording in Claim.assertions


class Matcher:
    """The claims of one question, ready for comparison. Embeds their wordings on first use."""

    def __init__(self, question: Question, text: TextRules, encode: Encode | None, matching: Matching) -> None:
        self.matching = matching
        self._encode = encode if matching.meaning else None
        self._phrases = [first_form(text) for claim in question.claims for text in (*claim.assertions, *claim.denials)]
        self._sizes = [(len(claim.assertions), len(claim.denials)) for claim in question.claims]
        documents = [_features(phrase, text) for phrase in self._phrases]
        self._words = _WordVectors(documents, text)
        self._by_words = _Claims(self._words.of(documents), self._sizes)
        self._by_meaning: _Claims | None = None

    def closeness(self, clauses: Sequence[str], wholes: Sequence[int]) -> Closeness:
        """Compare clauses with claims. ``wholes[i]`` is the row of the sentence that clause i stands in (i for a sentence)."""
        whole, kind = np.asarray(wholes, dtype=int), self.matching
        score, similarity = self._by_words.compare(self._words(clauses))
        score, lean = kind.words * score, kind.lean_by_words * self._by_words.lean(similarity)
        nearest = self._by_words.nearest(similarity)
        if self._encode is not None:
            claims = self._embedded(self._encode)
            meaning, similarity = claims.compare(unit_rows(self._encode(clauses)))
            score, lean = score + kind.meaning * meaning, lean + kind.lean_by_meaning * claims.lean(similarity)
            nearest = claims.nearest(similarity)
        score = (1 - _WHOLE_WEIGHT) * score + _WHOLE_WEIGHT * score[whole]
        return Closeness(_less_rivals(score), kind.lean_at_nought + lean + lean[whole], nearest)

    def _embedded(self, encode: Encode) -> _Claims:
        if self._by_meaning is None:
            self._by_meaning = _Claims(unit_rows(encode(self._phrases)), self._sizes)
        return self._by_meaning


class _Claims:
    """Unit vectors of the phrases of claims (each claim's wordings, then its denials), seen from their centre."""

    def __init__(self, phrases: Matrix, sizes: Sequence[tuple[int, int]]) -> None:
        n_wordings, n_denials = np.array(sizes).T
        self._ends = np.cumsum(n_wordings + n_denials)
        self._denials = self._ends - n_denials
        self._starts = self._denials - n_wordings
        self._centre = phrases.mean(axis=0)
        seen = unit_rows(phrases - self._centre)
        middles = unit_rows(np.add.reduceat(seen, self._starts, axis=0))
        self._directions = np.concatenate([seen, middles]).T.copy()  # [dimensions, phrases and claims]
        self._centre_along = self._centre @ self._directions

    def compare(self, clauses: Matrix) -> tuple[Matrix, Matrix]:
        """Closeness of unit vectors to claims, and their similarity to each phrase.

        As clauses have few words, only the dimensions that they have at all are looked at.
        """
        own = clauses.any(axis=0)
        along = clauses[:, own] @ self._directions[own] - self._centre_along
        along /= np.maximum(np.linalg.norm(clauses - self._centre, axis=1, keepdims=True), 1e-12)
        similarity, to_middle = along[:, : -len(self._ends)], along[:, -len(self._ends) :]
        nearest = np.maximum.reduceat(similarity, self._starts, axis=1)
        return np.asarray(_CENTROID_SHARE * to_middle + (1 - _CENTROID_SHARE) * nearest), similarity

    def lean(self, similarity: Matrix) -> Matrix:
        """The mean similarity of each claim's nearest denials less that of its nearest wordings."""
        nearest = [
            _mean_of_nearest(block, _NEAREST_WORDINGS)
            for block in self._blocks(similarity, self._starts, self._denials)
        ]
        denials = [
            _mean_of_nearest(block, _NEAREST_DENIALS) for block in self._blocks(similarity, self._denials, self._ends)
        ]
        return np.stack(denials, axis=1) - np.stack(nearest, axis=1)

    def nearest(self, similarity: Matrix) -> npt.NDArray[np.intp]:
        """The index of each claim's nearest wording."""
        return np.stack(
            [block.argmax(axis=1) for block in self._blocks(similarity, self._starts, self._denials)], axis=1
        )

    @staticmethod
    def _blocks(similarity: Matrix, starts: npt.NDArray[np.intp], ends: npt.NDArray[np.intp]) -> Iterator[Matrix]:
        return (similarity[:, start:end] for start, end in zip(starts, ends, strict=True))


class _WordVectors:
    """Texts as unit vectors of stems and character n-grams, weighted by how rare they are among a question's phrases."""

    def __init__(self, documents: Sequence[set[str]], text: TextRules) -> None:
        """documents: the features of the phrases."""
        self._text = text
        counts = Counter(feature for document in documents for feature in document)
        self._column = {feature: i for i, feature in enumerate(sorted(counts))}
        self._n_phrases = len(documents)
        self._rarity = {feature: math.log((1 + self._n_phrases) / counts[feature]) for feature in self._column}

    def __call__(self, texts: Sequence[str]) -> Matrix:
        return self.of([_features(text, self._text) for text in texts])

    def of(self, documents: Sequence[set[str]]) -> Matrix:
        """The vectors of texts that have these features."""
        vectors = np.zeros((len(documents), len(self._column) + 1))
        for row, features in enumerate(documents):
            known = [feature for feature in features if feature in self._column]
            vectors[row, [self._column[feature] for feature in known]] = [self._rarity[feature] for feature in known]
            vectors[row, -1] = math.log(1 + self._n_phrases) * math.sqrt(len(features) - len(known))
        return unit_rows(vectors)


def _features(text: str, rules: TextRules) -> set[str]:
    """Stems (marked with =) and n-grams of the stemmed text."""
    normalised = normalise(text)
    joined = " ".join(rules.stem(word) for word in normalised.split() if word not in rules.function_words)
    grams = {joined[i : i + _GRAM] for i in range(len(joined) - _GRAM + 1)}
    return grams | {"=" + word for word in rules.content_stems(normalised)}


def _less_rivals(score: Matrix) -> Matrix:
    """Each score less a share of the best score among the other claims, where that is above nought."""
    return np.asarray(score - _RIVAL_WEIGHT * np.maximum(strongest_rival(score), 0))


def strongest_rival(score: Matrix) -> Matrix:
    """The best score [clauses, claims] among the other claims; nought where there is no other."""
    if score.shape[1] < 2:
        return np.zeros_like(score)
    best = np.sort(score, axis=1)[:, -2:]
    return np.asarray(np.where(score == best[:, 1:], best[:, :1], best[:, 1:]))


def _mean_of_nearest(similarity: Matrix, n: int) -> Matrix:
    """Mean of the ``n`` greatest similarities in each row, or of all where there are fewer."""
    return np.asarray(np.sort(similarity, axis=1)[:, -n:].mean(axis=1))
