"""Studies whose language model is a function of the request, so that effects can be planted in what it says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import simcons
from simcons.engines.base import Reply, Request
from simcons.engines.scripted import ScriptedEngine, some_of_the_prompt
from simcons.storage.load import Run


class Actor(ScriptedEngine):
    """Writes ``write(request)``; where log-probabilities are asked for it gives those in ``weigh(request)``."""

    def __init__(
        self,
        write: Callable[[Request], str] = some_of_the_prompt,
        weigh: Callable[[Request], tuple[float, ...]] | None = None,
    ) -> None:
        super().__init__(write)
        self._weigh = weigh

    def reply(self, request: Request) -> Reply:
        if self._weigh is None or request.answer != "logprobs":
            return super().reply(request)
        return Reply("", 1, 0, "choices", logprobs=self._weigh(request))


def act_out(folder: Path, engine: ScriptedEngine, **parts: object) -> Run:
    """The finished run of a scenario whose engine is ``m``, if it has engines."""
    given = {"name": "test", "engines": {"m": {"kind": "scripted"}}, "readers": {"reader": {"matching": "words"}}}
    scenario = {**given, **parts}
    return simcons.run(scenario, out=folder, engines={"m": engine} if scenario["engines"] else {})


def shown(request: Request) -> str:
    """Everything the model is shown."""
    return "\n".join(message.content for message in request.messages)
