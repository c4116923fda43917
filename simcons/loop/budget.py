"""A loop within a budget of time: a rehearsal says how fast this machine is, and the sizes are fitted to that."""

from __future__ import annotations

from pathlib import Path

from simcons.loop.fit import settled
from simcons.loop.folder import LoopFolder, stage_folder
from simcons.loop.plan import Plan
from simcons.loop.recipe import LoopRecipe
from simcons.loop.scenarios import stage_scenarios
from simcons.loop.speeds import rehearse
from simcons.messages import OnMessage, unheard
from simcons.scenario.study import Scenario
from simcons.storage.results import check_result_folder


def plan_loop(recipe: LoopRecipe, folder: Path, on_message: OnMessage = unheard) -> tuple[dict[str, Scenario], Plan]:
    """The scenarios of a loop in ``folder``, and its plan, after a rehearsal. Nothing is written there. Raises SimconsError."""
    scenarios = stage_scenarios(recipe, lambda name: stage_folder(folder, recipe, name))
    return settled(recipe, scenarios, rehearse(recipe, on_message))


def begin_within_budget(recipe: LoopRecipe, folder: Path, on_message: OnMessage = unheard) -> LoopFolder:
    """Check and plan all stages, and claim ``folder``, new or empty. Raises SimconsError."""
    check_result_folder(folder)
    scenarios, plan = plan_loop(recipe, folder, on_message)
    return LoopFolder.begin(folder, recipe, scenarios, plan)
