"""The engine of a replay: whatever the store has no reply to cannot be had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from simcons.engines.base import Identity, OnReply, Request
from simcons.errors import EngineError


@dataclass(frozen=True, slots=True)
class ReplayEngine:
    """Stands where a model was, with its identity, and answers nothing."""

    name: str
    identity: Identity

    def complete(self, requests: Sequence[Request], on_reply: OnReply | None = None) -> NoReturn:
        acts = ", ".join(sorted({request.act for request in requests}))
        raise EngineError(
            f"engine {self.name!r}: the replayed run has no reply to {len(requests)} calls (acts: {acts}); "
            "expected a finished run by this version of simcons"
        )
