"""Questions by their text: of a shipped bank where one has it, else with claims as any question gets them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from simcons.languages.language import Language
from simcons.questions.bank import Question, load_banks
from simcons.questions.bare import BareQuestion
from simcons.questions.generic import load_frames, with_claims
from simcons.questions.own import comparable
from simcons.scenario.shipped import find_bank

FindQuestion: TypeAlias = Callable[[str, str], Question]

_SHIPPED = ("core", "wider")


def question_finder(language: Language) -> FindQuestion:
    """A function from a question's text and position statement, which may be empty, to the question."""
    banks = {comparable(question.text): question for question in load_banks([find_bank(name) for name in _SHIPPED])}
    frames = load_frames(language)

    def find(text: str, position: str) -> Question:
        if (known := banks.get(comparable(text))) is not None:
            return known
        return with_claims(BareQuestion(question=text), "own", frames, language, position=position or text)

    return find
