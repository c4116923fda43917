"""Engines for a rehearsal: a script in a language model's place, and an account of what the model would have been asked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
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


@dataclass(frozen=True, slots=True)
class Counted:
    """Calls and tokens of a rehearsal. usage: with replies as long as scripts make them; most: the same calls with replies that
    take all the tokens they may, and with as much more in every prompt that holds such replies.
    """

    usage: Usage = NOTHING
    most: Usage = NOTHING

    def __add__(self, other: Counted) -> Counted:
        return Counted(self.usage + other.usage, self.most + other.most)


UNCOUNTED = Counted()


@dataclass(slots=True)
class Ledger:
    """Calls and tokens by act and engine, since they were last taken. spare: by a passage that was written since then, the tokens
    by which it could have been longer.
    """

    counted: dict[Asked, Counted] = field(default_factory=dict)
    spare: dict[str, int] = field(default_factory=dict)

    def add(self, asked: Asked, counted: Counted) -> None:
        self.counted[asked] = self.counted.get(asked, UNCOUNTED) + counted

    def spare_in(self, text: str) -> int:
        """By how many tokens a text could have been longer."""
        return sum(tokens for passage, tokens in self.spare.items() if passage in text)

    def take(self) -> dict[Asked, Counted]:
        """All there is; afterwards nothing is left."""
        taken, self.counted, self.spare = self.counted, {}, {}
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
        most = most_tokens(request)
        counted = replace(reply, tokens_in=prompt_tokens(request), tokens_out=min(tokens_of(reply.text), most))
        if hash(request) not in self._asked:
            self._asked.add(hash(request))
            read = counted.tokens_in + prompt_tokens(request, self._ledger.spare_in, a_message=0)
            longest = replace(counted, tokens_in=read, tokens_out=most)
            self._ledger.add((request.act, self._name), Counted(usage_of(counted), usage_of(longest)))
        if request.act in _WRITING and (passage := _as_held(reply.text)):
            self._ledger.spare[passage] = most - counted.tokens_out
        return counted


def _as_held(passage: str) -> str:
    """What of a passage stands in prompts as it was written: its longest part without the marks that are taken out of it."""
    return max(re.split("[<>]", passage), key=len).strip()


def most_tokens(request: Request) -> int:
    """That its reply may have: none where numbers for the choices are asked for."""
    return 0 if request.answer in ("logprobs", "scores") else request.sampling.max_tokens


def tokens_of(text: str) -> int:
    """Tokens of a text, about."""
    return round(len(text) / CHARACTERS_A_TOKEN)


def prompt_tokens(request: Request, of: Callable[[str], int] = tokens_of, *, a_message: int = _TOKENS_A_MESSAGE) -> int:
    """Tokens of a prompt, about; of scores, those of the prompt with each choice. of: a text; a_message: beside its text."""
    prompt = sum(of(message.content) + a_message for message in request.messages)
    if request.answer != "scores":
        return prompt
    return prompt * len(request.choices) + sum(map(of, request.choices))


def usable_answer(request: Request) -> str:
    """An object of the schema, a rating, or words of the prompt: whatever the request takes for an answer."""
    if request.schema:
        properties = json.loads(request.schema)["properties"]
        return json.dumps({key: value["enum"][0] for key, value in properties.items()})
    if request.choices or request.act in _WRITING:
        return some_of_the_prompt(request)
    return str(stream(request.seed, "rating").integers(1, 8))
