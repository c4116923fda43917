"""Log-probabilities of choices, from those that a server names for the first token of a reply."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from simcons.engines.base import Request
from simcons.engines.openai.errors import no_logprobs
from simcons.errors import EngineError

AMBIGUOUS_MASS = 0.01  # probability on tokens that begin several choices from which on the choices cannot be told apart
LEAST_LOGPROB = -9999.0  # in what is kept of tokens: JSON has no infinity
_BYTE = re.compile(r"<0x([0-9A-Fa-f]{2})>")


def of_choices(logprobs: Mapping[str, Any] | None, request: Request, *, silent: bool) -> tuple[float, ...]:
    """Log-probability of each choice: the sum over first tokens that are it, or begin it and no other.

    silent: the server's text is empty, so that there may be no first token; no choice has then been seen. Raises EngineError
    where there are no log-probabilities, and where they do not tell the choices apart.
    """
    masses = dict.fromkeys(request.choices, 0.0)
    ambiguous = 0.0
    tokens = first_tokens(logprobs) if logprobs else []
    if not logprobs or not (tokens or silent):
        raise no_logprobs(request.engine, "its answer has none")
    for token, logprob in tokens:
        begun = _begun_by(token, request.choices)
        if len(begun) == 1:
            masses[begun[0]] += math.exp(logprob)
        elif begun:
            ambiguous += math.exp(logprob)
    if ambiguous > AMBIGUOUS_MASS:
        raise EngineError(
            f"engine {request.engine!r}: several of the choices {list(request.choices)!r} begin with the same token; "
            "expected choices whose first tokens differ, or elicitation.by choice"
        )
    return tuple(math.log(masses[name]) if masses[name] > 0 else -math.inf for name in request.choices)


def first_tokens(logprobs: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Tokens the server names for the first place, in either form: completions has a mapping, chat (and llama.cpp) a list.

    Equal texts may be different tokens (with a space before, in some vocabularies), so that all count; the sampled one,
    which servers add to the most likely, counts if it is not among them.
    """
    if "content" in logprobs:
        if not logprobs["content"]:
            return []
        first = logprobs["content"][0]
        tokens = [(str(entry["token"]), float(entry["logprob"])) for entry in first.get("top_logprobs") or ()]
        sampled = (str(first["token"]), float(first["logprob"]))
        return tokens if sampled in tokens else [*tokens, sampled]
    first = (logprobs["top_logprobs"] or [{}])[0]
    return [(str(token), float(logprob)) for token, logprob in first.items()]


def shown_tokens(tokens: Sequence[tuple[str, float]]) -> str:
    """The tokens and their log-probabilities as JSON, for the record."""
    return json.dumps([[token, round(max(logprob, LEAST_LOGPROB), 4)] for token, logprob in tokens], ensure_ascii=False)


# --- tokens as texts ---------------------------------------------------------------------------------------------


def _begun_by(token: str, choices: Sequence[str]) -> list[str]:
    """The choices that ``token`` is or begins, whether it is given as text or as a raw piece of a vocabulary."""
    for text in _readings(token):
        start = text.strip()
        exact = [choice for choice in choices if choice.strip() == start]
        begun = exact or [choice for choice in choices if start and choice.strip().startswith(start)]
        if begun:
            return begun
    return []


def _readings(token: str) -> Iterator[str]:
    """Texts that a token may stand for: itself; a piece of SentencePiece (``▁5``, ``<0x35>``); bytes as characters (``Ġ5``)."""
    yield token
    if "▁" in token or "<0x" in token:
        yield _BYTE.sub(lambda match: chr(int(match[1], 16)), token.replace("▁", " "))
    bytes_of = _bytes_by_character()
    if not token.isascii() and all(character in bytes_of for character in token):
        yield bytes(bytes_of[character] for character in token).decode("utf-8", "replace")


@cache
def _bytes_by_character() -> dict[str, int]:
    """The byte that each character stands for in byte-level vocabularies (GPT-2's): printable ones stand for themselves."""
    plain = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(256 + place): byte for place, byte in enumerate(others)}
