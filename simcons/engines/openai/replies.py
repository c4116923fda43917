"""Replies read from what servers of OpenAI's API answer: text, reasoning, why it ended, log-probabilities, tokens.

Servers differ in all of these, and some report an error, or a refusal of one request, in an answer of status 200.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeGuard

from simcons.engines.base import Finish, Reply, Request
from simcons.engines.openai.dialects import BYTES_PER_TOKEN, is_wrapped, reply_beginning, reply_tokens
from simcons.engines.openai.logprobs import first_tokens, of_choices, shown_tokens
from simcons.engines.replies import after
from simcons.scenario.engines import OpenAIEngineSettings

HIDDEN_TOKENS = 1024  # that a server may put before a prompt on its own: a system turn, the schema of an answer
END_TOKENS = 16  # that a server may count beyond the text: marks of its end
NOT_COUNTED = "the server does not count tokens: they are estimated at four bytes each"
NOT_BELIEVED = (
    "token counts of the server that cannot be right (0 for a text, more than bytes) are estimated at four bytes each"
)
FINISHES: dict[str, Finish] = {
    **dict.fromkeys(("", "stop", "eos", "eos_token", "end_turn", "stop_sequence", "complete", "completed"), "stop"),
    **dict.fromkeys(("length", "max_tokens", "max_length", "model_length", "max_output_tokens"), "length"),
    **dict.fromkeys(("content_filter", "content_filtered", "guardrail_intervened", "safety", "sensitive"), "filtered"),
    **dict.fromkeys(("recitation", "prohibited_content", "blocklist", "spii", "moderation"), "filtered"),
    "refusal": "refused",
}
FAILURES = frozenset({"error", "failed", "abort", "aborted", "cancelled", "canceled", "insufficient_system_resource"})
REASONING_PARTS = frozenset({"thinking", "reasoning", "reasoning_text"})


def failure_in(answer: object) -> dict[str, Any] | None:
    """The error in an answer of status 200, as an ``error`` object; None where there is none.

    It stands in place of the choices, beside them or in one of them, or is no more than the reason why a text ended.
    """
    if not isinstance(answer, dict):
        return None
    choice = _first_choice(answer)
    for error in (answer.get("error"), choice.get("error")):
        if error:
            return error if isinstance(error, dict) else {"message": str(error)}
    word = _finish_word(choice)
    return {"message": f"finish_reason {word!r}"} if word.lower() in FAILURES else None


def read_reply(
    answer: object, request: Request, settings: OpenAIEngineSettings, *, seconds: float, note: Callable[[str], None]
) -> Reply | None:
    """The reply in a server's answer; None for an answer without one. Content that is null is an empty text.

    ``note`` takes remarks on what the server says that cannot be taken as it is. Raises EngineError for log-probabilities that
    are not there, or do not tell the choices apart.
    """
    try:
        return _read(answer, request, settings, seconds, note)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        return None


def _read(
    answer: Any, request: Request, settings: OpenAIEngineSettings, seconds: float, note: Callable[[str], None]
) -> Reply | None:
    choice = answer["choices"][0]
    message = _of_message(choice["message"]) if settings.api == "chat" else _Said(_text(choice["text"]), "", "")
    finish, seen = _finish(choice, message, note)
    scored = request.answer == "logprobs" and finish not in ("filtered", "refused")
    tokens_in, tokens_out = _tokens(answer.get("usage"), request, settings, message, note)
    return Reply(
        text="" if request.answer == "logprobs" else _without_frame(message.text, request, settings),
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        finish="choices" if scored else finish,
        logprobs=of_choices(choice.get("logprobs"), request, silent=not message.text) if scored else (),
        seconds=seconds,
        reasoning=message.reasoning,
        seen=shown_tokens(first_tokens(choice["logprobs"])) if scored else seen,
    )


# --- texts -------------------------------------------------------------------------------------------------------


class _Said(NamedTuple):
    """The texts of a message; "" for each that it does not have."""

    text: str
    reasoning: str
    refusal: str


def _of_message(message: Mapping[str, Any]) -> _Said:
    content = message.get("content")
    if content is not None and not isinstance(content, (str, list)):
        raise ValueError
    parts = content if isinstance(content, list) else [content or ""]
    apart = next((_text(message[name]) for name in ("reasoning_content", "reasoning") if message.get(name)), "")
    inside = "".join(_text(piece) for piece in parts if _kind(piece) in REASONING_PARTS)
    text = "".join(_text(piece) for piece in parts if _kind(piece) in ("text", "output_text"))
    refusal = _text(message.get("refusal")) or "".join(_text(piece) for piece in parts if _kind(piece) == "refusal")
    return _Said(text, apart or inside, refusal)


def _kind(piece: object) -> str:
    return str(piece.get("type", "text")) if isinstance(piece, dict) else "text"


def _text(value: object) -> str:
    """The text in a part of a message, however deep it stands."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # JSON may hold half a character
    if isinstance(value, list):
        return "".join(map(_text, value))
    if isinstance(value, dict):
        names = ("text", "thinking", "reasoning", "content", "value", "summary", "refusal")
        return next((_text(value[name]) for name in names if value.get(name)), "")
    if value is None:
        return ""
    raise ValueError


def _without_frame(text: str, request: Request, settings: OpenAIEngineSettings) -> str:
    """Of a wrapped choice, the choice; what follows the given beginning, should a server that continues it write it again.

    A server that could only be asked for the beginning in words is not sure to heed it: whoever reads its reply judges that.
    """
    if is_wrapped(request, settings):
        return _unwrapped(text)
    return after(reply_beginning(request), text) if settings.dialect == "llama.cpp" else text


def _unwrapped(text: str) -> str:
    try:
        answer = json.loads(text)["answer"]
    except (ValueError, KeyError, TypeError):
        return text
    return answer if isinstance(answer, str) else text


# --- why a text ended --------------------------------------------------------------------------------------------


def _finish(choice: Mapping[str, Any], message: _Said, note: Callable[[str], None]) -> tuple[Finish, str]:
    """Why the text ended, and what the server said of it where that is not all."""
    word = _finish_word(choice)
    finish = FINISHES.get(word.lower().replace("-", "_"))
    if message.refusal and not message.text:
        return "filtered" if finish == "filtered" else "refused", message.refusal
    if finish is None:
        note(f"the server ends texts for a reason that is not known, {word!r}: they are taken as they are")
        return "stop", f"finish_reason {word!r}"
    return finish, f"finish_reason {word!r}" if finish in ("filtered", "refused") else ""


def _finish_word(choice: Mapping[str, Any]) -> str:
    return str(choice.get("finish_reason") or "")


def _first_choice(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    choices = answer.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else {}
    return first if isinstance(first, dict) else {}


# --- tokens ------------------------------------------------------------------------------------------------------


def _tokens(
    usage: object, request: Request, settings: OpenAIEngineSettings, message: _Said, note: Callable[[str], None]
) -> tuple[int, int]:
    """Tokens of prompt and reply as the server counts them; at four bytes each where it does not, or cannot be believed."""
    counts = usage if isinstance(usage, dict) else {}
    n_bytes = len("".join(message).encode())
    hidden = counts.get("completion_tokens_details")
    n_hidden = hidden.get("reasoning_tokens") if isinstance(hidden, dict) else 0
    most_out = max(reply_tokens(request, settings), n_bytes) + END_TOKENS + (n_hidden if _is_count(n_hidden) else 0)
    given = counts.get("prompt_tokens"), counts.get("completion_tokens")
    tokens_in = _believed(given[0], least=1, most=request.n_bytes + HIDDEN_TOKENS)
    tokens_out = _believed(given[1], least=1 if n_bytes else 0, most=most_out)
    if given[0] is None or given[1] is None:
        note(NOT_COUNTED)
    elif tokens_in is None or tokens_out is None:
        note(NOT_BELIEVED)
    return (
        _estimated(request.n_bytes) if tokens_in is None else tokens_in,
        _estimated(n_bytes) if tokens_out is None else tokens_out,
    )


def _believed(count: object, *, least: int, most: int) -> int | None:
    return count if _is_count(count) and least <= count <= most else None


def _is_count(count: object) -> TypeGuard[int]:
    return isinstance(count, int) and not isinstance(count, bool) and count >= 0


def _estimated(n_bytes: int) -> int:
    return -(-n_bytes // BYTES_PER_TOKEN)
