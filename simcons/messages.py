"""Lines that what takes a while has to say to whoever listens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

MessageKind: TypeAlias = Literal["step", "note", "warning"]


@dataclass(frozen=True, slots=True)
class Message:
    """A line that a run, or a training, has to say; `str` gives its text.

    kind: ``step`` for what it does now, which may take a while; ``note`` for what a user should know of it; ``warning`` for
    what may spoil it.
    """

    text: str
    kind: MessageKind

    def __str__(self) -> str:
        return self.text


OnMessage: TypeAlias = Callable[[Message], None]


def unheard(message: Message) -> None:
    """Nobody listens."""
