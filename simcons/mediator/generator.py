"""Sampling candidates. A generator is an act: it yields requests, is sent replies, and returns texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from simcons.engines.base import Act, Reply, Request
from simcons.engines.replies import Said, as_received, may_pass, said
from simcons.languages.language import Language
from simcons.mediator.exploits import EXPLOITS, Seen
from simcons.mediator.prompts import Render
from simcons.mediator.scripted import compose
from simcons.mediator.view import RoundView, SeenOpinion
from simcons.questions.reading import Reading
from simcons.records import MissingReason
from simcons.remembered import Remembered
from simcons.scenario.mediators import (
    ExploitGeneratorSettings,
    FixedGeneratorSettings,
    LanguageModelGeneratorSettings,
    ScriptedGeneratorSettings,
)
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
    own_score: float | None = None  # by the pipeline that it comes from


@dataclass(frozen=True, slots=True)
class SampleOutcome:
    """The outcome of a sample that a language model or a pipeline was asked for: after ``attempts`` a candidate or a reason."""

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
    meant: Mapping[str, Reading] | None = None,
    known: Remembered[list[Sample]] | None = None,
) -> Act[list[Sample]]:
    """Composed statements. ``key`` tells this arm and omission from the round's others.

    meant: opinions as their authors mean them, by id, for settings that ask for them; those that are not there are read.
    known: what was composed for the same rounds with the same seed; the first samples are the same however many there are.
    """
    told = meant if meant is not None and settings.opinions == "meant" else {}
    readings = yield from _readings(view, used, settings.reader, told)
    follow_from = view.round_id, view.question.id, key, settings.skill, settings.short, *readings
    samples = (known or Remembered[list[Sample]]()).of(follow_from, list)
    if len(samples) < settings.samples:
        rng = stream(seed, "scripted", view.round_id, key)
        texts = (
            compose(view.question, readings, language, skill=settings.skill, short=settings.short, rng=rng)
            for _ in range(settings.samples)
        )
        samples[:] = [Sample(text, number) for number, text in enumerate(texts)]
    return samples[: settings.samples]


def exploit_samples(
    view: RoundView,
    used: Sequence[SeenOpinion],
    settings: ExploitGeneratorSettings,
    language: Language,
    *,
    seed: int,
    key: str,
) -> Act[list[Sample]]:
    """The first texts of an exploit: fewer than asked for where there are no more. One that goes by no reading asks for none."""
    exploit = EXPLOITS[settings.exploit]
    readings = (yield from _readings(view, used, settings.reader, {})) if exploit.by_readings else []
    seen = Seen(view.question, [o.text for o in used], readings, language, stream(seed, "exploit", view.round_id, key))
    texts = islice(exploit.write(seen), settings.samples)
    return [Sample(text, number) for number, text in enumerate(texts)]


def fixed_samples(view: RoundView, settings: FixedGeneratorSettings) -> list[Sample]:
    """The statements written for the question, none where there is none."""
    texts = settings.texts.get(view.question.id, [])[: settings.samples]
    return [Sample(text, number) for number, text in enumerate(texts)]


def _readings(
    view: RoundView, used: Sequence[SeenOpinion], reader: str, meant: Mapping[str, Reading]
) -> Act[list[Reading]]:
    """The opinions as they are meant where that is known, and else as they are read; without those that could not be."""
    unknown = [opinion for opinion in used if opinion.opinion_id not in meant]
    read = yield from view.readers[reader].read(view.question, [opinion.text for opinion in unknown])
    readings = {**meant, **{opinion.opinion_id: reading for opinion, reading in zip(unknown, read, strict=True)}}
    return [readings[o.opinion_id] for o in used if not readings[o.opinion_id].missing]


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
        return Request(
            engine=settings.engine,
            messages=messages,
            sampling=settings.sampling,
            seed=sample_seed(seed, view.round_id, key, number, attempt),
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


def sample_seed(seed: int, round_id: str, key: str, number: int, attempt: int) -> int:
    """The seed of the request for one sample. attempt: from 0; seed: of the study; key: as for `model_samples`."""
    return request_seed(seed, "sample", round_id, key, number, *((attempt,) if attempt else ()))


def _draw(number: int, reply: Reply, answer: Said, *, attempts: int) -> SampleOutcome:
    sample = None
    if answer.text is not None:
        sample = Sample(answer.text, number, reply.tokens_in, reply.tokens_out, truncated=reply.finish == "length")
    return SampleOutcome(number, sample, answer.missing, attempts, raw=as_received(reply), reasoning=answer.reasoning)
