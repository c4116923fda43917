"""An engine that answers from a function: what the tests run on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simcons.engines.base import Reply, Request


class ScriptedEngine:
    """Replies ``answer(request)``; keeps the size of every batch it was given. Tokens are counted as words."""

    def __init__(self, answer: Callable[[Request], str], *, batch_limit: int | None = None) -> None:
        self.answer = answer
        self.batch_limit = batch_limit
        self.batches: list[int] = []

    def complete(self, requests: Sequence[Request]) -> list[Reply]:
        limit = self.batch_limit or max(1, len(requests))
        for start in range(0, len(requests), limit):
            self.batches.append(len(requests[start : start + limit]))
        return [self._reply(request) for request in requests]

    def _reply(self, request: Request) -> Reply:
        text = self.answer(request)
        words_in = sum(len(message.content.split()) for message in request.messages)
        return Reply(text=text, tokens_in=words_in, tokens_out=len(text.split()), finish="stop")
