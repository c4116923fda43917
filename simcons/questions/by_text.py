"""Questions by their text: of a shipped bank where one has it, else with claims as any question gets them."""

from __future__ import annotations

from simcons.languages.language import Language
from simcons.languages.proposals import Unfit
from simcons.questions.bank import Question, load_banks
from simcons.questions.bare import BareQuestion
from simcons.questions.generic import load_frames, with_claims
from simcons.questions.own import comparable
from simcons.scenario.shipped import BANKS


class QuestionsByText:
    """Finds questions by their texts, or by how people were asked them, whatever their case, spacing and marks."""

    def __init__(self, language: Language) -> None:
        shelf = sorted(path for path in BANKS.folder.iterdir() if path.is_dir())
        self._banks = {
            comparable(text): question for question in load_banks(shelf) for text in (question.text, *question.asked_as)
        }
        self._frames = load_frames(language)
        self._language = language
        self._own: dict[tuple[str, str], Question] = {}

    def find(self, text: str, position: str) -> Question:
        """position: the question's yes, as it was put to people; may be empty."""
        if (known := self._banks.get(comparable(text))) is not None:
            return known
        if (text, position) not in self._own:
            name = f"own_{len(self._own) + 1}"  # readers know a question by its id
            bare = BareQuestion(question=text)
            self._own[text, position] = with_claims(bare, name, self._frames, self._language, position=position or text)
        return self._own[text, position]

    def find_answerable(self, text: str, position: str) -> Question | None:
        """The same, with a position made of the question where none was put; None where yes or no does not answer it."""
        if comparable(text) not in self._banks and not position:
            made = self._language.proposals.affirm(text)
            return None if isinstance(made, Unfit) else self.find(text, made)
        return self.find(text, position)
