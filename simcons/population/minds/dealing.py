"""Dealing a question's texts: to the members of a round, so that no two put a point in the same words, and stories once a study.

Who is dealt what follows from the study's seed, the round and the people in it. Sessions need not know of one another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self, TypeAlias, TypeVar

import numpy as np

from simcons.population.persona import Persona
from simcons.questions.bank import Claim, Question, Teller
from simcons.scenario.parameters import Register
from simcons.seeds import request_seed

Cards: TypeAlias = Mapping[Register, Sequence[str]]
StoryId: TypeAlias = tuple[int, int]  # the index of the claim, and of the story in Claim.stories
Card = TypeVar("Card")


@dataclass(frozen=True, slots=True)
class Hand:
    """The texts that one member of a round may use, by claim.

    seat: the member's place among ``n_seats``, by which phrases of the language are dealt as well. stories: by claim, those
    that are theirs to tell.
    """

    seat: int
    n_seats: int
    wordings: tuple[Cards, ...]
    denials: tuple[Sequence[str], ...]
    stories: Mapping[int, str]

    @classmethod
    def whole(cls, question: Question) -> Self:
        """All wordings and denials, for somebody who writes alone; no stories, as they have tellers."""
        wordings = tuple(_by_register(claim) for claim in question.claims)
        return cls(0, 1, wordings, tuple(claim.denials for claim in question.claims), {})

    def share(self, phrases: Sequence[str]) -> Sequence[str]:
        """Those of ``phrases`` that no other member uses."""
        return phrases[self.seat :: self.n_seats]


def deal(
    question: Question, people: Sequence[Persona], *, stories: Collection[StoryId] = (), rng: np.random.Generator
) -> list[Hand]:
    """A hand for each member. Where there are fewer wordings of a claim than members, they share them.

    ``stories`` may be told in this round: each by one of those it fits, none by anybody else, and nobody has two.
    """
    draws = endless(rng)
    seats = _shuffled(range(len(people)), draws)
    decks = [(claim, _shuffled_by_register(claim, draws), _shuffled(claim.denials, draws)) for claim in question.claims]
    told = _tellers(question, people, stories, draws)
    return [
        Hand(
            seat,
            len(people),
            tuple(_cards(claim, deck, seat, len(people)) for claim, deck, _ in decks),
            tuple(denials[seat :: len(people)] for _, _, denials in decks),
            told.get(place, {}),
        )
        for place, seat in enumerate(seats)
    ]


def stories_of_deal(question: Question, deal: int, n_deals: int, *, seed: int) -> frozenset[StoryId]:
    """The stories that may be told when ``question`` comes up for the ``deal``-th of ``n_deals`` times: each belongs to one."""
    ids = [(claim, story) for claim, asked in enumerate(question.claims) for story in range(len(asked.stories))]
    return frozenset(key for key in ids if request_seed(seed, "story", question.id, *key) % n_deals == deal)


def fits(teller: Teller, persona: Persona) -> bool:
    """True if the story of ``teller`` may be from the life of ``persona``."""
    youngest, oldest = teller.age
    return (
        youngest <= persona.age <= oldest
        and teller.children in (None, persona.children)
        and (not teller.work or persona.work in teller.work)
        and teller.sex in (None, persona.sex)
    )


def _tellers(
    question: Question, people: Sequence[Persona], stories: Collection[StoryId], draws: Iterator[float]
) -> dict[int, dict[int, str]]:
    """By place of the person, the story they have, by claim."""
    told: dict[int, dict[int, str]] = {}
    for claim, number in _shuffled(sorted(stories), draws):
        story = question.claims[claim].stories[number]
        fitting = [k for k, person in enumerate(people) if k not in told and fits(story.teller, person)]
        draw = next(draws)
        if fitting:
            told[fitting[int(draw * len(fitting))]] = {claim: story.text}
    return told


def _by_register(claim: Claim) -> Cards:
    wordings = claim.wordings
    return {"plain": wordings.plain, "chatty": wordings.chatty, "formal": wordings.formal}


def _shuffled_by_register(claim: Claim, draws: Iterator[float]) -> Cards:
    return {register: _shuffled(texts, draws) for register, texts in _by_register(claim).items()}


def _cards(claim: Claim, deck: Cards, seat: int, n_seats: int) -> Cards:
    cards: Cards = {register: texts[seat::n_seats] for register, texts in deck.items()}
    return cards if any(cards.values()) else _by_register(claim)


def _shuffled(cards: Sequence[Card], draws: Iterator[float]) -> list[Card]:
    return [card for _, _, card in sorted((next(draws), place, card) for place, card in enumerate(cards))]


def endless(rng: np.random.Generator) -> Iterator[float]:
    """Uniform numbers from 0 to 1, drawn in bulk."""
    while True:
        yield from rng.random(128).tolist()
