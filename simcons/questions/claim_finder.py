"""Claims found by likeness: a text's sentences and clauses against all wordings and denials of a question's claims.

What the question's phrases share is taken off first. A small network, learnt from labelled texts, weighs how near the nearest
unit comes to a claim's wordings, its denials and the strongest rival claim.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simcons.arrays import AnyFloats, Floats, unit_rows
from simcons.engines.base import Encode
from simcons.languages.text import TextRules
from simcons.questions.bank import Question
from simcons.questions.forms import first_form
from simcons.questions.matching import strongest_rival

N_FEATURES = 16
_NEAREST = 3  # wordings whose mean likeness counts
_DENIAL_WEIGHT = 0.5  # in the middle of a claim: a denial speaks of the same thing
_SHORTEST_CLAUSE = 3  # words
_MIDDLE, _RIVAL = 5, 6  # places among the features of a unit


def units_of(text: str, rules: TextRules) -> list[str]:
    """The sentences of a text, and the clauses of those that have several; the text itself where it has none."""
    units: list[str] = []
    for sentence in rules.sentences(text):
        clauses = rules.clauses(sentence)
        units.append(sentence)
        if len(clauses) > 1:
            units += [clause for clause in clauses if len(clause.split()) >= _SHORTEST_CLAUSE]
    return units or [text]


class ClaimPhrases:
    """Unit vectors of a question's phrases, seen from their centre."""

    def __init__(self, question: Question, encode: Encode) -> None:
        sizes = [(len(claim.assertions), len(claim.denials)) for claim in question.claims]
        phrases = [first_form(text) for claim in question.claims for text in (*claim.assertions, *claim.denials)]
        vectors = np.asarray(encode(phrases), dtype=np.float64)
        self._centre = vectors.mean(axis=0)
        cuts = np.cumsum([size for pair in sizes for size in pair])[:-1]
        pieces = np.split(unit_rows(vectors - self._centre), cuts)
        self._assertions, self._denials = pieces[::2], pieces[1::2]

    def features(self, units: AnyFloats, n_words: Sequence[int]) -> tuple[Floats, list[int]]:
        """[claims, N_FEATURES] of a text, and the unit nearest to each claim.

        units: embeddings [units, dimensions] of its units; n_words: their numbers of words.
        """
        near = unit_rows(np.asarray(units, dtype=np.float64) - self._centre)
        pairs = zip(self._assertions, self._denials, strict=True)
        by_claim = np.stack([_likeness(near, asserted, denied) for asserted, denied in pairs], axis=1)
        middles = by_claim[:, :, _MIDDLE]
        by_unit = np.concatenate([by_claim, (middles - strongest_rival(middles))[:, :, None]], axis=2)
        best = by_unit[:, :, _MIDDLE].argmax(axis=0)
        lengths = np.log(np.maximum(n_words, 1).astype(np.float64))
        size = np.stack([lengths[best], np.full(len(best), lengths.max())], axis=1)
        features = np.concatenate([by_unit.max(axis=0), by_unit[best, np.arange(len(best))], size], axis=1)
        return features, best.tolist()


def _likeness(units: Floats, asserted: Floats, denied: Floats) -> Floats:
    """[units, 6]: nearest wording, nearest few, middle of wordings; nearest denial, middle of denials; middle of both."""
    to_wordings, to_denials = units @ asserted.T, units @ denied.T
    few = np.sort(to_wordings, axis=1)[:, -_NEAREST:].mean(axis=1)
    middles = [asserted.sum(axis=0), denied.sum(axis=0), asserted.sum(axis=0) + _DENIAL_WEIGHT * denied.sum(axis=0)]
    asserts, denies, speaks_of = (units @ unit_rows(middle[None])[0] for middle in middles)
    return np.stack([to_wordings.max(axis=1), few, asserts, to_denials.max(axis=1), denies, speaks_of], axis=1)


@dataclass(frozen=True, slots=True)
class SmallNetwork:
    """Features, standardised, through one hidden layer to log-probabilities."""

    mean: AnyFloats  # [features]
    scale: AnyFloats  # [features]
    hidden: AnyFloats  # [units, features + 1]: weights and bias
    out: AnyFloats  # [answers, units + 1]

    @classmethod
    def of(cls, arrays: Mapping[str, AnyFloats], name: str, *, n_features: int, n_answers: int) -> SmallNetwork:
        """The network whose arrays are called ``name`` and a part. Raises ValueError where one is missing or of another shape."""
        shapes = {
            "mean": (n_features,),
            "scale": (n_features,),
            "hidden": (None, n_features + 1),
            "out": (n_answers, None),
        }
        network = cls(*(shaped(arrays, f"{name}.{part}", shape) for part, shape in shapes.items()))
        shaped(arrays, f"{name}.out", (n_answers, len(network.hidden) + 1))
        return network

    def arrays(self, name: str) -> dict[str, AnyFloats]:
        parts = {"mean": self.mean, "scale": self.scale, "hidden": self.hidden, "out": self.out}
        return {f"{name}.{part}": np.asarray(values, dtype=np.float32) for part, values in parts.items()}

    def __call__(self, features: Floats) -> Floats:
        """Log-probabilities [..., answers]."""
        standard = (features - self.mean) / self.scale
        inner = np.tanh(standard @ self.hidden[:, :-1].T + self.hidden[:, -1])
        logits = inner @ self.out[:, :-1].T + self.out[:, -1]
        top = logits.max(axis=-1, keepdims=True)
        return np.asarray(logits - top - np.log(np.exp(logits - top).sum(axis=-1, keepdims=True)))


def shaped(arrays: Mapping[str, AnyFloats], name: str, shape: tuple[int | None, ...]) -> AnyFloats:
    """An array by its name. Raises ValueError where it is missing or of another shape; None stands for any size."""
    if name not in arrays:
        raise ValueError(f"has no array {name!r}")
    sizes = arrays[name].shape
    if len(sizes) != len(shape) or any(want not in (None, size) for size, want in zip(sizes, shape, strict=True)):
        expected = " by ".join("any" if size is None else str(size) for size in shape)
        raise ValueError(f"array {name!r} is {' by '.join(map(str, sizes))}; expected {expected}")
    return arrays[name]
