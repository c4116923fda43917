"""Claims found by likeness: features worked out by hand, and the small network that weighs them."""

from __future__ import annotations

import numpy as np
import pytest

from simcons.languages.en_gb import EN_GB
from simcons.questions.bank import Claim, Question
from simcons.questions.claim_finder import N_FEATURES, ClaimPhrases, SmallNetwork, units_of

VECTORS = {"a": (1, 0), "not a": (0, 1), "b": (-1, 0), "not b": (0, -1)}  # their centre is nought


def encode(texts):
    return np.array([VECTORS[text] for text in texts], dtype=np.float32)


def question(*names: str) -> Question:
    claims = [Claim(id=name, side="for", wordings={"plain": [name]}, denials=[f"not {name}"]) for name in names]
    return Question(id="q", text="Q?", position="P", negation="N", noun="p", claims=claims)


def test_features_of_a_text_that_says_a_claim():
    """Nearest wording, nearest few, middle; nearest denial, middle; middle of both, (1, .5) / sqrt(1.25); its lead on the rival.

    Of the text, then of the unit nearest to the claim, then the logarithm of that unit's words and of the longest unit's.
    """
    features, nearest = ClaimPhrases(question("a", "b"), encode).features(np.array([(1.0, 0.0)]), [4])
    middle = 1 / np.sqrt(1.25)
    asserted = [1, 1, 1, 0, 0, middle, 2 * middle]
    np.testing.assert_allclose(features[0], [*asserted, *asserted, np.log(4), np.log(4)], atol=1e-7)
    np.testing.assert_allclose(features[1, :7], [-1, -1, -1, 0, 0, -middle, -2 * middle], atol=1e-7)
    assert features.shape == (2, N_FEATURES)
    assert nearest == [0, 0]


def test_each_claim_has_the_unit_that_comes_nearest_to_it():
    units = np.array([(-0.6, -0.8), (0.6, 0.8)])  # length does not count, order does not matter
    features, nearest = ClaimPhrases(question("a", "b"), encode).features(3 * units, [2, 9])
    assert nearest == [1, 0]
    np.testing.assert_allclose(features[:, 3], 0.8)  # nearest denial
    np.testing.assert_allclose(features[:, 14:], np.log([[9, 9], [2, 9]]))
    turned, other = ClaimPhrases(question("a", "b"), encode).features(units[::-1], [9, 2])
    np.testing.assert_allclose(turned, features)
    assert other == [0, 1]


def test_a_claim_without_rivals_leads_by_its_own_likeness():
    vectors = {"a": (1.0, 0.0), "not a": (-1.0, 0.0)}
    phrases = ClaimPhrases(question("a"), lambda texts: np.array([vectors[text] for text in texts], dtype=np.float32))
    features, _ = phrases.features(np.array([(1.0, 0.0)]), [1])
    assert features[0, 6] == features[0, 5] == pytest.approx(1)


def test_an_empty_text_has_features_too():
    features, _ = ClaimPhrases(question("a", "b"), encode).features(np.array([(0.0, 0.0)]), [0])
    assert np.isfinite(features).all()


def test_units_are_sentences_and_clauses_of_some_length():
    sentence = "Buses are slow because roads are full"
    units = units_of(f"{sentence}. Well, no.", EN_GB.text)
    assert units[0].startswith(sentence)
    assert units[-1].startswith("Well, no")
    assert all(len(unit.split()) >= 3 for unit in units[1:-1])
    assert units_of("", EN_GB.text) == [""]


def test_a_small_network_gives_log_probabilities():
    """One hidden unit tanh(2 (3 - 1) / 2 - 1) = tanh 1; logits tanh 1 and 0."""
    network = SmallNetwork(
        np.array([1.0]), np.array([2.0]), np.array([[2.0, -1.0]]), np.array([[1.0, 0.0], [0.0, 0.0]])
    )
    given = network(np.array([[3.0], [1e9]]))
    assert np.exp(given[0, 0]) == pytest.approx(1 / (1 + np.exp(-np.tanh(1))))
    np.testing.assert_allclose(np.exp(given).sum(axis=1), 1)


def test_a_small_network_is_known_by_its_arrays():
    network = SmallNetwork(np.zeros(2), np.ones(2), np.ones((5, 3)), np.ones((3, 6)))
    arrays = network.arrays("n")
    again = SmallNetwork.of(arrays, "n", n_features=2, n_answers=3)
    np.testing.assert_array_equal(again.hidden, network.hidden)
    with pytest.raises(ValueError, match=r"has no array 'm\.mean'"):
        SmallNetwork.of(arrays, "m", n_features=2, n_answers=3)
    with pytest.raises(ValueError, match=r"array 'n\.mean' is 2; expected 4"):
        SmallNetwork.of(arrays, "n", n_features=4, n_answers=3)
    with pytest.raises(ValueError, match=r"array 'n\.out' is 3 by 5; expected 3 by 6"):
        SmallNetwork.of({**arrays, "n.out": np.ones((3, 5))}, "n", n_features=2, n_answers=3)
