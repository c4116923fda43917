"""Recipes: how a model is trained. A YAML file each, shipped in ``training/`` (`sft`, `reward`, `persona`).

Loads neither torch nor trl.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Self, TypeAlias, TypeVar

from pydantic import Field, FiniteFloat, NonNegativeInt, PositiveInt, model_validator

from simcons.engines.local.reward_manifest import Architecture
from simcons.scenario.load import load_settings
from simcons.scenario.parameters import StrictModel
from simcons.scenario.shipped import RECIPES, find

Share: TypeAlias = Annotated[float, Field(ge=0, lt=1)]
Positive: TypeAlias = Annotated[FiniteFloat, Field(gt=0)]
NonNegative: TypeAlias = Annotated[FiniteFloat, Field(ge=0)]


class MachineSettings(StrictModel):
    """The machine that trains. What is not given is settled by what it is, and stands in the manifest."""

    device: Literal["auto", "cpu", "cuda"] = Field(
        "auto", description="auto: a GPU where there is one; of several that which CUDA_VISIBLE_DEVICES leaves first"
    )
    dtype: Literal["auto", "float32", "bfloat16"] = Field(
        "auto",
        description="of products; auto: the faster on this processor, measured. Weights that learn stay in float32",
    )
    rows: PositiveInt | None = Field(
        None,
        description="examples read at a time, in one product; by default 1 on a CPU, on a GPU what its memory takes",
    )
    checkpointing: bool | None = Field(
        None, description="work out activations twice to save memory; by default where one example would not fit"
    )


class LoraSettings(StrictModel):
    """A low-rank adapter beside weights that stay as they are (Hu et al. 2021), on every linear map of a layer."""

    rank: PositiveInt = Field(16, description="of the update of each weight matrix")
    alpha: Positive = Field(32.0, description="the update is scaled by alpha / rank")
    dropout: Share = Field(0.0, description="share of what an adapter reads that is left out at random")
    layers: PositiveInt | None = Field(
        None, description="how many of the uppermost layers get one; by default all. Those below cost no backward pass"
    )


class StoppingSettings(StrictModel):
    """Early stopping: the loss on held-out questions is measured now and then, and the best step so far is what is kept."""

    checks_per_epoch: PositiveInt = Field(4, description="measurements, each followed by a saved step")
    patience: PositiveInt = Field(3, description="measurements in a row without a gain after which training ends")
    least_gain: NonNegative = Field(0.0, description="in loss, to count as one")


class TrainingSettings(StrictModel):
    """The keys of every recipe."""

    model: str = Field(
        "smollm2-135m-instruct",
        description="to begin from: a packaged model, a model folder, a .gguf file, or a hub id",
    )
    lora: LoraSettings | None = Field(
        LoraSettings(), description="an adapter, by default one of rank 16 on all layers; null: all weights learn"
    )
    epochs: Positive = Field(2.0, description="passes over the examples")
    steps: PositiveInt | None = Field(None, description="at most, whatever the epochs say")
    batch_size: PositiveInt = Field(8, description="examples that each step learns from")
    learning_rate: Positive = Field(1e-3, description="at its highest; 1e-5 to 5e-5 is usual where all weights learn")
    schedule: Literal["cosine", "linear", "constant"] = Field("cosine", description="how the learning rate falls")
    warmup: Share = Field(0.05, description="share of the steps over which it rises from nought at first")
    weight_decay: NonNegative = Field(0.0, description="of AdamW")
    max_gradient: Positive = Field(1.0, description="longer gradients are cut to this length")
    max_tokens: PositiveInt | None = Field(
        None, description="of an example; by default the model's context. Longer ones are left out, counted and named"
    )
    stopping: StoppingSettings | None = Field(
        StoppingSettings(), description="by default as below; null: train to the end, and keep the last step"
    )
    seed: NonNegativeInt = Field(0, description="of the order of examples, and of all weights that begin at random")
    machine: MachineSettings = MachineSettings()


class SftSettings(TrainingSettings):
    """A recipe for supervised fine-tuning: the mediator learns to write the statements of the examples, word for word."""

    kind: Literal["sft"] = "sft"


class PersonaWeights(StrictModel):
    """Weights of the kinds of answer in the loss of an example. An opinion's loss is the mean over its tokens."""

    position: NonNegative = Field(1.0, description="of the choice on the position statement")
    opinion: NonNegative = Field(1.0, description="of the opinion in words")
    side: NonNegative = Field(1.0, description="of how far they would agree with the position statement")
    negation: NonNegative = Field(1.0, description="of how far they would agree with its opposite")
    rating: NonNegative = Field(1.0, description="of the mean of all ratings of statements, on all scales")


class LessonSettings(StrictModel):
    """What is learnt before all else: of so many people in rounds only some kinds of answers.

    To agree with what is held and to disagree with its opposite cancel out before either is learnt: a model that is asked for
    both alike learns neither. It is to agree first, or to meet opposites of people of one side alone, and all others after that.
    """

    examples: PositiveInt = Field(description="people in rounds, taken from those that the recipe has")
    answers: list[Literal["position", "opinion", "side", "negation", "rating"]] = Field(
        min_length=1, description="kinds of answers"
    )
    negated: Annotated[float, Field(ge=0, le=1)] | None = Field(
        None, description="of side and negation one each: of this share of the people the negation; by default both"
    )
    negated_against: Annotated[float, Field(ge=0, le=1)] | None = Field(
        None, description="this share instead of people whose position is below the midpoint; by default `negated`"
    )
    told: bool | None = Field(
        None, description="true: of people whose ratings tell the position that they took; false: of the others"
    )
    read: bool | None = Field(
        None, description="true: of people whose ratings show their opinion; false: of the others"
    )
    learning_rate: Positive | None = Field(
        None,
        description="all through the lesson; by default the recipe's, which falls by its schedule after the last lesson",
    )

    @model_validator(mode="after")
    def _something_to_negate(self) -> Self:
        if self.negated is not None and not {"side", "negation"} <= {*self.answers}:
            raise ValueError("negated: expected side and negation among the answers")
        if self.negated_against is not None and self.negated is None:
            raise ValueError("negated_against: expected negated, the share of everybody else")
        return self


class PersonaSettings(TrainingSettings):
    """A recipe for a language model that plays people: it learns to answer the language-model mind's prompts as the person would.

    An example is a person in a round: position, opinion and ratings, whose prompts begin alike and are read once.
    """

    kind: Literal["persona"] = "persona"
    weights: PersonaWeights = PersonaWeights()
    ordinal: NonNegative = Field(
        1.0,
        description="weight of the ranked probability score beside the cross-entropy of a choice (Epstein 1969): an answer"
        " next to the person's own is then better than one far from it",
    )
    blur: NonNegative = Field(
        0.0,
        description="SD, in points, by which a choice is learnt as its neighbours too: people's second answers differ, and a"
        " model that is never quite sure can still learn better; 0: as it was answered",
    )
    people: Annotated[float, Field(ge=0, le=1)] | None = Field(
        None, description="share of people's examples after the lessons, the others simulated; by default as they come"
    )
    examples: PositiveInt | None = Field(
        None,
        description="to learn from, at most, those of the lessons too, drawn by the seed; by default all that there are",
    )
    statements: PositiveInt | None = Field(
        None,
        description="of each person at most so many that they rated, drawn by the seed, so that as many tokens have more people;"
        " by default all",
    )
    lessons: list[LessonSettings] = Field(
        [],
        description="learnt one after another, before the examples that are left, which are learnt with all their answers; by"
        " default none",
    )
    held_out: PositiveInt | None = Field(
        None, description="held-out examples that stopping goes by, at most, drawn by the seed; by default all"
    )

    @model_validator(mode="after")
    def _lessons_are_some(self) -> Self:
        n_taught = sum(lesson.examples for lesson in self.lessons)
        if self.examples is not None and n_taught > self.examples:
            raise ValueError(f"examples: value {self.examples:,}; expected at least the {n_taught:,} of the lessons")
        if n_taught and self.epochs > 1:
            raise ValueError(f"epochs: value {self.epochs:g}; expected at most 1 with lessons, which are learnt once")
        return self


class RewardWeights(StrictModel):
    """Weights of the kinds of comparison in the loss. Each is shared by the comparisons of its kind in an example."""

    statements: NonNegative = Field(1.0, description="of comparisons between statements, each by one person")
    people: NonNegative = Field(
        0.0,
        description="of comparisons between people, on one statement or on the question's position statement: the opinion of the"
        " one who agrees more is to score higher. Left out where no opinion is read",
    )

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.statements + self.people == 0:
            raise ValueError("statements and people: expected one of them above 0")
        return self


class RewardSettings(TrainingSettings):
    """A recipe for a reward model: from question, ONE opinion and statement to the agreement that its author would report.

    An example is an opinion with all statements that its author compared, or rated: each is read once for all its comparisons.
    For late interaction it is a round, with all its opinions: each text is read once for all people.
    """

    kind: Literal["reward"] = "reward"
    architecture: Architecture = Field(
        "causal",
        description="causal: a language model with a linear head; encoder: an encoder that reads both texts together;"
        " late_interaction: a sentence encoder that reads them apart, compared token by token. All weights of an encoder learn"
        " (`lora: null`)",
    )
    head_learning_rate: Positive | None = Field(
        None, description="of the head, which begins from nothing, and of thresholds; by default that of the rest"
    )
    loss: Literal["pairwise", "ordinal"] = Field(
        "pairwise",
        description="pairwise: cross-entropy on comparisons (Bradley & Terry 1952); ordinal: likelihood of ratings 1-7 between"
        " thresholds that are learnt (McCullagh 1980)",
    )
    ties: Literal["leave_out", "half"] = Field(
        "leave_out", description="of comparisons; half: each statement wins half, which pulls their scores together"
    )
    opinion: bool = Field(
        True,
        description="false: it neither learns from opinions nor reads them later; how well statements are told apart without"
        " knowing whom they should suit",
    )
    weights: RewardWeights = RewardWeights()
    centring: NonNegative = Field(
        0.01,
        description="weight of the squared sum of two scores that are compared, which keeps their mean near nought"
        " (Eisenstein et al. 2023)",
    )

    @property
    def by_round(self) -> bool:
        """Whether an example is a round, rather than one opinion."""
        return self.architecture == "late_interaction"

    @property
    def compares_people(self) -> bool:
        """Whether comparisons between people are learnt."""
        return self.opinion and self.weights.people > 0

    @model_validator(mode="after")
    def _compares(self) -> Self:
        if self.loss == "ordinal" and self.weights != RewardWeights():
            raise ValueError("weights: expected none with loss: ordinal, which learns from ratings")
        if not self.opinion and self.weights.statements == 0:
            raise ValueError(
                "weights.statements: value 0: expected above 0 with opinion: false, by which people are alike"
            )
        return self

    @model_validator(mode="after")
    def _encoder_learns_all(self) -> Self:
        if self.architecture != "causal" and self.lora is not None:
            raise ValueError(f"lora: expected null for architecture {self.architecture}, all of whose weights learn")
        return self


Settings = TypeVar("Settings", SftSettings, RewardSettings, PersonaSettings)


def load_recipe(kind: type[Settings], reference: str, overrides: Sequence[str] = ()) -> Settings:
    """A recipe by path or shipped name, with ``key.path=value`` overrides. Raises ScenarioError for all that is wrong."""
    return load_settings(kind, find(reference, RECIPES), overrides)
