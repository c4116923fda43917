"""A loop within a budget of time: its studies get as many groups as fit, and thereby its training fewer examples and steps."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from pathlib import Path

from simcons.counted import counted, listed
from simcons.errors import ScenarioError
from simcons.loop.folder import LoopFolder, stage_folder
from simcons.loop.plan import Plan, Speeds, planned, seconds_of
from simcons.loop.recipe import LoopRecipe
from simcons.loop.scenarios import stage_scenarios
from simcons.loop.speeds import rehearse
from simcons.messages import OnMessage, unheard
from simcons.scenario.study import Scenario
from simcons.storage.results import check_result_folder

_STEPS = 1000  # sizes that are tried, from the least to those of the recipe
_LEAST_SHARE, _LEAST = 0.1, 2  # of a study's groups, where the recipe names no least


def plan_loop(recipe: LoopRecipe, folder: Path, on_message: OnMessage = unheard) -> tuple[dict[str, Scenario], Plan]:
    """The scenarios of a loop in ``folder``, and its plan, after a rehearsal. Nothing is written there. Raises SimconsError."""
    scenarios = stage_scenarios(recipe, lambda name: stage_folder(folder, recipe, name))
    return settled(recipe, scenarios, rehearse(recipe, on_message))


def begin_within_budget(recipe: LoopRecipe, folder: Path, on_message: OnMessage = unheard) -> LoopFolder:
    """Check and plan all stages, and claim ``folder``, new or empty. Raises SimconsError."""
    check_result_folder(folder)
    scenarios, plan = plan_loop(recipe, folder, on_message)
    return LoopFolder.begin(folder, recipe, scenarios, plan)


def settled(recipe: LoopRecipe, scenarios: Mapping[str, Scenario], speeds: Speeds) -> tuple[dict[str, Scenario], Plan]:
    """The scenarios with as many groups as the budget allows, at most their own, and the plan of what they take.

    Raises ScenarioError for a budget that the least sizes do not fit.
    """
    if recipe.budget is None:
        return dict(scenarios), Plan(planned(recipe, scenarios, speeds), speeds, None, 1.0)
    left = 60 * recipe.budget.minutes - speeds.seconds

    def sized(step: int) -> dict[str, Scenario]:
        return _sized(scenarios, step / _STEPS, recipe.budget.least if recipe.budget else {})

    n_fit = bisect_right(range(_STEPS + 1), left, key=lambda step: seconds_of(planned(recipe, sized(step), speeds)))
    if n_fit == 0:
        least = sized(0)
        raise _too_little(recipe.budget.minutes, speeds.seconds + seconds_of(planned(recipe, least, speeds)), least)
    chosen = sized(n_fit - 1)
    plan = Plan(planned(recipe, chosen, speeds), speeds, recipe.budget.minutes, (n_fit - 1) / _STEPS)
    return chosen, plan


def _sized(scenarios: Mapping[str, Scenario], scale: float, least: Mapping[str, int]) -> dict[str, Scenario]:
    return {name: _with_groups(scenario, scale, least.get(name)) for name, scenario in scenarios.items()}


def _with_groups(scenario: Scenario, scale: float, least: int | None) -> Scenario:
    n_groups = scenario.design.groups
    floor = min(n_groups, max(_LEAST, math.ceil(_LEAST_SHARE * n_groups)) if least is None else least)
    design = scenario.design.model_copy(update={"groups": max(floor, int(scale * n_groups))})
    return scenario.model_copy(update={"design": design})


def _too_little(minutes: float, seconds: float, least: Mapping[str, Scenario]) -> ScenarioError:
    sizes = listed([f"{name} {counted(scenario.design.groups, 'group')}" for name, scenario in least.items()])
    return ScenarioError(
        f"budget.minutes: value {minutes:g}: expected at least {math.ceil(seconds / 60)}, which the least sizes take on this"
        f" machine ({sizes})"
    )
