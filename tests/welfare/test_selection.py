"""Choosing by welfare: the weak order, ties and who breaks them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from simcons.scenario.welfare import RawMapSettings
from simcons.seeds import stream
from simcons.welfare import isoelastic
from simcons.welfare.selection import close, mean_rounding, select, weak_ranks, winners
from simcons.welfare.weighing import rounding_under, weigh

A, B, C = [7, 7, 7, 7, 1], [5, 5, 5, 5, 5], [6, 6, 6, 5, 3]
TIES = ("random", "first", "random_ballot")
PEOPLE = np.array([[1, 2, 3], [2, 2, 1], [0, 2, 4], [0, 2, 4]], dtype=float)  # candidates by people


def rng(*key):
    return stream(0, "test_selection", *key)


@pytest.mark.parametrize(("alpha", "best"), [(0, "A"), (1, "C"), (2, "B"), (float("inf"), "B")])
def test_the_welfare_function_decides_who_wins(alpha, best):
    welfare = isoelastic(np.array([A, B, C], dtype=float), alpha)
    assert "ABC"[select(welfare, ties="random", rng=rng()).order[0]] == best


# --- the weak order ------------------------------------------------------------------------------------------------

values_of_a_slate = st.lists(st.integers(-3, 3).map(float), min_size=1, max_size=12)


@given(values=values_of_a_slate, ties=st.sampled_from(TIES), data=st.data())
def test_the_order_extends_the_weak_order_of_values(values, ties, data):
    utilities = data.draw(arrays(float, (len(values), 3), elements=st.integers(1, 3).map(float)))
    selection = select(np.array(values), ties=ties, rng=rng(), utilities=utilities)
    levels = sorted(set(values), reverse=True)
    assert list(selection.ranks) == [levels.index(value) for value in values]
    assert sorted(selection.order) == list(range(len(values)))
    in_order = [selection.ranks[k] for k in selection.order]
    assert in_order == sorted(in_order)
    assert list(selection.tied) == [k for k, value in enumerate(values) if value == max(values)]
    assert selection.tie_rule == ties
    if ties == "first":
        assert selection.order == tuple(sorted(range(len(values)), key=lambda k: (-values[k], k)))
    if ties != "random_ballot":
        assert set(selection.deciders) == {None}


def test_rounding_does_not_decide():
    """(0.1 + 0.2) and 0.3 are one value; 1e-6 of it is not. In float32 an eps is 1.2e-7, and 1e-4 is a difference."""
    assert weak_ranks([0.3, 0.1 + 0.2]).tolist() == [0, 0]
    assert weak_ranks([0.3, 0.3 * (1 + 1e-6)]).tolist() == [1, 0]
    assert weak_ranks([-2.0, -2.0 - 1e-13, -3.0]).tolist() == [0, 0, 1]
    assert weak_ranks(np.float32([0.3, 0.3 * (1 + 3e-7), 0.3 * (1 + 1e-4)])).tolist() == [1, 1, 0]
    assert winners(np.float32([0.3, 0.3 * (1 + 3e-7)]), np.arange(2)).n_tied == 2


def test_the_ends_of_the_floats_are_ordered():
    """Infinities are level with themselves alone; so is the greatest float, whose distance to its negative overflows."""
    inf, huge = float("inf"), 1.7e308
    assert weak_ranks([inf, huge, inf, -huge, -inf, 0.0, 5e-324, -0.0]).tolist() == [0, 1, 0, 4, 5, 3, 2, 3]
    assert close(np.array([huge, inf, inf, -inf]), np.array([-huge, inf, huge, inf])).tolist() == [
        False,
        True,
        False,
        False,
    ]


EPS = float(np.finfo(float).eps)


def of_both_signs(*key, size):
    """2,000 groups of ``size`` whose utilities are rounded decimals between -1 and 1 that add up to nought."""
    u = np.round(rng("signs", size, *key).uniform(-1, 1, (2000, size)), 2)
    u[:, -1] = np.round(-u[:, :-1].sum(axis=1), 2)
    return u


def by_raw_mean(slates):
    weighed = weigh(slates, RawMapSettings(kind="raw"), spec=0.0)
    return weighed.values, weighed.rounding


@pytest.mark.parametrize("size", range(2, 26))
def test_a_rearrangement_ties_though_the_mean_is_nought(size):
    """As centred scores have it. [.1, .2, -.3] and [-.3, .2, .1] are 1.9e-17 and 9e-18 apart from 0 as floats add them up."""
    u = of_both_signs(size=size)
    slates = np.stack([u, rng("rearranged", size).permuted(u, axis=1), np.zeros_like(u), u - 0.5], axis=1)
    values, rounding = by_raw_mean(slates)
    assert (weak_ranks(values, rounding) == [0, 0, 0, 1]).all()
    assert (winners(values, np.arange(4), rounding=rounding).n_tied == 3).all()
    one = select(values[0], ties="first", rng=rng(), rounding=rounding[0])
    assert (one.ranks, one.tied) == ((0, 0, 0, 1), (0, 1, 2))


@pytest.mark.parametrize("size", range(2, 26))
def test_what_is_more_than_roundings_apart_is_told_apart(size):
    """The mean moves by 3 n eps of the greatest utility, where n eps may be rounding."""
    u = of_both_signs("apart", size=size)
    u = u[u[:, 0] != 0]
    more = u.copy()
    more[:, 0] += 3 * size**2 * EPS * np.abs(u).max(axis=1)
    values, rounding = by_raw_mean(np.stack([u, more], axis=1))
    assert (weak_ranks(values, rounding) == [1, 0]).all()
    assert (winners(values, np.arange(2), rounding=rounding).index == 1).all()


def test_rounding_is_each_candidate_s_own():
    """A candidate that some love and some hate beyond measure does not make others tie, though it lies among them."""
    u = np.array([[1e-9, 1e-9], [2e-9, 2e-9], [3e12, -1e12], [-1e-9, -2e-9]])
    values, rounding = by_raw_mean(u)
    assert weak_ranks(values, rounding).tolist() == [2, 1, 0, 3]


def test_values_tie_through_one_that_is_less_exact():
    """Whichever way they are asked for; 5 is 2 or more away from all."""
    values, rounding = np.array([0.0, 1.0, 2.0, 5.0]), np.array([0.0, 1.0, 0.0, 2.0])
    assert weak_ranks(values, rounding).tolist() == [1, 1, 1, 0]
    assert weak_ranks(-values, rounding).tolist() == [0, 0, 0, 1]
    assert winners(-values, np.arange(4), rounding=rounding).n_tied == 3
    wide = np.array([3.0, 0.0, 0.0, 0.0])  # 0 reaches past 1 to 2
    assert weak_ranks(values, wide).tolist() == [1, 1, 1, 0]
    assert winners(-values, np.arange(4), rounding=wide).n_tied == 3


@given(data=st.data(), size=st.integers(1, 8))
def test_the_first_place_is_that_of_the_weak_order(data, size):
    whole = arrays(float, size, elements=st.integers(-6, 6).map(float))
    values, rounding = data.draw(whole), np.abs(data.draw(whole)) / 4
    places = weak_ranks(values, rounding)
    assert winners(values, np.arange(size), rounding=rounding).n_tied == (places == 0).sum()
    assert (np.diff(places[np.argsort(-values, kind="stable")]) >= 0).all()
    np.testing.assert_array_equal(weak_ranks(values, np.zeros(size)), weak_ranks(values))


def test_only_means_of_both_signs_have_a_rounding_of_their_own():
    """Counts and places are not in the unit of utilities; a mean of ratings is at least a share of the greatest of them."""
    u = np.array([[-1.0, 2.0], [3.0, 1.0]])
    assert rounding_under(0.0, u).tolist() == [4 * EPS, 6 * EPS]
    assert rounding_under(0.0, np.abs(u)) is None
    for spec in (float("inf"), "leximin", "schulze", "borda", "approval"):
        assert rounding_under(spec, u) is None
    assert mean_rounding([[1.0, np.nan], [np.nan, np.nan], [np.inf, 1.0]]).tolist() == [2 * EPS, 0, 0]
    assert mean_rounding(np.float32([1, -4])) == 8 * np.finfo(np.float32).eps


def test_the_ends_of_the_floats_are_ordered_whatever_their_rounding():
    inf, huge = float("inf"), 1.7e308
    values = np.array([inf, huge, inf, -huge, -inf, 0.0, 5e-324, -0.0])
    assert weak_ranks(values, np.zeros(8)).tolist() == [0, 1, 0, 4, 5, 3, 2, 3]
    assert weak_ranks([inf, huge, -huge, -inf], np.full(4, 1e300)).tolist() == [0, 1, 2, 3]


@given(u=arrays(float, (3, 2, 5), elements=st.integers(0, 4).map(float)))
def test_many_slates_at_once_are_each_slate_alone(u):
    together = weak_ranks(u)
    for place in np.ndindex(3, 2):
        assert together[place].tolist() == weak_ranks(u[place]).tolist()


@given(values=values_of_a_slate)
@example(values=[1.0, 1.0 + 8e-10, 1.0 + 16e-10, 0.0])  # neighbours that are close, ends that are not
def test_one_choice_and_many_agree(values):
    one = select(np.array(values), ties="first", rng=rng())
    priority = np.arange(len(values))
    many = winners(np.array([values, values[::-1]]), np.array([priority, priority[::-1]]))
    assert many.index.tolist() == [one.order[0], len(values) - 1 - one.order[0]]
    assert many.n_tied.tolist() == [len(one.tied)] * 2


def test_counts_are_values_too():
    """As integers of any kind, unsigned ones included."""
    for kind in (np.uint8, np.int64, np.float32):
        assert weak_ranks(np.array([2, 3, 3, 0], dtype=kind)).tolist() == [1, 0, 0, 2]


def test_priorities_may_be_shared_by_all_slates():
    values = np.array([[1, 2, 2], [2, 2, 2], [3, 1, 2]], dtype=float)
    assert winners(values, [0.9, 0.8, 0.1]).index.tolist() == [2, 2, 0]
    assert winners(values, [0.9, 0.8, 0.1]).n_tied.tolist() == [2, 3, 1]


# --- who breaks ties -----------------------------------------------------------------------------------------------


def test_a_random_tie_is_fair():
    """Chi-square with 23 degrees of freedom over the 24 orders of four tied candidates; false alarm 1e-5."""
    draws = 2400
    orders = [select(np.ones(4), ties="random", rng=rng(draw)).order for draw in range(draws)]
    counts = np.unique(orders, axis=0, return_counts=True)[1]
    assert len(counts) == 24
    assert ((counts - draws / 24) ** 2).sum() / (draws / 24) < 66.2


def test_every_ballot_is_as_likely_and_decides():
    """Person 0 puts 1 before 0 before the rest, 2 puts the rest before 0 before 1; 1 is indifferent, so that another decides.

    1 wins with person 0 or with 1 and then 0: half of the draws. Binomial, 1000 draws: 6 SDs, false alarm 2e-9.
    """
    counts = np.zeros(4)
    for draw in range(1000):
        selection = select(np.ones(4), ties="random_ballot", rng=rng("ballot", draw), utilities=PEOPLE)
        counts[selection.order[0]] += 1
        assert selection.order in {(1, 0, 2, 3), (1, 0, 3, 2), (2, 3, 0, 1), (3, 2, 0, 1)}
        by = 0 if selection.order[0] == 1 else 2
        # whoever is left alone by a ballot names its person; of 2 and 3, level on every ballot, chance puts one first
        assert selection.deciders == ((0, 0, None, None) if by == 0 else (None, 2, 2, None))
    assert abs(counts[1] - 500) < 6 * np.sqrt(250)
    assert abs(counts[2] - 250) < 6 * np.sqrt(187.5)
    assert counts[0] == 0


def by_ballots(values, utilities, people):
    """The order, taken one candidate at a time: the best, then whom each ballot leaves; ties after all ballots as a set."""
    rest, order = set(range(len(values))), []
    while rest:
        best = {k for k in rest if values[k] == max(values[j] for j in rest)}
        for person in people:
            top = max(utilities[k][person] for k in best)
            best = {k for k in best if utilities[k][person] == top}
        order.append(best)
        rest -= best
    return order


@given(
    values=arrays(float, 6, elements=st.integers(0, 1).map(float)),
    utilities=arrays(float, (6, 3), elements=st.integers(1, 3).map(float)),
    draw=st.integers(0, 5),
)
def test_ballots_break_ties_one_after_the_other(values, utilities, draw):
    generator = rng("one_by_one", draw)
    selection = select(values, ties="random_ballot", rng=rng("one_by_one", draw), utilities=utilities)
    generator.permutation(6)
    expected = by_ballots(values, utilities, generator.permutation(3))
    rest = list(selection.order)
    for level in expected:
        assert set(rest[: len(level)]) == level
        rest = rest[len(level) :]


def test_someone_missing_puts_nobody_first():
    """NaN is a ballot's last place: of two tied, the one whom the only voter rated."""
    utilities = [[np.nan], [1.0]]
    selection = select([1.0, 1.0], ties="random_ballot", rng=rng(), utilities=utilities)
    assert (selection.order, selection.deciders) == ((1, 0), (0, None))


def test_neither_the_tie_rule_nor_the_values_move_another_draw():
    after = set()
    for ties in TIES:
        for values in ([1.0, 1.0, 2.0, 0.0], [0.0, 1.0, 2.0, 3.0], [1.0] * 4):
            generator = rng()
            select(values, ties=ties, rng=generator, utilities=PEOPLE)
            after.add(generator.random())
    assert len(after) == 1


# --- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "utilities", "said"),
    [
        ([1.0, np.nan], None, "value of candidate 1 is NaN"),
        ([], None, r"at least one candidate on the last axis, got shape \(0,\)"),
        ([[1.0, 2.0]], None, r"must have the shape \[candidates\], got \(1, 2\)"),
        ([1.0, 2.0], None, "'random_ballot' needs the utilities of at least one person"),
        ([1.0, 2.0], np.ones((3, 2)), r"shape \[2 candidates, people\], got \(3, 2\)"),
    ],
)
def test_choices_that_cannot_be_made(values, utilities, said):
    with pytest.raises(ValueError, match=said):
        select(values, ties="random_ballot", rng=rng(), utilities=utilities)


def test_winners_needs_numbers():
    with pytest.raises(ValueError, match=r"value of candidate \(1, 0\) is NaN"):
        winners([[1.0, 2.0], [np.nan, 1.0]], [0, 1])
    with pytest.raises(ValueError, match=r"priority nan at 1: expected a finite number"):
        winners([1.0, 2.0], [0.5, np.nan])
    with pytest.raises(ValueError, match=r"priority inf at \(1, 0\): expected a finite number"):
        winners(np.ones((2, 2)), [[0.5, 1.0], [np.inf, 2.0]])
