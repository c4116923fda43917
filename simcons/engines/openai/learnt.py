"""Facts about a server, learnt from its refusals: parameters it does not take, its names for others, the turns it wants."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeAlias

from simcons.engines.base import Message
from simcons.engines.openai.errors import (
    Endpoint,
    Exchange,
    error_fields,
    message_in,
    no_choices,
    no_logprobs,
    parameter_refused,
    server_words,
)
from simcons.engines.turns import alternating, without_system

Body: TypeAlias = dict[str, Any]

FEWEST_LOGPROBS = 5  # what servers give that do not give 20
# What may be left out: without it samples are no longer repeatable, or a little other, which is said.
DROPPED = ("seed", "min_p", "top_k", "top_p", "repetition_penalty", "repeat_penalty")
LOGPROBS = frozenset({"logprobs", "top_logprobs"})
CHOICES = frozenset({"response_format", "json_schema", "structured_outputs", "grammar"})
SCHEMA_NAME = "reading"  # of a JSON Schema for a text; a choice has another
TEACHING = frozenset(range(400, 500)) - {401, 402, 403, 408, 409, 425, 429}
_REFUSED = re.compile(
    r"support|recogni[sz]ed|permitted|allowed|accept|unknown|unexpected|invalid|extra|forbidden|must be|should be|argument",
    re.IGNORECASE,
)
_THOSE_TAKEN = re.compile(r"(?:permitted|allowed|supported|valid|accepted)[^.:]{0,30}(?::| are\b)", re.IGNORECASE)
_SYSTEM_TURN = r"\bsystem.? (?:role|message|prompt|instruction|turn)s?\b"
_NO_SYSTEM = re.compile(
    rf"{_SYSTEM_TURN}.{{0,40}}(?:\bnot\b|n't|unsupported|disallowed)|"
    rf"(?:\bnot\b|n't|unsupported|invalid).{{0,40}}{_SYSTEM_TURN}|(?:unsupported|unexpected|invalid).{{0,20}}role.{{0,5}}\bsystem\b|"
    r"developer instruction is not|only user.{0,30}roles?\b",
    re.IGNORECASE,
)
_ALTERNATE = re.compile(
    r"roles?\b.{0,60}\balternat|\balternat.{0,40}\broles?\b|must alternate|consecutive.{0,40}\b(?:role|message|turn)|"
    r"first message must be.{0,12}user",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Learnt:
    """Facts learnt about a server so far. ``shape`` turns a chat's messages into turns that it takes."""

    length_word: str = "max_tokens"
    n_logprobs: int = 20
    dropped: set[str] = field(default_factory=set)
    takes_schemas: bool = True
    shape: Callable[[Sequence[Message]], tuple[Message, ...]] = tuple

    def from_refusal(self, endpoint: Endpoint, body: Body, exchange: Exchange, *, fixed: frozenset[str]) -> str | None:
        """A remark for the user where the body that was refused would now be written otherwise; None where it would not.

        The remark is empty where there is nothing new in it. ``fixed``: parameters that the user wants to be sent. Raises
        EngineError for a parameter without which something else would be asked.
        """
        words = server_words(endpoint, exchange.content)
        fields = error_fields(exchange.content)
        message = message_in(fields)
        if (remark := self._turns(body, message)) is not None:
            return remark
        if exchange.status not in TEACHING:
            return None
        if (remark := self._words(body, message, words)) is not None:
            return remark
        named = sorted(set(named_in(fields, body)) - {"model", "messages", "prompt"})
        if CHOICES & {*named} and _holds_schema(body):
            return self._without_schemas(words)
        left_out = [name for name in named if name in DROPPED and name not in fixed]
        if left_out:
            return self._drop(left_out, words)
        if named:
            _give_up(endpoint, named, words, fixed=fixed)
        return None

    def _words(self, body: Body, message: str, words: str) -> str | None:
        if "max_tokens" in body and "max_completion_tokens" in message and "too large" not in message:
            self.length_word = "max_completion_tokens"
            return ""
        if "logprobs" in message and max(body.get("top_logprobs", 0), body.get("logprobs", 0)) > FEWEST_LOGPROBS:
            new, self.n_logprobs = self.n_logprobs > FEWEST_LOGPROBS, FEWEST_LOGPROBS
            return f"only the {FEWEST_LOGPROBS} likeliest tokens are asked for: the server says {words}" if new else ""
        return None

    def _drop(self, names: Sequence[str], words: str) -> str:
        new = [name for name in names if name not in self.dropped]
        self.dropped.update(new)
        return f"{' and '.join(new)} not sent from here on: the server refuses it ({words})" if new else ""

    def _without_schemas(self, words: str) -> str:
        new, self.takes_schemas = self.takes_schemas, False
        return f"the form of a JSON answer is asked for in words: the server holds to none ({words})" if new else ""

    def _turns(self, body: Body, message: str) -> str | None:
        roles = [turn["role"] for turn in body.get("messages", ())]
        doubled = any(first == second for first, second in pairwise(roles))
        if _ALTERNATE.search(message) and doubled:
            new, self.shape = self.shape is tuple, alternating if self.shape is tuple else self.shape
            return (
                "turns of one role that follow each other are sent as one: the server wants them to alternate"
                if new
                else ""
            )
        if "system" in roles and (_NO_SYSTEM.search(message) or _ALTERNATE.search(message)):
            new, self.shape = self.shape is not without_system, without_system
            return "system turns are sent as the beginning of the user's: the server takes none" if new else ""
        return None


def _holds_schema(body: Body) -> bool:
    """True if the body has a text kept to a JSON Schema, without which it may be asked too."""
    named = body.get("response_format", {}).get("json_schema", {}).get("name")
    return named == SCHEMA_NAME or "json" in body.get("structured_outputs", {})


def named_in(fields: Mapping[str, Any], body: Body) -> Iterator[str]:
    """The parameters of ``body`` that an error object finds fault with."""
    param = fields.get("param")
    if isinstance(param, str) and param:
        yield from (name for name in [re.split(r"[.\[]", param)[0]] if name in body)
        return
    detail = fields.get("detail")
    places = [entry.get("loc") for entry in detail if isinstance(entry, dict)] if isinstance(detail, list) else []
    if places:
        yield from (name for place in places if isinstance(place, list) for name in place if name in body)
        return
    message = _THOSE_TAKEN.split(message_in(dict(fields)), maxsplit=1)[0]
    if _REFUSED.search(message):
        yield from (name for name in body if re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", message))


def _give_up(endpoint: Endpoint, named: Sequence[str], words: str, *, fixed: frozenset[str]) -> None:
    """Raises EngineError for the first parameter that cannot be left out."""
    if LOGPROBS & set(named):
        raise no_logprobs(endpoint.engine, words)
    if CHOICES & set(named):
        raise no_choices(endpoint.engine, words)
    name = named[0]
    if name in fixed:
        raise parameter_refused(endpoint, name, words, by="another extra_body")
    if name == "temperature":
        raise parameter_refused(endpoint, name, words, by=f"omit: [{name}], if the server's own will do")
