"""What a process that holds engines and those that ask them say to each other, over a connection for each engine asked.

Whoever connects says which engine is meant (`Wanted`), and is told what it is (`Welcome`). Then requests go one way, in lists
with a key each, and each reply the other way under its key as soon as it is there (`Answered`). An exception in the place of what
was to come is the end.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection

from simcons.engines.base import Identity, Reply
from simcons.scenario.engines import EngineSettings


@dataclass(frozen=True, slots=True)
class Address:
    """Where a process of this machine listens, and the key that lets one in."""

    host: str
    port: int
    key: bytes

    def connect(self) -> Connection:
        """Raises OSError, EOFError or AuthenticationError where nobody answers to the key."""
        return Client((self.host, self.port), authkey=self.key)

    @property
    def answers(self) -> bool:
        """True if the process is there: that of one that was killed is, for a moment, and listens no more."""
        try:
            self.connect().close()
        except (OSError, EOFError, AuthenticationError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Wanted:
    """The engine that is meant. name: its own in the scenario, which messages and refusals call it by."""

    name: str
    settings: EngineSettings

    @property
    def described(self) -> str:
        """The same text for settings that one engine can serve: all but its price, which is the run's affair."""
        return json.dumps(
            [self.name, self.settings.model_dump(mode="json", exclude={"price_per_million"})], sort_keys=True
        )


@dataclass(frozen=True, slots=True)
class Welcome:
    """What the engine is. streams: it takes requests while it runs; leads: see `base.StreamEngine`."""

    identity: Identity
    streams: bool
    leads: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """A reply, and what the engine remarks by now (`base.RemarkingEngine`)."""

    key: int
    reply: Reply
    notes: tuple[str, ...]
