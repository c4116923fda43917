"""Replies of a language model that are no opinion: echoes of the prompt, loops, lists, and texts about something else.

Thresholds were chosen on opinions of SmolLM2-135M, of which two in three are none, and of 2,690 people, of which
one in 160 counts as none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from simcons.engines.base import Message
from simcons.languages.language import Language
from simcons.languages.text import normalise
from simcons.questions.bank import Question
from simcons.questions.forms import forms
from simcons.records import MissingReason

Gram = tuple[str, ...]

_ECHOED = 6  # words in a row; what people share with the prompt by chance is shorter
_SHORTEST_QUESTION = 4  # words; a shorter one is said again without being copied
_LOOPED = 4  # words in a row that come again
_LOOPED_SHARE = 0.2  # of runs that came before: at most .12 in people's opinions
_FEWEST_TO_LOOP = 12  # words
_LIST_ITEMS = 2
_WELL_KNOWN = 150  # texts on a question that tell its vocabulary; banks with few wordings do not
_FEWEST_TO_STRAY = 12  # words; "Yes, of course." names nothing of its question
_ON_SHARE = 0.3  # of the content words; .7% of opinions typed on a bank's questions have fewer of its words
_FEWEST_WHERE_UNKNOWN = 30  # words without one of the few known: 0.4% of people's opinions
_LIST_ITEM = re.compile(r"(?m)^\s*(?:[-*•]|\d{1,2}[.)])\s+\S")
_BREAK = "|"  # no word


@dataclass(frozen=True)
class Asked:
    """The request for an opinion, and the words and points of its question, which an opinion may say again."""

    messages: Sequence[Message]
    question: Question
    position: str  # as the prompt puts it
    language: Language

    def why_unusable(self, text: str, *, raw: str) -> MissingReason | None:
        """Why ``text`` is no opinion on the question, None where it may be one. raw: as received, with its lines."""
        words = normalise(text).split()
        if self._echoes(words) or self.language.replies.task.search(text.lower()):
            return "echo"
        if _loops(words):
            return "loop"
        if len(_LIST_ITEM.findall(raw)) >= _LIST_ITEMS:
            return "list"
        return "off_question" if self._strays(words) else None

    def _echoes(self, words: Sequence[str]) -> bool:
        """True for the whole question again, and for a run of the prompt's own words: points that it tells may be repeated."""
        asked = normalise(self.question.text)
        again = asked.count(" ") + 1 >= _SHORTEST_QUESTION and f" {asked} " in f" {' '.join(words)} "
        return again or not self._frame.isdisjoint(_grams(words, _ECHOED))

    def _strays(self, words: Sequence[str]) -> bool:
        """True where too few words are the question's or its claims'; where little is known of these, where none is."""
        stems = self.language.text.content_stems(" ".join(words))
        n_known = sum(stem in self._vocabulary for stem in stems)
        if len(self._texts) < _WELL_KNOWN:
            return len(words) >= _FEWEST_WHERE_UNKNOWN and n_known == 0
        return len(words) >= _FEWEST_TO_STRAY and n_known < _ON_SHARE * len(stems)

    @cached_property
    def _frame(self) -> frozenset[Gram]:
        """The runs of the prompt without the question, the position and the points."""
        shown = f" {f' {_BREAK} '.join(normalise(message.content) for message in self.messages)} "
        for own in (self.question.text, self.position, *(claim.point for claim in self.question.claims)):
            shown = shown.replace(f" {normalise(own)} ", f" {_BREAK} ")
        return frozenset(gram for gram in _grams(shown.split(), _ECHOED) if _BREAK not in gram)

    @cached_property
    def _texts(self) -> list[str]:
        """All that is known to be said on the question."""
        about, claims = self.question, self.question.claims
        wordings = [wording for claim in claims for wording in (*claim.assertions, *claim.denials)]
        return [about.text, about.position, about.negation, about.noun, *(" ".join(forms(text)) for text in wordings)]

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        rules = self.language.text
        return frozenset(stem for text in self._texts for stem in rules.content_stems(normalise(text)))


def _loops(words: Sequence[str]) -> bool:
    runs = _grams(words, _LOOPED)
    return len(words) >= _FEWEST_TO_LOOP and 1 - len(set(runs)) / len(runs) > _LOOPED_SHARE


def _grams(words: Sequence[str], length: int) -> list[Gram]:
    return [tuple(words[start : start + length]) for start in range(len(words) - length + 1)]
