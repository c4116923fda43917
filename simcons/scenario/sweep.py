"""A sweep: one scenario run over and over, with settings that take their values in turn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import Field, PositiveInt, field_validator, model_validator

from simcons.errors import ScenarioError
from simcons.scenario.bounds import AtMost
from simcons.scenario.load import load_settings
from simcons.scenario.names import Name
from simcons.scenario.parameters import StrictModel
from simcons.seeds import stream

Values: TypeAlias = Mapping[str, Any]  # by the dotted keys of a scenario
_Choices: TypeAlias = dict[str, Annotated[list[Any], Field(min_length=1)]]
Count: TypeAlias = Annotated[PositiveInt, AtMost(100_000, "as each is a run of its own")]


class GridSettings(StrictModel):
    """Every combination of the values."""

    kind: Literal["grid"] = "grid"
    values: _Choices = Field(min_length=1, description="by key, such as mediators.0.generator.samples: [4, 16]")

    @field_validator("values")
    @classmethod
    def _each_once(cls, values: dict[str, list[Any]]) -> dict[str, list[Any]]:
        for key, choices in values.items():
            if repeated := _given_twice(choices):
                raise ValueError(f"{key}: {repeated[0]!r} is given twice; expected different values")
        return values

    def settings(self, *, seed: int) -> Iterator[Values]:
        for combination in product(*self.values.values()):
            yield dict(zip(self.values, combination, strict=True))


class RangeSettings(StrictModel):
    """Numbers between two ends, each as likely as the other; or their logarithms."""

    low: float
    high: float
    log: bool = Field(False, description="true: the logarithm is uniform; for positive numbers")
    whole: bool = Field(False, description="true: whole numbers")

    @model_validator(mode="after")
    def _goes_up(self) -> Self:
        if not self.low < self.high or (self.log and self.low <= 0):
            least = "a positive low, and " if self.log else ""
            raise ValueError(f"low {self.low:g}, high {self.high:g}: expected {least}a low below the high")
        return self

    def at(self, share: float) -> float | int:
        """The number so far, of 1, between the ends."""
        straight = self.low + (self.high - self.low) * share
        number = self.low * (self.high / self.low) ** share if self.log else straight
        return round(number) if self.whole else number


class RandomSettings(StrictModel):
    """So many settings, each drawn by itself: from a range, or from a list of values."""

    kind: Literal["random"]
    number: Count = Field(description="of settings")
    values: dict[str, RangeSettings | Annotated[list[Any], Field(min_length=1)]] = Field(
        min_length=1, description="by key: {low: 0.1, high: 0.9}, or values to choose from"
    )

    def settings(self, *, seed: int) -> Iterator[Values]:
        for number in range(self.number):
            shares = {key: float(stream(seed, "sweep", number, key).random()) for key in self.values}
            yield {key: _drawn(self.values[key], share) for key, share in shares.items()}


class ListedSettings(StrictModel):
    """The settings as they are listed."""

    kind: Literal["listed"]
    values: list[Annotated[dict[str, Any], Field(min_length=1)]] = Field(
        min_length=1, description="each a mapping of keys to values"
    )

    @field_validator("values")
    @classmethod
    def _each_once(cls, values: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if repeated := _given_twice(values):
            raise ValueError(f"{repeated[0]!r} is given twice; expected different settings")
        return values

    def settings(self, *, seed: int) -> Iterator[Values]:
        yield from self.values


def _given_twice(values: Sequence[Any]) -> list[Any]:
    """Values that are equal to an earlier one and look like it, as 1 and true do not."""
    return [value for place, value in enumerate(values) if repr(value) in map(repr, values[:place])]


def _drawn(values: RangeSettings | list[Any], share: float) -> Any:
    return values.at(share) if isinstance(values, RangeSettings) else values[int(share * len(values))]


class StudySweepSettings(StrictModel):
    """One scenario, run with every setting, each as often as there are replications.

    Replication k has the scenario's seed plus k, whatever the setting: settings are compared on the same people.
    """

    kind: Literal["sweep"]
    schema_version: Literal[1] = Field(1, description="of the form of the file")
    name: Name = Field(description="of the sweep, and of its folder")
    description: str = Field("", description="what it is to find out")
    scenario: str = Field(description="a shipped scenario, or a file beside this one")
    base: dict[str, Any] = Field({}, description="settings of all runs, by dotted key, such as design.groups: 12")
    vary: Annotated[GridSettings | RandomSettings | ListedSettings, Field(discriminator="kind")]
    replications: Count = Field(1, description="runs of each setting")
    retries: Annotated[int, Field(ge=0, le=10)] = Field(1, description="further attempts at a run that fails")
    engines: Literal["shared", "own"] = Field(
        "shared", description="shared: a model is loaded once a machine, for all runs there; own: once a run"
    )
    seed: Annotated[int, Field(ge=0)] = Field(0, description="of the settings that are drawn")


def load_sweep(path: Path, overrides: Sequence[str]) -> StudySweepSettings:
    """The sweep in ``path``; a scenario beside it by its absolute path. Raises ScenarioError for all that is wrong."""
    if not path.is_file():
        raise ScenarioError(f"sweep {str(path)!r}: no such file; expected a file with kind sweep")
    return load_settings(StudySweepSettings, path, overrides)
