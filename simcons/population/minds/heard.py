"""The latent mind of somebody of whom nothing is known but an opinion: what a person who wrote it is likely to hold."""

from __future__ import annotations

from math import pi, sqrt

from simcons.population.minds.conviction import POSITION_WEIGHT, TASTE_DIMENSIONS, Conviction
from simcons.questions.bank import SIGN, Question
from simcons.questions.reading import Reading, side_taken
from simcons.scale import MIDPOINT, bounded
from simcons.scenario.minds import LatentMindSettings

_ON_ONE_SIDE = sqrt(
    2 / pi
)  # SDs of leaning that people on one side have on average, if leanings are normal about the middle
_SAID = 1.3  # SDs by which a claim is held at least by those who think of it when they write [J]


def conviction_heard(question: Question, opinion: Reading, mind: LatentMindSettings) -> Conviction:
    """What the author of an opinion holds, as a latent mind holds it, by what was heard in the opinion alone.

    The leaning is that of people with the opinion's verdict, on average; without a verdict, that of the sides of its claims. A
    claim that it makes is held, and one that it denies rejected, by 1.3 SDs or more; all others as people of that leaning hold
    them. There is no taste, which nobody can hear.
    """
    held = {mention.claim: mention.polarity for mention in opinion.mentions}
    leaning = _ON_ONE_SIDE * side_taken(question, opinion)
    endorsement = []
    for place, claim in enumerate(question.claims):
        usual = claim.pull + POSITION_WEIGHT * leaning * SIGN[claim.side]
        said = held.get(place)
        endorsement.append(usual if said is None else said * max(_SAID, said * usual))
    return Conviction(
        position=bounded(MIDPOINT + mind.intensity * mind.person_sd * leaning),
        endorsement=tuple(endorsement),
        salience=tuple(endorsement),
        taste=(0.0,) * TASTE_DIMENSIONS,
    )
