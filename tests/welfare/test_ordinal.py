"""Leximin, Borda and the approval share, against hand-worked values, other definitions and another package."""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import rankdata

from simcons.seeds import stream
from simcons.welfare import isoelastic
from simcons.welfare.ordinal import approval, borda, leximin
from simcons.welfare.schulze import schulze
from simcons.welfare.selection import weak_ranks

A, B, C = [7, 7, 7, 7, 1], [5, 5, 5, 5, 5], [6, 6, 6, 5, 3]
NAN = float("nan")
ratings = st.integers(1, 7).map(float)
slates = st.tuples(st.integers(1, 5), st.integers(1, 5)).flatmap(lambda shape: arrays(float, shape, elements=ratings))


def places(values):
    return weak_ranks(values).tolist()


# --- leximin -------------------------------------------------------------------------------------------------------


def test_leximin_by_hand():
    """The worst-off first: 5, 3, 1. With the worst-off level, the next: 2 before 3; whoever it is."""
    assert leximin([A, B, C]).tolist() == [-2, 0, -1]
    assert leximin([[1, 2, 9], [3, 1, 3], [2, 1, 9], [1, 1, 9]]).tolist() == [-1, 0, -1, -2]
    assert leximin([[1.0, 5.0], [1.0, 5.0 + 1e-12]]).tolist() == [0, 0]  # rounding does not decide
    assert leximin([[1.0, 5.0], [1.0 - 1e-12, 6.0]]).tolist() == [-1, 0]  # nor keep the second person from deciding


@given(u=slates)
def test_leximin_is_the_order_of_sorted_tuples(u):
    sorted_people = [tuple(sorted(row)) for row in u.tolist()]
    levels = sorted(set(sorted_people), reverse=True)
    assert leximin(u).tolist() == [-levels.index(row) for row in sorted_people]


def test_the_isoelastic_family_tends_to_leximin():
    """All 462 groups of five on 1-7 at once: the same order from alpha 9 on, not yet at 8 (facts, welfare)."""
    every = np.array(list(combinations_with_replacement(range(1, 8), 5)), dtype=float)
    assert len(every) == 462
    order = (-leximin(every)).tolist()
    assert sorted(order) == list(range(462))
    assert places(isoelastic(every, 9)) == order
    assert places(isoelastic(every, 8)) != order


@given(u=slates)
def test_leximin_takes_one_increasing_map_for_all_but_not_one_each(u):
    assert leximin(np.exp(u)).tolist() == leximin(3 * u - 20).tolist() == leximin(u).tolist()


def test_a_map_each_changes_leximin():
    """By persons' own units the first is the worst-off, or the second."""
    u = np.array([[1.0, 3.0], [2.0, 1.5]])
    assert leximin(u).tolist() == [-1, 0]
    assert leximin(u * [1, 0.1]).tolist() == [0, -1]


# --- Borda ---------------------------------------------------------------------------------------------------------


def test_borda_by_hand():
    """Of B and A, C: three people put A over C over B, one puts A over both, level, one B over C over A."""
    assert borda([A, B, C]).tolist() == [8 / 5, 2.5 / 5, 4.5 / 5]
    assert borda([[3.0], [3.0], [3.0], [7.0]]).tolist() == [1, 1, 1, 3]
    assert borda([[4.0, 1.0]]).tolist() == [0]


@given(u=slates)
def test_borda_is_the_mean_of_mean_ranks(u):
    np.testing.assert_allclose(borda(u), (rankdata(u, axis=0) - 1).mean(axis=1))


@given(u=slates)
def test_borda_counts_the_pairs(u):
    above = (u[:, None] > u[None]) + 0.5 * (u[:, None] == u[None])
    np.testing.assert_allclose(borda(u), above.sum(axis=1).mean(axis=-1) - 0.5)


def test_borda_may_elect_whom_nobody_likes_best_and_listens_to_losers():
    """B wins, whom nobody puts first. Without C, the loser, A does."""
    u = np.array([[3, 3, 3, 1, 1], [2, 2, 2, 2.5, 2.5], [1, 1, 1, 2, 2], [0, 0, 0, 3, 3]])
    assert borda(u).tolist() == [9 / 5, 10 / 5, 5 / 5, 6 / 5]
    assert borda(u[[0, 1]]).tolist() == [3 / 5, 2 / 5]


# --- approval ------------------------------------------------------------------------------------------------------


def test_approval_by_hand():
    """5 is enough, 4.9 is not, and 5 less a rounding is; on another scale the threshold is another."""
    assert approval([A, B, C]).tolist() == [0.8, 1, 0.8]
    assert approval([[5.0, 4.9, 5 - 1e-12, 7.0]]).tolist() == [0.75]
    assert approval([[-1.0, 0.0, 2.0]], threshold=0.0).tolist() == [2 / 3]
    assert approval([[-2.0, -1.9, -2 - 1e-12, -2.1]], threshold=-2.0).tolist() == [3 / 4]
    assert approval(np.float32([[5 - 5e-7, 4.99]])).tolist() == [0.5]


def test_a_threshold_is_a_number():
    for threshold in (NAN, float("inf")):
        with pytest.raises(ValueError, match=r"threshold (nan|inf): expected a finite number"):
            approval([A], threshold=threshold)


# --- all of them ---------------------------------------------------------------------------------------------------

RULES = {"leximin": leximin, "borda": borda, "approval": approval, "schulze": schulze}
every_rule = pytest.mark.parametrize("name", RULES)


@every_rule
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_slates_together_are_each_slate_alone(name, dtype):
    """More slates than a block holds, in two leading axes."""
    shape = (2, 7000, 12, 3)
    u = stream(0, "test_ordinal").integers(1, 8, size=shape).astype(dtype)
    together = RULES[name](u)
    assert together.shape == shape[:-1]
    for place in [(0, 0), (0, 6999), (1, 0), (1, 3333), (1, 6999)]:
        assert together[place].tolist() == RULES[name](u[place]).tolist()


@every_rule
@given(u=slates, data=st.data())
def test_names_do_not_matter(name, u, data):
    """Neither those of people nor those of candidates."""
    candidates = data.draw(st.permutations(range(len(u))))
    people = data.draw(st.permutations(range(u.shape[1])))
    np.testing.assert_allclose(RULES[name](u[candidates][:, people]), RULES[name](u)[candidates])


@every_rule
@given(u=slates)
def test_ties_come_out_as_ties(name, u):
    assert len(set(RULES[name](np.repeat(u[:1], 4, axis=0)).tolist())) == 1


# --- missing people ------------------------------------------------------------------------------------------------


@every_rule
def test_a_missing_person_is_refused_by_default(name):
    u = np.ones((2, 3, 2))
    u[1, 0, 1] = NAN
    with pytest.raises(
        ValueError, match=rf"utility nan at \(1, 0, 1\): {name} needs a number, or a rule for missing people"
    ):
        RULES[name](u)
    with pytest.raises(ValueError, match=r"missing 'ignore': expected refuse, leave_out or a finite utility"):
        RULES[name](u, missing="ignore")
    with pytest.raises(ValueError, match=r"missing nan: expected"):
        RULES[name](u, missing=NAN)


@every_rule
@given(u=slates, data=st.data())
def test_to_be_left_out_is_not_to_be_there(name, u, data):
    absent = data.draw(st.integers(0, u.shape[1]))
    with_absent = np.insert(u, absent, NAN, axis=1)
    other = np.insert(u, 0, 4.0, axis=1)  # a slate in which everybody is there
    left_out, whole = RULES[name](np.stack([with_absent, other]), missing="leave_out")
    np.testing.assert_allclose(left_out, RULES[name](u))
    np.testing.assert_allclose(whole, RULES[name](other))


@every_rule
@given(u=slates)
def test_to_count_as_a_number_is_to_have_it(name, u):
    absent = np.where(u == 7, NAN, u)
    counted = np.where(u == 7, 2.5, u)
    np.testing.assert_allclose(RULES[name](absent, missing=2.5), RULES[name](counted))


@pytest.mark.parametrize("name", ["leximin", "borda"])
def test_who_is_missing_in_part_cannot_be_left_out_of_every_rule(name):
    u = np.array([[1.0, 2.0], [NAN, 3.0]])
    with pytest.raises(
        ValueError, match=rf"utility nan at \(1, 0\): this person is missing for some .* {name} can leave out only"
    ):
        RULES[name](u, missing="leave_out")


def test_who_is_missing_in_part_approves_in_part():
    assert approval([[6.0, NAN, 4.0], [NAN, NAN, 5.0]], missing="leave_out").tolist() == [0.5, 1]


def test_who_is_missing_in_part_compares_in_part():
    """Two people with opposite orders; a third knows the first and the last candidate only, and prefers the first."""
    u = [[3.0, 1.0, 2.0], [2.0, 1.5, NAN], [1.0, 2.0, 1.0]]
    assert schulze([row[:2] for row in u]).tolist() == [0, 0, 0]
    assert schulze(u, missing="leave_out").tolist() == [0, 0, -1]


@pytest.mark.parametrize("name", ["leximin", "borda", "approval"])
def test_somebody_must_be_there(name):
    u = np.array([[[1.0, 2.0]], [[NAN, NAN]]])
    with pytest.raises(ValueError, match=r"everybody is missing; expected at least one"):
        RULES[name](u, missing="leave_out")


@every_rule
@pytest.mark.parametrize("shape", [(3,), (0, 3), (3, 0)])
def test_a_slate_has_candidates_and_people(name, shape):
    with pytest.raises(ValueError, match=r"shape \[\.\.\., candidates, people\], at least one of each, got \("):
        RULES[name](np.ones(shape))
