"""The scope of a refusal: this attempt, this request alone, or every request; the last is an EngineError in one line.

Servers agree on no form. A code counts for more than words, and words for more than a status. What none of them tells is found
out by the engine, which asks for the same with harmless words (`Doubt`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from simcons.engines.base import Reply, Request, unanswered
from simcons.engines.base import too_long as reply_too_long
from simcons.engines.openai.errors import (
    PASSING,
    Again,
    Endpoint,
    Exchange,
    error_fields,
    key_refused,
    message_in,
    quota_used_up,
    server_words,
)
from simcons.errors import EngineError

OF_ONE = frozenset({400, 403, 406, 413, 415, 422, 451})  # statuses that may concern one request
QUOTA_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached", "insufficient_balance"})
FILTER_CODES = frozenset(
    {
        *("content_filter", "content_policy_violation", "responsibleaipolicyviolation", "moderation_blocked"),
        *("content_filtered", "content_moderation", "data_inspection_failed", "datainspectionfailed", "prompt_blocked"),
        *("invalid_prompt", "flagged_input", "safety", "prohibited_content", "moderation"),
    }
)
TOO_LONG_CODES = frozenset({"context_length_exceeded", "exceed_context_size_error", "string_above_max_length"})
_FILTERED = re.compile(
    r"content[ _-]?(?:management |usage )?(?:filter|polic|moderation)|content management|responsible ?ai|\bflagged\b|"
    r"\bmoderation\b|safety (?:system|filter|polic|check|setting)|usage polic|inappropriate|"
    r"(?:prohibited|unsafe|sensitive|harmful) (?:content|word|information)",
    re.IGNORECASE,
)
_OF_ALL = re.compile(r"\b(?:account|organi[sz]ation|api[ _-]?key|subscription|billing|permission)\b", re.IGNORECASE)
_TOO_LONG = re.compile(
    r"context.{0,12}(?:length|size|window|limit)|too many (?:input )?tokens|(?:prompt|input|request)s?.{0,12} too (?:long|large)|"
    r"maximum (?:model|input|sequence|prompt) length|max_new_tokens. must be <=|exceeds? the (?:maximum|limit).{0,30}tokens",
    re.IGNORECASE,
)
_ONE_TOO_LARGE = re.compile(r"request too large", re.IGNORECASE)  # for a limit per minute, however long one waits
_N = r"(\d{1,3}(?:[,._' \u2009\u00a0\u202f’]\d{3})+(?!\d)|\d+)( ?[kK]\b)?"  # 4096, 4,096, 4.096, 4 096, 4k
_CONTEXT = re.compile(
    rf"(?:context\w* (?:length|size|window|limit)[^\d]{{0,30}}|(?:model|sequence) length \D{{0,12}}|n_ctx\D{{1,5}}){_N}",
    re.IGNORECASE,
)
_PROMPT = re.compile(
    rf"{_N} (?:input tokens|in the messages|tokens? in the prompt|in your prompt)|request \({_N} tokens"
)
BYTES_A_TOKEN = 3  # of a prompt that the server found too long and does not count

Unanswered: TypeAlias = Literal["filtered", "refused"]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A refusal that may concern this request alone: ``reply`` is its reply then, and ``error`` holds where it is not so."""

    reply: Reply
    error: EngineError


def read_refusal(endpoint: Endpoint, request: Request, exchange: Exchange) -> Again | Reply | Doubt:
    """The meaning of a status other than 200. Raises EngineError for one that concerns every request."""
    fields, words = error_fields(exchange.content), server_words(endpoint, exchange.content)
    codes, message = set(_codes(fields)), message_in(fields)
    if codes & FILTER_CODES:
        return _of_one("filtered", exchange, words)
    if exchange.status == 402 or codes & QUOTA_CODES:
        raise quota_used_up(endpoint, words)
    if codes & TOO_LONG_CODES or (exchange.status == 429 and _ONE_TOO_LARGE.search(message)):
        return _too_long(request, fields, message, exchange, words)
    if exchange.status in PASSING:
        return Again(f"status {exchange.status}: {words}", exchange.retry_after, limited=exchange.status == 429)
    if exchange.status == 401:
        raise key_refused(endpoint, exchange.status, exchange.content)
    if exchange.status == 413 or _TOO_LONG.search(message):
        return _too_long(request, fields, message, exchange, words)
    return _by_words(endpoint, message, exchange, words)


def _by_words(endpoint: Endpoint, message: str, exchange: Exchange, words: str) -> Reply | Doubt:
    of_filter = _FILTERED.search(message) is not None
    reply = _of_one("filtered" if of_filter else "refused", exchange, words)
    if exchange.status == 403:
        return Doubt(reply, key_refused(endpoint, exchange.status, exchange.content))
    error = endpoint.error(f"{endpoint.url} refuses a request, status {exchange.status}: {words}")
    if exchange.status not in OF_ONE:
        raise error
    return reply if of_filter and not _OF_ALL.search(message) else Doubt(reply, error)


def _of_one(finish: Unanswered, exchange: Exchange, words: str) -> Reply:
    return unanswered(finish, f"status {exchange.status}: {words}")


def _codes(value: object, depth: int = 3) -> Iterator[str]:
    """Codes and types in an error object, and in those inside it."""
    if not isinstance(value, dict) or not depth:
        return
    for name, value_inside in value.items():
        if name in ("code", "type", "status") and isinstance(value_inside, str):
            yield value_inside.lower()
        elif name == "flagged_input":
            yield name
        yield from _codes(value_inside, depth - 1)


def _too_long(request: Request, fields: dict[str, Any], message: str, exchange: Exchange, words: str) -> Reply:
    """A reply with the server's words; ContextTooLong where the wanted reply alone fills the context that it tells of."""
    context = fields.get("n_ctx") or _number(_CONTEXT, message)
    if isinstance(context, int) and request.sampling.max_tokens >= context:
        n_prompt = fields.get("n_prompt_tokens") or _number(_PROMPT, message) or request.n_bytes // BYTES_A_TOKEN
        reply_too_long(request.engine, n_prompt, request.sampling.max_tokens, context)
    return unanswered("too_long", f"status {exchange.status}: {words}")


def _number(pattern: re.Pattern[str], text: str) -> int | None:
    """The first number that ``pattern`` finds, however its thousands are set off."""
    match = pattern.search(text)
    if match is None:
        return None
    digits, thousands = next((match[k], match[k + 1]) for k in range(1, len(match.groups()), 2) if match[k])
    return int(re.sub(r"\D", "", digits)) * (1024 if thousands else 1)
