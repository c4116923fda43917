"""Engines for a rehearsal: a script in a language model's place, and an account of what the model would have been asked."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from simcons.engines.base import Reply, Request
from simcons.engines.scripted import ScriptedEngine, some_of_the_prompt
from simcons.engines.usage import NOTHING, Usage, usage_of
from simcons.seeds import stream

CHARACTERS_A_TOKEN = 4.1  # of English; 4.0 to 4.2 in 1,600 prompts read by SmolLM2
_TOKENS_A_MESSAGE = 5  # of a chat template [J]
_WRITING = frozenset({"candidate", "opinion"})  # acts that are answered by a passage; all others by a number

Asked: TypeAlias = tuple[str, str]  # act and engine


@dataclass(slots=True)
class Ledger:
    """Calls and tokens by act and engine, since they were last taken."""

    usage: dict[Asked, Usage] = field(default_factory=dict)

    def add(self, asked: Asked, usage: Usage) -> None:
        self.usage[asked] = self.usage.get(asked, NOTHING) + usage

    def take(self) -> dict[Asked, Usage]:
        """All there is; afterwards nothing is left."""
        taken, self.usage = self.usage, {}
        return taken


class RehearsalEngine(ScriptedEngine):
    """Answers with something usable whatever is asked, and counts calls and tokens in ``ledger``.

    Tokens are estimated from the characters of prompts and replies. A request that is asked again is not counted: in a run the
    store has its reply.
    """

    def __init__(self, name: str, ledger: Ledger) -> None:
        super().__init__(usable_answer)
        self._name, self._ledger = name, ledger
        self._asked: set[int] = set()  # hashes of requests

    def reply(self, request: Request) -> Reply:
        reply = super().reply(request)
        tokens_out = min(tokens_of(reply.text), request.sampling.max_tokens)
        counted = replace(reply, tokens_in=prompt_tokens(request), tokens_out=tokens_out)
        if hash(request) not in self._asked:
            self._asked.add(hash(request))
            self._ledger.add((request.act, self._name), usage_of(counted))
        return counted


def prompt_tokens(request: Request) -> int:
    """Tokens of a prompt, about; of scores, those of the prompt with each choice."""
    prompt = sum(tokens_of(message.content) + _TOKENS_A_MESSAGE for message in request.messages)
    if request.answer != "scores":
        return prompt
    return prompt * len(request.choices) + sum(map(tokens_of, request.choices))


def tokens_of(text: str) -> int:
    """Tokens of a text, about."""
    return round(len(text) / CHARACTERS_A_TOKEN)


def usable_answer(request: Request) -> str:
    """An object of the schema, a rating, or words of the prompt: whatever the request takes for an answer."""
    if request.schema:
        properties = json.loads(request.schema)["properties"]
        return json.dumps({key: value["enum"][0] for key, value in properties.items()})
    if request.choices or request.act in _WRITING:
        return some_of_the_prompt(request)
    return str(stream(request.seed, "rating").integers(1, 8))
