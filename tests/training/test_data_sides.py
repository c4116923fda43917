"""Nothing is on both sides, whatever groups, people and questions there are."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcons.errors import TrainingDataError
from simcons.training.data.sides import Discussion, assign, check_apart


def discussions(*groups: str, people=lambda group: [f"a member of {group}"]) -> list[Discussion]:
    """``"xy"`` is a group that discussed the questions x and y."""
    return [
        Discussion(f"g{k}-r{place}", question, f"g{k}", frozenset(people(k)))
        for k, questions in enumerate(groups)
        for place, question in enumerate(questions)
    ]


QUESTIONS = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=4, unique=True).map("".join)
GROUPS = st.lists(QUESTIONS, min_size=1, max_size=12)
# The same person is in two groups, or in three, now and then.
PEOPLE = st.lists(st.integers(0, 20), min_size=12, max_size=12)
SHARES = st.floats(0.01, 0.5)


@given(GROUPS, PEOPLE, SHARES, st.integers(0, 5))
def test_no_question_group_or_person_is_on_both_sides(groups, people, share, seed):
    rounds = discussions(*groups, people=lambda group: [people[group]])
    sides = assign(rounds, share=share, seed=seed)
    for member in ("question", "group", "people"):
        on = {
            side: {getattr(r, member) for r in rounds if sides.get(r.round) == side} for side in ("learn", "validation")
        }
        assert on["learn"].isdisjoint(on["validation"])


@given(GROUPS, SHARES, st.randoms(use_true_random=False))
def test_sides_depend_on_what_there_is_and_not_on_its_order(groups, share, random):
    rounds = discussions(*groups)
    sides = assign(rounds, share=share, seed=0)
    random.shuffle(rounds)
    assert assign(rounds, share=share, seed=0) == sides


@given(st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=30), SHARES)
def test_nothing_is_lost_where_each_group_discusses_one_question(groups, share):
    rounds = discussions(*groups)
    sides = assign(rounds, share=share, seed=0)
    assert len(sides) == len(rounds)
    n_questions = len(set(groups))
    held_out = {r.question for r in rounds if sides[r.round] == "validation"}
    assert len(held_out) == (max(1, round(share * n_questions)) if n_questions > 1 else 0)


def test_a_question_is_held_out_whatever_else_is_collected():
    """A second collection on the same questions does not move what was held out of the first."""
    first, both = discussions(*"abcdefgh"), discussions(*"abcdefgh", *"aabbccdd")
    before, after = assign(first, share=0.25, seed=0), assign(both, share=0.25, seed=0)
    assert {name: after[name] for name in before} == before


def test_other_seeds_hold_out_other_questions():
    rounds = discussions(*"abcdefgh")
    held_out = [
        next(r.question for r in rounds if sides[r.round] == "validation")
        for sides in (assign(rounds, share=0.1, seed=seed) for seed in range(20))
    ]
    assert len(set(held_out)) > 4


def test_groups_that_share_a_person_are_one():
    """Groups of x and of y, which the same people went through, cannot be parted; one of the questions is lost."""
    rounds = discussions("x", "y", "x", "y", people=lambda group: ["ann"] if group < 2 else [group])
    sides = assign(rounds, share=0.5, seed=0)
    assert len({sides[name] for name in ("g0-r0", "g1-r0") if name in sides}) == 1
    assert sides["g2-r0"] != sides["g3-r0"]


def test_how_much_is_kept_of_groups_with_three_questions_each():
    """Of 40 groups on 3 of 20 questions, 10% held out: about half of the 12 rounds on the two questions, no round more than
    a group has is lost for each.
    """
    alphabet = "abcdefghijklmnopqrst"
    rounds = discussions(*(alphabet[k % 20] + alphabet[(k + 7) % 20] + alphabet[(3 * k + 1) % 20] for k in range(40)))
    counts = Counter(assign(rounds, share=0.1, seed=0).values())
    assert counts["validation"] == 6
    assert counts["learn"] >= 120 - 12 - 2 * 6


@given(GROUPS, PEOPLE, SHARES, st.integers(0, 5))
def test_of_groups_held_out_nobody_is_learnt_from_and_no_round_is_lost(groups, people, share, seed):
    rounds = discussions(*groups, people=lambda group: [people[group]])
    sides = assign(rounds, share=share, seed=seed, hold_out="groups")
    assert len(sides) == len(rounds)
    for member in ("group", "people"):
        learn, validation = (
            {getattr(r, member) for r in rounds if sides[r.round] == side} for side in ("learn", "validation")
        )
        assert learn.isdisjoint(validation)
    assert "learn" in sides.values()


def test_what_is_on_both_sides_is_named():
    members = [("learn", "question", "a"), ("validation", "group", "a"), ("validation", "question", "a")]
    check_apart(members[:2])
    with pytest.raises(TrainingDataError, match="question 'a' is on both sides"):
        check_apart(members)
