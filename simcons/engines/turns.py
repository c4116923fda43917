"""Turns of a chat for models that take less than a system turn followed by turns in any order.

Such models refuse a chat with a system turn, or one in which two turns of one role follow each other. Nothing that was said is
left out: a system turn becomes the beginning of the user's, and neighbours of one role become one turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from simcons.engines.base import Message

BETWEEN = "\n\n"


def without_system(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The chat with every system turn put before what the user says next, or said by the user where that is nothing."""
    return alternating([replace(turn, role="user") if turn.role == "system" else turn for turn in messages])


def alternating(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The chat with neighbouring turns of one role made one, a blank line between them."""
    turns: list[Message] = []
    for turn in messages:
        if turns and turns[-1].role == turn.role:
            turns[-1] = replace(turn, content=f"{turns[-1].content}{BETWEEN}{turn.content}")
        else:
            turns.append(turn)
    return tuple(turns)
