"""A loop from its recipe, or from its folder: each stage that is not done yet, in order."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias, TypeVar

import simcons.runs
from simcons.errors import TrainingDataError
from simcons.experiments.exploits import best_constants, others_study
from simcons.loop.evaluation import evaluate
from simcons.loop.fit import settled_again
from simcons.loop.folder import LoopFolder, StageStatus, stage_folder
from simcons.loop.launch import launch_training
from simcons.loop.ready import check_ready
from simcons.loop.recipe import (
    AnyStageSettings,
    CollectStageSettings,
    DataStageSettings,
    EvaluateStageSettings,
    FewShotStageSettings,
    LoopRecipe,
    RewardStageSettings,
    SftStageSettings,
    StudyStageSettings,
    ToyStageSettings,
)
from simcons.loop.scenarios import data_settings, model_of, stage_scenarios, with_constants
from simcons.loop.times import Sitting, sitting
from simcons.messages import OnMessage, unheard
from simcons.runs import RunProgress
from simcons.runs.workers import workers_for
from simcons.scenario.study import Scenario
from simcons.storage.layout import MANIFEST, START
from simcons.storage.load import Run, load
from simcons.storage.results import write_manifest
from simcons.training.by_recipe import train_by_recipe
from simcons.training.data.build import build
from simcons.training.data.folder import load_training_data, save
from simcons.training.few_shot import write_few_shot
from simcons.training.progress import OnProgress, unseen

OnStage: TypeAlias = Callable[[StageStatus], None]
OnRunProgress: TypeAlias = Callable[[RunProgress], None]
Event = TypeVar("Event")

STUDY = "run"  # the study of an evaluation, in the folder of its stage
OTHERS = "others"  # the study before it, of an evaluation among exploits


def _ignore(event: object) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Whoever hears how a loop gets on: each stage before it begins, its study or training while it goes, and messages."""

    stage: OnStage = _ignore
    study: OnRunProgress = _ignore
    training: OnProgress = unseen
    message: OnMessage = unheard

    def timed(self, time: Sitting) -> Listener:
        """Tell ``time`` too how studies and training get on."""
        return replace(self, study=_both(time.study, self.study), training=_both(time.training, self.training))


def _both(first: Callable[[Event], None], second: Callable[[Event], None]) -> Callable[[Event], None]:
    def tell(event: Event) -> None:
        first(event)
        second(event)

    return tell


def begin_loop(recipe: LoopRecipe, folder: Path) -> LoopFolder:
    """Check all stages and claim ``folder``, new or empty. Raises ScenarioError, RunFolderError, StorageError."""
    scenarios = stage_scenarios(recipe, lambda name: stage_folder(folder, recipe, name))
    check_ready(recipe, scenarios, recipe.name)
    return LoopFolder.begin(folder, recipe, scenarios)


def go_on(loop: LoopFolder, listener: Listener, *, workers: int = 1) -> LoopFolder:
    """All stages that are not done yet; one that was interrupted goes on where it was.

    Where there is a budget of time, studies get as many groups as fit into what is left of it. Returns the loop as it then is.

    workers: processes, at most, for studies that ask no model; as for `simcons.runs.run`.

    Raises what studies and training raise, and RunFolderError where another process is at work in the folder, or it was moved.
    """
    if not loop.finished:
        loop.refuse_moved()
    with loop.claimed():
        for status, stage in zip(loop.stages(), loop.recipe.stages, strict=True):
            if status.state != "done":
                listener.stage(status)
                if isinstance(stage, StudyStageSettings) and status.state == "to come":
                    loop = settled_again(loop, listener.message)
                with sitting(loop.path, stage.name) as time:
                    _carry_out(loop, stage, listener.timed(time), workers)
        if not loop.finished:
            loop.finish()
    return loop


def _carry_out(loop: LoopFolder, stage: AnyStageSettings, listener: Listener, workers: int) -> None:
    folder = loop.of(stage.name)
    match stage:
        case ToyStageSettings():
            _make_toy(stage, folder)
        case CollectStageSettings():
            _study(loop.scenarios[stage.name], folder, listener, workers)
        case EvaluateStageSettings():
            scenario = loop.scenarios[stage.name]
            if stage.exploits:
                scenario = _among_exploits(scenario, folder, listener, workers)
            evaluate(_study(scenario, folder / STUDY, listener, workers), folder, against=stage.against)
        case DataStageSettings():
            _make_data(loop, stage, folder)
        case FewShotStageSettings():
            _make_few_shot(loop, stage, folder)
        case SftStageSettings() | RewardStageSettings():
            _train(loop, stage, folder, listener)


def _make_toy(stage: ToyStageSettings, folder: Path) -> None:
    from simcons.training.toy import toy_model  # loads torch

    settings = stage.model_dump(mode="json", exclude={"kind", "name"})
    toy_model(folder, **settings)
    write_manifest(folder, "toy", {"settings": settings})


def _among_exploits(scenario: Scenario, folder: Path, listener: Listener, workers: int) -> Scenario:
    """The scenario of an evaluation with the constants that other people like best, once they have judged them."""
    others = _study(others_study(scenario), folder / OTHERS, listener, workers)
    return with_constants(scenario, best_constants(others))


def _study(scenario: Scenario, folder: Path, listener: Listener, workers: int) -> Run:
    """The finished study: run, or gone on with."""
    if (folder / MANIFEST).exists():
        return load(folder)
    study, said, n = listener.study, listener.message, workers_for(scenario, workers)
    if (folder / START).exists():
        return simcons.runs.resume(folder, workers=n, on_progress=study, on_message=said)
    return simcons.runs.run(scenario, out=folder, workers=n, on_progress=study, on_message=said)


def _make_data(loop: LoopFolder, stage: DataStageSettings, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)  # what an interruption left half written
    try:
        save(build([loop.of(name) for name in stage.runs], stage.settings), folder)
    except TrainingDataError as error:
        raise TrainingDataError(f"stage {stage.name}: {error}") from None


def _make_few_shot(loop: LoopFolder, stage: FewShotStageSettings, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    data = load_training_data(loop.of(stage.data))
    try:
        write_few_shot(data, stage.settings, folder, prompt=data_settings(loop.recipe, stage).prompt)
    except TrainingDataError as error:
        raise TrainingDataError(f"stage {stage.name}: {error}") from None


def _train(loop: LoopFolder, stage: SftStageSettings | RewardStageSettings, folder: Path, listener: Listener) -> None:
    """Train from the beginning, or on from the last saved step."""
    settings = stage.settings.model_copy(update={"model": model_of(stage, loop.of)})
    begun = (folder / START).exists()
    if stage.launch is not None:
        listener.training(launch_training(stage.launch, settings, loop.of(stage.data), folder, resume=begun))
        return
    train_by_recipe(
        load_training_data(loop.of(stage.data)),
        settings,
        folder,
        name=stage.data,
        resume=begun,
        on_progress=listener.training,
        on_message=listener.message,
    )
