"""What a language model answers in people's place: opinions and ratings on what was held out, asked for as its mind asks.

Besides what people were asked, each rating is asked for with another person told in the prompt and with the options listed the
other way, and each person rates the position statement and its negation: that shows what an answer depends on.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from simcons.engines.base import Engine, Message, Reply, Request
from simcons.engines.replies import said
from simcons.languages.language import Language
from simcons.population.minds.dealing import Hand
from simcons.population.minds.elicitation import CHOICES
from simcons.population.minds.likert import POINTS, Listed
from simcons.population.minds.llm import begun_by
from simcons.population.minds.pen import Pen
from simcons.population.minds.prompts import MindTemplates, RatingQuestion, Told, rating_prompt, shown_scale
from simcons.population.minds.replies import Asked
from simcons.population.persona import WritingStyle
from simcons.questions.by_text import QuestionsByText
from simcons.scale import AGREEMENT, SCALES
from simcons.scenario.engines import SamplingSettings
from simcons.scenario.minds import LlmMindSettings, OpinionStart
from simcons.seeds import request_seed, stream
from simcons.training.data.persona import NEGATION, OPINION, POSITION, SIDE, PersonaAnswer, PersonaExample, Source

Condition: TypeAlias = Literal["own", "other person", "other listing", "position", "negation"]

_ENGINE = "actor"
_PLAIN = WritingStyle("plain", words=50, hedging=0, tidiness=1)
_OTHER: dict[Listed, Listed] = {"up": "down", "down": "up"}


@dataclass(frozen=True, slots=True)
class Rating:
    """One rating asked of a model. given: what the person answered, the mean of their passes; None where they were not asked.

    position: the person's own, where it is known. value: the mean of the model's distribution over the options. mass: its
    probability of all of them.
    """

    source: Source
    group: str
    person: str
    question: str
    act: str
    statement: str
    condition: Condition
    given: float | None
    position: float | None
    value: float
    mass: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Opinion:
    """One opinion asked of a model. reason: why it is none, as the mind would say; position: what the model was told."""

    example: str
    question: str
    position_statement: str
    position: float | None
    text: str
    reason: str | None
    cut_off: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Played:
    """All that one model answered."""

    opinions: tuple[Opinion, ...]
    ratings: tuple[Rating, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """What questions are put with: prompts, the people's language, questions by their texts, and a seed for what is sampled.

    opinion_start: as in the mind. A verdict is in plain words here, as data has a manner of writing in words alone.
    """

    templates: MindTemplates
    language: Language
    questions: QuestionsByText
    seed: int = 0
    opinion_start: OpinionStart = "free"


def play(engine: Engine, examples: Sequence[PersonaExample], stage: Stage) -> Played:
    """Ask a model for all that ``examples`` have, a question once. Raises EngineError."""
    asked = list(_rating_requests(examples, stage))
    replies = engine.complete([_choice(messages) for _, messages in asked])
    ratings = tuple(_rating(open_, reply) for (open_, _), reply in zip(asked, replies, strict=True) if reply.logprobs)
    return Played(tuple(_opinions(engine, examples, stage)), ratings)


def told_of(example: PersonaExample) -> Told:
    """A person at the end of their round, as ratings tell them."""
    return Told(
        example.traits,
        example.question,
        example.position_statement,
        answer=example.position if example.told else None,
        opinion=example.opinion if example.read else None,
    )


# --- opinions ----------------------------------------------------------------------------------------------------


def _opinions(engine: Engine, examples: Sequence[PersonaExample], stage: Stage) -> Iterator[Opinion]:
    """Each asked for once: what the mind gains by asking again is no merit of the model's."""
    asked = [(example, answer) for example in examples for answer in example.answers if answer.act == OPINION]
    sampling = LlmMindSettings(kind="llm", engine=_ENGINE).opinion_sampling
    begun = [_begun(example, answer.messages, stage) for example, answer in asked]
    requests = [
        Request(_ENGINE, messages, sampling, seed=request_seed(stage.seed, OPINION, example.id), act=OPINION)
        for (example, _), messages in zip(asked, begun, strict=True)
    ]
    for (example, answer), messages, reply in zip(asked, begun, engine.complete(requests), strict=True):
        question = stage.questions.find(example.question, example.position_statement)
        position = stage.language.text.as_clause(example.position_statement)
        told = Asked(answer.messages, question, position, stage.language)
        understood = said(reply, messages, stage.language.replies, continued=True)
        reason = understood.missing or told.why_unusable(understood.text or "", raw=reply.text)
        yield Opinion(
            example=example.id,
            question=example.question,
            position_statement=example.position_statement,
            position=example.position,
            text=" ".join((understood.text or reply.text).split()),
            reason=reason,
            cut_off=reply.finish == "length",
            seconds=reply.seconds,
        )


def _begun(example: PersonaExample, prompt: tuple[Message, ...], stage: Stage) -> tuple[Message, ...]:
    """As the mind begins opinions."""

    def pen() -> Pen:
        question = stage.questions.find(example.question, example.position_statement)
        draws = stream(stage.seed, "opinion start", example.id)
        return Pen(question, stage.language, _PLAIN, Hand.whole(question), draws)

    return begun_by(pen, prompt, example.position, stage.opinion_start)


# --- ratings -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Open:
    """A rating that is asked for."""

    example: PersonaExample
    act: str
    statement: str
    condition: Condition
    given: float | None


def _rating_requests(examples: Sequence[PersonaExample], stage: Stage) -> Iterator[tuple[_Open, tuple[Message, ...]]]:
    others = other_people(examples, seed=stage.seed)
    for example in examples:
        for answer in example.answers:
            if answer.act not in (OPINION, SIDE, NEGATION):
                yield from _of_answer(example, answer, others.get(example.id), stage)
        yield from _of_position(example, stage)


def _of_answer(
    example: PersonaExample, answer: PersonaAnswer, other: PersonaExample | None, stage: Stage
) -> Iterator[tuple[_Open, tuple[Message, ...]]]:
    given = math.fsum(share * point for share, point in zip(answer.shares, POINTS, strict=True))
    open_ = _Open(example, answer.act, answer.statement, "own", given)
    yield open_, answer.messages
    asked = RatingQuestion(answer.act, SCALES.get(answer.act, AGREEMENT), answer.statement)
    told = told_of(example) if answer.act != POSITION else replace(told_of(example), answer=None, opinion=None)
    prompts: dict[Listed, tuple[Message, ...]] = {listed: _prompt(told, asked, listed, stage) for listed in _OTHER}
    shown: Listed = "up" if prompts["up"] == answer.messages else "down"
    yield replace(open_, condition="other listing"), prompts[_OTHER[shown]]
    if other is not None and answer.act != POSITION:
        yield replace(open_, condition="other person"), _prompt(told_of(other), asked, shown, stage)


def _of_position(example: PersonaExample, stage: Stage) -> Iterator[tuple[_Open, tuple[Message, ...]]]:
    """The position statement and its negation as statements, rated by who has taken a side."""
    if not example.position_statement or example.position is None:
        return
    question = stage.questions.find(example.question, example.position_statement)
    for condition, statement in (("position", question.position), ("negation", question.negation)):
        asked = RatingQuestion(AGREEMENT.name, AGREEMENT, statement)
        open_ = _Open(example, AGREEMENT.name, statement, condition, None)  # type: ignore[arg-type]
        yield open_, _prompt(told_of(example), asked, "up", stage)


def _prompt(told: Told, asked: RatingQuestion, listed: Listed, stage: Stage) -> tuple[Message, ...]:
    options = shown_scale(asked.scale, stage.language).options(listed)
    return rating_prompt(stage.templates, told, stage.language, asked, options=options)


def other_people(examples: Sequence[PersonaExample], *, seed: int) -> Mapping[str, PersonaExample]:
    """For each person, by the id of their example, another one on the same question; none where there is no other."""
    by_question: dict[str, list[PersonaExample]] = {}
    for example in examples:
        by_question.setdefault(example.question, []).append(example)
    others: dict[str, PersonaExample] = {}
    for question, some in by_question.items():
        order = [some[int(place)] for place in stream(seed, "other person", question).permutation(len(some))]
        if len(order) > 1:
            others |= {one.id: another for one, another in zip(order, [*order[1:], order[0]], strict=True)}
    return others


def _choice(messages: tuple[Message, ...]) -> Request:
    sampling = SamplingSettings(max_tokens=1)
    return Request(_ENGINE, messages, sampling, seed=0, act="rating", answer="logprobs", choices=CHOICES)


def _rating(open_: _Open, reply: Reply) -> Rating:
    weights = [math.exp(logprob) for logprob in reply.logprobs]
    mass, example = math.fsum(weights), open_.example
    value = math.fsum(weight * point for weight, point in zip(weights, POINTS, strict=True)) / mass
    return Rating(
        source=example.source, group=f"{example.run}/{example.session_id}", person=example.id,
        question=example.question, act=open_.act, statement=open_.statement, condition=open_.condition,
        given=open_.given, position=example.position, value=value, mass=mass, seconds=reply.seconds,
    )  # fmt: skip
