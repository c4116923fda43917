"""Writing an opinion: where the person comes down and the points they care most about, in their own register and shape.

An opinion never contradicts the writer's stance. It makes only claims that the writer endorses, and denies only those that the
writer firmly rejects. About a quarter of people never say where they come down and leave it to their reasons. How much they
write follows the length they tend to; how it is typed follows their tidiness.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simcons.languages.language import Language
from simcons.languages.phrases import Stance
from simcons.population.minds.composition import Composition
from simcons.population.minds.conviction import Conviction
from simcons.population.minds.dealing import Hand
from simcons.population.minds.keyboard import typed
from simcons.population.minds.pen import Pen
from simcons.population.minds.points import carry_the_side, points_of
from simcons.population.persona import WritingStyle
from simcons.questions.bank import Question
from simcons.scale import MIDPOINT

# How strongly a person must feel, in points from the midpoint, to put it so.
_STRONG, _PLAIN, _LEAN = 1.8, 0.7, 0.25
_SURE = 1.2  # and to open by saying how clear the matter is

# Chances [J].
_UNSTATED = 0.3  # where the reasons carry the side
_OPENED, _OPENED_BY_HESITANT = 0.12, 0.25
_CLOSED = 0.4


@dataclass(frozen=True, slots=True)
class WrittenOpinion:
    """A text and what it means: indices of the claims made, in order, and of those denied, and the writer's stance, which is not
    ``stated`` where it is left to the reasons.
    """

    text: str
    claims: tuple[int, ...]
    stance: Stance | None  # None: the writer has none, or it is not known
    denied: tuple[int, ...] = ()
    stated: bool = True


def stance_of(position: float) -> Stance:
    """The words for a position on the 1-7 scale: seven steps, symmetric about the midpoint."""
    favour = position - MIDPOINT
    size = abs(favour)
    if size < _LEAN:
        return "torn"
    if favour > 0:
        return "strong_for" if size > _STRONG else "for" if size > _PLAIN else "lean_for"
    return "strong_against" if size > _STRONG else "against" if size > _PLAIN else "lean_against"


def write_opinion(
    question: Question,
    conviction: Conviction,
    language: Language,
    *,
    style: WritingStyle,
    words: float,
    rng: np.random.Generator,
    hand: Hand | None = None,
) -> WrittenOpinion:
    """An opinion of about ``words`` words. Who has been dealt no ``hand`` writes with all of the bank's wordings."""
    stance = stance_of(conviction.position)
    pen = Pen(question, language, style, hand or Hand.whole(question), rng)
    verdict, silent = pen.verdict(stance), stance != "torn" and pen.happens(_UNSTATED)
    points = points_of(question, conviction, words if silent else words - len(verdict.split()), pen)
    silent = silent and carry_the_side(points)
    sentences = Composition(pen, points, decided=stance != "torn").sentences(None if silent else verdict)
    sentences = _with_asides(sentences, pen, words, sure=abs(conviction.favour) > _SURE)
    return WrittenOpinion(
        text=typed(sentences, verdict, language, style.tidiness, pen.draws),
        claims=tuple(point.claim for point in points if not point.denies),
        stance=stance,
        denied=tuple(point.claim for point in points if point.denies),
        stated=not silent,
    )


def write_carelessly(language: Language, rng: np.random.Generator) -> WrittenOpinion:
    """The opinion of somebody who wants to be done with it."""
    careless = language.opinions.careless
    return WrittenOpinion(text=careless[int(rng.integers(len(careless)))], claims=(), stance=None)


def _with_asides(sentences: list[str], pen: Pen, words: float, *, sure: bool) -> list[str]:
    """A sentence before that says how clear the matter is, and one after, where there is room."""
    opens, closes = pen.happens(_OPENED + _OPENED_BY_HESITANT * pen.style.hedging), pen.happens(_CLOSED)
    phrases = pen.phrases
    opener = pen.aside(phrases.openers if sure else phrases.unsure_openers) if opens and words > 15 else None
    room = words - sum(len(sentence.split()) for sentence in sentences)
    closer = pen.aside(phrases.closers) if closes and room > 4 else None
    return [*filter(None, [opener]), *sentences, *filter(None, [closer])]
