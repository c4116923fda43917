"""Mediators as a scenario names them: each arm is a generator, a scorer, a rule of welfare and a number of statements to show."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, PositiveInt, field_validator, model_validator

from simcons.scenario.acts import ActSettings
from simcons.scenario.engines import SamplingSettings
from simcons.scenario.minds import Share
from simcons.scenario.names import Name
from simcons.scenario.parameters import StrictModel, of_kind
from simcons.scenario.pipelines import HttpPipelineSettings, PythonPipelineSettings
from simcons.scenario.scoring import UNSCORED
from simcons.scenario.welfare import WelfareSettings

ExploitName: TypeAlias = Literal[
    "constant",
    "union",
    "platitudes",
    "keywords",
    "nonsense",
    "rate_this",
    "joined_opinions",
    "echo",
    "two_faced",
    "verdict_only",
    "flattery",
]


class CommonGeneratorSettings(ActSettings):
    """Settings that all generators have."""

    samples: Annotated[int, Field(ge=1, le=1024)] = Field(16, description="candidates of a round, for each omission")

    @property
    def n_requests(self) -> int:
        """Requests to language models for one set of opinions, without retries."""
        return 0

    @property
    def as_submitted(self) -> Self:
        """The same generator, seeing opinions as they were sent."""
        return self


class ScriptedGeneratorSettings(CommonGeneratorSettings):
    """Statements composed from the claims read in the opinions; needs no language model."""

    kind: Literal["scripted"] = "scripted"
    skill: Share = Field(0.6, description="how often a sample covers what the group shares, rather than one side [J]")
    short: Share = Field(
        0.0,
        description="share of the samples that are a verdict, a point, or one of each, for one side whatever the group holds:"
        " what a language model learns from to tell with whom a person agrees",
    )
    reader: Name = Field("reader", description="one of `readers`: what finds the claims in the opinions")
    opinions: Literal["submitted", "meant"] = Field(
        "submitted",
        description="meant: as their authors mean them, not as they are read; no deployable mediator could know",
    )

    @property
    def readers(self) -> tuple[str, ...]:
        return (self.reader,)

    @property
    def upper_bound(self) -> bool:
        """True if it knows what the authors of opinions mean."""
        return self.opinions == "meant"

    @property
    def as_submitted(self) -> Self:
        return self.model_copy(update={"opinions": "submitted"})


class ExploitGeneratorSettings(CommonGeneratorSettings):
    """Texts of one exploit: what a mediator comes to write that is trained on people who can be pleased so."""

    kind: Literal["exploit"]
    exploit: ExploitName = Field(description="which (docs/exploits.md says what each exploits)")
    reader: Name = Field("reader", description="one of `readers`: what finds the claims in the opinions")

    @property
    def readers(self) -> tuple[str, ...]:
        return (self.reader,)


class FixedGeneratorSettings(CommonGeneratorSettings):
    """Statements written beforehand, by question, whatever a group says. Of a question without any nothing is shown."""

    kind: Literal["fixed"]
    texts: dict[str, list[Annotated[str, Field(min_length=1)]]] = Field(description="by the question's id")

    @property
    def free_words(self) -> bool:
        return True


class LanguageModelGeneratorSettings(CommonGeneratorSettings):
    """Statements sampled from a language model."""

    kind: Literal["language_model"]
    engine: Name = Field(description="one of `engines`")
    prompt: str = Field("few_shot", description="a shipped prompt (zero_shot, few_shot) or a .md.j2 file")
    sampling: SamplingSettings = Field(SamplingSettings(), description="of each candidate")
    retries: Annotated[int, Field(ge=0, le=10)] = Field(
        2, description="further draws, each with a new seed, of a sample without usable text; it is left out after that"
    )
    opinions: Literal["submitted", "honest"] = Field(
        "submitted", description="honest: without what hostile people added; no deployable mediator could know"
    )

    @property
    def engines(self) -> tuple[str, ...]:
        return (self.engine,)

    @property
    def prompts(self) -> tuple[str, ...]:
        return (self.prompt,)

    @property
    def upper_bound(self) -> bool:
        """True if it gets opinions without what hostile people added."""
        return self.opinions == "honest"

    @property
    def n_requests(self) -> int:
        return self.samples

    @property
    def as_submitted(self) -> Self:
        return self.model_copy(update={"opinions": "submitted"})


class PythonMediatorSettings(CommonGeneratorSettings, PythonPipelineSettings):
    """Statements by code of one's own, which may choose among them itself."""


class HttpMediatorSettings(CommonGeneratorSettings, HttpPipelineSettings):
    """Statements by a server of one's own, which may choose among them itself."""


OwnMediatorSettings: TypeAlias = Annotated[PythonMediatorSettings | HttpMediatorSettings, Field(discriminator="kind")]
GeneratorSettings: TypeAlias = Annotated[
    ScriptedGeneratorSettings
    | LanguageModelGeneratorSettings
    | ExploitGeneratorSettings
    | FixedGeneratorSettings
    | PythonMediatorSettings
    | HttpMediatorSettings,
    Field(discriminator="kind"),
]


_OTHER_GENERATORS = (
    *(LanguageModelGeneratorSettings, ExploitGeneratorSettings, FixedGeneratorSettings),
    *(PythonMediatorSettings, HttpMediatorSettings),
)


class MediatorSettings(StrictModel):
    """One arm: generator + scorer + welfare + selection."""

    arm: Name = Field(description="its name in tables and reports")
    generator: GeneratorSettings = Field(ScriptedGeneratorSettings(), description="what samples candidates")
    mediator: OwnMediatorSettings | None = Field(
        None,
        exclude=True,
        description="a pipeline of one's own in place of a generator: it decides what is shown, unless there is a scorer",
    )
    scorer: Name = Field(
        UNSCORED, description="one of `scorers`; none: the first samples are shown, in the order drawn"
    )
    welfare: WelfareSettings = WelfareSettings()
    select: PositiveInt = Field(2, description="statements shown, for each omission")

    @field_validator("generator", mode="before")
    @classmethod
    def _scripted_unless_told(cls, generator: Any) -> Any:
        return of_kind(ScriptedGeneratorSettings, generator, *_OTHER_GENERATORS)

    @model_validator(mode="after")
    def _enough_samples(self) -> Self:
        samples = (self.mediator or self.generator).samples
        if self.select > samples:
            raise ValueError(f"select {self.select} needs at least as many samples, got {samples}")
        return self

    @model_validator(mode="after")
    def _one_of_generator_and_mediator(self) -> Self:
        if self.mediator is not None and "generator" in self.model_fields_set:
            raise ValueError("has a mediator and a generator; expected one of them")
        return self

    @property
    def is_scored(self) -> bool:
        """True if its statements are chosen by scores, rather than in the order drawn."""
        return self.scorer != UNSCORED


def _with_its_own(arm: MediatorSettings) -> MediatorSettings:
    """The arm with its own pipeline as the generator that it is."""
    return arm if arm.mediator is None else arm.model_copy(update={"generator": arm.mediator, "mediator": None})


ArmSettings: TypeAlias = Annotated[MediatorSettings, AfterValidator(_with_its_own)]
