"""Where a mediator's lessons come from, and what that means for its results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from simcons.counted import listed
from simcons.loop.recipe import DataStageSettings, LoopRecipe, SftStageSettings
from simcons.scenario.study import Scenario


def leaks(recipe: LoopRecipe, scenarios: Mapping[str, Scenario]) -> list[str]:
    """A sentence for each stage that learns to write from statements composed through the reader that judges them."""
    return [
        f"{stage.name} learns from statements of {listed(arms)}, composed through the reader that judges them: distillation with"
        " a leak. What it gains over prompted models is in part the teacher's knowledge of the judge."
        for stage in recipe.stages
        if isinstance(stage, SftStageSettings) and (arms := list(_composing(recipe, stage, scenarios)))
    ]


def _composing(recipe: LoopRecipe, stage: SftStageSettings, scenarios: Mapping[str, Scenario]) -> Iterator[str]:
    """The arms whose statements are so composed, with their studies."""
    data = recipe.stage(stage.data)
    for run in data.runs if isinstance(data, DataStageSettings) else ():
        yield from (f"arm {arm} (stage {run})" for arm in scenarios[run].composed_as_judged)
