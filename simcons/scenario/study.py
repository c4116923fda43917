"""The scenario: everything that decides a study, in one file.

Unknown keys are refused everywhere; parts that come in kinds carry a `kind`. The JSON Schema for editors is
`Scenario.model_json_schema()` (`simcons schema`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal, Self, TypeAlias, get_args

from pydantic import (
    AfterValidator,
    Field,
    PositiveFloat,
    PositiveInt,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from simcons.scale import AGREEMENT, SCALES, USUAL
from simcons.scenario.acts import ActSettings
from simcons.scenario.bounds import IN_A_POOL, MANY, AtMost, check_pool, pool_size
from simcons.scenario.engines import BudgetSettings, EngineSettings, NonNegative, RewardEngineSettings
from simcons.scenario.mediators import ArmSettings, MediatorSettings
from simcons.scenario.minds import FittedMindSettings, HostilitySettings, LatentMindSettings, MindSettings
from simcons.scenario.names import Name
from simcons.scenario.parameters import (
    BehaviourKey,
    ResponseStyleKey,
    StrictModel,
    TempoKey,
    ValueDimension,
    Work,
    of_kind,
)
from simcons.scenario.pay import PaySettings
from simcons.scenario.population_file import Axis
from simcons.scenario.scoring import (
    DEFAULT_READERS,
    DEFAULT_SCORERS,
    UNSCORED,
    AutoReaderSettings,
    ReaderSettings,
    RewardScorerSettings,
    ScorerSettings,
    SettledReaderSettings,
)
from simcons.scenario.stages import DEFAULT_STAGES, StageName, check_stages
from simcons.scenario.welfare import OwnRule, WelfareSettings

Split: TypeAlias = Literal["train", "iid_test", "ood_test"]
Splits: TypeAlias = Split | Annotated[list[Split], Field(min_length=1)]


# --- who ---------------------------------------------------------------------------------------------------------


class _CrowdSettings(StrictModel):
    name: str = Field(
        "uk_crowd", description="a shipped population (uk, uk_crowd) or a YAML file of margins and priors"
    )
    size: Annotated[PositiveInt, IN_A_POOL] | None = Field(
        None, description="people in the pool; by default as many as the study can use"
    )
    values: dict[Literal["ideology_sd", "polarisation", "shift_economic", "shift_authority"], float] = Field(
        {}, description="overrides of the population's value priors"
    )


class PopulationSettings(_CrowdSettings):
    """Where the people come from: drawn to the margins of a population."""

    kind: Literal["margins"] = "margins"


class PersonColumnSettings(StrictModel):
    """A column of a table of persons."""

    column: str = Field(min_length=1, description="its name in the table")
    words: dict[str, str | None] = Field(
        {}, description="our category by the table's word for it; null for a word that says that it is not known"
    )


PersonColumn: TypeAlias = Annotated[str, Field(min_length=1)] | PersonColumnSettings
PersonKey: TypeAlias = Axis | Literal["work", "children", "weight"] | ValueDimension
WORKS: tuple[str, ...] = get_args(Work)


class TablePopulationSettings(_CrowdSettings):
    """Where the people come from: a table of persons. What it lacks of them is drawn from a population, given the rest."""

    kind: Literal["table"]
    path: str = Field(description="a CSV, Parquet or JSON Lines file, looked for beside the scenario: a person a row")
    columns: dict[PersonKey, PersonColumn] = Field(
        min_length=1,
        description="the table's column for each thing it knows: the attributes of participants, positions on the values (in"
        " SDs of the population), and weight, by which people are drawn with replacement",
    )

    @property
    def named(self) -> dict[str, PersonColumnSettings]:
        """Each column with its words."""
        return {
            key: PersonColumnSettings(column=given) if isinstance(given, str) else given
            for key, given in self.columns.items()
        }


CrowdSettings: TypeAlias = Annotated[PopulationSettings | TablePopulationSettings, Field(discriminator="kind")]


def _known_scale(name: str) -> str:
    if name not in SCALES:
        raise ValueError(f"{name!r}: expected one of {', '.join(SCALES)}")
    return name


ScaleName: TypeAlias = Annotated[
    str, AfterValidator(_known_scale), WithJsonSchema({"type": "string", "enum": list(SCALES)})
]


class ParticipantSettings(StrictModel):
    """People: minds, answers and behaviour. Overrides are by name; `personas/*.yaml` list the defaults with their sources."""

    mind: MindSettings = Field(LatentMindSettings(), description="what judges and writes")
    reader: Name = Field("reader", description="one of `readers`: what latent minds understand texts by")
    scales: list[ScaleName] = Field(
        [scale.name for scale in USUAL], description="what people rate statements on, in the order asked"
    )
    hostility: HostilitySettings = HostilitySettings()
    response_style: dict[ResponseStyleKey, float] = Field({}, description="use of the scale, noise and carelessness")
    tempo: dict[TempoKey, float] = Field({}, description="reading, thinking, writing and deciding")
    behaviour: dict[BehaviourKey, NonNegative] = Field({}, description="no-shows, patience, drop-outs and arrivals")

    @field_validator("scales")
    @classmethod
    def _agreement_and_no_scale_twice(cls, scales: list[str]) -> list[str]:
        if AGREEMENT.name not in scales:
            raise ValueError(f"{scales}: expected {AGREEMENT.name!r} among them, as statements are compared by it")
        if len(set(scales)) < len(scales):
            raise ValueError(f"{scales}: expected each once")
        return scales

    @field_validator("mind", mode="before")
    @classmethod
    def _latent_unless_said(cls, mind: object) -> object:
        return {"kind": "latent", **mind} if isinstance(mind, dict) else mind


# --- about what --------------------------------------------------------------------------------------------------


class BankQuestionSettings(StrictModel):
    """Questions from a question bank: with claims, so that opinions and statements have content."""

    kind: Literal["bank"] = "bank"
    bank: str | Annotated[list[str], Field(min_length=1)] = Field(
        "core",
        description="a shipped bank (core, wider, american), a folder of topic files, or one such file; or several of these",
    )
    topics: list[str] | None = Field(None, min_length=1, description="topics to draw from; by default all")
    ids: list[str] | None = Field(None, min_length=1, description="questions to draw from; by default all")
    split: Splits | None = Field(None, description="questions of this part, or of these, alone")
    count: Annotated[PositiveInt, MANY] | None = Field(None, description="how many to draw; by default all that match")

    @field_validator("bank")
    @classmethod
    def _no_bank_twice(cls, given: str | list[str]) -> str | list[str]:
        if not isinstance(given, str) and len(set(given)) < len(given):
            raise ValueError(f"{given}: expected each once")
        return given

    @property
    def banks(self) -> list[str]:
        """Each bank by its name or path."""
        return [self.bank] if isinstance(self.bank, str) else self.bank


class FileQuestionSettings(StrictModel):
    """Any list of questions (JSON, JSON Lines, CSV, YAML or text); claims come from the generic value frames."""

    kind: Literal["file"]
    path: str = Field(description="the file, looked for beside the scenario")
    unfit: Literal["refuse", "leave_out"] = Field(
        "refuse",
        description="what to do with texts that nobody can agree or disagree with, such as 'What should be done?'",
    )
    topics: list[int | str] | None = Field(None, min_length=1, description="topics to draw from; by default all")
    split: Splits | None = Field(None, description="questions of this part, or of these, alone")
    count: Annotated[PositiveInt, MANY] | None = Field(None, description="how many to draw; by default all that match")


QuestionSettings: TypeAlias = Annotated[BankQuestionSettings | FileQuestionSettings, Field(discriminator="kind")]


# --- how ---------------------------------------------------------------------------------------------------------


class LimitSettings(StrictModel):
    """Time limits, in seconds. What is not done by then is left undone: a rating is missing, an opinion cut short."""

    screening: PositiveFloat = Field(180, description="the questions that decide who may take part")
    consent: PositiveFloat = Field(180, description="the consent form")
    instructions: PositiveFloat = Field(300, description="the instructions, read once")
    position: PositiveFloat = Field(90, description="rating the position statement")
    opinion: PositiveFloat = Field(480, description="writing an opinion")
    rating: PositiveFloat = Field(120, description="rating one statement")
    ranking: PositiveFloat = Field(300, description="putting all statements in order")
    position_again: PositiveFloat = Field(90, description="rating the position statement once more")
    debrief: PositiveFloat = Field(180, description="the debriefing")


class DesignSettings(StrictModel):
    """The study's plan."""

    groups: Annotated[PositiveInt, AtMost(1_000_000, "which would take days")] = Field(
        6, description="sessions; recruiting goes on until there are so many"
    )
    group_sizes: list[Annotated[int, Field(ge=2, le=25)]] = Field([5], min_length=1, description="one drawn per group")
    tolerated_losses: Annotated[int, Field(ge=0)] = Field(1, description="members a group may lose and still go on")
    launch_groups: Annotated[PositiveInt, MANY] = Field(
        12, description="groups recruited for at one launch of the study on the platform"
    )
    launch_every_hours: PositiveFloat = Field(24.0, description="simulated hours from one launch to the next")
    rounds: Annotated[PositiveInt, AtMost(1_000, "as people answer them in one session")] = Field(
        3, description="questions that a group discusses"
    )
    stages: list[StageName] = Field(list(DEFAULT_STAGES), min_length=1, description="what happens in a round, in order")
    passes: Literal[1, 2] = Field(2, description="how often every statement is rated")
    omissions: list[Annotated[int, Field(ge=0)]] = Field(
        [0], min_length=1, description="opinions silently left out, one set of candidates for each"
    )
    slate_order: Literal["random", "fixed"] = Field(
        "random", description="of the statements: random, drawn for each person; fixed, the same for all"
    )
    second_pass: Literal["new_order", "same_order"] = Field(
        "new_order", description="a random order is drawn anew for the second pass, or kept"
    )
    others_opinions: bool = Field(False, description="members also rate the other members' opinions")
    limits: LimitSettings = LimitSettings()

    @field_validator("stages")
    @classmethod
    def _stages_make_a_round(cls, stages: list[StageName]) -> list[StageName]:
        check_stages(stages)
        return stages

    @model_validator(mode="after")
    def _possible(self) -> Self:
        smallest = min(self.group_sizes) - self.tolerated_losses
        if smallest < 2:
            raise ValueError(
                f"tolerated_losses {self.tolerated_losses}: expected to leave at least 2 of {min(self.group_sizes)} members"
            )
        if smallest - max(self.omissions) < 1:
            raise ValueError(
                f"omissions {self.omissions}: expected to leave an opinion of the {smallest} in the smallest group"
            )
        if len(set(self.omissions)) != len(self.omissions):
            raise ValueError(f"omissions {self.omissions}: expected different numbers")
        return self


class DrawnLatencySettings(StrictModel):
    """Seconds from the last opinion to the slate, drawn for each call: LogNormal(ln median, log_sd)."""

    kind: Literal["drawn"] = "drawn"
    median_seconds: PositiveFloat = Field(20.0, description="of one call")
    log_sd: NonNegative = Field(0.4, description="SD of its logarithm")


class ServiceLatencySettings(StrictModel):
    """A service shared by all sessions: calls queue for `capacity` servers. Couples the sessions' clocks."""

    kind: Literal["service"]
    capacity: Annotated[PositiveInt, MANY] = Field(2, description="calls that are served at a time")
    median_seconds: PositiveFloat = Field(20.0, description="of one call")
    log_sd: NonNegative = Field(0.4, description="SD of its logarithm")


LatencySettings: TypeAlias = Annotated[DrawnLatencySettings | ServiceLatencySettings, Field(discriminator="kind")]


# --- with what ---------------------------------------------------------------------------------------------------


class OutputSettings(StrictModel):
    """Where and how records are written."""

    folder: Annotated[str, Field(min_length=1)] = Field("runs", description="where run folders are made")
    row_group_rows: Annotated[int, Field(ge=100), AtMost(10_000_000, "as rows wait in memory")] = Field(
        50_000, description="rows of a table that are written at a time"
    )


class Scenario(StrictModel):
    """One study."""

    schema_version: Literal[1] = Field(1, description="of the form of the file")
    name: Name = Field(description="of the study, and of its run folders")
    description: str = Field("", description="what the study is to find out")
    seed: Annotated[int, Field(ge=0)] = Field(
        0, description="of everything drawn: the same scenario and seed give the same records"
    )
    language: str = Field("en_GB", description="in which people write, mediators answer and questions are asked")
    population: CrowdSettings = Field(PopulationSettings(), description="where the people come from")
    questions: QuestionSettings = Field(BankQuestionSettings(), description="what groups discuss")
    design: DesignSettings = DesignSettings()
    participants: ParticipantSettings = ParticipantSettings()
    mediators: list[ArmSettings] = Field(
        min_length=1, description="the arms under comparison; every group sees all of them"
    )
    scorers: dict[Name, ScorerSettings] = Field(
        DEFAULT_SCORERS,
        description="by name: what predicts agreement; beside `reader`, `longest` and `oracle`, which are always there",
    )
    readers: dict[Name, ReaderSettings] = Field(
        DEFAULT_READERS, description="by name: what finds claims in texts; beside `reader`, which is always there"
    )
    latency: LatencySettings = Field(DrawnLatencySettings(), description="how long a group waits for its statements")
    engines: dict[Name, EngineSettings] = Field(
        {}, validate_default=True, description="by name: the models that minds, readers and mediators use"
    )
    budget: BudgetSettings = BudgetSettings()
    pay: PaySettings = PaySettings()
    output: OutputSettings = OutputSettings()

    @field_validator("population", mode="before")
    @classmethod
    def _margins_unless_said(cls, population: object) -> object:
        return {"kind": "margins", **population} if isinstance(population, dict) else population

    @field_validator("questions", mode="before")
    @classmethod
    def _bank_unless_said(cls, questions: object) -> object:
        return of_kind(BankQuestionSettings, questions, FileQuestionSettings)

    @field_validator("latency", mode="before")
    @classmethod
    def _drawn_unless_said(cls, latency: object) -> object:
        return of_kind(DrawnLatencySettings, latency, ServiceLatencySettings)

    @field_validator("readers")
    @classmethod
    def _with_default_readers(cls, given: dict[str, ReaderSettings]) -> dict[str, ReaderSettings]:
        return {**DEFAULT_READERS, **given}

    @field_validator("scorers")
    @classmethod
    def _with_default_scorers(cls, given: dict[str, ScorerSettings]) -> dict[str, ScorerSettings]:
        if UNSCORED in given:
            raise ValueError(f"{UNSCORED!r} stands for an arm without a scorer; expected another name")
        for name in ("longest", "oracle"):  # which are compared with by these names in any study
            if name in given and given[name].kind != (kind := DEFAULT_SCORERS[name].kind):
                raise ValueError(f"{name!r} stands for the scorer of kind {kind}; expected another name")
        return {**DEFAULT_SCORERS, **{name: _named(name, scorer) for name, scorer in given.items()}}

    @field_validator("engines")
    @classmethod
    def _with_those_of_checkpoints(
        cls, given: dict[str, EngineSettings], info: ValidationInfo
    ) -> dict[str, EngineSettings]:
        return {**given, **_engines_of_checkpoints(_stand_for_engines(info.data), given)}

    # --- what is used ---

    @property
    def scorers_used(self) -> dict[str, ScorerSettings]:
        """The scorers of arms, by name."""
        return {name: self.scorers[name] for name in _unique(arm.scorer for arm in self.mediators if arm.is_scored)}

    @property
    def readers_used(self) -> dict[str, SettledReaderSettings]:
        """The readers of participants, generators and scorers, by name."""
        acting = [*(arm.generator for arm in self.mediators), *self.scorers_used.values()]
        names = [self.participants.reader, *(name for settings in acting for name in settings.readers)]
        return {name: self.reader(name) for name in _unique(names)}

    def reader(self, name: str) -> SettledReaderSettings:
        """The reader of this name, settled where its kind is left to what is written."""
        given = self.readers[name]
        if not isinstance(given, AutoReaderSettings):
            return given
        return given.settled(free_words=any(writer.free_words for writer in self._writers))

    @property
    def _writers(self) -> list[ActSettings]:
        return [self.participants.mind, *(arm.generator for arm in self.mediators)]

    @property
    def unused(self) -> list[str]:
        """Readers and scorers that the scenario names and rules that it gives, and nothing uses, as ``readers.NAME``."""
        readers = [name for name, given in self.readers.items() if DEFAULT_READERS.get(name) != given]
        scorers = [name for name, given in self.scorers.items() if DEFAULT_SCORERS.get(name) != given]
        return [
            *(f"readers.{name}" for name in readers if name not in self.readers_used),
            *(f"scorers.{name}" for name in scorers if name not in self.scorers_used),
            *(
                f"mediators.{place}.welfare (of arm {arm.arm!r}, which has no scorer)"
                for place, arm in enumerate(self.mediators)
                if not arm.is_scored and arm.welfare != WelfareSettings()
            ),
        ]

    @property
    def own_rules(self) -> list[OwnRule]:
        """The functions of the user's own that arms choose by."""
        return sorted({rule for arm in self.mediators if (rule := arm.welfare.own_rule) is not None})

    @property
    def acting(self) -> dict[str, ActSettings]:
        """All that may ask a language model, by how messages call it."""
        return {
            "participants.mind": self.participants.mind,
            **{f"arm {arm.arm!r}": arm.generator for arm in self.mediators},
            **{f"scorer {name!r}": scorer for name, scorer in self.scorers_used.items()},
            **{f"reader {name!r}": reader for name, reader in self.readers_used.items()},
        }

    @property
    def engines_used(self) -> set[str]:
        """Names of the engines that anything asks."""
        return {engine for settings in self.acting.values() for engine in settings.engines}

    @property
    def loads_models(self) -> bool:
        """True if a run holds a model in its own process."""
        used = self.engines_used
        return any(engine.loads_model for name, engine in self.engines.items() if name in used)

    def engines_of(self, act: str) -> set[str]:
        """Engines that requests of an act (candidate, score, reading, or one of those of people) go to."""
        askers: Mapping[str, Iterable[ActSettings]] = {
            "candidate": [arm.generator for arm in self.mediators],
            "score": self.scorers_used.values(),
            "reading": self.readers_used.values(),
        }
        return {engine for asker in askers.get(act, [self.participants.mind]) for engine in asker.engines}

    @property
    def continuing_engines(self) -> frozenset[str]:
        """Engines that are sure to go on from a given beginning of a reply."""
        return frozenset(name for name, engine in self.engines.items() if engine.continues)

    def is_upper_bound(self, arm: MediatorSettings) -> bool:
        """True if ``arm`` sees the truth, so that its results bound what any mediator could reach."""
        return arm.generator.upper_bound or (arm.is_scored and self.scorers[arm.scorer].upper_bound)

    @property
    def composed_as_judged(self) -> list[str]:
        """Arms that compose statements of the claims found by the very reader that participants understand texts by.

        What learns to write like them learns what the judge hears: distillation with a leak.
        """
        judge = self.reader(self.participants.reader)
        return [arm.arm for arm in self.mediators if any(self.reader(name) == judge for name in arm.generator.readers)]

    def embeds(self, reader: str) -> bool:
        """True if the reader of this name gets a sentence encoder."""
        return self.reader(reader).embeds(
            model_writes=any(writer.engines and not writer.wants_scores for writer in self._writers)
        )

    @property
    def reads_with_embeddings(self) -> bool:
        """True if any reader in use gets a sentence encoder."""
        return any(map(self.embeds, self.readers_used))

    @property
    def couples_sessions(self) -> bool:
        """True if sessions wait for one another, at the mediator's service."""
        return isinstance(self.latency, ServiceLatencySettings)

    # --- what does not go together ---

    @model_validator(mode="after")
    def _arms_differ(self) -> Self:
        arms = [mediator.arm for mediator in self.mediators]
        repeated = next((arm for arm in arms if arms.count(arm) > 1), None)
        if repeated:
            raise ValueError(f"mediators: arm {repeated!r} is given twice; expected different names")
        return self

    @model_validator(mode="after")
    def _people_fit_into_memory(self) -> Self:
        groups, sizes = self.design.groups, self.design.group_sizes
        check_pool(pool_size(self.population.size, groups, sizes), f"design.groups {groups:,} of up to {max(sizes)}")
        return self

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        """Before anything looks a name up."""
        for place, name, known in _names_given(self):
            if name not in known:
                raise ValueError(f"{place}: value {name!r}: expected one of {', '.join(known)}")
        return self

    @model_validator(mode="after")
    def _engines_exist(self) -> Self:
        known = ", ".join(self.engines) or "none"
        for asker, settings in self.acting.items():
            unknown = next((engine for engine in settings.engines if engine not in self.engines), None)
            if unknown is not None:
                raise ValueError(f"{asker}: engine {unknown!r} is not in engines (known: {known})")
            for name in settings.engines if not settings.asks_as_it_likes else ():
                _check_that_it_answers(asker, name, self.engines[name], scores=settings.wants_scores)
        return self

    @model_validator(mode="after")
    def _truth_is_there_for_the_oracle(self) -> Self:
        mind = self.participants.mind
        if mind.asks_to_judge:
            oracle = next((name for name, scorer in self.scorers_used.items() if scorer.upper_bound), None)
            if oracle:
                arm = next(mediator.arm for mediator in self.mediators if mediator.scorer == oracle)
                raise ValueError(
                    f"arm {arm!r}: scorer {oracle} with people of kind {mind.kind}, who are asked to judge; expected judge latent"
                )
        return self

    @model_validator(mode="after")
    def _crowd_is_large_enough(self) -> Self:
        size = self.population.size
        if size is not None and size < max(self.design.group_sizes):
            raise ValueError(
                f"population.size {size} is smaller than a group of {max(self.design.group_sizes)}; expected a larger crowd"
            )
        return self


def _named(name: str, scorer: ScorerSettings) -> ScorerSettings:
    return scorer.named(name) if isinstance(scorer, RewardScorerSettings) else scorer


def _stand_for_engines(parts: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """By the engine's name, what of the scenario's parts has a checkpoint that stands for it, and the folder."""
    stand_for = {
        name: (f"scorers.{name}", scorer.checkpoint)
        for name, scorer in parts.get("scorers", {}).items()
        if isinstance(scorer, RewardScorerSettings) and scorer.checkpoint is not None
    }
    people = parts.get("participants")
    if people is not None and isinstance(people.mind, FittedMindSettings):
        stand_for[people.mind.engine] = ("participants.mind", people.mind.checkpoint)
    return stand_for


def _engines_of_checkpoints(
    stand_for: Mapping[str, tuple[str, str]], engines: Mapping[str, EngineSettings]
) -> dict[str, EngineSettings]:
    """The engines that checkpoints stand for, as they are where the scenario has them already."""
    implied: dict[str, EngineSettings] = {}
    for name, (asker, checkpoint) in stand_for.items():
        implied[name] = engines.get(name) or RewardEngineSettings(kind="reward", checkpoint=checkpoint)
        if getattr(implied[name], "checkpoint", None) != checkpoint:
            raise ValueError(
                f"{name!r} is another engine than the checkpoint of {asker} stands for; expected another name"
            )
    return implied


def _check_that_it_answers(asker: str, name: str, engine: EngineSettings, *, scores: bool) -> None:
    """Raises ValueError where a reward model is asked for texts, or another engine for scores."""
    if not (engine.scores if scores else engine.writes):
        expected = "of kind reward, with a checkpoint" if scores else "with a language model"
        raise ValueError(f"{asker}: engine {name!r} is of kind {engine.kind}; expected one {expected}")


def _unique(names: Iterable[str]) -> list[str]:
    """Each name once, in order."""
    return list(dict.fromkeys(names))


def _names_given(scenario: Scenario) -> Iterator[tuple[str, str, list[str]]]:
    """Where a scenario refers to a reader or scorer, the name it gives, and the names there are."""
    readers = list(scenario.readers)
    yield "participants.reader", scenario.participants.reader, readers
    for k, arm in enumerate(scenario.mediators):
        yield f"mediators.{k}.scorer", arm.scorer, [UNSCORED, *scenario.scorers]
        yield from ((f"mediators.{k}.generator.reader", name, readers) for name in arm.generator.readers)
    for scorer, settings in scenario.scorers.items():
        yield from ((f"scorers.{scorer}.reader", name, readers) for name in settings.readers)
