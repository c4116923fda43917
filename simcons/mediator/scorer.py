"""Scorers: predicted agreement of each opinion's author with each candidate, on the 1-7 scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np

from simcons.arrays import Floats
from simcons.engines.acts import together
from simcons.engines.base import Act
from simcons.mediator.view import RoundView, SeenOpinion
from simcons.questions.bank import SIGN, Question
from simcons.questions.reading import Reading
from simcons.scale import HIGHEST, LOWEST, MIDPOINT
from simcons.scenario.scoring import ScorerSettings

Scores: TypeAlias = Floats  # [opinions, candidates]; NaN: the scorer came to no score

# Points from the midpoint that one claim or verdict is predicted to move agreement by [J].
_SAME_CLAIM, _SAME_SIDE, _COMMON, _SAME_VERDICT = 2.0, 1.2, 0.9, 2.2
_NOTHING_TO_GO_ON = -0.7


class Scorer(Protocol):
    """Predicts agreement from what a mediator may see of a round.

    A score that does not come about is NaN, never a guess. What is chosen then is decided by `choosing`, by one rule for
    all scorers.
    """

    @property
    def name(self) -> str:
        """As the scenario calls it; scores are recorded under it."""

    def score(self, view: RoundView, used: Sequence[SeenOpinion], candidates: Sequence[str]) -> Act[Scores]:
        """An act that returns the predicted agreement of each opinion's author with each candidate, 1 to 7."""


def build_scorers(settings: Mapping[str, ScorerSettings]) -> dict[str, Scorer]:
    """The scorers that see no truth, by name."""
    return {name: ReaderScorer(name, given.reader) for name, given in settings.items() if given.kind == "reader"}


@dataclass(frozen=True, slots=True)
class ReaderScorer:
    """Predicts from text alone: the claims and the verdict read in an opinion against those read in a candidate.

    A claim that the opinion makes too adds 2, one it denies takes off 2; one it does not mention counts by its side
    against the opinion's verdict (1.2) or as common ground (.9); verdicts add up to 2.2 for agreeing in sign. The
    prediction is 4 plus the mean over what the candidate says.
    """

    name: str
    reader: str  # by its name in the view

    def score(self, view: RoundView, used: Sequence[SeenOpinion], candidates: Sequence[str]) -> Act[Scores]:
        read = view.readers[self.reader].read
        texts = [opinion.text for opinion in used]
        opinions, statements = yield from together([read(view.question, texts), read(view.question, candidates)])
        return np.array([[_predicted(view.question, own, statement) for statement in statements] for own in opinions])


def _predicted(question: Question, opinion: Reading, statement: Reading) -> float:
    return np.nan if opinion.missing or statement.missing else predict(question, opinion, statement)


def predict(question: Question, opinion: Reading, statement: Reading) -> float:
    """Predicted agreement, 1-7, of the author of ``opinion`` with ``statement``."""
    held = {mention.claim: mention.polarity for mention in opinion.mentions}
    leaning = opinion.verdict if opinion.verdict is not None else _leaning(question, held)
    terms = [
        mention.strength * mention.polarity * _claim_term(question, mention.claim, held, leaning)
        for mention in statement.mentions
    ]
    if statement.verdict is not None:
        terms.append(_verdict_term(leaning, statement.verdict))
    moved = float(np.mean(terms)) if terms else _NOTHING_TO_GO_ON
    return min(HIGHEST, max(LOWEST, MIDPOINT + moved))


def _claim_term(question: Question, claim: int, held: dict[int, int], leaning: float) -> float:
    if claim in held:
        return _SAME_CLAIM * held[claim]
    side = SIGN[question.claims[claim].side]
    return _COMMON if side == 0 else _SAME_SIDE * side * leaning


def _verdict_term(leaning: float, verdict: float) -> float:
    torn = 0.6 - abs(leaning)
    return abs(verdict) * _SAME_VERDICT * float(np.sign(verdict)) * leaning + (1 - abs(verdict)) * torn


def _leaning(question: Question, held: dict[int, int]) -> float:
    """The verdict that the claims of an opinion suggest where it gives none: their mean side."""
    sides = [SIGN[question.claims[claim].side] * polarity for claim, polarity in held.items()]
    return float(np.mean(sides)) if sides else 0.0
