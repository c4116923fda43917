"""The population file (`personas/*.yaml`): margins, values and parameters of the people a study recruits from.

Every number stands beside its basis (L looked up, E expert knowledge, S simulation, J judgement, F fitted to a study) and its
source.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias, get_args

import numpy as np
from pydantic import AfterValidator, Field, FiniteFloat, model_validator

from simcons.arrays import Floats
from simcons.scenario.files import load_model
from simcons.scenario.parameters import (
    PARAMETER_KEYS,
    VALUE_DIMENSIONS,
    Basis,
    BehaviourKey,
    Parameter,
    Register,
    ResponseStyleKey,
    StrictModel,
    TempoKey,
    ValueDimension,
    Work,
)

Axis: TypeAlias = Literal["sex", "age", "ethnicity", "education", "region"]
Sex: TypeAlias = Literal["female", "male"]
AgeBand: TypeAlias = Literal["18-24", "25-34", "35-44", "45-54", "55-64", "65-74", "75+"]
Ethnicity: TypeAlias = Literal["White", "Asian", "Black", "Mixed", "Other"]
Education: TypeAlias = Literal["level 4+", "level 3", "apprenticeship", "level 2", "level 1", "other", "none"]
Region: TypeAlias = Literal[
    "South East",
    "London",
    "North West",
    "East of England",
    "West Midlands",
    "South West",
    "Yorkshire and the Humber",
    "Scotland",
    "East Midlands",
    "Wales",
    "North East",
    "Northern Ireland",
]

CATEGORIES: dict[Axis, tuple[str, ...]] = {
    "sex": get_args(Sex),
    "age": get_args(AgeBand),
    "ethnicity": get_args(Ethnicity),
    "education": get_args(Education),
    "region": get_args(Region),
}
YOUNGEST_OF_BANDS = tuple(int(band.split("-")[0].rstrip("+")) for band in get_args(AgeBand))
DEGREE: Education = "level 4+"  # what the files call a degree: census level 4 and above

NonNegative: TypeAlias = Annotated[FiniteFloat, Field(ge=0)]


def _all_of(*names: str) -> AfterValidator:
    def complete(given: dict[str, Any]) -> dict[str, Any]:
        missing = [name for name in names if name not in given]
        if missing:
            raise ValueError(f"missing {', '.join(missing)}: expected a value for each of the {len(names)} keys")
        return given

    return AfterValidator(complete)


def _some_mass(cells: dict[Any, float]) -> dict[Any, float]:
    if not sum(cells.values()) > 0:
        raise ValueError(f"sums to {sum(cells.values()):g}: expected at least one cell above 0")
    return cells


def _percentages(cells: dict[Any, float]) -> dict[Any, float]:
    if abs(sum(cells.values()) - 100) > 0.5:
        raise ValueError(f"sums to {sum(cells.values()):g}: expected percentages that sum to 100")
    return cells


EthnicityCells: TypeAlias = Annotated[dict[Ethnicity, NonNegative], _all_of(*get_args(Ethnicity))]
AgeCells: TypeAlias = Annotated[dict[AgeBand, EthnicityCells], _all_of(*get_args(AgeBand))]


WorkCells: TypeAlias = Annotated[dict[Work, NonNegative], _all_of(*get_args(Work)), AfterValidator(_percentages)]
WorkByAge: TypeAlias = Annotated[dict[AgeBand, WorkCells], _all_of(*get_args(AgeBand))]
Percent: TypeAlias = Annotated[FiniteFloat, Field(ge=0, le=100)]
PercentByAge: TypeAlias = Annotated[dict[AgeBand, Percent], _all_of(*get_args(AgeBand))]


class Sourced(StrictModel):
    """Numbers that share one basis and one source."""

    basis: Basis
    source: str


class PeopleTable(Sourced):
    """People by sex, age band and ethnicity, counted jointly."""

    people: Annotated[dict[Sex, AgeCells], _all_of(*get_args(Sex))]

    def table(self) -> Floats:
        """Counts, shape [sex, age band, ethnicity]."""
        sexes = _in_order(self.people, "sex")
        rows = [[_in_order(cells, "ethnicity") for cells in _in_order(ages, "age")] for ages in sexes]
        return np.array(rows, dtype=np.float64)

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not self.table().sum() > 0:
            raise ValueError("people sum to 0: expected at least one cell above 0")
        return self


class AgeTilt(Sourced):
    """Factors on the people of each age band, before raking."""

    factors: Annotated[dict[AgeBand, NonNegative], _all_of(*get_args(AgeBand)), AfterValidator(_some_mass)]


class EducationMargin(Sourced):
    """Highest qualification, in per cent."""

    percent: Annotated[dict[Education, NonNegative], _all_of(*get_args(Education)), AfterValidator(_percentages)]


class RegionMargin(Sourced):
    """Region or nation, in per cent."""

    percent: Annotated[dict[Region, NonNegative], _all_of(*get_args(Region)), AfterValidator(_percentages)]


class Association(Sourced):
    """Factors on the seed table for pairs of categories of two axes; pairs that are not named have factor 1."""

    axes: tuple[Axis, Axis]
    factors: dict[str, dict[str, NonNegative]]

    @model_validator(mode="after")
    def _known_categories(self) -> Self:
        if self.axes[0] == self.axes[1]:
            raise ValueError(f"axes {list(self.axes)!r}: expected two different axes")
        seconds = [category for row in self.factors.values() for category in row]
        for axis, categories in zip(self.axes, (self.factors, seconds), strict=True):
            for category in categories:
                if category not in CATEGORIES[axis]:
                    known = ", ".join(CATEGORIES[axis])
                    raise ValueError(f"factors name {category!r}: expected a category of {axis}: {known}")
        return self

    def table(self) -> Floats:
        """Factors, shape [categories of the first axis, categories of the second]."""
        first, second = (CATEGORIES[axis] for axis in self.axes)
        return np.array([[self.factors.get(row, {}).get(column, 1.0) for column in second] for row in first])


class Margins(StrictModel):
    """The margins that people are raked to, and how the seed table associates axes that have no joint margin."""

    sex_age_ethnicity: PeopleTable
    age_tilt: AgeTilt | None = None
    education: EducationMargin
    region: RegionMargin
    associations: tuple[Association, ...] = ()

    def joint_shares(self) -> Floats:
        """Shares of people after the tilt, shape [sex, age band, ethnicity], summing to 1."""
        people = self.sex_age_ethnicity.table()
        if self.age_tilt is not None:
            people = people * np.array(_in_order(self.age_tilt.factors, "age"))[:, None]
        return np.asarray(people / people.sum())

    def shares(self, axis: Axis) -> Floats:
        """Shares of the categories of one axis, summing to 1."""
        if axis == "education":
            percent = np.array(_in_order(self.education.percent, "education"))
        elif axis == "region":
            percent = np.array(_in_order(self.region.percent, "region"))
        else:
            kept = ("sex", "age", "ethnicity").index(axis)
            percent = self.joint_shares().sum(axis=tuple(i for i in range(3) if i != kept))
        return np.asarray(percent / percent.sum())

    @model_validator(mode="after")
    def _people_left(self) -> Self:
        tilt = self.age_tilt
        people = self.sex_age_ethnicity.table().sum(axis=(0, 2))
        if tilt is not None and not people @ np.array(_in_order(tilt.factors, "age")) > 0:
            raise ValueError("age_tilt leaves 0 people: expected a factor above 0 in an age band with people")
        return self

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        for association in self.associations:
            first, second = association.axes
            self._check_mass(association.table(), first, second)
            self._check_mass(association.table().T, second, first)
        return self

    def _check_mass(self, factors: Floats, axis: Axis, other: Axis) -> None:
        empty = (factors @ self.shares(other) == 0) & (self.shares(axis) > 0)
        if empty.any():
            name = CATEGORIES[axis][int(np.argmax(empty))]
            raise ValueError(
                f"{axis} {name!r} has a target of {self.shares(axis)[empty][0]:.2%} but no mass, as all its factors by "
                f"{other} are 0: expected a target of 0, or a factor above 0"
            )


class Effects(Sourced):
    """Linear effects on one value dimension, in SDs of the dimension within the population."""

    degree: FiniteFloat
    age_decade: FiniteFloat
    female: FiniteFloat
    london: FiniteFloat
    minority: FiniteFloat


class Correlation(Sourced):
    """Correlation of what the effects leave of two dimensions."""

    between: tuple[ValueDimension, ValueDimension]
    value: Annotated[float, Field(gt=-1, lt=1)]


class ValueSettings(StrictModel):
    """Positions on the value dimensions: how they follow from demographics, and how they vary beyond them."""

    ideology_sd: Parameter
    shifts: Annotated[dict[ValueDimension, Parameter], _all_of(*VALUE_DIMENSIONS)]
    effects: Annotated[dict[ValueDimension, Effects], _all_of(*VALUE_DIMENSIONS)]
    correlations: tuple[Correlation, ...] = ()

    def correlation_matrix(self) -> Floats:
        """Residual correlations, shape [6, 6]; pairs that are not named have 0."""
        names = VALUE_DIMENSIONS
        matrix = np.eye(len(names))
        for pair in self.correlations:
            i, j = (names.index(name) for name in pair.between)
            matrix[i, j] = matrix[j, i] = pair.value
        return matrix

    @model_validator(mode="after")
    def _distinct_pairs(self) -> Self:
        pairs = [frozenset(correlation.between) for correlation in self.correlations]
        for pair in pairs:
            if len(pair) < 2 or pairs.count(pair) > 1:
                raise ValueError(f"correlations between {sorted(pair)!r}: expected two dimensions, each pair once")
        return self

    @model_validator(mode="after")
    def _positive_definite(self) -> Self:
        smallest = float(np.linalg.eigvalsh(self.correlation_matrix())[0])
        if smallest < 1e-6:
            raise ValueError(f"correlations have smallest eigenvalue {smallest:.3g}: expected them positive definite")
        return self

    def defaults(self) -> dict[str, float]:
        """The parameters that a scenario may override, by name."""
        shifts = {f"shift_{name}": self.shifts[name].value for name in VALUE_DIMENSIONS}
        return {"ideology_sd": self.ideology_sd.value, "polarisation": 0.0, **shifts}


class RegisterPrior(Sourced):
    """Shares of the registers at age 50, and the change of their log odds for each decade of age."""

    degree: Annotated[dict[Register, NonNegative], _all_of(*get_args(Register)), AfterValidator(_some_mass)]
    no_degree: Annotated[dict[Register, NonNegative], _all_of(*get_args(Register)), AfterValidator(_some_mass)]
    age_decade: Annotated[dict[Register, FiniteFloat], _all_of(*get_args(Register))]


class TraitPrior(Sourced):
    """A trait between 0 and 1: its log odds are normal around those of ``median`` at age 50 without a degree."""

    median: Annotated[float, Field(gt=0, lt=1)]
    log_odds_sd: NonNegative
    degree: FiniteFloat
    age_decade: FiniteFloat


class Writing(StrictModel):
    """Habits of writing; the length of an opinion is a parameter of the tempo."""

    registers: RegisterPrior
    hedging: TraitPrior
    tidiness: TraitPrior


class WorkTable(Sourced):
    """Shares of occupations, in per cent of a sex and age band. at_home: looking after a home or family, or long-term sick."""

    percent: Annotated[dict[Sex, WorkByAge], _all_of(*get_args(Sex))]

    def table(self) -> Floats:
        """Shares, shape [sex, age band, kind of work], summing to 1 over the last."""
        sexes = _in_order(self.percent, "sex")
        percent = np.array(
            [[[cells[work] for work in get_args(Work)] for cells in _in_order(ages, "age")] for ages in sexes]
        )
        return np.asarray(percent / percent.sum(axis=-1, keepdims=True))


class ChildrenTable(Sourced):
    """People who have, or have had, children, in per cent of a sex and age band."""

    percent: Annotated[dict[Sex, PercentByAge], _all_of(*get_args(Sex))]

    def table(self) -> Floats:
        """Shares, shape [sex, age band]."""
        return np.array([_in_order(ages, "age") for ages in _in_order(self.percent, "sex")], dtype=np.float64) / 100


class Circumstances(StrictModel):
    """The circumstances of people's own lives, as far as they tell of them."""

    work: WorkTable
    children: ChildrenTable


class PopulationFile(StrictModel):
    """A population file, checked."""

    schema_version: Literal[1]
    kind: Literal["population"]
    name: str
    description: str
    margins: Margins
    circumstances: Circumstances
    values: ValueSettings
    response_style: Annotated[dict[ResponseStyleKey, Parameter], _all_of(*get_args(ResponseStyleKey))]
    tempo: Annotated[dict[TempoKey, Parameter], _all_of(*get_args(TempoKey))]
    behaviour: Annotated[dict[BehaviourKey, Parameter], _all_of(*get_args(BehaviourKey))]
    writing: Writing

    def parameters(self) -> dict[str, dict[str, float]]:
        """The values of all parameters, by section and key."""
        sections = {name: getattr(self, name) for name in PARAMETER_KEYS}
        return {name: {key: entry.value for key, entry in section.items()} for name, section in sections.items()}

    @model_validator(mode="after")
    def _within_range(self) -> Self:
        check_parameters({**self.parameters(), "values": self.values.defaults()})
        return self


SUMS_OF_SHARES = {
    *(
        "retest_correlation",
        "careless_share",
        "careless_uniform",
        "careless_stuck",
        "no_show",
        "screen_out",
        "no_opinion",
    ),
    *("decline_consent", "second_reading"),
}
POSITIVE = {
    *("noise_median", "reading_wpm", "composing_wpm", "thinking_seconds", "opinion_words", "decision_seconds"),
    *("careless_decision_seconds", "patience_minutes", "arrivals_per_minute", "arrivals_half_life_minutes"),
    *("arrivals_floor_per_minute", "recruit_factor", "ideology_sd"),
}
SIGNED = {"acquiescence_mean", "scale_direction", *(f"shift_{name}" for name in VALUE_DIMENSIONS)}


def check_number(section: str, key: str, value: float) -> None:
    """Raise ValueError unless ``value`` lies where the parameter ``key`` can lie."""
    if not math.isfinite(value):
        raise ValueError(f"{section}.{key}: value {value!r}: expected a finite number")
    if key in SUMS_OF_SHARES and not 0 <= value <= 1:
        raise ValueError(f"{section}.{key}: value {value!r}: expected a share between 0 and 1")
    if key in POSITIVE and not value > 0:
        raise ValueError(f"{section}.{key}: value {value!r}: expected a number above 0")
    if key not in SIGNED and not value >= 0:
        raise ValueError(f"{section}.{key}: value {value!r}: expected a number of at least 0")


def check_parameters(parameters: dict[str, dict[str, float]]) -> None:
    """Raise ValueError unless every resolved number is in its range and the kinds of carelessness fit in 1."""
    for section, numbers in parameters.items():
        for key, value in numbers.items():
            check_number(section, key, value)
    style = parameters["response_style"]
    if style["careless_uniform"] + style["careless_stuck"] > 1 + 1e-12:
        both = style["careless_uniform"] + style["careless_stuck"]
        raise ValueError(f"response_style: careless_uniform + careless_stuck: value {both:g}: expected at most 1")


def load_population_file(path: Path) -> PopulationFile:
    """Read and check a population file; ScenarioError is one line: file, key, value, what was expected."""
    return load_model(path, PopulationFile)


def _in_order(cells: dict[Any, Any], axis: Axis) -> list[Any]:
    return [cells[category] for category in CATEGORIES[axis]]
