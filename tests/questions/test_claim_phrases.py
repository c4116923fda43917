"""The likeness of texts to claims: features worked out by hand."""

from __future__ import annotations

import numpy as np

from simcons.languages.en_gb import EN_GB
from simcons.questions.bank import Claim, Question
from simcons.questions.claim_phrases import N_LIKENESS, ClaimPhrases, units_of

VECTORS = {"a": (1, 0), "not a": (0, 1), "b": (-1, 0), "not b": (0, -1)}  # their centre is nought
HERE = 0.6, 0.8
VECTORS |= {
    "Four words of a.": (1, 0),
    "There it is.": (-0.6, -0.8),
    "And here is one more of nine words.": HERE,
    "": (0, 0),
}


def encode(texts):
    return np.array([VECTORS[text] for text in texts], dtype=np.float32)


def question(*names: str) -> Question:
    claims = [Claim(id=name, side="for", wordings={"plain": [name]}, denials=[f"not {name}"]) for name in names]
    return Question(id="q", text="Q?", position="P", negation="N", noun="p", claims=claims)


def phrases(*names: str) -> ClaimPhrases:
    return ClaimPhrases(question(*names), EN_GB.text, encode)


def test_likeness_of_a_text_that_says_a_claim():
    """Nearest wording, nearest few, middle; nearest denial, middle; middle of both, (1, .5) / sqrt(1.25); its lead on the rival.

    Of the text, then of the unit nearest to the claim, then the logarithm of that unit's words and of the longest unit's.
    """
    features = phrases("a", "b").likeness("Four words of a.")
    middle = 1 / np.sqrt(1.25)
    asserted = [1, 1, 1, 0, 0, middle, 2 * middle]
    np.testing.assert_allclose(features[0], [*asserted, *asserted, np.log(4), np.log(4)], atol=1e-7)
    np.testing.assert_allclose(features[1, :7], [-1, -1, -1, 0, 0, -middle, -2 * middle], atol=1e-7)
    assert features.shape == (2, N_LIKENESS)


def test_each_claim_has_the_unit_that_comes_nearest_to_it():
    there, here = "There it is.", "And here is one more of nine words."
    features = phrases("a", "b").likeness(f"{there} {here}")
    np.testing.assert_allclose(features[:, 3], 0.8, atol=1e-7)  # nearest denial
    np.testing.assert_allclose(features[:, 14:], np.log([[8, 8], [3, 8]]))
    np.testing.assert_allclose(phrases("a", "b").likeness(f"{here} {there}"), features)


def test_a_claim_without_rivals_leads_by_its_own_likeness():
    features = phrases("a").likeness("Four words of a.")
    assert features[0, 6] == features[0, 5]


def test_an_empty_text_has_likeness_too():
    assert np.isfinite(phrases("a", "b").likeness("")).all()


def test_middles_are_those_of_wordings_beside_those_of_denials():
    np.testing.assert_allclose(phrases("a", "b").middles, [[1, 0, 0, 1], [-1, 0, 0, -1]])


def test_units_are_sentences_and_clauses_of_some_length():
    sentence = "Buses are slow because roads are full"
    units = units_of(f"{sentence}. Well, no.", EN_GB.text)
    assert units[0].startswith(sentence)
    assert units[-1].startswith("Well, no")
    assert all(len(unit.split()) >= 3 for unit in units[1:-1])
    assert units_of("", EN_GB.text) == [""]
