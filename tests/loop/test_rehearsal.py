"""The size of a rehearsal: so many statements and steps that it takes a few minutes of two cores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simcons.loop.recipe import LoopRecipe, RewardStageSettings, SftStageSettings, load_loop
from simcons.loop.scenarios import stage_scenarios
from simcons.loop.speeds import small_loop
from simcons.mediator.arms import shared_generators
from simcons.scenario.study import Scenario


def sizes(recipe: LoopRecipe) -> dict[str, tuple[int, int]]:
    """Rounds and statements written of each study."""
    scenarios = stage_scenarios(recipe, lambda name: Path("/loop") / name)
    return {name: _size(scenario) for name, scenario in scenarios.items()}


def _size(scenario: Scenario) -> tuple[int, int]:
    n_rounds = scenario.design.groups * scenario.design.rounds
    written = [generator for generator in shared_generators(scenario.mediators).values() if generator.kind != "exploit"]
    samples = sum(generator.samples for generator in written)
    return n_rounds, n_rounds * samples * len(scenario.design.omissions)


def test_the_laptop_writes_a_batch_of_statements_a_stage_and_trains_for_two_steps() -> None:
    small = small_loop(load_loop("loop_laptop"), 4)
    n_rounds, n_statements = (sum(numbers) for numbers in zip(*sizes(small).values(), strict=True))
    assert n_rounds <= 28
    assert n_statements <= 270  # of 110 tokens at most; SmolLM2 writes about 100 tokens a second on a slow core
    trained = [stage.settings for stage in small.stages if isinstance(stage, (SftStageSettings, RewardStageSettings))]
    assert {settings.steps for settings in trained} == {2}


def collects(name: str, n_groups: int) -> dict[str, Any]:
    return {"kind": "collect", "name": name, "set": {"design.groups": n_groups}}


def loop_of(*stages: dict[str, Any]) -> LoopRecipe:
    return LoopRecipe.model_validate({"kind": "loop", "name": "l", "scenario": "paper_collection_1", "stages": stages})


def test_a_study_that_alone_gives_data_keeps_more_groups_than_others() -> None:
    recipe = loop_of(
        collects("first", 40),
        {"kind": "data", "name": "of_one", "runs": ["first"]},
        collects("second", 40),
        {"kind": "data", "name": "of_both", "runs": ["first", "second"]},
    )
    assert {name: n_rounds for name, (n_rounds, _) in sizes(small_loop(recipe, 4)).items()} == {"first": 4, "second": 2}


def test_a_large_study_is_rehearsed_with_a_share_of_its_groups() -> None:
    assert sizes(small_loop(loop_of(collects("first", 500)), 4))["first"][0] == 20
