"""Requests for scores: how far the author of an opinion would agree with each of some statements."""

from __future__ import annotations

from collections.abc import Sequence

from simcons.engines.base import Message, Request
from simcons.errors import EngineError
from simcons.scenario.engines import SamplingSettings

NOTHING_SAMPLED = SamplingSettings(temperature=0, max_tokens=1)


def score_request(engine: str, question: str, opinion: str, statements: Sequence[str]) -> Request:
    """The question as the system's turn, the opinion as its author's, the statements as choices. Nothing is drawn."""
    return Request(
        engine,
        (Message("system", question), Message("user", opinion)),
        NOTHING_SAMPLED,
        seed=0,
        act="score",
        answer="scores",
        choices=tuple(statements),
    )


def question_and_opinion(request: Request) -> tuple[str, str]:
    """The question and the opinion of a request for scores. Raises EngineError for one that is not in the form above."""
    if request.answer != "scores":
        raise EngineError(f"a reward model is asked for {request.answer!r}; expected 'scores'")
    if [message.role for message in request.messages] != ["system", "user"] or not request.choices:
        raise EngineError("a request for scores: expected a system's turn, a user's turn, and at least one choice")
    question, opinion = request.messages
    return question.content, opinion.content
