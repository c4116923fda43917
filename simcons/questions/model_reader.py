"""Reading by a language model: asked of each claim whether a text makes or denies it, and where the text comes down."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from simcons.engines.base import Act, Message, Reply, Request
from simcons.engines.refusals import refuses
from simcons.engines.replies import as_received, parts_of, unanswered_because, unwrapped
from simcons.engines.templates import Template, load_template
from simcons.errors import EngineError
from simcons.languages.language import Language
from simcons.languages.reading import ReadingAnswer, ReadingAnswers
from simcons.questions.bank import Question
from simcons.questions.reading import Mention, Reader, Reading
from simcons.records import MissingReason
from simcons.scenario.engines import SamplingSettings
from simcons.scenario.scoring import ModelReaderSettings
from simcons.scenario.shipped import find_prompt
from simcons.seeds import request_seed

ACT = "reading"
_SHOWS = {"the question": "QUESTION", "the position": "POSITION", "the text": "TEXT", "the point": "POINT"}

Value: TypeAlias = (
    float | None
)  # of a claim: 1 asserted, -1 denied, 0 neither; of the verdict: from 1 to -1, None: not said
Options: TypeAlias = Sequence[tuple[ReadingAnswer, Value]]
Given: TypeAlias = Mapping[int | None, Value]  # by claim; the verdict under None
_Form: TypeAlias = "_Choice | _Object"  # asked of one text in one request


@dataclass(frozen=True, slots=True)
class _Unusable:
    """A reply that answers nothing of what was asked."""

    reason: MissingReason
    reply: str


class ModelReader:
    """Asks the engine of its settings. ``style``: the reader that says how a text is written, which is counted and not asked.

    Requests depend on the reader's name, the question and the text alone. Points come in the order of the question's claims.
    """

    def __init__(
        self, name: str, settings: ModelReaderSettings, language: Language, *, style: Reader, seed: int
    ) -> None:
        self.name = name
        self._settings = settings
        self._style = style
        self._asking = _Asking(name, settings, load_prompt(settings, language), language, seed)

    def read(self, question: Question, texts: Sequence[str]) -> Act[list[Reading]]:
        different = list(dict.fromkeys(texts))
        forms = [form for text in different for form in self._asking.forms(question, text)]
        answers = yield from _ask(forms)
        given: dict[str, list[Given | _Unusable]] = {text: [] for text in different}
        for form, answer in zip(forms, answers, strict=True):
            given[form.text].append(answer)
        styles = yield from self._style.read(question, texts)
        return [_reading(style, given[text]) for style, text in zip(styles, texts, strict=True)]


def _ask(forms: Sequence[_Form]) -> Act[list[Given | _Unusable]]:
    """All asked in one list of requests; then, as often as each allows, those alone that could not be used."""
    answers: dict[int, Given | _Unusable] = {}
    attempt, open_ = 0, list(range(len(forms)))
    while open_:
        replies = yield [forms[place].request(attempt) for place in open_]
        answers |= {place: forms[place].read(attempt, reply) for place, reply in zip(open_, replies, strict=True)}
        attempt += 1
        open_ = [place for place in open_ if _goes_on(answers[place]) and attempt < forms[place].attempts]
    return [answers[place] for place in range(len(forms))]


def _goes_on(answer: Given | _Unusable) -> bool:
    return isinstance(answer, _Unusable) and answer.reason != "too_long"


def _reading(style: Reading, answers: Sequence[Given | _Unusable]) -> Reading:
    """The points and the verdict that were given, in a text of this style; none where an answer cannot be used."""
    unusable = next((answer for answer in answers if isinstance(answer, _Unusable)), None)
    if unusable is not None:
        return replace(style, mentions=(), verdict=None, missing=unusable.reason, reply=unusable.reply)
    given = {asked: value for answer in answers if not isinstance(answer, _Unusable) for asked, value in answer.items()}
    return replace(style, mentions=tuple(_mentions(given)), verdict=given[None])


def _mentions(given: Given) -> Iterator[Mention]:
    for claim, polarity in given.items():
        if claim is not None and polarity:
            yield Mention(claim, int(polarity), sentence=0, strength=1.0)


# --- what is asked -----------------------------------------------------------------------------------------------


def load_prompt(settings: ModelReaderSettings, language: Language) -> Template:
    """The prompt of a reader. Raises ScenarioError, in one line, for one that does not render or show what it asks about."""
    answers = language.reading_answers
    shown = {"question": "QUESTION", "position": "POSITION", "text": "TEXT", "by": settings.by}
    options = {
        "options": _listed(claim_options(answers)),
        "verdict_options": _listed(verdict_options(answers)),
        "verdict_key": answers.verdict_key,
        "example": "{}",
    }
    examples = [{**shown, **options, "points": points} for points in (["POINT"], [])]
    return load_template(find_prompt(settings.prompt), examples, must_show=_SHOWS)


def claim_options(answers: ReadingAnswers) -> Options:
    return [(answers.asserts, 1), (answers.denies, -1), (answers.neither, 0)]


def verdict_options(answers: ReadingAnswers) -> Options:
    return [(answers.in_favour, 1.0), (answers.against, -1.0), (answers.torn, 0.0), (answers.not_said, None)]


def _listed(options: Options) -> list[dict[str, str]]:
    return [{"word": answer.word, "meaning": answer.meaning} for answer, _ in options]


@dataclass(frozen=True, slots=True)
class _Asking:
    """The way in which one reader asks."""

    name: str
    settings: ModelReaderSettings
    template: Template
    language: Language
    seed: int

    def forms(self, question: Question, text: str) -> list[_Form]:
        """The requests on one text: a choice for each claim and one for the verdict, or all in one."""
        if self.settings.by == "structured":
            return [_Object(self, question, text)]
        answers = self.language.reading_answers
        claims = [_Choice(self, question, text, k, claim_options(answers)) for k in range(len(question.claims))]
        return [*claims, _Choice(self, question, text, None, verdict_options(answers))]

    def messages(self, question: Question, text: str, points: Sequence[str], options: Options) -> tuple[Message, ...]:
        answers = self.language.reading_answers
        return self.template(
            {
                "question": question.text,
                "position": question.position,
                "text": text,
                "by": self.settings.by,
                "points": list(points),
                "options": _listed(options),
                "verdict_options": _listed(verdict_options(answers)),
                "verdict_key": answers.verdict_key,
                "example": json.dumps({"1": "...", "2": "...", answers.verdict_key: "..."}, ensure_ascii=False),
            }
        )

    def request_seed(self, question: Question, text: str, *key: str | int) -> int:
        return request_seed(self.seed, ACT, self.name, question.id, text, *key)


@dataclass(frozen=True, slots=True)
class _Choice:
    """One claim, or the verdict where ``claim`` is None, by the log-probabilities of its numbered options."""

    asking: _Asking
    question: Question
    text: str
    claim: int | None
    options: Options

    @property
    def attempts(self) -> int:
        """The most there may be."""
        # What is not sampled is the same every time: it is asked once in each order of the options.
        return 1 + min(1, self.asking.settings.retries)

    def request(self, attempt: int) -> Request:
        points = [] if self.claim is None else [self.question.claims[self.claim].point]
        about = "verdict" if self.claim is None else self.question.claims[self.claim].id
        return Request(
            engine=self.asking.settings.engine,
            messages=self.asking.messages(self.question, self.text, points, self._listed(attempt)),
            sampling=SamplingSettings(temperature=0.0),
            seed=self.asking.request_seed(self.question, self.text, about, attempt),
            act=ACT,
            draw=attempt,
            answer="logprobs",
            choices=tuple(str(number) for number in range(1, len(self.options) + 1)),
        )

    def read(self, attempt: int, reply: Reply) -> Given | _Unusable:
        if missing := unanswered_because(reply):
            return _Unusable(missing, as_received(reply))
        if len(reply.logprobs) != len(self.options):
            raise EngineError(f"{len(reply.logprobs)} log-probabilities in a reply, expected {len(self.options)}")
        if not float(np.exp(reply.logprobs).sum()) >= max(self.asking.settings.least_mass, np.finfo(float).tiny):
            return _Unusable("off_scale", as_received(reply) or _written_out(reply.logprobs))
        _, value = self._listed(attempt)[int(np.argmax(reply.logprobs))]
        return {self.claim: value}

    def _listed(self, attempt: int) -> Options:
        return self.options[::-1] if attempt % 2 else self.options


def _written_out(logprobs: Sequence[float]) -> str:
    """Log-probabilities of the options as a line of text: 1 -4.61, 2 -5.30, ..."""
    return ", ".join(f"{number} {logprob:.2f}" for number, logprob in enumerate(logprobs, start=1))


@dataclass(frozen=True, slots=True)
class _Object:
    """All claims and the verdict, in one object: the claims by their numbers from 1."""

    asking: _Asking
    question: Question
    text: str

    @property
    def attempts(self) -> int:
        """The most there may be."""
        settings = self.asking.settings
        return 1 + (settings.retries if settings.sampling.temperature > 0 else 0)

    def request(self, attempt: int) -> Request:
        settings, points = self.asking.settings, [claim.point for claim in self.question.claims]
        options = claim_options(self.asking.language.reading_answers)
        return Request(
            engine=settings.engine,
            messages=self.asking.messages(self.question, self.text, points, options),
            sampling=settings.sampling,
            seed=self.asking.request_seed(self.question, self.text, attempt),
            act=ACT,
            draw=attempt,
            schema=json.dumps(self._schema()),
        )

    def read(self, attempt: int, reply: Reply) -> Given | _Unusable:
        if missing := unanswered_because(reply):
            return _Unusable(missing, as_received(reply))
        parted = parts_of(reply)
        given = self._given(unwrapped(parted.text.strip()))
        return (
            given if given is not None else _Unusable(self._reason(parted.text, parted.reasoning), as_received(reply))
        )

    def _keys(self) -> dict[str, tuple[int | None, Options]]:
        """The meaning of each key of the object, and the answers it takes."""
        answers = self.asking.language.reading_answers
        claims = {str(k + 1): (k, claim_options(answers)) for k in range(len(self.question.claims))}
        return {**claims, answers.verdict_key: (None, verdict_options(answers))}

    def _schema(self) -> dict[str, object]:
        keys = self._keys()
        properties = {
            key: {"type": "string", "enum": [answer.word for answer, _ in options]}
            for key, (_, options) in keys.items()
        }
        return {
            "type": "object",
            "properties": properties,
            "required": list(keys),
            "additionalProperties": False,
        }

    def _given(self, text: str) -> Given | None:
        """The answers in ``text``; None where it is anything but one object with every key, once, and an answer of its own."""
        try:
            pairs = json.loads(text, object_pairs_hook=list) if text.startswith("{") else []
        except (ValueError, RecursionError):
            return None
        words = {key: word.strip().casefold() for key, word in pairs if isinstance(word, str)}
        keys = self._keys()
        if words.keys() != keys.keys() or len(pairs) != len(keys):
            return None
        values = {
            key: {answer.word.casefold(): value for answer, value in options} for key, (_, options) in keys.items()
        }
        if any(word not in values[key] for key, word in words.items()):
            return None
        return {about: values[key][words[key]] for key, (about, _) in keys.items()}

    def _reason(self, text: str, reasoning: str) -> MissingReason:
        if not text.strip():
            return "reasoning" if reasoning else "empty"
        return "refusal" if refuses(text, self.asking.language.replies) else "off_scale"
