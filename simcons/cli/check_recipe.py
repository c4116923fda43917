"""``simcons check`` of a recipe: what it trains, or the stages of a loop, and what is missing for it here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rich.console import Console

from simcons.counted import counted, listed
from simcons.loop.folder import stage_folder
from simcons.loop.ready import check_ready, faults_of_models
from simcons.loop.recipe import (
    AnyStageSettings,
    DataStageSettings,
    FewShotStageSettings,
    RewardStageSettings,
    SftStageSettings,
    ToyStageSettings,
    load_loop,
)
from simcons.loop.scenarios import stage_scenarios
from simcons.scenario.files import faults_error
from simcons.scenario.load import load_settings
from simcons.scenario.study import Scenario
from simcons.training.recipes import PersonaSettings, RewardSettings, SftSettings, TrainingSettings

_MAKES = {"sft": "a mediator", "reward": "a reward model", "persona": "a language model that plays people"}
_RECIPES: Mapping[str, type[SftSettings | RewardSettings | PersonaSettings]] = {
    "sft": SftSettings,
    "reward": RewardSettings,
    "persona": PersonaSettings,
}
_NEW = Path("loops/new")  # a loop's folder, of which only the names of its stages are wanted


def check_recipe(path: Path, kind: str, overrides: Sequence[str], console: Console) -> None:
    """Check a recipe of any kind. Raises ScenarioError for all that is wrong with it, or missing here."""
    if kind == "loop":
        _check_loop(path, overrides, console)
        return
    recipe = load_settings(_RECIPES[kind], path, overrides)
    if faults := list(faults_of_models({"model": recipe.model})):
        raise faults_error(str(path), faults)
    console.print(f"{path}: good: {_MAKES[kind]}; {_in_words(recipe)}", soft_wrap=True)


def _check_loop(path: Path, overrides: Sequence[str], console: Console) -> None:
    recipe = load_loop(str(path), overrides)
    scenarios = stage_scenarios(recipe, lambda name: stage_folder(_NEW, recipe, name))
    check_ready(recipe, scenarios, str(path))
    console.print(f"{recipe.name}: good: {counted(len(recipe.stages), 'stage')}.", soft_wrap=True)
    for place, stage in enumerate(recipe.stages, start=1):
        words = "; ".join(_stage_in_words(stage, scenarios))
        console.print(f"  {place:02d} {stage.name} ({stage.kind}){f': {words}' if words else ''}.", soft_wrap=True)


def _stage_in_words(stage: AnyStageSettings, scenarios: Mapping[str, Scenario]) -> Iterator[str]:
    match stage:
        case ToyStageSettings():
            yield f"a model with random weights, {counted(stage.layers, 'layer')}"
        case DataStageSettings():
            yield from (f"from {listed(stage.runs)}", stage.settings.sft_rule, f"prompt {stage.settings.prompt}")
        case FewShotStageSettings():
            yield f"a prompt with {counted(stage.settings.examples, 'example')} of {stage.data}"
        case SftStageSettings() | RewardStageSettings():
            yield f"on {stage.data}"
            yield _in_words(stage.settings, None if stage.base is None else f"stage {stage.base}")
    if stage.name in scenarios:
        yield _study_in_words(scenarios[stage.name])


def _study_in_words(scenario: Scenario) -> str:
    n_rounds = scenario.design.groups * scenario.design.rounds
    arms = listed([arm.arm for arm in scenario.mediators])
    return f"{counted(scenario.design.groups, 'group')}, {counted(n_rounds, 'round')}; arms {arms}"


def _in_words(recipe: TrainingSettings, model: str | None = None) -> str:
    """Of all, which weights of which model learn, and for how long. model: the recipe's own, unless given."""
    lora = recipe.lora
    layers = "all layers" if lora is None or lora.layers is None else f"the uppermost {counted(lora.layers, 'layer')}"
    learns = "all weights" if lora is None else f"an adapter of rank {lora.rank} on {layers}"
    steps = "" if recipe.steps is None else f", at most {counted(recipe.steps, 'step')}"
    whole = recipe.epochs == int(recipe.epochs)
    epochs = counted(int(recipe.epochs), "epoch") if whole else f"{recipe.epochs:g} epochs"
    return f"{learns} of {model or recipe.model}; {epochs}{steps}, {counted(recipe.batch_size, 'example')} a step"
