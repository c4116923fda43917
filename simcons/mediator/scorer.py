"""Scorers: predicted agreement of each opinion's author with each candidate, on the 1-7 scale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from simcons.arrays import Floats
from simcons.mediator.view import Read, RoundView, SeenOpinion
from simcons.questions.bank import SIGN, Question
from simcons.questions.reading import Reading
from simcons.scale import HIGHEST, LOWEST, MIDPOINT

Scores: TypeAlias = Floats  # [opinions, candidates]
Score: TypeAlias = Callable[[RoundView, Sequence[SeenOpinion], Sequence[str]], Scores]

# Points from the midpoint that one claim or verdict is predicted to move agreement by [J].
_SAME_CLAIM, _SAME_SIDE, _COMMON, _SAME_VERDICT = 2.0, 1.2, 0.9, 2.2
_NOTHING_TO_GO_ON = -0.7


def reader_scorer(read: Read) -> Score:
    """Predicts from text alone: the claims and the verdict found in an opinion against those found in a candidate.

    A claim that the opinion makes too adds 2, one it denies takes off 2; one it does not mention counts by its side
    against the opinion's verdict (1.2) or as common ground (.9); verdicts add up to 2.2 for agreeing in sign. The
    prediction is 4 plus the mean over what the candidate says.
    """

    def score(view: RoundView, used: Sequence[SeenOpinion], candidates: Sequence[str]) -> Scores:
        opinions = read(view.question, [opinion.text for opinion in used])
        statements = read(view.question, list(candidates))
        return np.array([[predict(view.question, own, said) for said in statements] for own in opinions])

    return score


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
