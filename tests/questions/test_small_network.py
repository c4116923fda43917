"""Small networks that weigh what others say."""

from __future__ import annotations

import numpy as np
import pytest

from simcons.questions.small_network import SmallNetwork


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
