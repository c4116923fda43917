"""Scorers: predicted agreement of each opinion's author with each candidate, on the 1-7 scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import Protocol, TypeAlias

import numpy as np

from simcons.arrays import Floats
from simcons.engines.acts import at_once, together
from simcons.engines.base import Act, Reply
from simcons.engines.scores import score_request
from simcons.errors import EngineError
from simcons.mediator.view import RoundView, SeenOpinion
from simcons.questions.bank import SIGN, Question
from simcons.questions.reading import Reading, side_taken
from simcons.scale import HIGHEST, LOWEST, MIDPOINT
from simcons.scenario.scoring import (
    LengthScorerSettings,
    ReaderScorerSettings,
    RewardScorerSettings,
    ScorerSettings,
)

Scores: TypeAlias = Floats  # [opinions, candidates]; NaN: the scorer came to no score

# How far the author of an opinion is predicted to go along with a claim, from 0 to 1: one of their own, one of their side, common
# ground. And the points from the midpoint that all claims of a statement, and its verdict, move agreement by at most [J].
_SAME_CLAIM, _SAME_SIDE, _COMMON = 1.0, 0.5, 0.35
_CLAIMS, _VERDICT, _UNSAID = 1.8, 1.2, -0.4
_ENOUGH = 1.5  # claims of one's own after which more add little


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
    """The scorers that see no truth and are no pipelines, by name."""
    scorers: dict[str, Scorer] = {}
    for name, given in settings.items():
        if isinstance(given, ReaderScorerSettings):
            scorers[name] = ReaderScorer(name, given.reader)
        elif isinstance(given, RewardScorerSettings):
            scorers[name] = RewardScorer(name, given.engines[0])
        elif isinstance(given, LengthScorerSettings):
            scorers[name] = LengthScorer(name)
    return scorers


@dataclass(frozen=True, slots=True)
class RewardScorer:
    """Asks a reward model: one request an opinion, for its author's agreement with all candidates, equal ones once.

    What the model cannot read has no score: texts that are too long for it.
    """

    name: str
    engine: str  # by its name in the scenario

    def score(self, view: RoundView, used: Sequence[SeenOpinion], candidates: Sequence[str]) -> Act[Scores]:
        distinct = list(dict.fromkeys(candidates))
        places = [distinct.index(text) for text in candidates]
        question = view.question.text
        replies = yield [score_request(self.engine, question, opinion.text, distinct) for opinion in used]
        return np.array([_row(reply, len(distinct)) for reply in replies])[:, places]


def _row(reply: Reply, n_statements: int) -> list[float]:
    """The scores in a reply, NaN where there is none."""
    if not reply.answered:
        return [np.nan] * n_statements
    if len(reply.scores) != n_statements:
        raise EngineError(f"{len(reply.scores)} scores in a reply; expected {n_statements}")
    return [np.nan if score is None else score for score in reply.scores]


@dataclass(frozen=True, slots=True)
class LengthScorer:
    """Prefers the statement with more words, for every author alike: a baseline.

    Words are no points of agreement. So a score says no more than a statement's place: the lengths there are among the candidates
    are spread evenly over the scale, from 1 for the shortest to 7 for the longest; 4 where all are equally long. Any rule and any
    map of scores that rises then takes the longest.
    """

    name: str

    def score(self, view: RoundView, used: Sequence[SeenOpinion], candidates: Sequence[str]) -> Act[Scores]:
        lengths, place = np.unique([len(text.split()) for text in candidates], return_inverse=True)
        spread = np.linspace(LOWEST, HIGHEST, len(lengths)) if len(lengths) > 1 else np.array([float(MIDPOINT)])
        return (yield from at_once(np.tile(spread[place], (len(used), 1))))


@dataclass(frozen=True, slots=True)
class ReaderScorer:
    """Predicts from text alone: the claims and the verdict read in an opinion against those read in a candidate.

    Claims for and against the author's view add up with diminishing returns, to 1.8 points either way: one that the opinion makes
    too counts in full, one that it denies as much against; one that it does not mention counts half by its side against the
    opinion's verdict, or .35 as common ground. Verdicts add up to 1.2 for agreeing in sign; a candidate without one is as good as
    a torn one at best. What is no running prose, is off the topic, repeats itself, speaks to its raters or breaks off loses.
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
    leaning = side_taken(question, opinion)
    support = objection = 0.0
    for mention in statement.mentions:
        term = mention.polarity * _claim_term(question, mention.claim, held, leaning)
        support += mention.strength * max(0.0, term)
        objection += mention.strength**2 * max(0.0, -term)
    moved = (
        _CLAIMS * (exp(-objection / _ENOUGH) - exp(-support / _ENOUGH))
        + _VERDICT * _verdict_term(leaning, statement.verdict)
        - _faults(statement)
        + _UNSAID * (not statement.mentions)
    )
    return min(HIGHEST, max(LOWEST, MIDPOINT + moved))


def _faults(statement: Reading) -> float:
    return (
        1.5 * (1 - statement.fluency)
        + 1.5 * (1 - statement.on_topic)
        + 1.2 * statement.repetition
        + 1.5 * statement.directed
        + 0.4 * (not statement.complete)
    )


def _claim_term(question: Question, claim: int, held: dict[int, int], leaning: float) -> float:
    if claim in held:
        return _SAME_CLAIM * held[claim]
    side = SIGN[question.claims[claim].side]
    return _COMMON if side == 0 else _SAME_SIDE * side * leaning


def _verdict_term(leaning: float, verdict: float | None) -> float:
    """From -1 to 1: a verdict agrees in sign or not, a torn one suits the torn, and none suits nobody better than that."""
    torn = 0.3 - 0.45 * abs(leaning)
    if verdict is None:
        return min(0.0, torn)
    return abs(verdict) * float(np.sign(verdict)) * leaning + (1 - abs(verdict)) * torn
