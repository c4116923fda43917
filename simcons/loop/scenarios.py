"""The scenarios of a loop's studies: the loop's own, with a stage's arms and the checkpoints of earlier stages in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any, TypeAlias, cast

from pydantic import TypeAdapter

from simcons.errors import ScenarioError
from simcons.experiments.exploits import CONSTANT, exploit_arms
from simcons.loop.recipe import (
    BASE,
    AnyStageSettings,
    DataStageSettings,
    EvaluateStageSettings,
    FewShotStageSettings,
    LoopRecipe,
    RewardStageSettings,
    SftStageSettings,
    StageSettings,
    StudyStageSettings,
    ToyStageSettings,
    TrainStageSettings,
)
from simcons.scenario.load import load_scenario, scenario_from
from simcons.scenario.mediators import ArmSettings, LanguageModelGeneratorSettings, MediatorSettings
from simcons.scenario.shipped import find_prompt
from simcons.scenario.study import Scenario
from simcons.seeds import request_seed
from simcons.training.data.settings import DataSettings
from simcons.training.few_shot import PROMPT

FolderOf: TypeAlias = Callable[[str], Path]  # of a stage, by its name

_MOST = 2**31  # seeds that are easy to type


def stage_scenarios(recipe: LoopRecipe, folder_of: FolderOf) -> dict[str, Scenario]:
    """The scenarios of all studies, by stage, before any of them is run. Raises ScenarioError that names the stage."""
    studies = [stage for stage in recipe.stages if isinstance(stage, StudyStageSettings)]
    begun_from = load_scenario(recipe.scenario).model_dump(mode="json") if studies else {}
    return {stage.name: _scenario(recipe, stage, begun_from, folder_of) for stage in studies}


def model_of(stage: SftStageSettings | RewardStageSettings, folder_of: FolderOf) -> str:
    """The model that a stage trains: an earlier stage's, or the one that its settings name."""
    return str(folder_of(stage.base)) if stage.base is not None else stage.settings.model


def data_settings(recipe: LoopRecipe, stage: FewShotStageSettings | TrainStageSettings) -> DataSettings:
    """The settings of the data that a stage takes."""
    return cast(DataStageSettings, recipe.stage(stage.data)).settings  # as the recipe has seen to


def _scenario(
    recipe: LoopRecipe, stage: StudyStageSettings, begun_from: Mapping[str, Any], folder_of: FolderOf
) -> Scenario:
    document: dict[str, Any] = {
        **begun_from,
        "name": stage.name,
        "seed": request_seed(recipe.seed, stage.name) % _MOST,
    }
    if stage.mediators is not None:
        document["mediators"] = _documents(stage.mediators)
    if isinstance(stage, EvaluateStageSettings) and stage.exploits:
        document["mediators"] = [*document["mediators"], *exploit_arms()]
    arms = TypeAdapter(list[ArmSettings]).validate_python(document["mediators"])
    shots = _shots(recipe, stage, arms)
    learnt = {arm: data_settings(recipe, each).prompt for arm, each in shots.items()}
    document["mediators"] = _documents(_asked(arms, learnt))
    for block, made in _checkpoints(recipe, stage, arms, folder_of).items():
        document[block] = {**document[block], **made}
    changes = {**recipe.set, **stage.set}
    try:
        scenario = scenario_from(document, [f"{key}={json.dumps(value)}" for key, value in changes.items()])
    except ScenarioError as error:
        raise ScenarioError(f"stage {stage.name}: {error}") from None
    if isinstance(stage, EvaluateStageSettings):
        _check_against(stage, scenario)
    prompts = {arm: str(folder_of(each.name) / PROMPT) for arm, each in shots.items()}  # which are not there yet
    return scenario.model_copy(update={"mediators": _asked(scenario.mediators, prompts)})


def _shots(
    recipe: LoopRecipe, stage: StudyStageSettings, arms: Sequence[MediatorSettings]
) -> dict[str, FewShotStageSettings]:
    """By arm, the earlier stage that makes its prompt. Raises ScenarioError for a prompt that is nowhere."""
    made = {earlier.name: earlier for earlier in _before(recipe, stage) if isinstance(earlier, FewShotStageSettings)}
    named = {arm.arm: prompt for arm in arms for prompt in arm.generator.prompts}
    for arm, prompt in named.items():
        if prompt not in made:
            _check_prompt(stage, arm, prompt)
    return {arm: made[prompt] for arm, prompt in named.items() if prompt in made}


def _asked(arms: Sequence[MediatorSettings], prompts: Mapping[str, str]) -> list[MediatorSettings]:
    """The arms, with these prompts by arm in place of their own."""
    return [
        arm.model_copy(update={"generator": arm.generator.model_copy(update={"prompt": prompts[arm.arm]})})
        if arm.arm in prompts
        else arm
        for arm in arms
    ]


def _documents(arms: Sequence[MediatorSettings]) -> list[dict[str, Any]]:
    return [arm.model_dump(mode="json") for arm in arms]


def _check_prompt(stage: StudyStageSettings, arm: str, prompt: str) -> None:
    try:
        find_prompt(prompt)
    except ScenarioError as error:
        raise ScenarioError(f"stage {stage.name}: arm {arm}: {error}, nor an earlier stage of kind few_shot") from None


def _before(recipe: LoopRecipe, stage: StageSettings) -> Iterable[AnyStageSettings]:
    return takewhile(lambda other: other.name != stage.name, recipe.stages)


def with_constants(scenario: Scenario, constants: Mapping[str, str]) -> Scenario:
    """The scenario of an evaluation among exploits, with these constants by question in place of the first there is."""
    better = {str(arm["arm"]): arm for arm in exploit_arms(constants)}[CONSTANT]
    mediators = [MediatorSettings.model_validate(better) if arm.arm == CONSTANT else arm for arm in scenario.mediators]
    return scenario.model_copy(update={"mediators": mediators})


def _check_against(stage: EvaluateStageSettings, scenario: Scenario) -> None:
    names = [arm.arm for arm in scenario.mediators]
    for against in stage.against:
        if against not in names:
            raise ScenarioError(
                f"stage {stage.name}: against: value {against!r}: expected among its arms ({', '.join(names)})"
            )


def _checkpoints(
    recipe: LoopRecipe, stage: StudyStageSettings, arms: Sequence[MediatorSettings], folder_of: FolderOf
) -> dict[str, dict[str, Any]]:
    """Engines and scorers for the earlier stages that arms name."""
    engines = {arm.generator.engine for arm in arms if isinstance(arm.generator, LanguageModelGeneratorSettings)}
    scorers = {arm.scorer for arm in arms}
    base = {BASE: {"kind": "transformers", "model": recipe.model}} if BASE in engines else {}
    made: dict[str, dict[str, Any]] = {"engines": base, "scorers": {}}
    for earlier in _before(recipe, stage):
        if isinstance(earlier, RewardStageSettings) and earlier.name in scorers:
            made["scorers"][earlier.name] = {"kind": "reward", "checkpoint": str(folder_of(earlier.name))}
        elif isinstance(earlier, (SftStageSettings, ToyStageSettings)) and earlier.name in engines:
            if isinstance(earlier, SftStageSettings):
                _check_prompts(recipe, earlier, stage, arms)
            made["engines"][earlier.name] = _writer(earlier, folder_of)
    return made


def _check_prompts(
    recipe: LoopRecipe, writer: SftStageSettings, stage: StudyStageSettings, arms: Sequence[MediatorSettings]
) -> None:
    """Raises ScenarioError where a fine-tuned mediator is asked otherwise than it learnt to be."""
    learnt = data_settings(recipe, writer).prompt
    for arm in arms:
        asked = arm.generator
        if not isinstance(asked, LanguageModelGeneratorSettings) or asked.engine != writer.name:
            continue
        if asked.prompt != learnt:
            raise ScenarioError(
                f"stage {stage.name}: arm {arm.arm}: prompt: value {asked.prompt!r}: expected {learnt!r}, which"
                f" {writer.name} learnt to answer (stage {writer.data})"
            )


def _writer(stage: SftStageSettings | ToyStageSettings, folder_of: FolderOf) -> dict[str, Any]:
    """The engine of a mediator that an earlier stage made."""
    folder = str(folder_of(stage.name))
    if isinstance(stage, SftStageSettings) and stage.settings.lora is not None:
        return {"kind": "transformers", "model": model_of(stage, folder_of), "adapter": folder}
    return {"kind": "transformers", "model": folder}
