"""The scenario: everything that decides a study, in one file.

Unknown keys are refused everywhere; parts that come in kinds carry a `kind`. The JSON Schema for editors is
`Scenario.model_json_schema()` (`simcons schema`).
"""

from __future__ import annotations

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, PositiveFloat, PositiveInt, field_validator, model_validator

from simcons.scenario.bounds import IN_A_POOL, MANY, AtMost, check_pool, pool_size
from simcons.scenario.engines import BudgetSettings, EngineSettings, NonNegative, SamplingSettings
from simcons.scenario.minds import HostilitySettings, LatentMindSettings, LlmMindSettings, MindSettings, Share
from simcons.scenario.names import Name
from simcons.scenario.parameters import BehaviourKey, ResponseStyleKey, StrictModel, TempoKey
from simcons.scenario.pay import PaySettings
from simcons.scenario.stages import DEFAULT_STAGES, StageName, check_stages
from simcons.scenario.welfare import WelfareSettings

Split: TypeAlias = Literal["train", "iid_test", "ood_test"]


# --- who ---------------------------------------------------------------------------------------------------------


class PopulationSettings(StrictModel):
    """Where the people come from."""

    kind: Literal["margins"] = "margins"
    name: str = Field(
        "uk_crowd", description="a shipped population (uk, uk_crowd) or a YAML file of margins and priors"
    )
    size: Annotated[PositiveInt, IN_A_POOL] | None = Field(
        None, description="people in the pool; by default as many as the study can use"
    )
    values: dict[Literal["ideology_sd", "polarisation", "shift_economic", "shift_authority"], float] = Field(
        {}, description="overrides of the population's value priors"
    )


class ParticipantSettings(StrictModel):
    """How people think, answer, and behave. Overrides are by name; `personas/*.yaml` list the defaults with their sources."""

    mind: MindSettings = LatentMindSettings()
    hostility: HostilitySettings = HostilitySettings()
    response_style: dict[ResponseStyleKey, float] = {}
    tempo: dict[TempoKey, float] = {}
    behaviour: dict[BehaviourKey, NonNegative] = {}

    @field_validator("mind", mode="before")
    @classmethod
    def _latent_unless_said(cls, mind: object) -> object:
        return {"kind": "latent", **mind} if isinstance(mind, dict) else mind


# --- about what --------------------------------------------------------------------------------------------------


class BankQuestionSettings(StrictModel):
    """Questions from a question bank: with claims, so that opinions and statements have content."""

    kind: Literal["bank"] = "bank"
    bank: str = Field("core", description="a shipped bank, a folder of topic files, or one such file")
    topics: list[str] | None = Field(None, min_length=1)
    ids: list[str] | None = Field(None, min_length=1)
    split: Split | None = None
    count: Annotated[PositiveInt, MANY] | None = Field(None, description="how many to draw; by default all that match")


class FileQuestionSettings(StrictModel):
    """Any list of questions (JSON, JSON Lines, CSV, YAML or text); claims come from the generic value frames."""

    kind: Literal["file"]
    path: str
    unfit: Literal["refuse", "leave_out"] = Field(
        "refuse",
        description="what to do with texts that nobody can agree or disagree with, such as 'What should be done?'",
    )
    topics: list[int | str] | None = Field(None, min_length=1)
    split: Split | None = None
    count: Annotated[PositiveInt, MANY] | None = None


QuestionSettings: TypeAlias = Annotated[BankQuestionSettings | FileQuestionSettings, Field(discriminator="kind")]


# --- how ---------------------------------------------------------------------------------------------------------


class LimitSettings(StrictModel):
    """Time limits, in seconds. What is not done by then is left undone: a rating is missing, an opinion cut short."""

    screening: PositiveFloat = 180
    consent: PositiveFloat = 180
    instructions: PositiveFloat = 300
    position: PositiveFloat = 90
    opinion: PositiveFloat = 480
    rating: PositiveFloat = 120
    debrief: PositiveFloat = 180


class DesignSettings(StrictModel):
    """The study's plan."""

    groups: Annotated[PositiveInt, AtMost(1_000_000, "which would take days")] = 6
    group_sizes: list[Annotated[int, Field(ge=2, le=25)]] = Field([5], min_length=1, description="one drawn per group")
    tolerated_losses: Annotated[int, Field(ge=0)] = Field(1, description="members a group may lose and still go on")
    launch_groups: Annotated[PositiveInt, MANY] = Field(
        12, description="groups recruited for at one launch of the study on the platform"
    )
    launch_every_hours: PositiveFloat = 24.0
    rounds: Annotated[PositiveInt, AtMost(1_000, "as people answer them in one session")] = 3
    stages: list[StageName] = Field(list(DEFAULT_STAGES), min_length=1, description="what happens in a round, in order")
    passes: Literal[1, 2] = Field(2, description="how often every statement is rated")
    omissions: list[Annotated[int, Field(ge=0)]] = Field(
        [0], min_length=1, description="opinions silently left out, one set of candidates for each"
    )
    slate_order: Literal["random", "fixed"] = "random"
    second_pass: Literal["new_order", "same_order"] = "new_order"
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


class ReaderSettings(StrictModel):
    """How claims are found in texts that do not use the bank's own words."""

    matching: Literal["auto", "words", "both"] = Field(
        "auto", description="words; both: words and sentence embeddings; auto: both where a language model writes"
    )


# --- mediators ---------------------------------------------------------------------------------------------------


class ScriptedGeneratorSettings(StrictModel):
    """Statements composed from the claims read in the opinions; needs no language model."""

    kind: Literal["scripted"] = "scripted"
    samples: Annotated[int, Field(ge=1, le=1024)] = 16
    skill: Share = Field(0.6, description="how often a sample covers what the group shares, rather than one side [J]")


class LanguageModelGeneratorSettings(StrictModel):
    """Statements sampled from a language model."""

    kind: Literal["language_model"]
    engine: Name
    prompt: str = Field("few_shot", description="a shipped prompt (zero_shot, few_shot) or a .md.j2 file")
    samples: Annotated[int, Field(ge=1, le=1024)] = 16
    sampling: SamplingSettings = SamplingSettings()
    retries: Annotated[int, Field(ge=0, le=10)] = Field(
        2, description="further draws, each with a new seed, of a sample without usable text; it is left out after that"
    )
    opinions: Literal["submitted", "honest"] = Field(
        "submitted", description="honest: without what hostile people added; no deployable mediator could know"
    )


GeneratorSettings: TypeAlias = Annotated[
    ScriptedGeneratorSettings | LanguageModelGeneratorSettings, Field(discriminator="kind")
]


class NoScorerSettings(StrictModel):
    """No reranking: the first samples are shown, in the order drawn."""

    kind: Literal["none"] = "none"


class ReaderScorerSettings(StrictModel):
    """Predicts agreement from the text of each opinion and candidate, by the claims the reader finds in both."""

    kind: Literal["reader"]


class OracleScorerSettings(StrictModel):
    """True appraisals. No deployable mediator has them: an upper bound, marked as one everywhere."""

    kind: Literal["oracle"]


ScorerSettings: TypeAlias = Annotated[
    NoScorerSettings | ReaderScorerSettings | OracleScorerSettings, Field(discriminator="kind")
]


class MediatorSettings(StrictModel):
    """One arm: generator + scorer + welfare + selection."""

    arm: Name
    generator: GeneratorSettings = ScriptedGeneratorSettings()
    scorer: ScorerSettings = NoScorerSettings()
    welfare: WelfareSettings = WelfareSettings()
    select: PositiveInt = Field(2, description="statements shown, for each omission")

    @model_validator(mode="after")
    def _enough_samples(self) -> Self:
        if self.select > self.generator.samples:
            raise ValueError(f"select {self.select} needs at least as many samples, got {self.generator.samples}")
        return self

    @property
    def upper_bound(self) -> bool:
        """Whether this arm sees the truth, so that its results bound what any mediator could reach."""
        generator = self.generator
        honest = isinstance(generator, LanguageModelGeneratorSettings) and generator.opinions == "honest"
        return honest or self.scorer.kind == "oracle"


class DrawnLatencySettings(StrictModel):
    """Seconds from the last opinion to the slate, drawn for each call: LogNormal(ln median, log_sd)."""

    kind: Literal["drawn"] = "drawn"
    median_seconds: PositiveFloat = 20.0
    log_sd: NonNegative = 0.4


class ServiceLatencySettings(StrictModel):
    """A service shared by all sessions: calls queue for `capacity` servers. Couples the sessions' clocks."""

    kind: Literal["service"]
    capacity: Annotated[PositiveInt, MANY] = 2
    median_seconds: PositiveFloat = 20.0
    log_sd: NonNegative = 0.4


LatencySettings: TypeAlias = Annotated[DrawnLatencySettings | ServiceLatencySettings, Field(discriminator="kind")]


# --- with what ---------------------------------------------------------------------------------------------------


class OutputSettings(StrictModel):
    """Where and how records are written."""

    folder: Annotated[str, Field(min_length=1)] = "runs"
    row_group_rows: Annotated[int, Field(ge=100), AtMost(10_000_000, "as rows wait in memory")] = 50_000


class Scenario(StrictModel):
    """One study."""

    schema_version: Literal[1] = 1
    name: Name
    description: str = ""
    seed: Annotated[int, Field(ge=0)] = 0
    population: PopulationSettings = PopulationSettings()
    questions: QuestionSettings = BankQuestionSettings()
    design: DesignSettings = DesignSettings()
    participants: ParticipantSettings = ParticipantSettings()
    mediators: list[MediatorSettings] = Field(min_length=1)
    latency: LatencySettings = DrawnLatencySettings()
    reader: ReaderSettings = ReaderSettings()
    engines: dict[Name, EngineSettings] = {}
    budget: BudgetSettings = BudgetSettings()
    pay: PaySettings = PaySettings()
    output: OutputSettings = OutputSettings()

    @property
    def engine_uses(self) -> dict[str, str]:
        """What asks for an engine, in words, and the name it gives."""
        mind = self.participants.mind
        uses = {"participants.mind": mind.engine} if isinstance(mind, LlmMindSettings) else {}
        for mediator in self.mediators:
            if isinstance(mediator.generator, LanguageModelGeneratorSettings):
                uses[f"arm {mediator.arm!r}"] = mediator.generator.engine
        return uses

    @property
    def engines_used(self) -> set[str]:
        """Names of the engines that an arm samples from or that people think with."""
        return set(self.engine_uses.values())

    def engines_of(self, act: str) -> set[str]:
        """Engines that requests of an act (candidate, or one of those of people) go to."""
        if act != "candidate":
            mind = self.participants.mind
            return {mind.engine} if isinstance(mind, LlmMindSettings) else set()
        generators = [mediator.generator for mediator in self.mediators]
        return {generator.engine for generator in generators if isinstance(generator, LanguageModelGeneratorSettings)}

    @property
    def continuing_engines(self) -> frozenset[str]:
        """Engines that are sure to go on from a given beginning of a reply."""
        return frozenset(name for name, engine in self.engines.items() if engine.continues)

    @property
    def reads_with_embeddings(self) -> bool:
        """Whether the reader gets a sentence encoder."""
        return self.reader.matching == "both" or (self.reader.matching == "auto" and bool(self.engines_used))

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
    def _engines_exist(self) -> Self:
        for what, engine in self.engine_uses.items():
            if engine not in self.engines:
                raise ValueError(
                    f"{what}: engine {engine!r} is not in engines (known: {', '.join(self.engines) or 'none'})"
                )
        return self

    @model_validator(mode="after")
    def _truth_is_there_for_the_oracle(self) -> Self:
        mind = self.participants.mind
        if isinstance(mind, LlmMindSettings) and mind.judge == "llm":
            oracle = next((mediator.arm for mediator in self.mediators if mediator.scorer.kind == "oracle"), None)
            if oracle:
                raise ValueError(
                    f"arm {oracle!r}: scorer oracle with participants.mind.judge {mind.judge!r}; expected judge latent"
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
