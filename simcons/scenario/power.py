"""The power of a study of people: which rules it compares, in which world, on what outcomes, and how large it might be."""

from __future__ import annotations

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, PositiveFloat, field_validator, model_validator

from simcons.scenario.bounds import AtMost
from simcons.scenario.names import Name
from simcons.scenario.parameters import StrictModel
from simcons.scenario.welfare import GivenRule, LikertMapSettings, UtilityMapSettings, check_map
from simcons.scenario.worlds import WorldSettings

StudyOutcome: TypeAlias = Literal["mean", "lowest", "agreeing", "wins"]
Groups: TypeAlias = Annotated[int, Field(ge=2), AtMost(1_000_000, "a larger study than any of people")]
Between: TypeAlias = Annotated[float, Field(gt=0, lt=1)]


class MarginSettings(StrictModel):
    """Differences that do not matter, outcome by outcome [J]: what equivalence is to be shown within."""

    mean: PositiveFloat = Field(0.1, description="points of mean agreement")
    lowest: PositiveFloat = Field(0.2, description="points of the lowest agreement in the group")
    agreeing: PositiveFloat = Field(0.03, description="share of the group")
    wins: PositiveFloat = Field(
        0.05, description="share of rounds won less share lost; .05: without ties a win rate of .475 to .525"
    )


class PowerSettings(StrictModel):
    """Two rules choose from the same candidates, people rate both choices: what would a study of so many groups find out?

    Outcomes of a statement: mean agreement of the group; lowest agreement in it; agreeing, the share who rate 5 or more; wins,
    the share of rounds in which its mean agreement is higher less the share in which it is lower.
    """

    kind: Literal["power"]
    schema_version: Literal[1] = Field(1, description="of the form of the file")
    name: Name = Field(description="of the study of power, and of its results")
    description: str = Field("", description="what it is to find out")
    seed: Annotated[int, Field(ge=0)] = Field(0, description="of everything drawn")
    world: WorldSettings = WorldSettings()
    utility_map: UtilityMapSettings = Field(LikertMapSettings(), description="from predictions to utilities")
    compare: list[tuple[GivenRule, GivenRule]] = Field(
        [(1.0, 0.0), (float("inf"), 0.0)],
        min_length=1,
        description="pairs of rules, as in a stress test; outcomes are those of the first less the second",
    )
    outcomes: list[StudyOutcome] = Field(
        ["mean", "lowest", "agreeing", "wins"], min_length=1, description="what is compared; see above"
    )
    groups: list[Groups] = Field([50, 100, 200, 400, 800], min_length=1, description="sizes of study to look at")
    power: Between = Field(0.8, description="the wanted probability of finding what there is")
    alpha: Between = Field(
        0.05, description="two-sided level of the test for a difference; of each side for equivalence"
    )
    margins: MarginSettings = MarginSettings()
    smallest: Groups = Field(
        20, description="groups below which t tests are not to be trusted, so that no study has fewer [J]"
    )
    cap: Annotated[int, Field(ge=3, le=100_000)] = Field(
        10_000, description="groups beyond which no study is considered"
    )
    simulated_groups: Annotated[int, Field(ge=1000), AtMost(10_000_000, "as all are kept in memory")] = Field(
        20_000, description="from which studies are drawn"
    )
    replications: Annotated[int, Field(ge=1000), AtMost(1_000_000, "as all are kept in memory")] = Field(
        2000, description="studies drawn for each answer"
    )

    @field_validator("outcomes", "groups", mode="after")
    @classmethod
    def _different(cls, given: list[StudyOutcome] | list[int]) -> list[StudyOutcome] | list[int]:
        repeated = next((value for value in given if list(given).count(value) > 1), None)
        if repeated is not None:
            raise ValueError(f"{repeated!r} is given twice; expected different values")
        return given

    @model_validator(mode="after")
    def _rules_can_be_weighed(self) -> Self:
        for pair in self.compare:
            if pair[0] == pair[1]:
                raise ValueError(f"compare: {pair[0]!r} with itself: expected two different rules")
            for rule in pair:
                check_map(self.utility_map, rule)
        return self

    @model_validator(mode="after")
    def _room_for_studies(self) -> Self:
        if self.smallest >= self.cap:
            raise ValueError(f"smallest {self.smallest} with cap {self.cap}: expected fewer groups than the cap")
        return self

    @model_validator(mode="after")
    def _choice_and_outcome_apart(self) -> Self:
        """People's ratings of what was chosen must be new, or the choice has already looked at its own outcome."""
        if self.world.source == "ratings":
            raise ValueError(
                "world.source: value 'ratings': expected predictions or truth, as ratings are what is compared"
            )
        return self
