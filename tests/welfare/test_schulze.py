"""The Schulze method, against published examples, a search of all paths, and what is proved of it (Schulze 2011)."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from simcons.welfare.schulze import defeats, schulze, strongest_paths


def utilities(*ballots):
    """[candidates, people] from (number of people, rank of each candidate, 0 best)."""
    return -np.array([ranks for number, ranks in ballots for _ in range(number)], dtype=float).T


def spelt(**ballots):
    """The same from orders spelt best first, as in ACBED=5."""
    names = sorted(next(iter(ballots)))
    return utilities(*((number, [order.index(name) for name in names]) for order, number in ballots.items()))


def places(u):
    return (-schulze(u)).tolist()


# --- published examples --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("u", "expected"),
    [
        (utilities((3, [0, 1, 2, 3]), (2, [1, 2, 3, 0]), (2, [3, 1, 2, 0]), (2, [3, 1, 0, 2])), [1, 0, 1, 0]),
        (utilities((1, [0, 0, 1, 2]), (1, [0, 1, 3, 2])), [0, 1, 2, 2]),
        (utilities((1, [0, 1]), (1, [1, 0])), [0, 0]),
        (utilities((1, [0, 1, 2]), (1, [1, 2, 0]), (1, [2, 0, 1])), [0, 0, 0]),  # a Condorcet cycle
    ],
)
def test_hand_worked_values(u, expected):
    """The facts on welfare, among them the examples that the paper's own code is tested with."""
    assert places(u) == expected


def test_45_voters():
    """Schulze (2011), section 3 (also on Wikipedia): E > A > C > B > D, with these votes and paths."""
    u = spelt(ACBED=5, ADECB=5, BEDAC=8, CABED=3, CAEBD=7, CBADE=2, DCEBA=7, EBADC=8)
    d, p = defeats(u), strongest_paths(defeats(u))
    assert d.tolist() == [
        [0, 20, 26, 30, 22], [25, 0, 16, 33, 18], [19, 29, 0, 17, 24], [15, 12, 28, 0, 14], [23, 27, 21, 31, 0],
    ]  # fmt: skip
    assert p.tolist() == [
        [0, 28, 28, 30, 24], [25, 0, 28, 33, 24], [25, 29, 0, 29, 24], [25, 28, 28, 0, 24], [25, 28, 28, 31, 0],
    ]  # fmt: skip
    assert places(u) == ["EACBD".index(name) for name in "ABCDE"]


def test_30_voters():
    """The first example of electowiki: D > A > C > B."""
    u = spelt(ACBD=5, ACDB=2, ADCB=3, BACD=4, CBDA=3, CDBA=3, DACB=1, DBAC=5, DCBA=4)
    assert defeats(u).tolist() == [[0, 11, 20, 14], [19, 0, 9, 12], [10, 21, 0, 17], [16, 18, 13, 0]]
    assert places(u) == ["DACB".index(name) for name in "ABCD"]


def test_votes_that_win_count_not_their_margins():
    """A over B by 5 to 4, B over C by 4 to 0, C over A by 3 to 2: a cycle whose weakest link by votes is the last, so A wins.

    By margins (1, 4, 1) neither A nor B would be beaten.
    """
    p = strongest_paths(np.array([[0, 5, 2], [4, 0, 4], [3, 0, 0]], dtype=np.uint8))
    assert p.tolist() == [[0, 5, 4], [3, 0, 4], [3, 3, 0]]


# --- another way to find the paths ---------------------------------------------------------------------------------

slates = st.tuples(st.integers(1, 5), st.integers(1, 6)).flatmap(
    lambda shape: arrays(float, shape, elements=st.integers(1, 5).map(float))
)


def votes(u):
    return [[sum(x > y for x, y in zip(u[a], u[b], strict=True)) for b in range(len(u))] for a in range(len(u))]


def all_paths(d):
    """The strongest of all paths without a repetition, one by one."""
    n = len(d)
    link = [[d[a][b] if d[a][b] > d[b][a] else 0 for b in range(n)] for a in range(n)]
    strength = [[0] * n for _ in range(n)]
    for a, b in permutations(range(n), 2):
        others = [c for c in range(n) if c not in (a, b)]
        for length in range(n - 1):
            for stations in permutations(others, length):
                path = (a, *stations, b)
                weakest = min(link[path[k]][path[k + 1]] for k in range(len(path) - 1))
                strength[a][b] = max(strength[a][b], weakest)
    return strength


@given(u=slates)
def test_against_all_paths(u):
    d = votes(u.tolist())
    assert defeats(u).tolist() == d
    expected = all_paths(d)
    assert strongest_paths(defeats(u)).tolist() == expected
    n = len(u)
    beaten_by = [sum(expected[b][a] > expected[a][b] for b in range(n)) for a in range(n)]
    assert places(u) == [sorted(set(beaten_by)).index(k) for k in beaten_by]


def test_more_people_than_a_byte_counts():
    """256 to 255: a byte would make it 0 to 255."""
    u = utilities((300, [0, 1]), (299, [1, 0]))
    assert defeats(u).tolist() == [[0, 300], [299, 0]]
    assert places(utilities((256, [0, 1]), (255, [1, 0]))) == [0, 1]


# --- what is proved ------------------------------------------------------------------------------------------------


def beats(u):
    p = strongest_paths(defeats(u))
    return p > p.T


@given(u=slates)
def test_the_places_keep_every_defeat_and_the_unbeaten_are_first(u):
    beat, place = beats(u), np.array(places(u))
    assert (place[:, None] < place[None])[beat].all()
    assert (place == 0).tolist() == (~beat.any(axis=0)).tolist()
    assert not (beat.astype(int) @ beat.astype(int) > 0)[~beat].any()  # transitive


@given(u=slates)
def test_who_wins_or_loses_every_comparison_is_first_or_last_alone(u):
    d, place = defeats(u), np.array(places(u))
    wins = (d > d.T).sum(axis=1)
    for k in np.flatnonzero(wins == len(u) - 1):
        assert place[k] == 0
        assert (np.delete(place, k) > 0).all()
    losses = (d < d.T).sum(axis=1)
    for k in np.flatnonzero(losses == len(u) - 1):
        assert (np.delete(place, k) < place[k]).all()


@given(u=slates)
def test_what_all_prefer_is_higher(u):
    place = np.array(places(u))
    for a, b in permutations(range(len(u)), 2):
        if (u[a] > u[b]).all():
            assert place[a] < place[b]


@given(u=slates)
def test_ballots_turned_round_turn_every_defeat_round(u):
    assert beats(-u).tolist() == beats(u).T.tolist()


@given(u=slates, data=st.data())
def test_rising_on_a_ballot_does_not_cost_the_first_place(u, data):
    winner = data.draw(st.sampled_from(np.flatnonzero(schulze(u) == 0).tolist()))
    person = data.draw(st.integers(0, u.shape[1] - 1))
    risen = u.copy()
    risen[winner, person] += data.draw(st.sampled_from([0.5, 1.0, 2.0, 9.0]))
    assert schulze(risen)[winner] == 0


@given(u=slates, data=st.data())
def test_copies_help_and_hurt_nobody(u, data):
    """A candidate becomes three, next to one another on every ballot, in any order there."""
    copied = data.draw(st.integers(0, len(u) - 1))
    others = np.delete(u, copied, axis=0)
    alone = (others != u[copied]).all(axis=0)  # where another candidate is level with it, so are the copies
    offsets = alone * data.draw(arrays(float, (3, u.shape[1]), elements=st.sampled_from([0.0, 0.1, 0.2])))
    first = schulze(np.vstack([u[copied], others])) == 0
    with_copies = schulze(np.vstack([u[copied] + offsets, others])) == 0
    assert with_copies[:3].any() == first[0]
    assert with_copies[3:].tolist() == first[1:].tolist()


@given(u=slates)
def test_only_orders_count(u):
    """Any increasing map for each person leaves every place as it is."""
    maps = [np.exp, np.sqrt, lambda x: 3 * x - 20, np.log, np.tanh, lambda x: x**3]
    mapped = np.stack([maps[k % len(maps)](u[:, k]) for k in range(u.shape[1])], axis=1)
    assert places(mapped) == places(u)


def test_rounding_is_no_preference():
    """0.1 + 0.2 and 0.3 are level, so that the other voter decides."""
    assert places(np.array([[0.1 + 0.2, 1.0], [0.3, 2.0]])) == [1, 0]
