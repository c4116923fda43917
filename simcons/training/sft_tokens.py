"""Examples of supervised fine-tuning as token ids: the prompt as generation sees it, and the statement that is learnt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simcons.engines.base import Message
from simcons.engines.local.chat import prompt_tokens, text_tokens
from simcons.engines.local.prefill import Tokens
from simcons.engines.replies import beginning_of, joined
from simcons.errors import EngineError
from simcons.training.data.examples import SftExample

IGNORED = -100  # a label that no loss is taken on


@dataclass(frozen=True, slots=True)
class Encoded:
    """Ids of a prompt, and of what is to follow it: the rest of the statement, and the end token."""

    prompt: Tokens
    statement: Tokens

    @property
    def row(self) -> dict[str, list[int]]:
        """As a trainer takes it: the loss is on the statement alone."""
        return {
            "input_ids": [*self.prompt, *self.statement],
            "labels": [*[IGNORED] * len(self.prompt), *self.statement],
        }

    @property
    def n_tokens(self) -> int:
        return len(self.prompt) + len(self.statement)


@dataclass(frozen=True, slots=True)
class EncodedExamples:
    """Examples that can be trained on; ids of those that are too long, and of those that begin otherwise than asked."""

    rows: list[Encoded]
    too_long: list[str]
    begin_otherwise: list[str]


def encode_all(tokenizer: Any, examples: Sequence[SftExample], *, limit: int) -> EncodedExamples:
    """Examples of at most ``limit`` tokens; none is cut."""
    encoded = [(example, encode(tokenizer, example)) for example in examples]
    fit = [(example, row) for example, row in encoded if row.n_tokens <= limit]
    return EncodedExamples(
        rows=[row for _, row in fit],
        too_long=[example.id for example, row in encoded if row.n_tokens > limit],
        begin_otherwise=[example.id for example, _ in fit if not example.begins_as_asked],
    )


def encode(tokenizer: Any, example: SftExample) -> Encoded:
    """One example. The prompt's ids are those that the engine reads, and the statement is cut into tokens apart from it.

    A statement that does not begin as its prompt has replies begin is learnt as a reply of its own. A mark such as ``<|im_end|>``
    in a statement is read as the letters it is. Raises EngineError for messages that the model's chat template refuses.
    """
    asked = example.messages if example.begins_as_asked else example.messages[:-1]
    ids = text_tokens(tokenizer, _rest(asked, example.statement))
    return Encoded(prompt_tokens(tokenizer, asked), (*ids, end_of_reply(tokenizer, asked)))


def _rest(messages: Sequence[Message], statement: str) -> str:
    """The tokens after the prompt; after a bare one a space comes first."""
    last = messages[-1]
    if last.role == "text":
        return joined(last.content, statement).removeprefix(last.content)
    return statement.removeprefix(beginning_of(messages))


def end_of_reply(tokenizer: Any, messages: Sequence[Message]) -> int:
    """The token that ends a reply: the one that the chat template puts after it, or the tokenizer's own.

    Raises EngineError where there is neither.
    """
    if messages[-1].role == "text":
        return _own_end(tokenizer)
    turns = [*messages] if messages[-1].role == "assistant" else [*messages, Message("assistant", "")]
    probe = Message("assistant", "a")
    opened = prompt_tokens(tokenizer, [*turns[:-1], probe])
    closed = prompt_tokens(tokenizer, [*turns[:-1], probe, Message("user", "a")])
    after_reply = closed[len(opened)]
    return after_reply if after_reply in tokenizer.all_special_ids else _own_end(tokenizer)


def _own_end(tokenizer: Any) -> int:
    if tokenizer.eos_token_id is None:
        raise EngineError(
            "the model's tokenizer has no end mark (eos_token); expected one, which replies are learnt to end with"
        )
    return int(tokenizer.eos_token_id)
