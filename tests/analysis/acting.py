"""Studies whose language model is a function of the request, so that effects can be planted in what it says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import simcons
from simcons.engines.base import Reply, Request
from simcons.engines.scripted import ScriptedEngine, some_of_the_prompt
from simcons.scenario.study import Scenario
from simcons.storage.load import Run
from simcons.storage.writer import RunWriter
from simcons.study.broker import Broker
from simcons.study.plan import make_plan
from simcons.study.run import run_study


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
    """The finished run of a scenario whose engine is ``m``."""
    given = {"name": "test", "engines": {"m": {"kind": "scripted"}}, "readers": {"reader": {"matching": "words"}}}
    scenario = Scenario(**{**given, **parts})
    with RunWriter(folder, row_group_rows=50_000) as writer:
        run_study(make_plan(scenario), Broker({"m": engine}), writer)
        writer.finish({"scenario": json.loads(scenario.model_dump_json())})
    return simcons.load(folder)


def shown(request: Request) -> str:
    """Everything the model is shown."""
    return "\n".join(message.content for message in request.messages)
