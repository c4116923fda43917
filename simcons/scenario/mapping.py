"""The mapping file: which tables and columns of a study of people hold what a run folder's tables hold.

Each part names a file of the source and, of that file, the column of every thing it has. What is not named is missing from the
run, and its manifest says so.
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import Field, FiniteFloat, PositiveInt, model_validator

from simcons.records import ParticipantRecord, RatingRecord
from simcons.scale import SCALES
from simcons.scenario.files import parse, read_input
from simcons.scenario.names import Name
from simcons.scenario.parameters import StrictModel
from simcons.scenario.shipped import MAPPINGS, find

SURVEYED = ("sex", "age", "ethnicity", "region", "education", "work", "children")  # columns of participants

ColumnName: TypeAlias = Annotated[str, Field(min_length=1)]
Cell: TypeAlias = bool | int | FiniteFloat | str
Cells: TypeAlias = Annotated[list[Cell], Field(min_length=1)]
Split: TypeAlias = Literal["train", "iid_test", "ood_test"]


class TableSettings(StrictModel):
    """Rows of one file. A row counts if it has one of the values that ``where`` lists for each column it names."""

    file: Annotated[str, Field(min_length=1)] = Field(description="a CSV, Parquet or JSON Lines file of the folder")
    where: dict[ColumnName, Cell | Cells] = Field({}, description="the rows to take: by column, its value or values")
    lists: list[ColumnName] = Field(
        [], description="columns that hold a list a row, of equal lengths: an entry is a row"
    )

    @model_validator(mode="after")
    def _each_list_once(self) -> Self:
        if double := [name for name in self.lists if self.lists.count(name) > 1]:
            raise ValueError(f"lists: {double[0]!r} is there twice: expected once")
        return self

    @property
    def columns(self) -> dict[str, str]:
        """The columns of the file that are named, by the key that names them."""
        named = {key: getattr(self, key) for key in type(self).model_fields if key not in _NO_COLUMNS}
        return {key: column for key, column in named.items() if isinstance(column, str)}


_SPREAD = "as: expected spread, as a run's scales go from 1 to 7 and the points lie beyond"
_MOST_POINTS = 1001
_NO_COLUMNS = frozenset({"file", "where", "lists"})


class OfPersonSettings(TableSettings):
    """Rows of one person on one question each."""

    rater: ColumnName = Field(description="who, by an id")
    question: ColumnName = Field(description="on what: its id in `questions`, or its text")
    group: ColumnName | None = Field(
        None, description="those who met; without it the group of the rater in `people`, or a group of their own"
    )


class PeopleSettings(TableSettings):
    """A row a person."""

    rater: ColumnName = Field(description="who, by an id")
    group: ColumnName | None = Field(None, description="those who met, for parts that do not say it themselves")
    attributes: dict[Name, ColumnName] = Field(
        {}, description=f"{', '.join(SURVEYED)} become columns of participants; others are kept beside them"
    )

    @property
    def columns(self) -> dict[str, str]:
        return {**super().columns, **{f"attributes.{name}": column for name, column in self.attributes.items()}}

    @model_validator(mode="after")
    def _own_names(self) -> Self:
        taken = {field.name for field in fields(ParticipantRecord)}.difference(SURVEYED)
        if double := [name for name in self.attributes if name in taken]:
            raise ValueError(f"attributes.{double[0]}: participants have a column of this name: expected another")
        return self


class QuestionsSettings(TableSettings):
    """A row a question, or several that say the same of it."""

    question: ColumnName = Field(description="its id")
    text: ColumnName = Field(description="what was asked")
    position_statement: ColumnName | None = Field(None, description="the question's yes, as a sentence")
    topic: ColumnName | None = Field(None, description="what it is about, for questions of a kind")
    split: ColumnName | None = Field(None, description="what may be learnt from; without it all")
    splits: dict[str, Split] = Field({}, description="what each value of `split` means")

    @model_validator(mode="after")
    def _split_by(self) -> Self:
        if (self.split is None) != (not self.splits):
            raise ValueError("split and splits: expected both, the column and what its values are, or neither")
        return self


class OpinionsSettings(OfPersonSettings):
    """A row an opinion of a person on a question."""

    opinion: ColumnName | None = Field(None, description="its id")
    text: ColumnName = Field(description="what the person wrote")
    seconds: ColumnName | None = Field(None, description="how long it took")


class StatementsSettings(TableSettings):
    """A row a statement that was shown, or several rows that say the same of it."""

    statement: ColumnName = Field(description="its id")
    text: ColumnName = Field(description="what it says")
    arm: ColumnName | None = Field(
        None, description="what wrote it; without it all are of one arm, called as the study"
    )
    made_from: ColumnName | None = Field(None, description="a list of ids of the opinions it was made from")


class AnswerSettings(StrictModel):
    """Answers on one scale, and what they become in a run, whose scales go from 1 to 7."""

    column: ColumnName = Field(description="where the answers are")
    points: tuple[int, int] = Field((1, 7), description="the lowest and the highest point of the source's scale")
    as_: Literal["given", "spread"] = Field(
        "given",
        alias="as",
        description="given: as they stand; spread: from 1 to 7, in whole points away from the midpoint",
    )
    words: dict[str, int] = Field({}, description="points by the words that stand for them")
    none: list[Cell] = Field([], description="values that say that there is no answer")

    @model_validator(mode="after")
    def _is_a_scale(self) -> Self:
        lowest, highest = self.points
        if lowest >= highest:
            raise ValueError(f"points {lowest}, {highest}: expected the lowest point and a higher one")
        if highest - lowest >= _MOST_POINTS:
            raise ValueError(f"points {lowest}, {highest}: expected at most {_MOST_POINTS:,} points")
        outside = [word for word, point in self.words.items() if not lowest <= point <= highest]
        if outside:
            raise ValueError(f"words.{outside[0]}: expected a point from {lowest} to {highest}")
        return self

    @property
    def fits(self) -> bool:
        """True if its answers can stand on a run's scale."""
        return self.as_ == "spread" or 1 <= self.points[0] < self.points[1] <= 7

    def to_run(self, point: int) -> int:
        """A point of the source's scale on that of a run."""
        if self.as_ == "given":
            return point
        lowest, highest = self.points
        from_middle, span = 2 * point - lowest - highest, highest - lowest
        whole = (6 * abs(from_middle) + span) // (2 * span)  # halves away from the midpoint
        return 4 + (whole if from_middle > 0 else -whole)


class PositionsSettings(OfPersonSettings):
    """A row a rating of the position statement by a person."""

    rating: AnswerSettings
    moment: ColumnName | None = Field(None, description="when it was asked; without it before the opinions")
    moments: dict[str, Literal["before", "after"]] = Field({}, description="what each value of `moment` means")
    seconds: ColumnName | None = Field(None, description="how long it took")

    @property
    def columns(self) -> dict[str, str]:
        return {**super().columns, "rating.column": self.rating.column}

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not self.rating.fits:
            raise ValueError(f"rating.{_SPREAD}")
        if (self.moment is None) != (not self.moments):
            raise ValueError("moment and moments: expected both, the column and what its values are, or neither")
        return self


class RatingsSettings(OfPersonSettings):
    """A row a rating of a statement by a person."""

    statement: ColumnName = Field(description="of what: its id in `statements`")
    scales: dict[Name, AnswerSettings] = Field(
        min_length=1, description=f"{', '.join(SCALES)} are scales of a run; others are kept beside them"
    )
    seconds: ColumnName | None = Field(None, description="how long it took")
    rank: ColumnName | None = Field(
        None, description="the statement's place among those the person ranked, low is good"
    )
    no_rank: list[Cell] = Field([], description="values that say that there is no rank")
    pass_index: ColumnName | None = Field(None, alias="pass", description="1 for the first rating, 2 for the second")

    @property
    def columns(self) -> dict[str, str]:
        return {**super().columns, **{f"scales.{name}.column": scale.column for name, scale in self.scales.items()}}

    @model_validator(mode="after")
    def _agreement(self) -> Self:
        if "agreement" not in self.scales:
            raise ValueError("scales: expected agreement among them, as statements are compared by it")
        for name in SCALES:
            if name in self.scales and not self.scales[name].fits:
                raise ValueError(f"scales.{name}.{_SPREAD}")
        taken = {field.name for field in fields(RatingRecord)} | {*type(self).model_fields, "pass", "row", "given"}
        if double := [name for name in self.scales if name in taken or name.endswith("_given")]:
            raise ValueError(f"scales.{double[0]}: ratings have a column of this name: expected another")
        return self


class ComparisonsSettings(OfPersonSettings):
    """A row two statements of which a person said which they prefer; it becomes two ranks."""

    first: ColumnName = Field(description="one statement, by its id")
    second: ColumnName = Field(description="the other")
    answer: ColumnName = Field(description="which is preferred")
    prefer_first: Cells = Field(description="answers that prefer the first")
    prefer_second: Cells = Field(description="answers that prefer the second")
    tie: list[Cell] = Field([], description="answers that prefer neither")
    seconds: ColumnName | None = Field(None, description="how long it took")


class MappingFile(StrictModel):
    """Which columns of which tables hold what: people, questions, opinions, statements, positions, ratings, comparisons."""

    schema_version: Literal[1]
    kind: Literal["mapping"]
    name: Name = Field(description="what the study is called")
    source: str = Field(description="where the data come from, and under what licence")
    unusable: Literal["refuse", "leave_out"] = Field(
        "refuse",
        description="rows that are off the scale, empty, double or without an opinion: an error, or left out and counted",
    )
    people: PeopleSettings | None = Field(None, description="what people are like; without it nothing is known")
    questions: QuestionsSettings | None = Field(None, description="without it a question's key is its text")
    opinions: OpinionsSettings
    statements: StatementsSettings
    positions: PositionsSettings | None = Field(None, description="how far people agreed with the question's yes")
    ratings: RatingsSettings
    comparisons: ComparisonsSettings | Annotated[list[ComparisonsSettings], Field(min_length=1)] | None = Field(
        None, description="a list, each with a `where` of its own, where an answer does not mean the same in all rows"
    )
    none: list[Cell] = Field(
        [], description="values that say, in any column, that there is nothing, such as NA; ids and texts among them"
    )
    most_problems: PositiveInt = Field(12, description="of rows that cannot be used, that an error lists")

    @property
    def parts(self) -> dict[str, TableSettings]:
        """The parts that are given, by name; of a list each with its place."""
        given: dict[str, Any] = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            given |= {f"{name}.{k}": one for k, one in enumerate(value)} if isinstance(value, list) else {name: value}
        return {name: part for name, part in given.items() if isinstance(part, TableSettings)}

    @model_validator(mode="after")
    def _groups_everywhere_or_nowhere(self) -> Self:
        of_people = {name: part for name, part in self.parts.items() if isinstance(part, OfPersonSettings)}
        without = [name for name, part in of_people.items() if part.group is None]
        if without and len(without) < len(of_people):
            raise ValueError(f"{without[0]}.group: missing: expected a column, as other parts have one")
        return self


def load_mapping(reference: str) -> tuple[MappingFile, Path]:
    """A shipped mapping by its name, or one in a file; and where it is. Raises ScenarioError: file, key, value, expectation."""
    path = find(reference, MAPPINGS)
    given = read_input(path)
    return parse(MappingFile, given.value, source=str(path), places=given.places), path
