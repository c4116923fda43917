"""The question bank: what can be said about a question, who would say it, and how.

A bank is a folder of topic files or one such file; `docs/question_banks.md` is its guide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, StringConstraints, field_validator, model_validator

from simcons.errors import ScenarioError
from simcons.questions.forms import balanced
from simcons.scenario.files import load_model
from simcons.scenario.parameters import StrictModel, ValueDimension, Work
from simcons.visible import writable

Split: TypeAlias = Literal["train", "iid_test", "ood_test"]
Side: TypeAlias = Literal["for", "against", "common"]
Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+$")]
Text: TypeAlias = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True), AfterValidator(writable)]
Loading: TypeAlias = Annotated[float, Field(ge=-1, le=1)]

SIGN: dict[Side, int] = {"for": 1, "against": -1, "common": 0}


Wording: TypeAlias = Annotated[Text, AfterValidator(balanced)]
Age: TypeAlias = Annotated[int, Field(ge=18, le=120)]


class Wordings(StrictModel):
    """Ways to make a point, by register. The first plain one names the point to others, and has no brackets."""

    plain: list[Wording] = Field(min_length=1)
    chatty: list[Wording] = []
    formal: list[Wording] = []

    @field_validator("plain")
    @classmethod
    def _one_name(cls, plain: list[Wording]) -> list[Wording]:
        if "[" in plain[0]:
            raise ValueError("the first plain wording has square brackets; expected none, as it names the point")
        return plain

    def all(self) -> list[Wording]:
        return [*self.plain, *self.chatty, *self.formal]


class Teller(StrictModel):
    """Whom a story fits; what is left out does not matter."""

    age: tuple[Age, Age] = Field((18, 120), description="from, to")
    children: bool | None = Field(None, description="has, or has had, children")
    work: list[Work] = Field([], description="any of these; all where none is named")
    sex: Literal["female", "male"] | None = None


class Story(StrictModel):
    """A wording from one person's own life, or so vivid that it is told once."""

    text: Wording
    teller: Teller


class Claim(StrictModel):
    """One point that can be made about a question."""

    id: Name
    side: Side
    pull: float = Field(0.0, ge=-3, le=3, description="how widely held among the undecided, in SDs: 0 is a coin flip")
    loadings: dict[ValueDimension, Loading] = Field({}, description="who holds it")
    wordings: Wordings
    stories: list[Story] = []
    denials: list[Wording] = Field(min_length=1)

    @property
    def point(self) -> str:
        """The point in plain words, as others are told it."""
        return self.wordings.plain[0]

    @property
    def assertions(self) -> list[Wording]:
        """All texts that make the point."""
        return [*self.wordings.all(), *(story.text for story in self.stories)]


class Question(StrictModel):
    """A contested question with its position statement and the claims made about it."""

    id: Name
    text: Text
    position: Text
    negation: Text
    noun: Text = Field(description='fits "I am in favour of ___"')
    asked_as: list[Text] = Field([], description="how a study of people put it: texts by which it is known again")
    pull: float = Field(0.0, ge=-3.5, le=3.5, description="average leaning, in points from 4.2 on the 1-7 scale")
    loadings: dict[ValueDimension, Loading] = {}
    claims: list[Claim] = Field(min_length=1)
    topic: str = ""
    split: Split = Field("train", description="of this question alone; its topic's where it is not given")

    @model_validator(mode="after")
    def _claim_ids_differ(self) -> Self:
        _refuse_repeats((claim.id for claim in self.claims), f"question {self.id!r}: claim id")
        return self


class Topic(StrictModel):
    """One file of a bank. Its split is that of all its questions but those that give their own."""

    schema_version: Literal[1]
    topic: Name
    title: Text
    split: Split
    questions: list[Question] = Field(min_length=1)

    @model_validator(mode="after")
    def _question_ids_differ(self) -> Self:
        _refuse_repeats((question.id for question in self.questions), "question id")
        return self

    def labelled(self) -> list[Question]:
        """The questions with the file's topic written into them, and its split where they give none."""
        return [self._labelled(question) for question in self.questions]

    def _labelled(self, question: Question) -> Question:
        split = question.split if "split" in question.model_fields_set else self.split
        return question.model_copy(update={"topic": self.topic, "split": split})


def load_bank(path: Path) -> list[Question]:
    """Read a bank (a folder of topic files, or one file), in file-name order.

    Raises ScenarioError, in one line, for a missing or malformed file and for a question id used twice.
    """
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    if not files:
        raise ScenarioError(f"{path}: expected at least one topic file (*.yaml), found none")
    questions = [question for file in files for question in load_model(file, Topic).labelled()]
    repeated = [name for name, count in Counter(q.id for q in questions).items() if count > 1]
    if repeated:
        raise ScenarioError(f"{path}: question id {repeated[0]!r} is used more than once; expected unique ids")
    return questions


def load_banks(paths: Sequence[Path]) -> list[Question]:
    """Read banks as one, in order. Raises ScenarioError as `load_bank` does, and for an id that two of them use."""
    owners: dict[str, Path] = {}
    questions = []
    for path in paths:
        for question in load_bank(path):
            if question.id in owners:
                raise ScenarioError(
                    f"questions.bank: question id {question.id!r} is in {owners[question.id]} and in {path}; expected unique ids"
                )
            owners[question.id] = path
            questions.append(question)
    return questions


def _refuse_repeats(names: Iterable[str], kind: str) -> None:
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise ValueError(f"{kind} {repeated[0]!r} is used more than once; expected unique ids")
