"""A loop within a budget of time: a rehearsal says how fast this machine is, and the sizes are fitted to that."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from simcons.loop.fit import settled, sized_as
from simcons.loop.folder import LoopFolder, stage_folder
from simcons.loop.plan import Plan
from simcons.loop.recipe import LoopRecipe
from simcons.loop.reuse import same_stages
from simcons.loop.scenarios import stage_scenarios
from simcons.loop.speeds import rehearse
from simcons.messages import OnMessage, unheard
from simcons.scenario.study import Scenario
from simcons.storage.results import check_result_folder


def plan_loop(
    recipe: LoopRecipe, folder: Path, on_message: OnMessage = unheard, *, earlier: Sequence[LoopFolder] = ()
) -> tuple[dict[str, Scenario], Plan]:
    """The scenarios of a loop in ``folder``, and its plan, after a rehearsal. Nothing is written there. Raises SimconsError.

    earlier: loops from which `simcons.loop.reuse.take_stages` will take what is the same; see `settled`.
    """
    scenarios, taken = with_stages_of(recipe, folder, earlier)
    return settled(recipe, scenarios, rehearse(recipe, on_message), taken=taken)


def with_stages_of(
    recipe: LoopRecipe, folder: Path, earlier: Sequence[LoopFolder]
) -> tuple[dict[str, Scenario], set[str]]:
    """The scenarios of a loop in ``folder``, and the stages that can be taken from earlier loops, of the sizes there."""
    scenarios = stage_scenarios(recipe, lambda name: stage_folder(folder, recipe, name))
    taken: set[str] = set()
    for other in earlier:
        to_make = {name: scenario for name, scenario in scenarios.items() if name not in taken}
        sized = {**scenarios, **sized_as(recipe, to_make, other.scenarios)}
        same = {*same_stages(LoopFolder(folder, recipe, sized), other)} - taken
        scenarios |= {name: sized[name] for name in same & scenarios.keys()}
        taken |= same
    return scenarios, taken


def begin_within_budget(
    recipe: LoopRecipe, folder: Path, on_message: OnMessage = unheard, *, earlier: Sequence[LoopFolder] = ()
) -> LoopFolder:
    """Check and plan all stages, and claim ``folder``, new or empty. Raises SimconsError."""
    check_result_folder(folder)
    scenarios, plan = plan_loop(recipe, folder, on_message, earlier=earlier)
    return LoopFolder.begin(folder, recipe, scenarios, plan)
