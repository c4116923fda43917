"""A study in one call: `simulate(...)` runs a scenario given as keywords and hands back its finished run."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from itertools import count

import pandas as pd
import pytest
from hypothesis import settings

import simcons
from simcons.engines.scripted import ScriptedEngine
from simcons.records import TABLES, TRUTH_TABLES
from simcons.scenario.study import Scenario
from simcons.storage.load import Run

settings.register_profile("simcons", deadline=None)  # how long an example takes is the machine's affair
settings.load_profile("simcons")

SCRIPTED = {"arm": "scripted", "generator": {"kind": "scripted", "samples": 2}, "select": 2}
MODEL = {"arm": "model", "generator": {"kind": "language_model", "engine": "m", "prompt": "zero_shot", "samples": 3}}


@dataclass(frozen=True)
class Simulated:
    """A finished study: its run, its scenario, and the engine that its language-model arms used."""

    run: Run
    engine: ScriptedEngine
    scenario: Scenario

    def truth(self, name: str) -> pd.DataFrame:
        return self.run.truth(name)

    def files(self) -> dict[str, bytes]:
        """Every table, truth included, as the bytes on disk."""
        names = [*TABLES, *(f"truth/{name}" for name in TRUTH_TABLES)]
        return {name: (self.run.folder / f"{name}.parquet").read_bytes() for name in names}


def scenario_of(**parts) -> Scenario:
    """A scenario with one scripted arm and a reader by words, in which everybody who stays writes; ``model=True`` adds a
    language-model arm.
    """
    given = copy.deepcopy(parts)
    behaviour = given.setdefault("participants", {}).setdefault("behaviour", {})
    behaviour.setdefault("no_opinion", 0.0)
    arms = given.pop("mediators", [SCRIPTED])
    if given.pop("model", False):
        arms, given["engines"] = [*arms, MODEL], {"m": {"kind": "transformers"}}
    return Scenario(**{"name": "test", "mediators": arms, "readers": {"reader": {"matching": "words"}}, **given})


@pytest.fixture(scope="session")
def simulate(tmp_path_factory):
    parent, number = tmp_path_factory.mktemp("studies"), count()

    def simulate(*, batch_limit: int | None = None, engine: ScriptedEngine | None = None, **parts) -> Simulated:
        scenario = scenario_of(**parts)
        engine = engine or ScriptedEngine(batch_limit=batch_limit)
        run = simcons.run(scenario, out=parent / str(next(number)), engines=dict.fromkeys(scenario.engines, engine))
        return Simulated(run, engine, scenario)

    return simulate


@pytest.fixture(scope="session")
def make_scenario():
    return scenario_of
