"""The sizes of studies by a budget of time: as many groups as fit, and thereby fewer examples and steps of training.

They are fitted to the speeds of a rehearsal before the loop begins, and again before each study, by how long the stages before
it took: few groups for a few minutes say little of many, and other work on the machine comes and goes.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from simcons.counted import counted, listed
from simcons.errors import ScenarioError
from simcons.loop.folder import LoopFolder
from simcons.loop.plan import Plan, Speeds, StagePlan, planned, seconds_of
from simcons.loop.recipe import LoopRecipe
from simcons.loop.scenarios import stage_scenarios
from simcons.messages import Message, OnMessage
from simcons.scenario.study import Scenario

_STEPS = 1000  # sizes that are tried, from the least to those of the recipe
_LEAST_SHARE, _LEAST = 0.1, 2  # of a study's groups, where the recipe names no least


def settled(
    recipe: LoopRecipe, scenarios: Mapping[str, Scenario], speeds: Speeds, *, taken: Collection[str] = ()
) -> tuple[dict[str, Scenario], Plan]:
    """The scenarios with as many groups as the budget allows, at most their own, and the plan of what they take.

    taken: stages that are taken from an earlier loop, which keep their size and take no time. Raises ScenarioError for a budget
    that the least sizes do not fit.
    """
    to_make = {name: scenario for name, scenario in scenarios.items() if name not in taken}

    def sized(scale: float) -> dict[str, Scenario]:
        return {**scenarios, **_sized(recipe, to_make, scale)}

    def stages(scale: float) -> list[StagePlan]:
        there = planned(recipe, sized(scale), speeds)
        return [replace(stage, seconds=0.0) if stage.name in taken else stage for stage in there]

    if recipe.budget is None:
        return dict(scenarios), Plan(stages(1), speeds, None, 1.0)
    left = 60 * recipe.budget.minutes - speeds.seconds
    scale = _largest(lambda scale: seconds_of(stages(scale)), left)
    if scale is None:
        raise _too_little(recipe.budget.minutes, speeds.seconds + seconds_of(stages(0)), _sized(recipe, to_make, 0))
    return sized(scale), Plan(stages(scale), speeds, recipe.budget.minutes, scale)


def sized_as(
    recipe: LoopRecipe, scenarios: Mapping[str, Scenario], made: Mapping[str, Scenario]
) -> dict[str, Scenario]:
    """The scenarios, each with the groups of the one that is made of the same name, where the budget allows as many.

    Without a budget a study has the groups that the recipe says.
    """
    if recipe.budget is None:
        return dict(scenarios)
    least = _sized(recipe, scenarios, 0)
    fit = [
        name
        for name in scenarios
        if name in made and _n_groups(least[name]) <= _n_groups(made[name]) <= _n_groups(scenarios[name])
    ]
    return {**scenarios, **{name: _of_size(scenarios[name], _n_groups(made[name])) for name in fit}}


def settled_again(loop: LoopFolder, on_message: OnMessage) -> LoopFolder:
    """The loop with its studies to come fitted to the time that is left of its budget, and what changed told.

    What they take is reckoned from the rehearsal, times as long as stages of their kind have taken against it. Stages that were
    taken from an earlier loop count neither way. A study that has begun keeps its size; what no longer fits gets its least.
    Raises StorageError.
    """
    if loop.plan is None or loop.plan.minutes is None:
        return loop
    speeds, recipe = loop.plan.speeds, loop.recipe
    to_come = {status.name for status in loop.stages() if status.state == "to come"}
    whole = {name: given for name, given in stage_scenarios(recipe, loop.of).items() if name in to_come}
    pace = _pace(loop, speeds, to_come)

    def stages(scale: float) -> list[StagePlan]:
        """Those to come."""
        sizes = {**loop.scenarios, **_sized(recipe, whole, scale)}
        return [
            replace(stage, seconds=stage.seconds * pace[_work(stage, speeds)])
            for stage in planned(recipe, sizes, speeds)
            if stage.name in to_come
        ]

    taken = loop.taken()
    spent = sum(time.wall_seconds for name, time in loop.times().items() if name not in taken)
    left = 60 * loop.plan.minutes - speeds.seconds - spent
    scale = _largest(lambda scale: seconds_of(stages(scale)), left) or 0.0
    fitted = {**loop.scenarios, **_sized(recipe, whole, scale)}
    changed = [name for name in whole if _n_groups(fitted[name]) != _n_groups(loop.scenarios[name])]
    if not changed:
        return loop
    sizes = listed(
        [f"{name} {_n_groups(fitted[name])} instead of {_n_groups(loop.scenarios[name])}" for name in changed]
    )
    on_message(Message(f"Groups fitted again to the {max(0.0, left) / 60:.0f} minutes left: {sizes}", kind="step"))
    known = {stage.name: stage for stage in (*loop.plan.stages, *stages(scale))}
    return loop.planned_again(fitted, replace(loop.plan, stages=list(known.values()), scale=scale))


def _pace(loop: LoopFolder, speeds: Speeds, to_come: set[str]) -> Mapping[str, float]:
    """By kind of work, how many times as long as by the rehearsal its stages have taken; 1 where none is over."""
    times, there = loop.times(), to_come | loop.taken()
    took: dict[str, float] = defaultdict(float)
    expected: dict[str, float] = defaultdict(float)
    for stage in planned(loop.recipe, loop.scenarios, speeds):
        if stage.name not in there:
            took[_work(stage, speeds)] += times[stage.name].wall_seconds
            expected[_work(stage, speeds)] += stage.seconds
    return defaultdict(lambda: 1.0, {work: took[work] / expected[work] for work in took if expected[work] > 0})


def _work(stage: StagePlan, speeds: Speeds) -> str:
    """The kind of work that a stage is: studies in which models write take long for other reasons than those without."""
    study = speeds.studies.get(stage.name)
    return stage.kind if study is None else ("written" if study.tokens_per_second else "simulated")


def _largest(seconds: Callable[[float], float], left: float) -> float | None:
    """The largest scale, from 0 to 1, whose seconds are within what is left; None if not even that of 0 is."""
    n_fit = bisect_right(range(_STEPS + 1), left, key=lambda step: seconds(step / _STEPS))
    return (n_fit - 1) / _STEPS if n_fit else None


def _sized(recipe: LoopRecipe, scenarios: Mapping[str, Scenario], scale: float) -> dict[str, Scenario]:
    least = recipe.budget.least if recipe.budget else {}
    return {name: _with_groups(scenario, scale, least.get(name)) for name, scenario in scenarios.items()}


def _with_groups(scenario: Scenario, scale: float, least: int | None) -> Scenario:
    n_groups = _n_groups(scenario)
    floor = min(n_groups, max(_LEAST, math.ceil(_LEAST_SHARE * n_groups)) if least is None else least)
    return _of_size(scenario, max(floor, int(scale * n_groups)))


def _of_size(scenario: Scenario, n_groups: int) -> Scenario:
    design = scenario.design.model_copy(update={"groups": n_groups})
    return scenario.model_copy(update={"design": design})


def _n_groups(scenario: Scenario) -> int:
    return scenario.design.groups


def _too_little(minutes: float, seconds: float, least: Mapping[str, Scenario]) -> ScenarioError:
    sizes = listed([f"{name} {counted(_n_groups(scenario), 'group')}" for name, scenario in least.items()])
    return ScenarioError(
        f"budget.minutes: value {minutes:g}: expected at least {math.ceil(seconds / 60)}, which the least sizes take on this"
        f" machine ({sizes})"
    )
