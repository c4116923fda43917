"""The likeness of a text to claims: its sentences and clauses against all wordings and denials of a question's claims.

What the question's phrases share is taken off first.
"""

from __future__ import annotations

import numpy as np

from simcons.arrays import Floats, unit_rows
from simcons.engines.base import Encode
from simcons.languages.text import TextRules
from simcons.questions.bank import Question
from simcons.questions.forms import first_form
from simcons.questions.matching import strongest_rival

N_LIKENESS = 16
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
    """The phrases of a question's claims as unit vectors, seen from their centre.

    middles: [claims, 2 x dims], the means of the embeddings of each claim's wordings and, beside them, of its denials.
    """

    def __init__(self, question: Question, rules: TextRules, encode: Encode) -> None:
        self._rules, self._encode = rules, encode
        sizes = [(len(claim.assertions), len(claim.denials)) for claim in question.claims]
        phrases = [first_form(text) for claim in question.claims for text in (*claim.assertions, *claim.denials)]
        vectors = np.asarray(encode(phrases), dtype=np.float64)
        cuts = np.cumsum([size for pair in sizes for size in pair])[:-1]
        means = [block.mean(axis=0) for block in np.split(vectors, cuts)]
        self.middles: Floats = np.concatenate([np.stack(means[::2]), np.stack(means[1::2])], axis=1)
        self._centre = vectors.mean(axis=0)
        pieces = np.split(unit_rows(vectors - self._centre), cuts)
        self._assertions, self._denials = pieces[::2], pieces[1::2]

    def units(self, text: str) -> list[str]:
        """What of a text is compared with the phrases."""
        return units_of(text, self._rules)

    def likeness(self, text: str) -> Floats:
        """[claims, N_LIKENESS]: how near a text's units come to a claim's wordings, its denials and the strongest rival claim."""
        units = self.units(text)
        near = unit_rows(np.asarray(self._encode(units), dtype=np.float64) - self._centre)
        pairs = zip(self._assertions, self._denials, strict=True)
        by_claim = np.stack([_likeness(near, asserted, denied) for asserted, denied in pairs], axis=1)
        middles = by_claim[:, :, _MIDDLE]
        by_unit = np.concatenate([by_claim, (middles - strongest_rival(middles))[:, :, None]], axis=2)
        best = by_unit[:, :, _MIDDLE].argmax(axis=0)
        lengths = np.log([max(len(unit.split()), 1) for unit in units])
        size = np.stack([lengths[best], np.full(len(best), lengths.max())], axis=1)
        return np.concatenate([by_unit.max(axis=0), by_unit[best, np.arange(len(best))], size], axis=1)


def _likeness(units: Floats, asserted: Floats, denied: Floats) -> Floats:
    """[units, 6]: nearest wording, nearest few, middle of wordings; nearest denial, middle of denials; middle of both."""
    to_wordings, to_denials = units @ asserted.T, units @ denied.T
    few = np.sort(to_wordings, axis=1)[:, -_NEAREST:].mean(axis=1)
    middles = [asserted.sum(axis=0), denied.sum(axis=0), asserted.sum(axis=0) + _DENIAL_WEIGHT * denied.sum(axis=0)]
    asserts, denies, speaks_of = (units @ unit_rows(middle[None])[0] for middle in middles)
    return np.stack([to_wordings.max(axis=1), few, asserts, to_denials.max(axis=1), denies, speaks_of], axis=1)
