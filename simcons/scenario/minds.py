"""Minds as a scenario names them: how participants form their judgements and write their opinions."""

from __future__ import annotations

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AliasChoices, Field, PositiveFloat, model_validator

from simcons.scenario.acts import ActSettings
from simcons.scenario.engines import SamplingSettings
from simcons.scenario.names import Name
from simcons.scenario.parameters import StrictModel

OpinionStart: TypeAlias = Literal["free", "verdict"]
Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
NonNegative: TypeAlias = Annotated[float, Field(ge=0)]
ElicitedBy: TypeAlias = Literal["logprobs", "choice", "text"]


class LatentMindSettings(ActSettings):
    """Judgements from values and the question bank; needs no language model (see population/minds)."""

    @property
    def underneath(self) -> LatentMindSettings:
        """The latent mind that everybody has, whatever mind they answer with."""
        return self

    @property
    def asks_to_judge(self) -> bool:
        """True if a model is asked how far people agree, so that every judgement costs something."""
        return False

    kind: Literal["latent"] = "latent"
    position_mean: float = Field(4.2, description="average leaning over questions, on the 1-7 scale [L]")
    person_sd: PositiveFloat = Field(1.3, description="SD of leanings over people, in points [S]")
    intensity: PositiveFloat = Field(
        1.9, description="points of position, before its bound, for a point of leaning: how strongly people feel [L]"
    )
    value_share: Share = Field(0.5, description="share of the variance of leanings explained by values [J]")
    verdict_weight: Share = Field(0.4, description="weight of the verdict in agreement, against the claims [J]")
    disagreement_weight: PositiveFloat = Field(
        1.6, description="weight of a claim one rejects, against one endorsed [J]"
    )
    own_points: NonNegative = Field(0.8, description="points of agreement gained by hearing all one's own points [J]")


class ElicitationSettings(StrictModel):
    """The way in which a language model is asked for a rating.

    logprobs: the expected answer under the model's probabilities of 1 to 7, with their spread; choice: one of 1 to 7, sampled;
    text: a free answer, mapped to the scale.
    """

    by: ElicitedBy = Field("logprobs", description="see above")
    least_mass: Share = Field(
        0.5, description="probability on 1 to 7 together below which the answer counts as off the scale"
    )
    order: Literal["seeded", "up", "down", "both"] = Field(
        "seeded", description="options listed from 1 up or from 7 down: drawn, fixed, or asked both ways and averaged"
    )
    sampling: SamplingSettings = Field(
        SamplingSettings(temperature=1.0, min_p=0.0, max_tokens=24), description="of an answer, where it is sampled"
    )


class LlmMindSettings(ActSettings):
    """Opinions and judgements from a language model that plays the persona.

    beliefs: what the model is told the person holds: `persona`, their traits alone, so that it decides what such a person
    would hold; `latent`, also their position and claims as the latent mind has them. Writing and judging may come from
    different minds; where one of them is latent, beliefs must be too.
    """

    kind: Literal["llm"]
    engine: Name = Field(description="one of `engines`")
    writer: Literal["llm", "latent"] = Field("llm", description="which mind writes opinions")
    judge: Literal["llm", "latent"] = Field("llm", description="which mind judges statements")
    beliefs: Literal["persona", "latent"] = Field("persona", description="see above")
    position: Literal["drawn", "expected"] = Field(
        "drawn",
        description="the position that a person takes, by logprobs: drawn from the model's distribution, as somebody commits to"
        " one answer, or its mean, which is much the same for everybody",
    )
    opinion_prompt: str = Field("persona_opinion", description="a shipped prompt or a .md.j2 file")
    rating_prompt: str = Field("persona_rating", description="a shipped prompt or a .md.j2 file")
    opinion_start: OpinionStart = Field(
        "free",
        description="verdict: an opinion begins with where the person comes down, in words of the latent mind's writer, and the"
        " model goes on, unless the prompt begins the reply itself; for models too small to hold to a position",
    )
    opinion_sampling: SamplingSettings = Field(
        SamplingSettings(temperature=0.9, min_p=0.05, max_tokens=200), description="of an opinion"
    )
    elicitation: ElicitationSettings = ElicitationSettings()
    retries: Annotated[int, Field(ge=0, le=10)] = Field(
        2, description="further attempts, each with a new seed, at an answer that cannot be used"
    )
    latent: LatentMindSettings = Field(LatentMindSettings(), description="the latent mind, where it is asked")

    @property
    def underneath(self) -> LatentMindSettings:
        return self.latent

    @property
    def asks_to_judge(self) -> bool:
        return self.judge == "llm"

    @property
    def engines(self) -> tuple[str, ...]:
        return (self.engine,)

    @property
    def prompts(self) -> tuple[str, ...]:
        return (self.opinion_prompt, self.rating_prompt)

    @model_validator(mode="after")
    def _one_person(self) -> Self:
        if self.writer == self.judge == "latent":
            raise ValueError("writer and judge are both latent; expected kind latent")
        if "latent" in (self.writer, self.judge) and self.beliefs != "latent":
            role = "writer" if self.writer == "latent" else "judge"
            raise ValueError(f"beliefs {self.beliefs!r} with {role} latent; expected beliefs latent")
        return self


class FittedMindSettings(ActSettings):
    """Agreement as a reward model has learnt it from people's ratings; opinions, positions and all other scales are the latent
    mind's. The model reads a person's own opinion and the statement; `simcons believe IMPORT --mind FOLDER` tries it.
    """

    kind: Literal["fitted"]
    checkpoint: str = Field(
        validation_alias=AliasChoices("from", "checkpoint"),
        description="the folder of a reward model that `simcons train reward` made, best of people's ratings (`loss: ordinal`)",
    )
    engine: Name = Field(
        "fitted_mind", description="the engine that the folder stands for; give it settings under `engines`"
    )
    beyond: NonNegative = Field(
        1.0,
        description="SD, in points, of what a person holds of a statement beyond what the model tells from their opinion [J]",
    )
    latent: LatentMindSettings = Field(LatentMindSettings(), description="the latent mind, for all but agreement")

    @property
    def underneath(self) -> LatentMindSettings:
        return self.latent

    @property
    def asks_to_judge(self) -> bool:
        return True

    @property
    def engines(self) -> tuple[str, ...]:
        return (self.engine,)

    @property
    def wants_scores(self) -> bool:
        return True

    @property
    def free_words(self) -> bool:
        return False


MindSettings: TypeAlias = Annotated[
    LatentMindSettings | LlmMindSettings | FittedMindSettings, Field(discriminator="kind")
]


class HostilitySettings(StrictModel):
    """People who add instructions to the mediator to their opinions, to have the statement say what they want.

    instruct: a plain instruction; escape: it pretends that the opinions are over; repeat: it says so again and again.
    """

    share: Share = Field(0.0, description="share of people who do so")
    attack: Literal["instruct", "escape", "repeat"] = Field("instruct", description="see above")
