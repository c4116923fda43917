"""The points of an opinion before it is written: those that come to mind, on one's own side, against the other, and besides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from simcons.population.minds.conviction import Conviction
from simcons.population.minds.pen import Pen
from simcons.questions.bank import SIGN, Question

_FIRMLY = -0.8  # endorsement below which a claim is rejected firmly enough to say so
_FRAME = 2.5  # words that a frame adds to a claim
_BESIDES = 40  # words for each point that is not on the writer's side

# Chances [J].
_TOLD, _TOLD_FIRST = 0.8, 0.6  # of a story that is there to be told
_DENIED = 0.35  # that a claim which is firmly rejected comes to mind at all
_OUTRIGHT = 0.8  # of doing so by a denial, where one is at hand, and not by rejecting the claim in so many words

Kind: TypeAlias = Literal["reason", "story", "denial", "rejection", "concession", "common"]
_OWN_SIDE: frozenset[Kind] = frozenset({"reason", "story", "denial", "rejection"})
_AGAINST_A_CLAIM: frozenset[Kind] = frozenset({"denial", "rejection"})
_ORDER: dict[Kind, int] = {"concession": 1, "common": 2}


@dataclass(frozen=True, slots=True)
class Point:
    """One claim in an opinion, and the clause that makes it.

    denial: the clause denies the claim; rejection: it makes a claim, which its frame rejects.
    """

    kind: Kind
    claim: int
    clause: str

    @property
    def denies(self) -> bool:
        return self.kind in _AGAINST_A_CLAIM

    @property
    def own_side(self) -> bool:
        return self.kind in _OWN_SIDE

    @property
    def n_words(self) -> float:
        return len(self.clause.split()) + _FRAME


def points_of(question: Question, conviction: Conviction, words: float, pen: Pen) -> list[Point]:
    """Points for about ``words`` words: those on the writer's side, then concessions, then common ground.

    They are taken as they come to mind, until the length is used up. Of common ground and concessions there is one for every
    forty words at most, and denials of what the writer firmly rejects are among the reasons.
    """
    points: list[Point] = []
    room, besides = words, 1 + int(words / _BESIDES)
    for claim in _in_mind(question, conviction, pen):
        point = _point(question, claim, conviction, pen)
        if point is None or (not point.own_side and sum(not made.own_side for made in points) >= besides):
            continue
        if point.n_words / 2 > room:
            break
        points.append(point)
        room -= point.n_words
    points.sort(key=lambda point: _ORDER.get(point.kind, 0))
    return _story_first(points, pen)


def carry_the_side(points: Sequence[Point]) -> bool:
    """True of points that leave no doubt about the side of who makes them."""
    own = sum(point.own_side for point in points)
    return own > 0 and own > 2 * sum(point.kind == "concession" for point in points)


def _in_mind(question: Question, conviction: Conviction, pen: Pen) -> list[int]:
    """Claims that the writer holds, and of those firmly rejected some, the readiest to mind first."""
    salience = {
        claim: conviction.salience[claim] for claim, endorsed in enumerate(conviction.endorsement) if endorsed > 0
    }
    for claim, endorsed in enumerate(conviction.endorsement):
        against = SIGN[question.claims[claim].side] * conviction.favour <= 0
        if against and endorsed < _FIRMLY and pen.happens(_DENIED):
            salience[claim] = -conviction.salience[claim]
    return sorted(salience, key=lambda claim: -salience[claim])


def _point(question: Question, claim: int, conviction: Conviction, pen: Pen) -> Point | None:
    """None of a claim that cannot be rejected or conceded in the words that the writer has for it: bare, they would hold it."""
    if conviction.endorsement[claim] < 0:
        denial = pen.denial(claim) if pen.happens(_OUTRIGHT) else None
        if denial:
            return Point("denial", claim, denial)
        wording = pen.wording(claim)
        return Point("rejection", claim, wording) if pen.can_put(pen.phrases.denied, wording) else None
    side = SIGN[question.claims[claim].side]
    if claim in pen.hand.stories and side * conviction.favour >= 0 and pen.happens(_TOLD):
        return Point("story", claim, pen.story(claim))
    kind: Kind = "common" if side == 0 else "reason" if side * conviction.favour > 0 else "concession"
    wording = pen.wording(claim)
    if kind == "concession" and not pen.can_put(pen.phrases.concessions, wording):
        return None
    return Point(kind, claim, wording)


def _story_first(points: list[Point], pen: Pen) -> list[Point]:
    stories = [point for point in points if point.kind == "story"]
    if not stories or not pen.happens(_TOLD_FIRST):
        return points
    return [*stories, *(point for point in points if point.kind != "story")]
