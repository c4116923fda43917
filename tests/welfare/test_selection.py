"""Choosing by welfare: the weak order, ties and who breaks them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcons.seeds import stream
from simcons.welfare import isoelastic, select

A, B, C = [7, 7, 7, 7, 1], [5, 5, 5, 5, 5], [6, 6, 6, 5, 3]


def rng(*key):
    return stream(0, "test_selection", *key)


@pytest.mark.parametrize(("alpha", "best"), [(0, "A"), (1, "C"), (2, "B"), (float("inf"), "B")])
def test_the_welfare_function_decides_who_wins(alpha, best):
    welfare = isoelastic(np.array([A, B, C], dtype=float), alpha)
    assert "ABC"[select(welfare, rule="random", rng=rng()).order[0]] == best


@given(
    values=st.lists(st.integers(-3, 3).map(float), min_size=1, max_size=12), rule=st.sampled_from(["random", "first"])
)
def test_the_order_extends_the_weak_order_of_welfare(values, rule):
    selection = select(np.array(values), rule=rule, rng=rng())
    assert list(selection.ranks) == [sum(other > value for other in values) for value in values]
    assert sorted(selection.order) == list(range(len(values)))
    in_order = [selection.ranks[k] for k in selection.order]
    assert in_order == sorted(in_order)
    assert list(selection.tied) == [k for k, value in enumerate(values) if value == max(values)]
    if rule == "first":
        assert selection.order == tuple(sorted(range(len(values)), key=lambda k: (-values[k], k)))


def test_rounding_does_not_decide():
    """(0.1 + 0.2) and 0.3 are one welfare; 1e-6 of it is not."""
    assert select(np.array([0.3, 0.1 + 0.2]), rule="first", rng=rng()).tied == (0, 1)
    assert select(np.array([0.3, 0.3 * (1 + 1e-6)]), rule="first", rng=rng()).tied == (1,)
    assert select(np.array([-2.0, -2.0 - 1e-13, -3.0]), rule="first", rng=rng()).ranks == (0, 0, 2)


def test_a_random_tie_is_fair():
    """Chi-square with 23 degrees of freedom over the 24 orders of four tied candidates; false alarm 1e-5."""
    draws = 2400
    orders = [select(np.ones(4), rule="random", rng=rng(draw)).order for draw in range(draws)]
    counts = np.unique(orders, axis=0, return_counts=True)[1]
    assert len(counts) == 24
    assert ((counts - draws / 24) ** 2).sum() / (draws / 24) < 66.2


def test_the_tie_rule_moves_no_other_draw():
    after = []
    for rule in ("random", "first"):
        generator = rng()
        select(np.array([1.0, 1.0, 2.0]), rule=rule, rng=generator)
        after.append(generator.random())
    assert after[0] == after[1]


def test_nan_is_refused():
    with pytest.raises(ValueError, match="welfare of candidate 1 is NaN"):
        select(np.array([1.0, np.nan]), rule="first", rng=rng())
