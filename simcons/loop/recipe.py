"""The recipe of a loop: its stages in order, each with its settings, taking by name what earlier ones made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, ClassVar, Literal, Self, TypeAlias

from pydantic import (
    BeforeValidator,
    Field,
    NonNegativeInt,
    PositiveInt,
    field_validator,
    model_validator,
)

from simcons.scenario.load import load_settings
from simcons.scenario.mediators import MediatorSettings
from simcons.scenario.names import Name
from simcons.scenario.parameters import StrictModel
from simcons.scenario.shipped import PROMPTS, RECIPES, find
from simcons.training.data.settings import DataSettings
from simcons.training.few_shot import FewShotSettings
from simcons.training.recipes import Positive, RewardSettings, SftSettings

Overrides: TypeAlias = dict[str, Any]

BASE = "base"  # the engine that is the loop's model as it is


def _listed(given: object) -> object:
    return [given] if isinstance(given, str) else given


class Taken(StrictModel):
    """Something taken from an earlier stage: the key that names it, its name, and the kinds of stage that make such."""

    key: str
    name: str
    kinds: tuple[str, ...]


class StageSettings(StrictModel):
    """A stage."""

    name: Name = Field(description="by which later stages take what it makes; also of its folder")

    def takes(self) -> Iterator[Taken]:
        """All that it takes from earlier stages by name."""
        yield from ()


class ToyStageSettings(StageSettings):
    """A language model with random weights that reads bytes, made on the spot: to rehearse a loop."""

    kind: Literal["toy"]
    hidden: Annotated[PositiveInt, Field(multiple_of=4)] = Field(32, description="numbers in a state")
    layers: PositiveInt = Field(2, description="of attention and a feed-forward network each")
    context: PositiveInt = Field(8192, description="bytes of prompt and reply")
    seed: NonNegativeInt = Field(0, description="of its weights")


class StudyStageSettings(StageSettings):
    """A study. Its arms may name earlier stages: of kind sft or toy as a generator's engine, of kind few_shot as its prompt, of
    kind reward as a scorer.
    """

    mediators: list[MediatorSettings] | None = Field(
        None, min_length=1, description="by default those of the loop's scenario"
    )
    set: Overrides = Field({}, description="values by dotted key, after those of the loop")


class CollectStageSettings(StudyStageSettings):
    """A study whose records are learnt from."""

    kind: Literal["collect"]


class EvaluateStageSettings(StudyStageSettings):
    """A study, and tables of how its arms compare."""

    kind: Literal["evaluate"]
    against: Annotated[list[Name], Field(min_length=1), BeforeValidator(_listed)] = Field(
        description="the arm that others are held against, or several"
    )
    exploits: bool = Field(
        False,
        description="true: texts that only please are shown too, an arm each; the constant of a question is the one that others"
        " like best, in a study before",
    )


class DataStageSettings(StageSettings):
    """Training data of the runs of earlier stages."""

    kind: Literal["data"]
    runs: list[Name] = Field(min_length=1, description="stages of kind collect")
    settings: DataSettings = DataSettings()

    @field_validator("runs")
    @classmethod
    def _each_once(cls, runs: list[str]) -> list[str]:
        twice = next((name for name in runs if runs.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"{twice!r} is there twice; expected each once")
        return runs

    def takes(self) -> Iterator[Taken]:
        for name in self.runs:
            yield Taken(key="runs", name=name, kinds=("collect",))


class FewShotStageSettings(StageSettings):
    """A prompt with examples of earlier data, which later arms name as their generator's prompt."""

    kind: Literal["few_shot"]
    data: Name = Field(description="a stage of kind data")
    settings: FewShotSettings = FewShotSettings()

    @field_validator("name")
    @classmethod
    def _no_shipped_prompt(cls, name: str) -> str:
        if PROMPTS.holds(name):
            raise ValueError(f"{name!r} is a shipped prompt; expected another name, by which arms tell them apart")
        return name

    def takes(self) -> Iterator[Taken]:
        yield Taken(key="data", name=self.data, kinds=("data",))


class TrainStageSettings(StageSettings):
    """Training on the data of an earlier stage."""

    data: Name = Field(description="a stage of kind data")
    base: Name | None = Field(
        None,
        description="a stage whose model training begins from, in place of settings.model: toy, sft without LoRA, or for a reward"
        " model another one of the same architecture without LoRA",
    )

    begins_from: ClassVar[tuple[str, ...]] = ("toy", "sft")  # kinds of stages

    launch: list[str] | None = Field(
        None,
        min_length=1,
        description="a command that starts Python in processes of its own, such as [accelerate, launch, --num_processes, '4'];"
        " by default the loop's own process trains",
    )

    def takes(self) -> Iterator[Taken]:
        yield Taken(key="data", name=self.data, kinds=("data",))
        if self.base is not None:
            yield Taken(key="base", name=self.base, kinds=self.begins_from)


class SftStageSettings(TrainStageSettings):
    """Supervised fine-tuning: a mediator."""

    kind: Literal["sft"]
    settings: SftSettings = SftSettings()


class RewardStageSettings(TrainStageSettings):
    """Training of a reward model."""

    begins_from: ClassVar[tuple[str, ...]] = ("toy", "sft", "reward")

    kind: Literal["reward"]
    settings: RewardSettings = RewardSettings()


AnyStageSettings: TypeAlias = Annotated[
    ToyStageSettings
    | CollectStageSettings
    | DataStageSettings
    | FewShotStageSettings
    | SftStageSettings
    | RewardStageSettings
    | EvaluateStageSettings,
    Field(discriminator="kind"),
]


class LoopBudgetSettings(StrictModel):
    """The time that a loop may take on the machine that it is begun on. Its studies get fewer groups where they have to."""

    minutes: Positive = Field(description="for all stages, and for measuring the machine by a rehearsal")
    least: dict[Name, PositiveInt] = Field(
        {}, description="groups that a stage's study keeps in any case; by default a tenth of them, and 2 or more"
    )


class LoopRecipe(StrictModel):
    """A loop: what it is called, the scenario that its studies begin from, and its stages in order."""

    kind: Literal["loop"]
    name: Name = Field(description="of the loop, and of its folders")
    description: str = Field("", description="what the loop is for")
    seed: NonNegativeInt = Field(0, description="of the studies, each of which has people of its own")
    model: str = Field(
        "smollm2-135m-instruct",
        description="what all begins from: the engine `base` of arms, and what sft and reward stages train unless they say"
        " otherwise; a packaged model, a model folder, or a hub id",
    )
    budget: LoopBudgetSettings | None = Field(None, description="by default none: the sizes are those of the recipe")
    scenario: str = Field(description="a shipped scenario or a file: where all studies of the loop begin from")
    set: Overrides = Field({}, description="values by dotted key, in all studies of the loop")
    stages: list[AnyStageSettings] = Field(
        min_length=1, description="in order; each takes by name what earlier ones made"
    )

    @model_validator(mode="before")
    @classmethod
    def _trains_its_model(cls, given: Any) -> Any:
        """Write the loop's model into stages that name none."""
        if not isinstance(given, dict) or "model" not in given or not isinstance(given.get("stages"), list):
            return given
        return {**given, "stages": [_training(stage, given["model"]) for stage in given["stages"]]}

    @model_validator(mode="after")
    def _takes_from_earlier_stages(self) -> Self:
        earlier: dict[str, AnyStageSettings] = {}
        for place, stage in enumerate(self.stages):
            if stage.name in earlier:
                raise ValueError(f"stages.{place}.name: {stage.name!r} is there twice; expected a name of its own")
            if stage.name == BASE and isinstance(stage, (ToyStageSettings, SftStageSettings)):
                raise ValueError(f"stages.{place}.name: {BASE!r} is the loop's model for arms; expected another name")
            for taken in stage.takes():
                _check(taken, earlier, f"stages.{place}")
            if isinstance(stage, RewardStageSettings):
                _check_goes_on(stage, earlier, f"stages.{place}")
            earlier[stage.name] = stage
        return self

    @model_validator(mode="after")
    def _keeps_groups_of_studies(self) -> Self:
        studies = [stage.name for stage in self.stages if isinstance(stage, StudyStageSettings)]
        for name in self.budget.least if self.budget else ():
            if name not in studies:
                raise ValueError(f"budget.least: {name!r}: expected a stage with a study ({', '.join(studies)})")
        return self

    def stage(self, name: str) -> AnyStageSettings:
        return next(stage for stage in self.stages if stage.name == name)


def _training(stage: Any, model: str) -> Any:
    """A stage as it is given, with ``model`` where it trains one and does not say which."""
    if not isinstance(stage, dict) or stage.get("kind") not in ("sft", "reward") or stage.get("base") is not None:
        return stage
    settings = stage.get("settings", {})
    if not isinstance(settings, dict) or "model" in settings or settings.get("architecture", "causal") != "causal":
        return stage
    return {**stage, "settings": {**settings, "model": model}}


def _check(taken: Taken, earlier: dict[str, AnyStageSettings], where: str) -> None:
    """Raises ValueError where an earlier stage does not make what is taken."""
    there = [name for name, stage in earlier.items() if stage.kind in taken.kinds]
    if taken.name not in there:
        raise ValueError(
            f"{where}.{taken.key}: value {taken.name!r}: expected an earlier stage of kind {' or '.join(taken.kinds)}"
            f" ({', '.join(there) or 'there is none'})"
        )
    stage = earlier[taken.name]
    if isinstance(stage, SftStageSettings | RewardStageSettings) and stage.settings.lora is not None:
        raise ValueError(
            f"{where}.{taken.key}: value {taken.name!r}: is an adapter; expected a whole model (lora: null there)"
        )


def _check_goes_on(stage: RewardStageSettings, earlier: dict[str, AnyStageSettings], where: str) -> None:
    """Raises ValueError where a reward model would begin from one that reads other texts or reads them otherwise."""
    base = earlier.get(stage.base or "")
    if isinstance(base, (ToyStageSettings, SftStageSettings)) and stage.settings.architecture != "causal":
        raise ValueError(
            f"{where}.base: value {base.name!r}: is a causal model; expected a stage of architecture"
            f" {stage.settings.architecture!r}, as this stage's settings have it"
        )
    if not isinstance(base, RewardStageSettings):
        return
    for key in ("architecture", "opinion"):
        own, asked = getattr(base.settings, key), getattr(stage.settings, key)
        if own != asked:
            raise ValueError(
                f"{where}.base: value {base.name!r}: has {key} {own!r}; expected {asked!r}, as this stage's settings have it"
            )


def load_loop(reference: str, overrides: Sequence[str] = ()) -> LoopRecipe:
    """A loop by path or shipped name, with ``key.path=value`` overrides. Raises ScenarioError for all that is wrong."""
    return load_settings(LoopRecipe, find(reference, RECIPES), overrides)
