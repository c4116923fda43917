"""The plan of a loop: how much each stage makes and how long it takes, by speeds that were measured. Arithmetic alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from pydantic import TypeAdapter

from simcons.loop.recipe import (
    AnyStageSettings,
    DataStageSettings,
    LoopRecipe,
    RewardStageSettings,
    SftStageSettings,
    StudyStageSettings,
)
from simcons.scenario.study import Scenario
from simcons.training.data.keep_rules import AtLeast, TopShare, parse_keep_rule
from simcons.training.recipes import TrainingSettings

FORWARD = 1 / 3  # of the time that learning from a token takes is spent on reading it (Kaplan et al. 2020)


@dataclass(frozen=True, slots=True)
class StudySpeed:
    """A study: seconds before the first round and for each round, and what a round makes.

    statements: shown by mediators, each with the ratings that it is kept by. opinions: those of people who rated.
    tokens_per_second: written by models while they were at work; 0 where none was. world_seconds: of a round, outside models.
    others_seconds: of the whole study before an evaluation, whose size its questions decide: other people judge constants there.
    """

    fixed_seconds: float
    round_seconds: float
    candidates: float
    statements: float
    opinions: float
    tokens_per_second: float = 0.0
    world_seconds: float = 0.0
    others_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class TrainingSpeed:
    """Training: seconds before the first step and after the last, tokens of an example, and tokens learnt from in a second."""

    fixed_seconds: float
    example_tokens: float
    tokens_per_second: float


@dataclass(frozen=True, slots=True)
class Speeds:
    """This machine's speeds, by stage, as a rehearsal of ``seconds`` measured them.

    others: seconds of stages that are neither studies nor training. ratings: of the statements of a data stage, mean ratings by
    the scale that its rule goes by, from which the share is told that the rule keeps.
    """

    seconds: float
    studies: Mapping[str, StudySpeed]
    trainings: Mapping[str, TrainingSpeed]
    others: Mapping[str, float]
    ratings: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class StagePlan:
    """The sizes of a stage, and its time in seconds; None for a size that a stage of its kind has not."""

    name: str
    kind: str
    seconds: float
    groups: int | None = None
    rounds: int | None = None
    candidates: int | None = None
    examples: int | None = None
    steps: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Stages as they are to be carried out, and the speeds by which their times were worked out.

    minutes: of the budget, None without one. scale: the share of the recipe's groups that studies have.
    """

    stages: list[StagePlan]
    speeds: Speeds
    minutes: float | None
    scale: float

    @property
    def seconds(self) -> float:
        """Of all stages, and of the rehearsal before them."""
        return self.speeds.seconds + seconds_of(self.stages)

    def document(self) -> dict[str, Any]:
        """As `read` takes it."""
        return asdict(self)

    @classmethod
    def read(cls, document: Any) -> Self:
        """Raises ValidationError for what is no plan."""
        return TypeAdapter(cls).validate_python(document)


def planned(recipe: LoopRecipe, scenarios: Mapping[str, Scenario], speeds: Speeds) -> list[StagePlan]:
    """The plan of all stages, with the groups of ``scenarios``. Early stopping is not counted on."""
    return [_stage(recipe, stage, scenarios, speeds) for stage in recipe.stages]


def _stage(recipe: LoopRecipe, stage: AnyStageSettings, scenarios: Mapping[str, Scenario], speeds: Speeds) -> StagePlan:
    match stage:
        case StudyStageSettings():
            return _study(stage, scenarios[stage.name], speeds.studies[stage.name])
        case SftStageSettings() | RewardStageSettings():
            n_examples, n_held_out = _examples(recipe, stage, scenarios, speeds)
            return _training(stage, n_examples, n_held_out, speeds.trainings[stage.name])
    return StagePlan(stage.name, stage.kind, speeds.others[stage.name])


def _study(stage: AnyStageSettings, scenario: Scenario, speed: StudySpeed) -> StagePlan:
    n_rounds = scenario.design.groups * scenario.design.rounds
    return StagePlan(
        stage.name,
        stage.kind,
        speed.fixed_seconds + speed.others_seconds + n_rounds * speed.round_seconds,
        groups=scenario.design.groups,
        rounds=n_rounds,
        candidates=round(n_rounds * speed.candidates),
    )


def _training(
    stage: SftStageSettings | RewardStageSettings, n_examples: int, n_held_out: int, speed: TrainingSpeed
) -> StagePlan:
    n_steps = steps_of(stage.settings, n_examples)
    n_learnt = n_steps * min(stage.settings.batch_size, n_examples)
    n_read = _n_checks(stage.settings, n_steps, n_examples) * n_held_out
    tokens = speed.example_tokens * (n_learnt + FORWARD * n_read)
    return StagePlan(
        stage.name,
        stage.kind,
        speed.fixed_seconds + tokens / speed.tokens_per_second,
        examples=n_examples,
        steps=n_steps,
    )


def steps_of(settings: TrainingSettings, n_examples: int) -> int:
    """Steps of training on so many examples, if it is not stopped early."""
    n_steps = math.ceil(settings.epochs * math.ceil(n_examples / settings.batch_size))
    return min(n_steps, settings.steps or n_steps)


def _n_checks(settings: TrainingSettings, n_steps: int, n_examples: int) -> int:
    """The number of times that held-out examples are read: at first, and a few times an epoch."""
    per_epoch = math.ceil(n_examples / settings.batch_size)
    checks = settings.stopping.checks_per_epoch if settings.stopping else 1
    return 1 + math.ceil(n_steps / max(1, round(per_epoch / checks)))


def _examples(
    recipe: LoopRecipe,
    stage: SftStageSettings | RewardStageSettings,
    scenarios: Mapping[str, Scenario],
    speeds: Speeds,
) -> tuple[int, int]:
    """Examples to learn from and held out, at least 1 of each."""
    data = recipe.stage(stage.data)
    assert isinstance(data, DataStageSettings)  # as the recipe was checked for
    n_all = sum(_made(stage, data, scenarios[name], speeds, name) for name in data.runs)
    n_held_out = max(1, round(n_all * data.settings.validation))
    return max(1, round(n_all) - n_held_out), n_held_out


def _made(
    stage: SftStageSettings | RewardStageSettings,
    data: DataStageSettings,
    scenario: Scenario,
    speeds: Speeds,
    run: str,
) -> float:
    """Examples that one run gives: statements that are kept; or opinions whose authors compared statements, and statements that
    people answered to differently, or the rounds of both.
    """
    n_rounds, speed = scenario.design.groups * scenario.design.rounds, speeds.studies[run]
    asked_for = _share_of_arms(scenario, data.settings.arms)
    if isinstance(stage, RewardStageSettings):
        opinions = speed.opinions * bool(asked_for and stage.settings.weights.statements)
        answered_to = (1 + speed.statements * asked_for) * stage.settings.compares_people  # 1: the position statement
        n_of_round = opinions + answered_to
        return n_rounds * (bool(n_of_round) if stage.settings.by_round else n_of_round)
    return n_rounds * speed.statements * asked_for * kept_share(data.settings.sft_rule, speeds.ratings[data.name])


def _share_of_arms(scenario: Scenario, arms: Sequence[str] | None) -> float:
    """Of the statements shown, as far as arms show none together."""
    shown = {mediator.arm: mediator.select for mediator in scenario.mediators}
    of_these = sum(n for arm, n in shown.items() if arms is None or arm in arms)
    return of_these / sum(shown.values())


def kept_share(rule: str, ratings: tuple[float, ...]) -> float:
    """The share of statements that a rule keeps. ratings: of some; among few, none or all would say too much (Laplace)."""
    match parse_keep_rule(rule):
        case TopShare(percent=percent):
            return percent / 100
        case AtLeast(least=least):
            return (sum(rating >= least for rating in ratings) + 1) / (len(ratings) + 2)


def seconds_of(plan: Sequence[StagePlan]) -> float:
    """Of all stages together."""
    return sum(stage.seconds for stage in plan)
