"""Readers and scorers as a scenario names them: what texts say, and how much their authors would agree with a statement.

A scenario has one reader and three scorers without saying so; a block `readers` or `scorers` adds to them or overrides them.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BeforeValidator, Field, model_validator

from simcons.scenario.acts import ActSettings
from simcons.scenario.engines import SamplingSettings
from simcons.scenario.minds import Share
from simcons.scenario.names import Name
from simcons.scenario.pipelines import HttpScorerSettings, PythonScorerSettings

UNSCORED = "none"  # an arm's scorer where it has none


class RulesReaderSettings(ActSettings):
    """Finds the claims of a question by rules: in the bank's wordings, and in words of a text's own by their likeness."""

    kind: Literal["rules"] = "rules"
    matching: Literal["auto", "words", "both"] = Field(
        "auto", description="words; both: words and sentence embeddings; auto: both where a language model writes"
    )

    def embeds(self, *, model_writes: bool) -> bool:
        """True if it compares sentence embeddings too. model_writes: a language model writes some of the texts."""
        return self.matching == "both" or (self.matching == "auto" and model_writes)


class TrainedReaderSettings(ActSettings):
    """Finds claims and verdicts by a network that learnt from labelled texts; reads the bank's own words without it.

    Needs the packaged sentence encoder, which its network begins from.
    """

    kind: Literal["trained"]
    weights: str | None = Field(None, description="a file that `make reader` made; by default the shipped one")

    def embeds(self, *, model_writes: bool) -> bool:
        """False: it loads networks of its own when the first text needs them."""
        return False


class AutoReaderSettings(ActSettings):
    """Stands for `trained` where a language model writes or texts were written beforehand, else for `rules`."""

    kind: Literal["auto"]

    def settled(self, *, free_words: bool) -> RulesReaderSettings | TrainedReaderSettings:
        """The reader that it stands for. free_words: some texts are not composed from the bank."""
        return TrainedReaderSettings(kind="trained") if free_words else RulesReaderSettings()


class ModelReaderSettings(ActSettings):
    """Asks a language model, of each text, whether it makes or denies each claim of the question, and where it comes down.

    choice: a short choice for each claim and one for the verdict, the likeliest by the model's log-probabilities; prompts on one
    text share their beginning. structured: all of them in one answer in JSON, held to its form where the engine can, and read
    strictly. A text of which any answer cannot be used has no reading.
    """

    kind: Literal["model"]
    engine: Name = Field(description="one of `engines`")
    by: Literal["choice", "structured"] = Field("choice", description="see above")
    prompt: str = Field("reading", description="a shipped prompt or a .md.j2 file")
    least_mass: Share = Field(
        0.5, description="probability on the choices together below which an answer counts as none of them (choice)"
    )
    sampling: SamplingSettings = Field(
        SamplingSettings(temperature=0.2, min_p=0.1, max_tokens=600), description="of an answer (structured)"
    )
    retries: Annotated[int, Field(ge=0, le=10)] = Field(
        2,
        description="further attempts at an answer that cannot be used: with a new seed (structured), or once, with the options"
        " listed the other way (choice)",
    )

    @property
    def engines(self) -> tuple[str, ...]:
        return (self.engine,)

    @property
    def prompts(self) -> tuple[str, ...]:
        return (self.prompt,)

    def embeds(self, *, model_writes: bool) -> bool:
        """False: what it needs to know of meaning it asks."""
        return False

    def n_requests(self, n_claims: float) -> float:
        """Requests for one text on a question with so many claims, without retries."""
        return n_claims + 1 if self.by == "choice" else 1


def _rules_unless_said(given: object) -> object:
    return {"kind": "rules", **given} if isinstance(given, dict) else given


SettledReaderSettings: TypeAlias = RulesReaderSettings | TrainedReaderSettings | ModelReaderSettings
ReaderSettings: TypeAlias = Annotated[
    Annotated[
        RulesReaderSettings | TrainedReaderSettings | ModelReaderSettings | AutoReaderSettings,
        Field(discriminator="kind"),
    ],
    BeforeValidator(_rules_unless_said),
]


class ReaderScorerSettings(ActSettings):
    """Predicts agreement from the text of each opinion and candidate, by the claims that a reader finds in both."""

    kind: Literal["reader"] = "reader"
    reader: Name = Field("reader", description="one of `readers`")

    @property
    def readers(self) -> tuple[str, ...]:
        return (self.reader,)


class RewardScorerSettings(ActSettings):
    """Asks a reward model how far the author of each opinion would agree with each candidate.

    A checkpoint stands for an engine of the scorer's name with that checkpoint; name an engine to have settings of its own.
    """

    kind: Literal["reward"]
    engine: Name | None = Field(None, description="one of `engines`, of kind reward")
    checkpoint: str | None = Field(None, description="in place of an engine: the folder of a trained reward model")

    @model_validator(mode="after")
    def _has_a_model(self) -> Self:
        if self.engine is None and self.checkpoint is None:
            raise ValueError("expected checkpoint or engine")
        return self

    def named(self, name: str) -> Self:
        """With the engine that it asks, where it is called ``name``. Raises ValueError for a checkpoint and another engine."""
        if self.checkpoint is None:
            return self
        if self.engine not in (None, name):
            raise ValueError(f"{name}: has a checkpoint and the engine {self.engine!r}; expected one of them")
        return self.model_copy(update={"engine": name})

    @property
    def engines(self) -> tuple[str, ...]:
        return () if self.engine is None else (self.engine,)

    @property
    def wants_scores(self) -> bool:
        return True


class LengthScorerSettings(ActSettings):
    """The longer a statement is among those of its round, the better, whoever reads it: what any other scorer has to beat."""

    kind: Literal["length"]


class OracleScorerSettings(ActSettings):
    """True appraisals. No deployable mediator has them: an upper bound, marked as one everywhere."""

    kind: Literal["oracle"]

    @property
    def upper_bound(self) -> bool:
        return True


ScorerSettings: TypeAlias = Annotated[
    ReaderScorerSettings
    | RewardScorerSettings
    | LengthScorerSettings
    | OracleScorerSettings
    | PythonScorerSettings
    | HttpScorerSettings,
    Field(discriminator="kind"),
]

DEFAULT_READERS: dict[str, ReaderSettings] = {"reader": RulesReaderSettings()}
DEFAULT_SCORERS: dict[str, ScorerSettings] = {
    "reader": ReaderScorerSettings(),
    "longest": LengthScorerSettings(kind="length"),
    "oracle": OracleScorerSettings(kind="oracle"),
}
