"""A study in one call: `simulate(...)` runs a scenario given as keywords and hands back its finished run folder."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from itertools import count

import pandas as pd
import pytest
from hypothesis import settings

import simcons
from simcons.engines.base import Request
from simcons.engines.scripted import ScriptedEngine
from simcons.records import TABLES, TRUTH_TABLES
from simcons.scenario.study import Scenario
from simcons.seeds import stream
from simcons.storage.load import Run
from simcons.storage.writer import RunWriter
from simcons.study.broker import Broker
from simcons.study.plan import make_plan
from simcons.study.run import Outcome, run_study

settings.register_profile("simcons", deadline=None)  # how long an example takes is the machine's affair
settings.load_profile("simcons")

SCRIPTED = {"arm": "scripted", "generator": {"kind": "scripted", "samples": 2}, "select": 2}
MODEL = {"arm": "model", "generator": {"kind": "language_model", "engine": "m", "prompt": "zero_shot", "samples": 3}}


@dataclass(frozen=True)
class Simulated:
    """A finished study: its run, what the simulator reported, and the engine that its language-model arms used."""

    run: Run
    outcome: Outcome
    engine: ScriptedEngine
    scenario: Scenario

    def truth(self, name: str) -> pd.DataFrame:
        return self.run.truth(name)

    def files(self) -> dict[str, bytes]:
        """Every table, truth included, as the bytes on disk."""
        names = [*TABLES, *(f"truth/{name}" for name in TRUTH_TABLES)]
        return {name: (self.run.folder / f"{name}.parquet").read_bytes() for name in names}


def scenario_of(**parts) -> Scenario:
    """A scenario with one scripted arm where nothing else is said; ``model=True`` adds a language-model arm."""
    given = copy.deepcopy(parts)
    arms = given.pop("mediators", [SCRIPTED])
    if given.pop("model", False):
        arms, given["engines"] = [*arms, MODEL], {"m": {"kind": "transformers"}}
    return Scenario(**{"name": "test", "mediators": arms, **given})


def some_of_the_prompt(request: Request) -> str:
    """A stretch of the prompt, its place and length drawn by the request's own seed."""
    rng = stream(request.seed, "answer")
    words = " ".join(message.content for message in request.messages).split()
    start, length = rng.integers(len(words)), rng.integers(4, 70)
    return " ".join(words[start : start + length])


@pytest.fixture(scope="session")
def simulate(tmp_path_factory):
    parent, number = tmp_path_factory.mktemp("studies"), count()

    def simulate(
        *, live: int = 256, batch_limit: int | None = None, row_group_rows: int = 50_000, **parts
    ) -> Simulated:
        scenario = scenario_of(**parts)
        engine = ScriptedEngine(some_of_the_prompt, batch_limit=batch_limit)
        folder = parent / str(next(number))
        with RunWriter(folder, row_group_rows=row_group_rows) as writer:
            outcome = run_study(make_plan(scenario), Broker({"m": engine}), writer, live=live)
            writer.finish({})
        return Simulated(simcons.load(folder), outcome, engine, scenario)

    return simulate


@pytest.fixture(scope="session")
def make_scenario():
    return scenario_of
