"""Messages as the token ids a model reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simcons.engines.base import Message
from simcons.engines.models import in_one_line
from simcons.errors import EngineError

TEXT_ENDS = ("<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|end_of_text|>", "<end_of_turn>", "<|end|>")


def encode(tokenizer: Any, messages: Sequence[Message]) -> tuple[int, ...]:
    """Ids of a chat, ready for the reply or in the middle of it; of a bare prompt for role ``text``.

    Raises EngineError for messages that the model's chat template refuses, that it has no template for, or that say nothing.
    """
    ids = _encode_bare(tokenizer, messages) if _bare(messages) else _encode_chat(tokenizer, messages)
    if not ids:
        raise EngineError("a prompt has no tokens, expected at least 1")
    return tuple(ids)


def _bare(messages: Sequence[Message]) -> bool:
    if not messages:
        raise EngineError("a request has no messages, expected at least 1")
    return any(message.role == "text" for message in messages)


def _encode_bare(tokenizer: Any, messages: Sequence[Message]) -> list[int]:
    if len(messages) > 1:
        raise EngineError(f"a message of role 'text' stands alone, got {len(messages)} messages")
    ids: list[int] = tokenizer(messages[0].content)["input_ids"]
    return ids


def _encode_chat(tokenizer: Any, messages: Sequence[Message]) -> list[int]:
    if not tokenizer.chat_template:
        raise EngineError("the model has no chat template: expected one message of role 'text'")
    if messages[-1] == Message("assistant", ""):
        messages = messages[:-1]  # a reply that begins with nothing
    continued = bool(messages) and messages[-1].role == "assistant"
    chat = [{"role": message.role, "content": message.content} for message in messages]
    with in_one_line(EngineError, "the model's chat template refuses these messages"):
        ids: list[int] = tokenizer.apply_chat_template(
            chat, add_generation_prompt=not continued, continue_final_message=continued, return_dict=False
        )
    return ids
