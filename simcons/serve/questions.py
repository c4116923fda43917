"""The question that a text of a chat is about: one of the study's, or one of the chat's own that yes or no answers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simcons.languages.language import Language
from simcons.languages.proposals import Unfit
from simcons.questions.bank import Question
from simcons.questions.bare import BareQuestion
from simcons.questions.generic import Frames, load_frames, with_claims
from simcons.questions.own import comparable

_TAGGED = re.compile(r"<question>\s*(.*?)\s*</question>", re.IGNORECASE | re.DOTALL)
_LONGEST = 400  # characters of a question
_MARKS = " \t*_\"'“”‘’()"


@dataclass(frozen=True, slots=True)
class Mention:
    """A question named in a text; is_sure: by a tag or a label, or it is one of the study's."""

    question: Question
    is_sure: bool


class Questions:
    """The questions of a study, found again in texts, and those that chats bring up. A question has the same claims in every
    chat.
    """

    def __init__(self, known: Sequence[Question], language: Language) -> None:
        self._language = language
        self._known = {f" {comparable(text)} ": question for question in known for text in _texts(question)}
        self._own: dict[str, Question] = {}
        self._frames: Frames | None = None

    def named(self, text: str) -> Mention | None:
        """The question that ``text`` names last: one of the study's wherever it stands, else the one that it asks."""
        known = self._known_in(text)
        if known is not None:
            return Mention(known, is_sure=True)
        for candidate, is_marked in self._asked(text):
            made = self.made(candidate)
            if not isinstance(made, Unfit):
                return Mention(made, is_sure=is_marked)
        return None

    def made(self, text: str) -> Question | Unfit:
        """A question or statement as one that people can answer, with what can be said about it. Unfit for others."""
        key = comparable(text)
        known = self._known.get(f" {key} ") or self._own.get(key)
        if known is not None:
            return known
        rules = self._language.proposals
        position = rules.affirm(text)
        if isinstance(position, Unfit):
            return position
        self._frames = self._frames or load_frames(self._language)
        bare = BareQuestion(question=rules.plain_question(text))
        name = f"chat_{hashlib.blake2b(key.encode(), digest_size=6).hexdigest()}"
        question = with_claims(bare, name, self._frames, self._language, position=position)
        return self._own.setdefault(key, question)

    def why_unfit(self, text: str) -> str | None:
        """The reason why the last thing that ``text`` asks is no question for people; None where it asks nothing."""
        made = (self.made(candidate) for candidate, _ in self._asked(text))
        return next((unfit.reason for unfit in made if isinstance(unfit, Unfit)), None)

    def _known_in(self, text: str) -> Question | None:
        words = f" {comparable(text)} "
        places = {key: words.rfind(key) for key in self._known}
        last = max(places, key=lambda key: places[key], default="")
        return self._known[last] if places.get(last, -1) >= 0 else None

    def _asked(self, text: str) -> Iterator[tuple[str, bool]]:
        """Texts that may be the question, and whether they are marked as such by a tag or a label; then sentences with a question
        mark. The last ones first.
        """
        cues = self._language.chat
        yield from ((tagged, True) for tagged in reversed(_TAGGED.findall(text)))
        for label in reversed(list(cues.question.finditer(text))):
            yield text[label.end() :].lstrip().split("\n", 1)[0].strip(_MARKS), True
        for sentence in reversed(self._language.text.sentences(text)):
            bare = cues.question.sub("", sentence).strip(_MARKS)
            if bare.endswith("?") and len(bare) <= _LONGEST and not cues.speaks_of_text.search(bare):
                yield bare, False


def _texts(question: Question) -> tuple[str, str]:
    return question.position, question.text
