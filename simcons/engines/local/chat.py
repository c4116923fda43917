"""Messages as the token ids a model reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jinja2 import TemplateError

from simcons.engines.base import Message, as_chat
from simcons.engines.local.models import in_one_line
from simcons.engines.turns import alternating, without_system
from simcons.errors import EngineError

TEXT_ENDS = ("<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|end_of_text|>", "<end_of_turn>", "<|end|>")
_SYSTEM_PROBE = "kestrel"


def prompt_tokens(tokenizer: Any, messages: Sequence[Message]) -> tuple[int, ...]:
    """Ids of a chat, ready for the reply or in the middle of it; of a bare prompt for role ``text``.

    A chat template without a system turn, or with strict alternation, is given the same words in turns that it takes.
    A prompt never ends in the tokenizer's end token, after which a model would have nothing to add.
    Raises EngineError for messages that the model's chat template refuses, that it has no template for, or that say nothing.
    """
    ids = _encode_bare(tokenizer, messages) if _bare(messages) else _encode_chat(tokenizer, messages)
    if not ids:
        raise EngineError("a prompt has no tokens, expected at least 1")
    return tuple(ids)


def text_tokens(tokenizer: Any, text: str) -> tuple[int, ...]:
    """Ids of a text by itself, without marks at its ends; marks in it are read as the letters that they are.

    Nothing is said of a text that is longer than the model reads: whoever asks leaves it out, or refuses it.
    """
    ids = tokenizer(text, add_special_tokens=False, split_special_tokens=True, verbose=False)["input_ids"]
    return tuple(ids)


def _bare(messages: Sequence[Message]) -> bool:
    if not messages:
        raise EngineError("a request has no messages, expected at least 1")
    return any(message.role == "text" for message in messages)


def _encode_bare(tokenizer: Any, messages: Sequence[Message]) -> list[int]:
    if len(messages) > 1:
        raise EngineError(f"a message of role 'text' stands alone, got {len(messages)} messages")
    return _open(tokenizer, tokenizer(messages[0].content)["input_ids"], messages[0].content)


def _encode_chat(tokenizer: Any, messages: Sequence[Message]) -> list[int]:
    if not tokenizer.chat_template:
        raise EngineError("the model has no chat template: expected one message of role 'text'")
    if messages[-1] == Message("assistant", ""):
        messages = messages[:-1]  # a reply that begins with nothing
    if any(message.role == "system" for message in messages) and not _takes_system(tokenizer):
        messages = without_system(messages)
    with in_one_line(EngineError, "the model's chat template refuses these messages"):
        try:
            return _templated(tokenizer, messages)
        except TemplateError:
            if (merged := alternating(messages)) == tuple(messages):
                raise
            return _templated(tokenizer, merged)


def _templated(tokenizer: Any, messages: Sequence[Message]) -> list[int]:
    continued = bool(messages) and messages[-1].role == "assistant"
    ids: list[int] = tokenizer.apply_chat_template(
        as_chat(messages), add_generation_prompt=not continued, continue_final_message=continued, return_dict=False
    )
    return _open(tokenizer, ids, messages[-1].content) if continued else ids


def _takes_system(tokenizer: Any) -> bool:
    """True if the template shows the text of a system turn: some refuse one, others drop it without a word."""
    probe = [Message("system", _SYSTEM_PROBE), Message("user", "a")]
    try:
        return _SYSTEM_PROBE in tokenizer.apply_chat_template(as_chat(probe), tokenize=False)
    except TemplateError:
        return False


def _open(tokenizer: Any, ids: Sequence[int], text: str) -> list[int]:
    """``ids`` of ``text`` without the end tokens that the tokenizer put after it."""
    open_ids = list(ids)
    if not (tokenizer.eos_token and text.endswith(tokenizer.eos_token)):
        while open_ids and open_ids[-1] == tokenizer.eos_token_id:
            open_ids.pop()
    return open_ids
