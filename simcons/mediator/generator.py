"""Sampling candidates. A generator is an act: it yields requests, is sent replies, and returns texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from simcons.engines.base import Act, Reply, Request
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
    begun = messages[-1].content if messages[-1].role == "assistant" else ""
    return [_sample(reply, begun) for reply in replies]


def _sample(reply: Reply, begun: str) -> Sample:
    return Sample(
        text=clean(_joined(begun, reply.text)),
        tokens_in=reply.tokens_in,
        tokens_out=reply.tokens_out,
        truncated=reply.finish == "length",
    )


def _joined(begun: str, text: str) -> str:
    """The reply with the beginning it was given: a word follows a space, "'d rather" and ", as a group" follow at once."""
    return f"{begun} {text}" if begun and text[:1].isalnum() else begun + text


_WRAPPING = re.compile(r"^(?:statement|answer|response)\s*:\s*", re.IGNORECASE)
_QUOTED = re.compile(r'["“]([^"“”]+)["”]')


def clean(text: str) -> str:
    """A reply as it would be shown to people: one paragraph, without a label or quotation marks around it.

    Nothing is mended: a statement that breaks off is shown as it is.
    """
    text = _WRAPPING.sub("", " ".join(text.split()))
    quoted = _QUOTED.fullmatch(text)
    return (quoted.group(1) if quoted else text).strip()
