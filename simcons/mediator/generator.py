"""Sampling candidates. A generator is an act: it yields requests, is sent replies, and returns texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simcons.engines.base import Act, Reply, Request
from simcons.engines.replies import Said, as_received, may_pass, said
from simcons.languages.language import Language
from simcons.mediator.prompts import Render
from simcons.mediator.scripted import compose
from simcons.mediator.view import RoundView, SeenOpinion
from simcons.records import MissingReason
from simcons.scenario.mediators import LanguageModelGeneratorSettings, ScriptedGeneratorSettings
from simcons.seeds import request_seed, stream

_MOST_SAMPLES = 1024  # of one prompt; further attempts at a sample are numbered from here on


@dataclass(frozen=True, slots=True)
class Sample:
    """One candidate as generated. Tokens are None where no language model was asked."""

    text: str
    number: int  # among the samples asked for, from 0
    tokens_in: int | None = None
    tokens_out: int | None = None
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class SampleOutcome:
    """The outcome of one sample that a language model was asked for: after ``attempts`` a candidate, or the reason for none."""

    number: int
    sample: Sample | None
    missing: MissingReason | None
    attempts: int
    raw: str  # what was shown last, as it came
    reasoning: str


def scripted_samples(
    view: RoundView,
    used: Sequence[SeenOpinion],
    settings: ScriptedGeneratorSettings,
    language: Language,
    *,
    seed: int,
    key: str,
) -> Act[list[Sample]]:
    """Composed statements. ``key`` tells this arm and omission from the round's others."""
    readings = yield from view.readers[settings.reader].read(view.question, [opinion.text for opinion in used])
    readings = [reading for reading in readings if not reading.missing]
    rng = stream(seed, "scripted", view.round_id, key)
    return [
        Sample(compose(view.question, readings, language, skill=settings.skill, rng=rng), number)
        for number in range(settings.samples)
    ]


def model_samples(
    view: RoundView,
    used: Sequence[SeenOpinion],
    settings: LanguageModelGeneratorSettings,
    render: Render,
    language: Language,
    *,
    seed: int,
    key: str,
    continues: bool = True,
) -> Act[list[SampleOutcome]]:
    """Statements from a language model: one request a sample, each with its own seed, the opinions in a drawn order.

    What cannot be used is asked for again up to ``settings.retries`` times, each with a new draw.
    continues: whether the engine makes the model go on from a given beginning of its reply.
    """
    order = stream(seed, "prompt_order", view.round_id, key).permutation(len(used))
    messages = render(view.question.text, [used[int(place)].text for place in order])

    def request(number: int, attempt: int) -> Request:
        again = (attempt,) if attempt else ()
        return Request(
            engine=settings.engine,
            messages=messages,
            sampling=settings.sampling,
            seed=request_seed(seed, "sample", view.round_id, key, number, *again),
            act="candidate",
            draw=number + _MOST_SAMPLES * attempt,
        )

    draws: dict[int, SampleOutcome] = {}
    pending = list(range(settings.samples))
    for attempt in range(1 + settings.retries):
        replies = yield [request(number, attempt) for number in pending]
        for number, reply in zip(pending, replies, strict=True):
            answer = said(reply, messages, language.replies, continued=continues)
            draws[number] = _draw(number, reply, answer, attempts=attempt + 1)
        pending = [number for number in pending if may_pass(draws[number].missing, settings.sampling)]
        if not pending:
            break
    return [draws[number] for number in range(settings.samples)]


def _draw(number: int, reply: Reply, answer: Said, *, attempts: int) -> SampleOutcome:
    sample = None
    if answer.text is not None:
        sample = Sample(answer.text, number, reply.tokens_in, reply.tokens_out, truncated=reply.finish == "length")
    return SampleOutcome(number, sample, answer.missing, attempts, raw=as_received(reply), reasoning=answer.reasoning)
