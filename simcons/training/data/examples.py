"""Examples to learn from. An ``id`` is unique in a data set; ``run`` is the beginning of the hash of the run's tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import combinations, groupby
from statistics import fmean
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar, get_args

from simcons.engines.base import Message
from simcons.engines.replies import beginning_of
from simcons.training.data.stored import hash_of_examples

if TYPE_CHECKING:
    import pandas as pd

SideName: TypeAlias = Literal["learn", "validation"]
SIDES: tuple[SideName, ...] = get_args(SideName)
HoldOut: TypeAlias = Literal["questions", "groups"]  # what is on one side alone: questions with their groups, or groups


@dataclass(frozen=True, slots=True)
class SftExample:
    """A statement worth writing: what a mediator was given, and what it should say.

    opinions: those that the statement was made from, in the order of the prompt. messages: what the mediator's prompt makes of
    them, with the beginning of the reply where it gives one. rating: the mean by which the statement was kept.
    """

    id: str
    run: str
    session_id: str
    round_id: str
    question_id: str
    candidate_id: str
    generator: str | None  # the arm whose generator wrote it
    question: str
    opinions: tuple[str, ...]
    messages: tuple[Message, ...]
    statement: str
    rating: float

    @property
    def begins_as_asked(self) -> bool:
        """True if the statement goes on from the beginning that its prompt gives, or the prompt gives none."""
        beginning = beginning_of(self.messages)
        rest = self.statement.removeprefix(beginning)
        return not beginning or (rest != self.statement and not rest[:1].isalnum())


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two statements as one person sees them: the one they agree with more, and the other. Of a tie neither is.

    opinion: the person's own. difference: of their ratings of agreement, in points, each the mean of their passes; of people who
    ranked the two and did not rate both, in places.
    """

    id: str
    run: str
    session_id: str
    round_id: str
    question_id: str
    participant_id: str
    chosen_id: str
    rejected_id: str
    question: str
    opinion: str
    chosen: str
    rejected: str
    difference: float

    @property
    def tie(self) -> bool:
        return self.difference == 0


@dataclass(frozen=True, slots=True)
class Rated:
    """A statement as one person rated it once: agreement in whole points, 1 to 7. opinion: the person's own."""

    id: str
    run: str
    session_id: str
    round_id: str
    question_id: str
    participant_id: str
    candidate_id: str
    pass_index: int
    question: str
    opinion: str
    statement: str
    rating: int


@dataclass(frozen=True, slots=True)
class Position:
    """The question's yes, as a sentence, and how far one person agreed before anything was written: 1 to 7.

    opinion: what the person then wrote.
    """

    id: str
    run: str
    session_id: str
    round_id: str
    question_id: str
    participant_id: str
    question: str
    opinion: str
    statement: str
    rating: int


Answer: TypeAlias = Comparison | Rated | Position
Example: TypeAlias = SftExample | Answer
KINDS: Mapping[str, type[Example]] = {
    "sft": SftExample,
    "comparisons": Comparison,
    "ratings": Rated,
    "positions": Position,
}


Record = TypeVar("Record", SftExample, Comparison, Rated, Position)


def from_columns(kind: type[Record], frame: pd.DataFrame) -> list[Record]:
    """An example a row, of the columns that are its fields."""
    columns = [frame[field.name].tolist() for field in fields(kind)]
    return [kind(*values) for values in zip(*columns, strict=True)]


def by_statement(answers: Sequence[Position | Rated]) -> Iterator[list[int]]:
    """Places of the answers to each statement of a round."""

    def statement(place: int) -> tuple[str, str, str]:
        return answers[place].run, answers[place].round_id, answers[place].statement

    for _, places in groupby(sorted(range(len(answers)), key=statement), key=statement):
        yield list(places)


def between_people(answers: Sequence[Position | Rated]) -> Iterator[tuple[int, int]]:
    """Places of two people's answers to one statement of a round that differ: that of the person who agrees more first.

    Of somebody who answered more than once the mean counts, and the place is the first one's.
    """
    for some in by_statement(answers):
        by_person: dict[str, list[int]] = {}
        for place in some:
            by_person.setdefault(answers[place].participant_id, []).append(place)
        means = {places[0]: fmean(answers[k].rating for k in places) for places in by_person.values()}
        for more, less in combinations(sorted(means, key=lambda place: -means[place]), 2):
            if means[more] > means[less]:
                yield more, less


@dataclass(frozen=True, slots=True)
class Side:
    """Of each kind in an order that depends on what there is alone; of comparisons ties come last."""

    sft: tuple[SftExample, ...]
    comparisons: tuple[Comparison, ...]
    ratings: tuple[Rated, ...]
    positions: tuple[Position, ...] = ()

    @property
    def answers(self) -> tuple[Answer, ...]:
        """Comparisons, ratings and positions, each of one person."""
        return (*self.comparisons, *self.ratings, *self.positions)

    def examples(self) -> Iterator[Example]:
        """All of them."""
        yield from self.sft
        yield from self.answers


@dataclass(frozen=True, slots=True)
class PromptSource:
    """Where a prompt comes from: its name or file, and the SHA-256 of its text."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Examples to learn from, and others held out to see how well: no question, group or person is on both sides.

    prompt: that the messages of examples are made by; None where they were made otherwise.
    """

    learn: Side
    validation: Side
    prompt: PromptSource | None = None

    def sides(self) -> dict[SideName, Side]:
        return {name: getattr(self, name) for name in SIDES}

    def content_hash(self) -> str:
        """As `hash_of_examples`."""
        return hash_of_examples((name, side.examples()) for name, side in self.sides().items())
