"""This machine's speeds at a loop, by a rehearsal: all of its stages, with a few groups and steps, in a folder that is removed.

Every stage is carried out as it will be, with its own prompts, engines and readers; mediators and reward models that are yet to
be trained are those of the rehearsal, which write and score as fast.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from simcons.errors import TrainingDataError
from simcons.experiments.exploits import others_study
from simcons.loop.folder import LoopFolder, StageStatus
from simcons.loop.plan import Speeds, StudySpeed, TrainingSpeed
from simcons.loop.recipe import (
    AnyStageSettings,
    DataStageSettings,
    EvaluateStageSettings,
    FewShotStageSettings,
    LoopRecipe,
    RewardStageSettings,
    SftStageSettings,
    StudyStageSettings,
)
from simcons.loop.run import OTHERS, Listener, begin_loop, go_on
from simcons.loop.scenarios import stage_scenarios
from simcons.messages import Message, OnMessage, unheard
from simcons.runs import RunProgress
from simcons.scale import LOWEST
from simcons.scenario.mediators import LanguageModelGeneratorSettings
from simcons.scenario.study import Scenario
from simcons.storage.recorded import RecordedRun, load_recorded
from simcons.training.data.folder import load_training_data
from simcons.training.data.keep_rules import parse_keep_rule
from simcons.training.manifest import read_checkpoint
from simcons.training.progress import TrainingProgress

_GROUPS = (4, 8, 16)  # of a study that alone must give data; more where so few leave nothing to learn from
_SHARE = 25  # a larger study is rehearsed with one of so many groups, so that models answer about as much at a time
_BATCH = 64  # statements that are written at a time, unless a recipe says otherwise
_STEPS = 2  # the first is slower where a GPU or a compiler warms up
_ANY_EXAMPLE = {"examples": 1, "most_words": 1_000_000}  # of a few-shot prompt; its beginning is read once in any case
_EVERYTHING = {"raters": "all", "validation": 0.1, "least": 1}  # all that a few groups give; one question is held out


def rehearse(recipe: LoopRecipe, on_message: OnMessage = unheard) -> Speeds:
    """The speeds of all stages. Raises what stages raise."""
    began = time.perf_counter()
    for n_groups in _GROUPS:
        on_message(
            Message(f"Measuring this machine: all stages, with {n_groups} groups or fewer and a few steps", kind="step")
        )
        try:
            speeds = _rehearsed(recipe, n_groups, on_message)
            return replace(speeds, seconds=time.perf_counter() - began)
        except TrainingDataError as error:
            too_few = error
    raise TrainingDataError(f"a rehearsal with {_GROUPS[-1]} groups left too little to learn from: {too_few}")


def _rehearsed(recipe: LoopRecipe, n_groups: int, on_message: OnMessage) -> Speeds:
    with TemporaryDirectory(prefix="simcons-") as folder:
        small = small_loop(recipe, n_groups)
        go_on(begin_loop(_first_study(small), Path(folder) / "warm"), Listener())
        loop = begin_loop(small, Path(folder) / "loop")
        heard = _Heard(on_message)
        go_on(loop, Listener(heard.stage, heard.study, heard.training))
        return _speeds(loop, heard, stage_scenarios(recipe, loop.of))


class _Heard:
    """The progress of a rehearsal, kept by stage."""

    def __init__(self, on_message: OnMessage) -> None:
        self._on_message = on_message
        self._stage = ""
        self.studies: dict[str, dict[Path, tuple[float, int]]] = {}  # seconds and rounds of each study
        self.steps: dict[str, dict[int, TrainingProgress]] = {}

    def stage(self, status: StageStatus) -> None:
        self._stage = status.name
        self._on_message(Message(f"Rehearsing {status.name} ({status.kind})", kind="step"))

    def study(self, progress: RunProgress) -> None:
        self.studies.setdefault(self._stage, {})[progress.folder] = (progress.seconds, progress.n_rounds)

    def training(self, progress: TrainingProgress) -> None:
        if progress.tokens:
            self.steps.setdefault(self._stage, {})[progress.step] = progress


# --- a small loop ------------------------------------------------------------------------------------------------


def small_loop(recipe: LoopRecipe, n_groups: int) -> LoopRecipe:
    """The loop of a rehearsal. n_groups: of studies that alone must give data; half of them do elsewhere."""
    alone = {stage.runs[0] for stage in recipe.stages if isinstance(stage, DataStageSettings) and len(stage.runs) == 1}
    least = {stage.name: n_groups if stage.name in alone else n_groups // 2 for stage in recipe.stages}
    groups = {stage.name: _groups(recipe, stage, least[stage.name]) for stage in recipe.stages}
    return recipe.model_copy(
        update={"budget": None, "stages": [_small_stage(stage, groups[stage.name]) for stage in recipe.stages]}
    )


def _first_study(small: LoopRecipe) -> LoopRecipe:
    """Two groups of the first study, which load what later ones find loaded: readers, whose seconds are not those of rounds."""
    n_before = next((n for n, stage in enumerate(small.stages) if isinstance(stage, StudyStageSettings)), None)
    if n_before is None:
        return small.model_copy(update={"stages": []})
    study = _small_stage(small.stages[n_before], 2)
    return small.model_copy(update={"stages": [*small.stages[:n_before], study]})


def _groups(recipe: LoopRecipe, stage: AnyStageSettings, least: int) -> int:
    if not isinstance(stage, StudyStageSettings):
        return 0
    given = {**recipe.set, **stage.set}.get("design.groups")
    enough = max(least, _that_fill_a_batch(stage))
    return max(enough, given // _SHARE) if isinstance(given, int) else enough


def _that_fill_a_batch(stage: StudyStageSettings) -> int:
    """Groups whose statements a model writes together as it will in earnest: a few take nearly as long as many."""
    generators = [mediator.generator for mediator in stage.mediators or ()]
    samples = [generator.samples for generator in generators if isinstance(generator, LanguageModelGeneratorSettings)]
    return math.ceil(_BATCH / max(samples)) if samples else 0


def _small_stage(stage: AnyStageSettings, n_groups: int) -> AnyStageSettings:
    match stage:
        case StudyStageSettings():
            small = {"design.groups": n_groups, "design.rounds": 1}
            if isinstance(stage, EvaluateStageSettings) and stage.exploits:
                small["questions.count"] = 1  # so many groups of others judge the constants of each
            return stage.model_copy(update={"set": {**stage.set, **small}})
        case DataStageSettings():
            rule = f"{parse_keep_rule(stage.settings.sft_rule).scale} >= {LOWEST}"
            return stage.model_copy(
                update={"settings": stage.settings.model_copy(update={**_EVERYTHING, "sft_rule": rule})}
            )
        case FewShotStageSettings():
            return stage.model_copy(update={"settings": stage.settings.model_copy(update=_ANY_EXAMPLE)})
        case SftStageSettings() | RewardStageSettings():
            few = {"epochs": float(_STEPS), "steps": _STEPS, "stopping": None}
            return stage.model_copy(update={"settings": stage.settings.model_copy(update=few)})
    return stage


# --- what it took ------------------------------------------------------------------------------------------------


def _speeds(loop: LoopFolder, heard: _Heard, in_earnest: Mapping[str, Scenario]) -> Speeds:
    """in_earnest: the scenarios of its studies as the recipe has them."""
    seconds = {name: spent.wall_seconds for name, spent in loop.times().items()}
    studies: dict[str, StudySpeed] = {}
    trainings: dict[str, TrainingSpeed] = {}
    ratings: dict[str, tuple[float, ...]] = {}
    for stage in loop.recipe.stages:
        if isinstance(stage, StudyStageSettings):
            told = heard.studies[stage.name]
            before = _seconds_of_others(told, in_earnest[stage.name])
            studies[stage.name] = replace(_study_speed(told, seconds[stage.name]), others_seconds=before)
        elif isinstance(stage, SftStageSettings | RewardStageSettings):
            trainings[stage.name] = _training_speed(loop, stage, heard.steps.get(stage.name, {}), seconds[stage.name])
        elif isinstance(stage, DataStageSettings):
            ratings[stage.name] = _ratings(loop.of(stage.name))
    others = {name: spent for name, spent in seconds.items() if name not in {**studies, **trainings}}
    return Speeds(0.0, studies, trainings, others, ratings)


def _seconds_of_others(studies: Mapping[Path, tuple[float, int]], in_earnest: Scenario) -> float:
    """Of the study before an evaluation, with all its questions; 0 where there is none."""
    took = [numbers for folder, numbers in studies.items() if folder.name == OTHERS]
    return sum(seconds / n_rounds * others_study(in_earnest).design.groups for seconds, n_rounds in took)


def _study_speed(studies: Mapping[Path, tuple[float, int]], seconds: float) -> StudySpeed:
    """seconds: of the stage, a study before it among them."""
    [(folder, (in_rounds, n_rounds))] = ((folder, told) for folder, told in studies.items() if folder.name != OTHERS)
    run, whole = load_recorded(folder), sum(in_study for in_study, _ in studies.values())
    at_work = sum(engine["busy_seconds"] for engine in run.manifest["engines"].values())
    accounts = run.manifest["calls"]
    answering = sum(account["seconds"] for account in accounts)
    loading = max(0.0, at_work - answering)  # what was no answer's: models that are loaded, once whatever the size
    written = [account for account in accounts if account["tokens_out"]]
    n_tokens, writing = (sum(account[key] for account in written) for key in ("tokens_out", "seconds"))
    return StudySpeed(
        fixed_seconds=max(0.0, seconds - whole) + loading,
        round_seconds=max(0.0, in_rounds - loading) / n_rounds,
        candidates=len(run.table("candidates")) / n_rounds,
        statements=int(run.frame("candidates")["shown"].sum()) / n_rounds,
        opinions=_n_raters(run) / n_rounds,
        tokens_per_second=n_tokens / writing if writing else 0.0,
        world_seconds=max(0.0, in_rounds - at_work) / n_rounds,
    )


def _n_raters(run: RecordedRun) -> int:
    """People in rounds whose statements they rated."""
    return len(run.frame("ratings")[["round_id", "participant_id"]].drop_duplicates())


def _training_speed(
    loop: LoopFolder,
    stage: SftStageSettings | RewardStageSettings,
    steps: Mapping[int, TrainingProgress],
    seconds: float,
) -> TrainingSpeed:
    """seconds: of the stage. steps: as they were told, by number."""
    training = read_checkpoint(loop.of(stage.name)).training
    n_read = training["steps"] * min(stage.settings.batch_size, training["examples"])
    return TrainingSpeed(
        fixed_seconds=max(0.0, seconds - training["seconds"]),
        example_tokens=training["tokens"] / n_read,
        tokens_per_second=_later_speed([steps[n] for n in sorted(steps)]) or training["tokens_per_second"],
    )


def _later_speed(steps: list[TrainingProgress]) -> float | None:
    """Tokens a second after the first step; None where there was none."""
    if len(steps) < 2:
        return None
    first, last = ((step.tokens, step.tokens / step.tokens_per_second) for step in (steps[0], steps[-1]))
    return (last[0] - first[0]) / max(last[1] - first[1], 1e-9)


def _ratings(folder: Path) -> tuple[float, ...]:
    sides = load_training_data(folder).sides().values()
    return tuple(example.rating for side in sides for example in side.sft)
