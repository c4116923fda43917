"""Engines that answer from a function: what the tests and rehearsals run on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from simcons.engines.base import Identity, OnReply, Reply, Request
from simcons.seeds import stream


class ScriptedEngine:
    """Replies ``answer(request)``; keeps the size of every batch it was given. Tokens are counted as words.

    Log-probabilities are those of a person who leans to one of the choices, which one and how strongly drawn by the
    request's seed; scores are drawn by question, opinion and statement.
    """

    def __init__(self, answer: Callable[[Request], str] | None = None, *, batch_limit: int | None = None) -> None:
        self.answer = answer or some_of_the_prompt
        self.batch_limit = batch_limit
        self.batches: list[int] = []

    @property
    def identity(self) -> Identity:
        return {"kind": "scripted"}

    def complete(self, requests: Sequence[Request], on_reply: OnReply | None = None) -> list[Reply]:
        limit = self.batch_limit or max(1, len(requests))
        replies: list[Reply] = []
        for start in range(0, len(requests), limit):
            batch = [self.reply(request) for request in requests[start : start + limit]]
            self.batches.append(len(batch))
            for place, reply in enumerate(batch, start=start):
                if on_reply is not None:
                    on_reply(place, reply)
            replies += batch
        return replies

    def reply(self, request: Request) -> Reply:
        words_in = sum(len(message.content.split()) for message in request.messages)
        if request.answer == "logprobs":
            return Reply("", words_in, 0, "choices", logprobs=leaning_scores(request))
        if request.answer == "scores":
            return Reply("", words_in * len(request.choices), 0, "choices", scores=drawn_scores(request))
        text = self.answer(request)
        return Reply(text, words_in, len(text.split()), "stop")


def some_of_the_prompt(request: Request) -> str:
    """A choice, or a stretch of the prompt, its place and length drawn by the request's own seed.

    An opinion is words of the prompt in an order of their own: one that repeats the prompt counts as missing.
    """
    rng = stream(request.seed, "answer")
    if request.choices:
        return request.choices[int(np.argmax(leaning_scores(request)))]
    words = " ".join(message.content for message in request.messages).split()
    start, length = rng.integers(len(words)), rng.integers(4, 70)
    stretch = words[start : start + length]
    return " ".join(rng.permutation(stretch) if request.act == "opinion" else stretch)


def drawn_scores(request: Request) -> tuple[float, ...]:
    """A score from 1 to 7 for each choice, the same wherever the same is asked."""
    asked = [message.content for message in request.messages]
    return tuple(float(stream(request.seed, "score", *asked, choice).uniform(1, 7)) for choice in request.choices)


def leaning_scores(request: Request) -> tuple[float, ...]:
    """Log-probabilities of the choices: normal about a favourite, with .97 of the probability on all of them."""
    rng = stream(request.seed, "leaning")
    n_choices = len(request.choices)
    favourite, spread = rng.uniform(0, n_choices - 1), rng.uniform(0.4, 1.2)
    weights = np.exp(-(((np.arange(n_choices) - favourite) / spread) ** 2) / 2)
    return tuple(np.log(0.97 * weights / weights.sum()).tolist())
