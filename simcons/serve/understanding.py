"""A chat understood: which question it is about, and whether an opinion or a rating is asked.

A rating is asked where a message shows answers to choose from (numbers, labels, lines of options), or shows a statement and asks
how far one agrees; else an opinion. The statement is what is tagged, labelled, quoted or set after a colon; without one it is the
question's position statement. The question is the one named last in the chat.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import Field, ValidationError

from simcons.errors import RequestRefused
from simcons.languages.language import Language
from simcons.languages.proposals import Unfit
from simcons.languages.text import as_sentence, normalise
from simcons.questions.bank import Question
from simcons.questions.own import comparable
from simcons.scale import AGREEMENT, SCALES, Scale
from simcons.scenario.parameters import StrictModel
from simcons.serve.options import Options, options_in, without_options
from simcons.serve.questions import Questions

_TAGGED = re.compile(r"<statement>\s*(.*?)\s*</statement>", re.IGNORECASE | re.DOTALL)
_QUOTED = re.compile(r"\"\"\"\s*(.+?)\s*\"\"\"|“([^”]{12,})”|(?<!\w)\"([^\"]{12,})\"(?!\w)", re.DOTALL)
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n")
_FEWEST_WORDS = 4  # of a statement, and of an opinion; what is shorter is an answer on a scale


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a chat."""

    role: str
    text: str

    @property
    def is_own(self) -> bool:
        """True for what the person has answered before."""
        return self.role == "assistant"


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """One thing asked of a person: an opinion on a question, or with ``options`` a rating of a statement.

    opinions: those of others in the group, where the message shows them as such.
    """

    question: Question
    statement: str | None = None
    options: Options | None = None
    scale: Scale = AGREEMENT
    opinions: tuple[str, ...] = ()

    @property
    def task(self) -> str:
        return "opinion" if self.options is None else "rating"


@dataclass(frozen=True, slots=True)
class Before:
    """The chat so far: the question last named, and the person's own opinions, by the id of their question."""

    question: Question | None = None
    own: Mapping[str, str] = field(default_factory=dict)


class AskedForm(StrictModel):
    """What is asked, as a JSON object in place of free text."""

    question: str = Field(min_length=1)
    statement: str | None = Field(None, min_length=1)
    scale: str = AGREEMENT.name
    options: list[str | int] | None = Field(None, min_length=2)
    opinions: list[str] = []


class Understanding:
    """Understands chats about the questions of one study."""

    def __init__(self, questions: Questions, language: Language, scales: Sequence[Scale]) -> None:
        self._questions = questions
        self._language = language
        self._scales = scales

    def before(self, turns: Sequence[Turn]) -> Before:
        """All of a chat but its last message."""
        question: Question | None = None
        own: dict[str, str] = {}
        for turn in turns[:-1]:
            if turn.is_own:
                said = spoken(turn.text)
                if question is not None and len(said.split()) >= _FEWEST_WORDS:
                    own[question.id] = said
            elif (form := _form(turn.text)) is not None:
                question = self._made(form.question, "question")
            else:
                question = self._named(turn.text, question, rates=False) or question
        return Before(question, own)

    def asked(self, text: str, before: Before, *, options: Options | None = None) -> Asked:
        """The one thing that a message asks; ``options`` are those of its response format.

        Raises RequestRefused for what cannot be understood.
        """
        if (form := _form(text)) is not None:
            return self._of_form(form, options)
        # A question or a statement may itself speak of numbers ("from 18 to 16") and of quality: neither is how it is asked.
        mention = self._questions.named(text)
        frame = self._without(text, mention.question.text, mention.question.position) if mention else text
        rates = self._language.chat.asks_rating.search(text) is not None
        shows = options or options_in(frame, self._language) or rates
        statement = self._statement(text) if shows else None
        frame = self._without(frame, statement) if statement else frame
        offered = options or options_in(frame, self._language)
        question = self._question(text, statement, before, rates=offered is not None)
        if offered is None and statement is not None:
            offered = Options.labelled(self._language.scales[self._scale(frame)].labels)
        if offered is None:
            return Asked(question)
        return Asked(question, statement or question.position, offered, self._scale(frame))

    def _without(self, text: str, *shown: str) -> str:
        """``text`` without the sentences of what it shows."""
        for sentence in (sentence for part in shown for sentence in self._language.text.sentences(part)):
            words = r"\s+".join(map(re.escape, sentence.split()))
            text = re.sub(words, " ", text, flags=re.IGNORECASE)
        return text

    # --- the question ---

    def _question(self, text: str, statement: str | None, before: Before, *, rates: bool) -> Question:
        shows = statement is not None or rates
        if (named := self._named(text, before.question, rates=statement is not None)) is not None:
            return named
        if before.question is not None and (shows or self._language.chat.asks_opinion.search(text)):
            return before.question
        if statement is not None and not isinstance(made := self._questions.made(statement), Unfit):
            return made
        raise _refused(self._why(text, statement))

    def _named(self, text: str, current: Question | None, *, rates: bool) -> Question | None:
        """The question that a message names. In a chat that has one, what is not marked as a question replaces it only where it
        asks for something plainly, and beside no statement.
        """
        mention = self._questions.named(text)
        if mention is None:
            return None
        plainly = not rates and self._language.proposals.is_stated(mention.question.position)
        return mention.question if mention.is_sure or current is None or plainly else None

    def _why(self, text: str, statement: str | None) -> str:
        reason = self._questions.why_unfit(text)
        if reason is not None:
            return f"its question {reason}; expected one that yes or no answers, or one of the scenario's"
        if statement is not None:
            return "it has a statement but names no question; expected one here or earlier in the chat (Question: ...)"
        return "it names no question; expected one that yes or no answers, or a statement with a scale"

    def _made(self, text: str, key: str) -> Question:
        made = self._questions.made(text)
        if isinstance(made, Unfit):
            raise _refused(f"{key} {text!r} {made.reason}; expected a question that yes or no answers")
        return made

    # --- the statement ---

    def _statement(self, text: str) -> str | None:
        return next(filter(None, map(_tidy, self._statements(text))), None)

    def _statements(self, text: str) -> Iterator[str]:
        """Texts that may be the statement to be rated, the surest first."""
        cues = self._language.chat
        yield from reversed(_TAGGED.findall(text))
        for label in reversed(list(cues.statement.finditer(text))):
            rest = _PARAGRAPH_END.split(text[label.end() :].lstrip(), maxsplit=1)[0]
            yield self._without_instructions(rest, may_ask=True)
        named = self._questions.named(text)
        asked = comparable(named.question.text) if named else ""
        quotes = ("".join(groups) for groups in _QUOTED.findall(text))
        yield from (quote for quote in quotes if comparable(quote) != asked)
        for lead in cues.leads.finditer(text):
            yield f"{as_sentence(self._language.text.sentences(text[lead.end() :])[0].rstrip('?!. '))}."
        for paragraph in _PARAGRAPH_END.split(text):
            head, colon, rest = paragraph.partition(":")
            if colon and cues.asks_rating.search(head) and not cues.question.match(paragraph):
                yield self._without_instructions(rest, may_ask=True)
        if named is None:
            yield self._without_instructions(text)

    def _without_instructions(self, text: str, *, may_ask: bool = False) -> str:
        """The sentences of ``text`` that neither instruct nor offer answers nor, unless they ``may_ask``, ask something."""
        cues, rules = self._language.chat, self._language.text
        kept = []
        for sentence in rules.sentences(without_options(text)):
            bare = sentence.strip("\"'“”*_ ")
            other = cues.instructs.search(bare) or cues.question.match(bare) or bare.endswith(":")
            asks = bare.endswith("?") and not may_ask
            if not other and not asks and len(bare.split()) >= _FEWEST_WORDS and not self._offers(bare):
                kept.append(bare)
        return " ".join(kept)

    def _offers(self, sentence: str) -> bool:
        return options_in(sentence, self._language) is not None

    # --- the scale ---

    def _scale(self, text: str) -> Scale:
        """The scale that a message asks on. Raises RequestRefused for one that the scenario's people do not answer."""
        cues = self._language.chat.of_scale
        name = next((name for name, cue in cues.items() if cue.search(text)), AGREEMENT.name)
        return self._answered(name)

    def _answered(self, name: str) -> Scale:
        scale = SCALES.get(name)
        if scale is None or scale not in self._scales:
            known = ", ".join(scale.name for scale in self._scales)
            raise _refused(
                f"it asks on the scale {name!r}; this scenario's people answer on {known} (participants.scales)"
            )
        return scale

    def _of_form(self, form: AskedForm, options: Options | None) -> Asked:
        question = self._made(form.question, "question")
        if form.statement is None and form.options is None:
            return Asked(question)
        given = options or (_of_list(form.options) if form.options else Options.numbered())
        rated = form.statement or question.position
        return Asked(question, rated, given, self._answered(form.scale), tuple(form.opinions))


def spoken(text: str) -> str:
    """What a person has said in a message of theirs: of a JSON object its longest text."""
    try:
        document = json.loads(text)
    except ValueError:
        return text
    return max(_texts(document), key=len, default="")


def _texts(document: Any) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, (dict, list)):
        for value in document.values() if isinstance(document, dict) else document:
            yield from _texts(value)


def _form(text: str) -> AskedForm | None:
    """A message that is one JSON object with a question. Raises RequestRefused for one with other keys or values."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        document = json.loads(text)
    except ValueError:
        return None
    if not isinstance(document, dict) or "question" not in document:
        return None
    try:
        return AskedForm.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        problem = "no such key" if first["type"] == "extra_forbidden" else first["msg"]
        keys = ", ".join(AskedForm.model_fields)
        place = ".".join(map(str, first["loc"]))
        raise _refused(f"{place}: {problem}; expected an object with some of the keys {keys}") from None


def _of_list(given: Sequence[str | int]) -> Options:
    return Options.labelled([str(label) for label in given])


def _tidy(text: str) -> str:
    tidy = " ".join(text.split()).strip('"“”*_ ')
    return tidy if len(normalise(tidy).split()) >= _FEWEST_WORDS else ""


def _refused(why: str) -> RequestRefused:
    return RequestRefused(f"the last message cannot be understood: {why}", "messages", "not_understood")
