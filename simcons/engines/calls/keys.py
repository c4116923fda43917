"""Calls as the store keeps them: the key of what was asked, the row, and the checksum that says it is as it was put."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from hashlib import blake2b
from itertools import accumulate, chain
from typing import Any, TypeAlias

from simcons.engines.base import Engine, Identity, Message, ReadingEngine, Reply, Request

Row: TypeAlias = tuple[Any, ...]
Messages: TypeAlias = tuple[Message, ...]

PROMPTS_REMEMBERED = 1024
N_COLUMNS_1 = 14  # of table ``calls`` in schema version 1
# Columns after the checksum, NULL where empty, by the schema version that brought them.
ADDED: Mapping[int, tuple[str, ...]] = {2: ("reasoning", "seen", "read_as"), 3: ("scores",)}
ASIDE = tuple(chain.from_iterable(ADDED.values()))

# One text for one value, and none for two. Not ASCII: there two lone surrogates are written like the character they encode.
to_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


# --- keys --------------------------------------------------------------------------------------------------------


def call_key(identity: Identity, request: Request) -> bytes:
    """32 bytes for all that a reply depends on: the engine's identity and the request, its act and engine name apart."""
    return KeyMaker(identity).key(request)


class KeyMaker:
    """`call_key` for many calls to one engine: what they share is encoded once."""

    def __init__(self, identity: Identity) -> None:
        self._identity = digest(to_json(dict(identity))).hex()
        self._prompts = Prompts()

    def key(self, request: Request) -> bytes:
        prompt = self._prompts.get(request.messages)
        if prompt is None:
            prompt = self._prompts.add(request.messages, prompt_row(request.messages)[0])
        return digest(to_json([self._identity, prompt.hex(), asked_settings(request)]))


class Readings:
    """Hashes of prompts as engines read them now, each worked out once for its samples; "" for engines that cannot tell."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine if isinstance(engine, ReadingEngine) else None
        self._last: tuple[Messages, str] | None = None

    def of(self, request: Request) -> str:
        if self._engine is None:
            return ""
        if self._last is None or self._last[0] != request.messages:
            self._last = request.messages, self._engine.fingerprint(request)
        return self._last[1]


class Prompts:
    """Ids of the prompts seen lately: the samples of one prompt come together."""

    def __init__(self) -> None:
        self._ids: dict[Messages, bytes] = {}
        self.get = self._ids.get
        self.clear = self._ids.clear

    def add(self, messages: Messages, prompt: bytes) -> bytes:
        if len(self._ids) >= PROMPTS_REMEMBERED:
            self.clear()
        self._ids[messages] = prompt
        return prompt


def asked_settings(request: Request) -> list[Any]:
    """The settings of ``request`` that its reply depends on, besides prompt and engine; a schema only where there is one."""
    settings = [request.sampling.model_dump(), request.seed, request.draw, request.answer, request.choices]
    return [*settings, request.schema] if request.schema else settings


def digest(text: str, *, size: int = 32) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).digest()


# --- rows --------------------------------------------------------------------------------------------------------


def call_row(
    key: bytes, prompt: bytes, request: Request, reply: Reply, *, price: float, at: str, read_as: str = ""
) -> Row:
    """The row of table ``calls`` for a call. SQLite gives back what is stored: floats exactly, but no -0.0."""
    call = (
        *(key, prompt, request.engine, request.act, to_json(asked_settings(request))),
        *(reply.text, reply.tokens_in, reply.tokens_out, reply.finish, to_json(reply.logprobs)),
        *(float(reply.seconds) + 0.0, price + 0.0, at),
    )
    scores = to_json(reply.scores) if reply.scores else None
    aside = (reply.reasoning or None, reply.seen or None, read_as or None, scores)
    return (*map(to_cell, call), _checksum(call, aside), *map(to_cell, aside))


def stored_reply(row: Row, key: bytes) -> Reply | None:
    """The reply in a row of ``calls``; None where it is not as it was put, or under another key."""
    call = verified_call(row)
    if call is None or call[0] != key:
        return None
    text, tokens_in, tokens_out, finish, logprobs, seconds = call[5:11]
    reasoning, seen, _, scores = call[-len(ASIDE) :]
    numbers = tuple(json.loads(logprobs)), tuple(json.loads(scores or "[]"))
    return Reply(
        text, tokens_in, tokens_out, finish, numbers[0], seconds, reasoning or "", seen or "", scores=numbers[1]
    )


def under_key(row: Row, key: bytes) -> Row | None:
    """The same call under another key; None where it is not as it was put."""
    call = verified_call(row)
    if call is None:
        return None
    _, *rest = call[: -len(ASIDE)]
    checksum = _checksum((key, *rest), call[-len(ASIDE) :])
    return (key, *row[1 : N_COLUMNS_1 - 1], checksum, *widened(row)[N_COLUMNS_1:])


def verified_call(row: Row) -> Row | None:
    """The columns that a row of ``calls`` was made of, but its checksum; None where that says otherwise."""
    with suppress(AttributeError, TypeError, ValueError):  # a damaged cell may be of any type, a text of any bytes
        *cells, checksum = widened(row)[: -len(ASIDE)]
        call, aside = (*cells[:2], *map(from_cell, cells[2:])), tuple(map(from_cell, widened(row)[-len(ASIDE) :]))
        if _checksum(call, aside) == checksum:
            return (*call, *aside)
    return None


def widened(row: Row) -> Row:
    """A row of ``calls``, of this or an earlier schema version, with the columns of this one."""
    return (*row, *(None,) * (N_COLUMNS_1 + len(ASIDE) - len(row)))


def prompt_row(messages: Messages) -> Row:
    """The row of ``prompts``: an id, which is its own checksum, and the messages."""
    text = to_json([[message.role, message.content] for message in messages])
    return digest(text), to_cell(text)


def engine_row(name: str, identity: Identity) -> Row:
    """The row of ``engines``: name, identity, checksum."""
    text = to_json(dict(identity))
    return name, text, digest(to_json([name, text]), size=16)


def sound_prompt(row: Row) -> bool:
    with suppress(AttributeError, TypeError, ValueError):
        return bool(digest(from_cell(row[1])) == row[0])
    return False


def sound_engine(row: Row) -> bool:
    with suppress(AttributeError, TypeError, ValueError):
        return bool(digest(to_json(row[:2]), size=16) == row[2])
    return False


def to_cell(value: Any) -> Any:
    """The value, or its bytes where it is text with lone surrogates, which SQLite has no place for."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return value.encode("utf-8", "surrogatepass")
    return value


def from_cell(cell: Any) -> Any:
    return cell.decode("utf-8", "surrogatepass") if isinstance(cell, bytes) else cell


def _checksum(call: Row, aside: Row) -> bytes:
    """Of what stands in a row. Columns of later schema versions do not count where they and those after them are all empty, as
    in rows from before there were any.
    """
    key, prompt, *rest = call
    return digest(to_json([key.hex(), prompt.hex(), *rest, *_counted(aside)]), size=16)


def _counted(aside: Row) -> Row:
    """The columns up to the last schema version that any is filled of."""
    ends = accumulate(map(len, ADDED.values()))
    filled = [end for end, names in zip(ends, ADDED.values(), strict=True) if any(aside[end - len(names) : end])]
    return aside[: max(filled, default=0)]
