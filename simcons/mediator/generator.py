"""Sampling candidates. A generator is an act: it yields requests, is sent replies, and returns texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simcons.engines.base import Act, Message, Reply, Request
from simcons.engines.replies import clean, with_beginning
from simcons.mediator.prompts import Render
from simcons.mediator.scripted import compose
from simcons.mediator.view import Read, RoundView, SeenOpinion
from simcons.scenario.study import LanguageModelGenerator, ScriptedGenerator
from simcons.seeds import request_seed, stream


@dataclass(frozen=True, slots=True)
class Sample:
    """One candidate as generated. Tokens are None where no language model was asked."""

    text: str
    tokens_in: int | None = None
    tokens_out: int | None = None
    truncated: bool = False


def scripted_samples(
    view: RoundView, used: Sequence[SeenOpinion], settings: ScriptedGenerator, read: Read, *, seed: int, key: str
) -> list[Sample]:
    """Composed statements. ``key`` tells this arm and omission from the round's others."""
    readings = read(view.question, [opinion.text for opinion in used])
    rng = stream(seed, "scripted", view.round_id, key)
    return [Sample(compose(view.question, readings, skill=settings.skill, rng=rng)) for _ in range(settings.samples)]


def model_samples(
    view: RoundView,
    used: Sequence[SeenOpinion],
    settings: LanguageModelGenerator,
    render: Render,
    *,
    seed: int,
    key: str,
) -> Act[list[Sample]]:
    """Statements from a language model: one request a sample, each with its own seed, the opinions in a drawn order."""
    order = stream(seed, "prompt_order", view.round_id, key).permutation(len(used))
    messages = render(view.question.text, [used[int(place)].text for place in order])
    replies = yield [
        Request(
            engine=settings.engine,
            messages=messages,
            sampling=settings.sampling,
            seed=request_seed(seed, "sample", view.round_id, key, draw),
            act="candidate",
            draw=draw,
        )
        for draw in range(settings.samples)
    ]
    return [_sample(reply, messages) for reply in replies]


def _sample(reply: Reply, messages: Sequence[Message]) -> Sample:
    return Sample(
        text=clean(with_beginning(messages, reply.text)),
        tokens_in=reply.tokens_in,
        tokens_out=reply.tokens_out,
        truncated=reply.finish == "length",
    )
