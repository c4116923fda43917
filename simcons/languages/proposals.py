"""Questions put as statements that people can agree with, and the same statements denied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unfit:
    """The reason why nobody can agree or disagree with a text: reads on after "it ..."."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRules:
    """Grammar of questions that yes or no answers.

    plain_question: without its number and without an appeal that follows it ("Why or why not?").
    affirm: a question or statement as a position; deny: a position denied; is_stated: a position put outright, not as an answer
    to a question that it quotes.
    """

    plain_question: Callable[[str], str]
    affirm: Callable[[str], str | Unfit]
    deny: Callable[[str], str]
    is_stated: Callable[[str], bool]
