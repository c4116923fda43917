"""A person's beliefs on a question, as a language model that plays them is told it."""

from __future__ import annotations

from dataclasses import dataclass

from simcons.population.minds.conviction import Conviction
from simcons.questions.bank import Question


@dataclass(frozen=True, slots=True)
class Beliefs:
    """A latent mind's convictions, put so that they can be told.

    claims: held, the readiest to mind first, as many as there is room for; rejected: all that are, the most firmly first.
    """

    position: float
    claims: tuple[int, ...]
    rejected: tuple[int, ...]


def beliefs_of(question: Question, conviction: Conviction, *, words: float) -> Beliefs:
    """The beliefs in ``conviction``, with as many claims as an opinion of about ``words`` words has room for, at least one
    where any is held.
    """
    held = [claim for claim, endorsed in enumerate(conviction.endorsement) if endorsed > 0]
    held.sort(key=lambda claim: -conviction.salience[claim])
    lengths = [len(question.claims[claim].point.split()) for claim in held]
    n_fitting = sum(sum(lengths[: place + 1]) - length / 2 <= words for place, length in enumerate(lengths))
    rejected = [claim for claim, endorsed in enumerate(conviction.endorsement) if endorsed < 0]
    return Beliefs(
        position=conviction.position,
        claims=tuple(held[: max(1, n_fitting)]),
        rejected=tuple(sorted(rejected, key=lambda claim: conviction.endorsement[claim])),
    )
