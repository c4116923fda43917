"""Texts are dealt: no two members of a round hold the same one, and a story is told once a study by somebody it fits."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from simcons.population.minds.dealing import Hand, deal, fits, stories_of_deal
from simcons.questions.bank import Teller
from simcons.seeds import stream

N_DEALS = 20


def dealt(question, people, number=0, *, n_deals=N_DEALS):
    stories = stories_of_deal(question, number, n_deals, seed=1)
    return deal(question, people, stories=stories, rng=stream(1, "deal", question.id, number))


def cards(hand, claim):
    return [text for texts in hand.wordings[claim].values() for text in texts]


def test_no_two_members_hold_the_same_text_and_all_are_dealt(bank, crowd):
    for question in bank[::5]:
        hands = dealt(question, crowd[:5])
        for k, claim in enumerate(question.claims):
            assert Counter(text for hand in hands for text in cards(hand, k)) == Counter(claim.wordings.all())
            assert Counter(text for hand in hands for text in hand.denials[k]) == Counter(claim.denials)
            assert all(hand.wordings[k]["plain"] for hand in hands)
        assert sorted(hand.seat for hand in hands) == [0, 1, 2, 3, 4]
        phrases = list("abcdefghijk")
        assert sorted(phrase for hand in hands for phrase in hand.share(phrases)) == phrases


def test_too_many_members_share_wordings(bank, crowd):
    hands = dealt(bank[0], crowd[:30])
    assert all(cards(hand, k) for hand in hands for k in range(len(bank[0].claims)))


def test_every_story_belongs_to_one_deal_and_is_told_by_one_whom_it_fits(bank, crowd):
    """In a study of twenty groups; whatever the order of the deals, as each follows from its number alone."""
    told = Counter()
    for question in bank[::4]:
        everything = [stories_of_deal(question, number, N_DEALS, seed=1) for number in range(N_DEALS)]
        n_stories = sum(len(claim.stories) for claim in question.claims)
        assert sum(map(len, everything)) == len(frozenset().union(*everything)) == n_stories
        for number in reversed(range(N_DEALS)):
            people = crowd[5 * number : 5 * number + 5]
            for person, hand in zip(people, dealt(question, people, number), strict=True):
                assert len(hand.stories) <= 1
                for claim, text in hand.stories.items():
                    [story] = [story for story in question.claims[claim].stories if story.text == text]
                    assert fits(story.teller, person)
                    told[question.id, text] += 1
    assert len(told) > 30
    assert max(told.values()) == 1


def test_the_same_people_in_the_same_round_are_dealt_the_same(bank, crowd):
    assert dealt(bank[0], crowd[:5]) == dealt(bank[0], crowd[:5])
    assert dealt(bank[0], crowd[:5]) != dealt(bank[0], crowd[:5], 1)


@pytest.mark.parametrize(
    ("teller", "age", "children", "work", "sex", "expected"),
    [
        ({}, 30, False, "student", "male", True),
        ({"age": (18, 45)}, 46, False, "student", "male", False),
        ({"children": True}, 40, False, "employed", "female", False),
        ({"children": True}, 40, True, "employed", "female", True),
        ({"work": ["retired"]}, 70, True, "employed", "female", False),
        ({"work": ["retired", "at_home"]}, 70, True, "retired", "female", True),
        ({"sex": "female"}, 30, True, "employed", "male", False),
    ],
)
def test_whom_a_story_fits(crowd, teller, age, children, work, sex, expected):
    person = replace(crowd[0], age=age, children=children, work=work, sex=sex)
    assert fits(Teller(**teller), person) is expected


def test_who_writes_alone_has_everything_but_stories(bank):
    hand = Hand.whole(bank[0])
    assert [cards(hand, k) for k in range(len(bank[0].claims))] == [claim.wordings.all() for claim in bank[0].claims]
    assert hand.stories == {}
