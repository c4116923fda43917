"""A stress test: a numeric world of groups, candidates and predictions, the rules under test, and what is varied.

The world has no texts. People have views on a question, candidates have positions, and agreement falls with the distance
between the two: enough to run millions of rounds, and little enough that every assumption stands in the file. Basis of defaults:
[L], [E], [S], [J] as in `personas/*.yaml`; the [S] of taste and candidates are fitted to the means and components of variance of
the study simulator's true appraisals (`tests/experiments/test_world.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import Field, PositiveInt, model_validator

from simcons.scenario.bounds import AtMost, check_world
from simcons.scenario.engines import NonNegative
from simcons.scenario.minds import Share
from simcons.scenario.names import Name
from simcons.scenario.parameters import StrictModel
from simcons.scenario.welfare import (
    DEFAULT_JUDGES,
    DEFAULT_RULES,
    GivenRule,
    LikertMapSettings,
    UtilityMapSettings,
    check_map,
)

Accuracy: TypeAlias = Annotated[float, Field(ge=0.5, lt=1)]
MOST_ROUNDS = 1_000_000_000
Alpha: TypeAlias = Annotated[float, Field(ge=0)]


class PeopleSettings(StrictModel):
    """Groups and their views, in points of the 1-7 scale."""

    group_size: Annotated[int, Field(ge=2, le=100)] = Field(5, description="members of a group")
    rounds_per_group: Annotated[PositiveInt, AtMost(1_000, "as they are drawn together")] = Field(
        1, description="rounds that a group plays, with the same members"
    )
    question_sd: NonNegative = Field(1.4, description="SD of the questions' pull [S]")
    person_sd: NonNegative = Field(1.3, description="SD of people's views within a camp [S]")
    polarisation: NonNegative = Field(0.0, description="distance between the two camps' mean views, in points")
    minority_share: Annotated[float, Field(ge=0, le=0.5)] = Field(
        0.3, description="share of people who belong to the smaller camp"
    )


class TasteSettings(StrictModel):
    """Agreement, before bounds: ceiling - distance_cost |view - position| + the candidate's quality + the person's own part."""

    ceiling: float = Field(7.0, description="agreement with a candidate of average quality at one's own view [S]")
    distance_cost: NonNegative = Field(1.4, description="points lost a point of distance [S]")
    personal_sd: NonNegative = Field(0.5, description="SD of the person's own part, drawn for each candidate [S]")


class CandidateSettings(StrictModel):
    """Statements about the group's mean view, as a mediator that reads everybody's opinion writes them."""

    number: Annotated[int, Field(ge=1, le=65536)] = Field(16, description="candidates of a round")
    spread: NonNegative = Field(0.6, description="SD of positions about the group's mean view [S]")
    quality_sd: NonNegative = Field(0.5, description="SD of what all members like or dislike alike, in points [S]")


class PredictionSettings(StrictModel):
    """A reward model: what it predicts is the expected true agreement, given a signal of this accuracy."""

    pair_accuracy: Accuracy = Field(
        0.7, description="of two candidates, chance that the one a person truly prefers is predicted higher"
    )
    minority_pair_accuracy: Accuracy | None = Field(None, description="for the smaller camp, where it differs")
    degrees_of_freedom: float = Field(
        float("inf"), gt=2, description="of Student's t, from which errors come: .inf normal, 3 heavy tails"
    )
    shared_by_camp: Share = Field(
        0.0,
        description="share of the error variance that members of a camp have in common: a model that misreads one misreads all",
    )
    person_constant_sd: NonNegative = Field(
        0.0, description="SD of a constant of each person that pairwise training leaves free, in points"
    )


class RatingSettings(StrictModel):
    """People's ratings, where rules choose by them, and in studies of power. Defaults are those of the personas."""

    noise_median: NonNegative = Field(0.65, description="SD of the rating noise of the median person [J]")
    noise_log_sd: NonNegative = Field(0.35, description="SD over people of its logarithm [S]")
    acquiescence_mean: float = Field(0.25, description="points that people rate above their view, on average [L]")
    acquiescence_sd: NonNegative = Field(0.3, description="SD of that over people [J]")
    extremity_log_sd: NonNegative = Field(
        0.25, description="SD over people of the logarithm of how far they spread ratings [J]"
    )
    careless_share: Share = Field(0.05, description="share of people who answer without reading [L]")
    careless_uniform: Share = Field(0.4, description="share of the careless who answer at random [J]")
    careless_stuck: Share = Field(
        0.4, description="share of the careless who answer around 5; others repeat one answer [J]"
    )

    @model_validator(mode="after")
    def _kinds_are_shares_of_the_careless(self) -> Self:
        if (both := self.careless_uniform + self.careless_stuck) > 1:
            raise ValueError(f"careless_uniform + careless_stuck: value {both:g}: expected at most 1")
        return self


class StrategySettings(StrictModel):
    """Members who report something other than what they think; the rule takes reports at their word.

    They start from their own honest report, noise and all, so that what differs is the strategy alone. exaggeration: 7 for what
    they put above their average, 1 for the rest. veto: 7 for what they put highest, 1 for everything else. copying: the honest
    report of the member whose view is nearest to theirs, so that it counts once more.
    """

    kind: Literal["honest", "exaggeration", "veto", "copying"] = Field("honest", description="see above")
    people: Annotated[int, Field(ge=1, le=100)] = Field(1, description="members of each group who do so")


class WorldSettings(StrictModel):
    """Everything about a round but the rule that chooses."""

    people: PeopleSettings = PeopleSettings()
    taste: TasteSettings = TasteSettings()
    candidates: CandidateSettings = CandidateSettings()
    source: Literal["predictions", "ratings", "truth"] = Field(
        "predictions",
        description="what rules choose by: a reward model, one rating of every candidate by everybody, or the truth",
    )
    predictions: PredictionSettings = PredictionSettings()
    ratings: RatingSettings = RatingSettings()
    drop_outs: Annotated[float, Field(ge=0, lt=1)] = Field(
        0.0, description="share of members whom rules do not see, because they left; the statement still concerns them"
    )
    strategy: StrategySettings = StrategySettings()

    @model_validator(mode="after")
    def _fits_into_memory(self) -> Self:
        check_world(self.people.group_size, self.candidates.number, self.people.rounds_per_group)
        return self

    @model_validator(mode="after")
    def _somebody_is_honest(self) -> Self:
        if self.strategy.kind != "honest" and self.strategy.people >= self.people.group_size:
            raise ValueError(
                f"strategy.people {self.strategy.people} in groups of {self.people.group_size}: expected fewer than all"
            )
        return self


class SweepSettings(StrictModel):
    """One setting and the values it takes in turn; everything else stays as it is, and so do the random numbers."""

    key: str = Field(description="its path, such as world.people.polarisation")
    values: list[Any] = Field(min_length=1, description="one after the other")
    label: str | None = Field(None, description="its name on axes and in sentences; the key if not given")
    names: list[str] | None = Field(
        None, description="of the values, in tables and sentences; as they are if not given"
    )

    @model_validator(mode="after")
    def _a_name_a_value(self) -> Self:
        repeated = next((value for value in self.values if self.values.count(value) > 1), None)
        if repeated is not None:
            raise ValueError(f"values: {repeated!r} is given twice; expected different values")
        if self.names is not None and len(set(self.names)) != len(self.values):
            raise ValueError(
                f"names: {len(set(self.names))} different ones for {len(self.values)} values; expected one a value"
            )
        return self


class StressSettings(StrictModel):
    """One question to the rules: how does what they choose change with one setting?"""

    kind: Literal["stress"]
    schema_version: Literal[1] = Field(1, description="of the form of the file")
    name: Name = Field(description="of the test, and of its results")
    description: str = Field("", description="what it is to find out")
    seed: Annotated[int, Field(ge=0)] = Field(0, description="of everything drawn")
    rounds: Annotated[int, Field(ge=2), AtMost(MOST_ROUNDS, "which would take days")] = Field(
        20_000, description="of each condition"
    )
    world: WorldSettings = WorldSettings()
    utility_map: UtilityMapSettings = Field(LikertMapSettings(), description="from predictions to utilities")
    rules: list[GivenRule] = Field(
        list(DEFAULT_RULES),
        min_length=1,
        description="under test: alphas, other rules by name, or functions of your own, file.py:name",
    )
    judges: list[Alpha] = Field(list(DEFAULT_JUDGES), min_length=1, description="alphas that judge by the truth")
    vary: SweepSettings

    @model_validator(mode="after")
    def _rules_can_be_weighed(self) -> Self:
        repeated = next((rule for rule in self.rules if self.rules.count(rule) > 1), None)
        if repeated is not None:
            raise ValueError(f"rules: {repeated!r} is given twice; expected different rules")
        for rule in self.rules:
            check_map(self.utility_map, rule)
        return self

    def at(self, value: Any) -> dict[str, Any]:
        """The document of this stress test with ``value`` at the varied key."""
        document = self.model_dump(mode="python")
        *parents, last = self.vary.key.split(".")
        node: Any = document
        for key in parents:
            node = node.get(key) if isinstance(node, Mapping) else None
        if (
            not isinstance(node, dict)
            or last not in node
            or self.vary.key.split(".")[0] not in ("world", "utility_map")
        ):
            known = _keys({name: document[name] for name in ("world", "utility_map")})
            close = get_close_matches(self.vary.key, [*known], n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise ValueError(
                f"vary.key: value {self.vary.key!r}: expected the path of a setting under world, or utility_map{hint}"
            )
        node[last] = value
        return document


def _keys(document: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """The dotted keys of everything in a document."""
    for key, value in document.items():
        yield f"{above}{key}"
        if isinstance(value, Mapping):
            yield from _keys(value, f"{above}{key}.")
