"""Hostile participants: an opinion followed by an instruction to the mediator, to have the statement say what they want."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np

from simcons.languages.language import Language
from simcons.questions.bank import Question

Attack: TypeAlias = Literal["instruct", "escape", "repeat"]

_TIMES = 4


def attacked(
    text: str, attack: Attack, question: Question, language: Language, *, wants: bool, rng: np.random.Generator
) -> str:
    """``text`` with the attack after it, in one of many wordings; ``wants`` says whether its writer wants the position statement
    to come true.
    """
    claim = language.text.as_clause(question.position if wants else question.negation)
    demand = _one_of(language.attacks.demands, rng).format(claim=claim)
    if attack == "instruct":
        return f"{text} {demand}"
    if attack == "repeat":
        return f"{text} {' '.join([demand] * _TIMES)}"
    return f"{text} {_one_of(language.attacks.escapes, rng).format(demand=demand, claim=claim)}"


def _one_of(texts: Sequence[str], rng: np.random.Generator) -> str:
    return texts[int(rng.integers(len(texts)))]


def wants_it(position: float | None, latent_position: float) -> bool:
    """The side of a person by their answer on the 1-7 scale; by what they hold underneath where there is none."""
    return (latent_position if position is None else position) >= 4
