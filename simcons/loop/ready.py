"""What the stages of a loop need and find here: packages, models, commands, arms. Looked for before the first of them begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from simcons.engines.local.models import PACKAGED_ENCODER, PACKAGED_ENCODER_NAME, check_model, packaged_path
from simcons.errors import EngineError
from simcons.loop.launch import program
from simcons.loop.recipe import DataStageSettings, LoopRecipe, RewardStageSettings, SftStageSettings
from simcons.scenario.files import faults_error
from simcons.scenario.study import Scenario
from simcons.training.packages import check_packages


def check_ready(recipe: LoopRecipe, scenarios: Mapping[str, Scenario], source: str) -> None:
    """Raises ScenarioError for all that is missing for the stages of the recipe in ``source``."""
    if faults := list(dict.fromkeys(_faults(recipe, scenarios))):
        raise faults_error(source, faults)


def faults_of_models(models: Mapping[str, str]) -> Iterator[str]:
    """The packages that train, and the models that are trained, as far as they are not there. models: by where they are named."""
    yield from _fault(check_packages)
    for where, model in models.items():
        for fault in _fault(lambda model=model: _find(model)):  # type: ignore[misc]
            yield f"{where}: {fault}"


def _faults(recipe: LoopRecipe, scenarios: Mapping[str, Scenario]) -> Iterator[str]:
    trained = [stage for stage in recipe.stages if isinstance(stage, SftStageSettings | RewardStageSettings)]
    if trained:
        begun_from = {f"stage {stage.name}: model": stage.settings.model for stage in trained if stage.base is None}
        yield from faults_of_models(begun_from)
    for each in trained:
        if each.launch is not None and program(each.launch) is None:
            yield f"stage {each.name}: launch: no command {each.launch[0]!r}; expected one that starts Python"
    for stage in recipe.stages:
        if isinstance(stage, DataStageSettings):
            yield from _arms_that_are_not_there(stage, scenarios)


def _arms_that_are_not_there(stage: DataStageSettings, scenarios: Mapping[str, Scenario]) -> Iterator[str]:
    there = list(dict.fromkeys(arm.arm for run in stage.runs for arm in scenarios[run].mediators))
    for arm in stage.settings.arms or ():
        if arm not in there:
            yield f"stage {stage.name}: arms: value {arm!r}: expected some of {', '.join(there)}"


def _find(model: str) -> None:
    if model == PACKAGED_ENCODER_NAME:
        packaged_path(PACKAGED_ENCODER)
    else:
        check_model(model)


def _fault(check: Callable[[], None]) -> Iterator[str]:
    try:
        check()
    except EngineError as error:
        yield str(error)
