"""The seam to language models.

An act (population, mediator) yields Requests and is sent Replies; it knows no engine. An engine completes requests in any
batches it likes: a reply depends on its own request alone, never on its neighbours (up to the last bits of arithmetic).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from simcons.scenario.study import Sampling

Role: TypeAlias = Literal["system", "user", "assistant", "text"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat. A single message of role ``text`` is a bare prompt, for base models without a chat template.

    An ``assistant`` message in the last place is the beginning of the reply, which the model continues.
    """

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Request:
    """One reply wanted from an engine."""

    engine: str  # name in the scenario's `engines`
    messages: tuple[Message, ...]
    sampling: Sampling
    seed: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model wrote, without special tokens. ``finish`` is ``length`` where it ran out of tokens."""

    text: str
    tokens_in: int
    tokens_out: int
    finish: Literal["stop", "length"]


# texts -> unit vectors [n, d]
Encode: TypeAlias = Callable[[Sequence[str]], npt.NDArray[np.float32]]


class Engine(Protocol):
    """Anything that completes requests, in order."""

    def complete(self, requests: Sequence[Request]) -> list[Reply]: ...
