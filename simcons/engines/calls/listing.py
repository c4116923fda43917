"""The calls of a store as they were made: prompt and reply. For reading afterwards; runs ask by key (`store.CallStore.get`)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from simcons.engines.calls.file import checked, damaged
from simcons.engines.calls.keys import from_cell

Turns: TypeAlias = tuple[tuple[str, str], ...]  # role and content, of each message

_CALLS = """
    SELECT request, engine, text, reasoning, tokens_in, tokens_out, seconds, finish, logprobs, messages
    FROM calls JOIN prompts ON prompts.id = calls.prompt WHERE act = ? ORDER BY at, key
"""


@dataclass(frozen=True, slots=True)
class KeptCall:
    """One call. seconds: of the engine's time, this reply's share; logprobs: of the answers that there were to choose from, where
    these were asked for.
    """

    seed: int
    engine: str
    prompt: Turns
    text: str
    reasoning: str
    tokens_in: int
    tokens_out: int
    seconds: float
    finish: str
    logprobs: tuple[float, ...] = ()


def kept_calls(path: Path, act: str) -> Iterator[KeptCall]:
    """Every call of one act in the store at ``path``. Raises StorageError, and CorruptStore for what cannot be read."""
    with checked(path, read_only=True) as connection:
        try:
            for request, engine, text, reasoning, *numbers, finish, logprobs, messages in connection.execute(
                _CALLS, [act]
            ):
                yield KeptCall(
                    seed=int(json.loads(from_cell(request))[1]),
                    engine=from_cell(engine),
                    prompt=tuple((role, content) for role, content in json.loads(from_cell(messages))),
                    text=from_cell(text),
                    reasoning=from_cell(reasoning) or "",
                    tokens_in=int(numbers[0]),
                    tokens_out=int(numbers[1]),
                    seconds=float(numbers[2]),
                    finish=from_cell(finish),
                    logprobs=tuple(map(float, json.loads(from_cell(logprobs)))),
                )
        except (ValueError, TypeError, IndexError):
            raise damaged(path, "a call cannot be read") from None
        finally:
            connection.close()
