"""A latent mind's beliefs on one question: its position, and how far it endorses each claim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simcons.arrays import Floats
from simcons.population.persona import Persona
from simcons.questions.bank import SIGN, Question
from simcons.scale import MIDPOINT, bounded
from simcons.scenario.minds import LatentMindSettings
from simcons.scenario.parameters import VALUE_DIMENSIONS, ValueDimension
from simcons.seeds import stream

TASTE_DIMENSIONS = 6

# Endorsement is made of the position on the question, values beyond it, and what is the person's own [J]. On common ground,
# where the position plays no part, what is the person's own makes up for it, so that endorsement has an SD of 1 there.
POSITION_WEIGHT, VALUE_WEIGHT, OWN_WEIGHT = 0.8, 0.5, 0.5


class CompiledQuestion:
    """A question as arrays: made once a study, used for every person."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.direction = _unit(question.loadings)  # [dimensions]
        self.claim_directions = np.array([_unit(claim.loadings) for claim in question.claims])  # [claims, dimensions]
        self.claim_pulls = np.array([claim.pull for claim in question.claims])
        self.sides = np.array([SIGN[claim.side] for claim in question.claims], dtype=np.float64)
        valued = self.claim_directions.any(axis=1)
        self.own_weights = np.where(self.sides == 0, np.sqrt(1 - VALUE_WEIGHT**2 * valued), OWN_WEIGHT)  # [claims]

    @cached_property
    def has_values(self) -> bool:
        return bool(self.direction.any())


@dataclass(frozen=True, slots=True)
class Conviction:
    """A person's mind on a question. It does not change during a study."""

    position: float  # true agreement with the position statement, in points between 1 and 7
    endorsement: tuple[float, ...]  # of each claim, in SDs: above 0 the person holds it
    salience: tuple[float, ...]  # of each claim: how readily it comes to mind
    taste: tuple[float, ...]  # what the person likes in a text beyond its claims; dotted with the text's own

    @property
    def favour(self) -> float:
        """Signed distance of the position from the midpoint: above 0 in favour, in points."""
        return self.position - MIDPOINT


def consider(persona: Persona, compiled: CompiledQuestion, mind: LatentMindSettings, *, seed: int) -> Conviction:
    """The beliefs of ``persona``: a function of the persona, the question and the study's seed alone.

    leaning = mean - 4 + pull + sd (sqrt(h) v.l/|l| + sqrt(1-h) e), h the share of variance that values explain;
    position = 4 + intensity leaning, bounded;
    endorsement_c = pull_c + .8 side_c leaning/sd + .5 v.l_c/|l_c| + w_c e_c, values v and e standard normal, w .5 for
    sided claims and what makes the variance 1 on common ground.
    """
    rng = stream(seed, "conviction", persona.persona_id, compiled.question.id)
    n_claims = len(compiled.sides)
    draws = rng.standard_normal(1 + 2 * n_claims + TASTE_DIMENSIONS)
    values = np.asarray(persona.values)
    share = mind.value_share if compiled.has_values else 0.0
    spread = share**0.5 * float(compiled.direction @ values) + (1 - share) ** 0.5 * float(draws[0])
    leaning = mind.position_mean - MIDPOINT + compiled.question.pull + mind.person_sd * spread
    own, mood = draws[1 : 1 + n_claims], draws[1 + n_claims : 1 + 2 * n_claims]
    endorsement = (
        compiled.claim_pulls
        + POSITION_WEIGHT * leaning / mind.person_sd * compiled.sides
        + VALUE_WEIGHT * (compiled.claim_directions @ values)
        + compiled.own_weights * own
    )
    return Conviction(
        position=bounded(MIDPOINT + mind.intensity * leaning),
        endorsement=tuple(endorsement.tolist()),
        salience=tuple((endorsement + 0.8 * mood).tolist()),
        taste=tuple((draws[1 + 2 * n_claims :] / TASTE_DIMENSIONS**0.5).tolist()),
    )


def _unit(loadings: Mapping[ValueDimension, float]) -> Floats:
    vector = np.array([loadings.get(dimension, 0.0) for dimension in VALUE_DIMENSIONS])
    length = np.linalg.norm(vector)
    return vector / length if length else vector
