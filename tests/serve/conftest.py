"""A service of scripted people, and chats with them without a network."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from playing import PLAYED, capricious, scenario_with

from simcons.engines.acts import run_act
from simcons.engines.scripted import ScriptedEngine
from simcons.serve.service import Replied, Service
from simcons.serve.wire import read_request


@dataclass(frozen=True)
class Chats:
    """Asks the people of a service."""

    service: Service

    def reply(self, *turns: str, who: str = "persona-0001", **settings: Any) -> Replied:
        """The reply to a chat whose turns are the user's and the person's in turn."""
        messages = [{"role": "assistant" if k % 2 else "user", "content": turn} for k, turn in enumerate(turns)]
        body = json.dumps({"model": who, "messages": messages, **settings}).encode()
        return run_act(self.service.reply(read_request(body)), self.service.engines)

    def text(self, *turns: str, **settings: Any) -> str:
        return self.reply(*turns, **settings).texts[0]

    def understood(self, *turns: str, **settings: Any) -> dict[str, Any]:
        """What was made of the one thing that the last turn asks."""
        [asked] = self.reply(*turns, **settings).understood["asked"]
        return asked


@pytest.fixture(scope="session")
def chats() -> Chats:
    return Chats(Service(scenario_with(design={"groups": 8}, mediators=[{"arm": "scripted", "select": 1}])))


@pytest.fixture(scope="session")
def played() -> Chats:
    """People played by a language model that answers, refuses and mumbles."""
    scenario = scenario_with(participants={"mind": PLAYED}, mediators=[{"arm": "scripted", "select": 1}])
    return Chats(Service(scenario, {"m": ScriptedEngine(capricious)}))
