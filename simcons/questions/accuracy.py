"""A reader's accuracy: its readings of labelled texts, counted against the labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from simcons.errors import ScenarioError
from simcons.questions.bank import Question
from simcons.questions.reading import Reading
from simcons.scenario.files import parse, read_input
from simcons.scenario.names import Name
from simcons.scenario.parameters import StrictModel

TORN = 0.2  # a verdict nearer to nought than this counts as torn
ALL = "all"


class LabelledText(StrictModel):
    """A text with what a careful person hears in it."""

    id: Name
    question: Name = Field(description="by its id in the bank")
    kind: Name = Field(description="such as opinion, statement, denial: accuracy is told by it")
    text: str
    claims: dict[Name, Literal[1, -1]] = Field(description="by their ids in the bank: 1 asserted, -1 denied")
    verdict: Literal[1, 0, -1] | None = Field(description="for, torn, against; null where it does not say")


class LabelledTexts(StrictModel):
    """A file of labelled texts."""

    schema_version: Literal[1]
    entries: list[LabelledText] = Field(min_length=1)


def load_texts(path: Path, questions: Mapping[str, Question]) -> list[LabelledText]:
    """The labelled texts in a file, on ``questions`` by their ids.

    Raises ScenarioError, in one line, for a missing or malformed file, an id that comes twice, and a question or claim that there
    is not.
    """
    given = read_input(path)
    texts = parse(LabelledTexts, given.value, source=str(path), places=given.places).entries
    repeated = [name for name, count in Counter(text.id for text in texts).items() if count > 1]
    if repeated:
        raise ScenarioError(f"{path}: id {repeated[0]!r} is used more than once; expected unique ids")
    for place, text in enumerate(texts):
        if fault := _fault(text, questions):
            raise ScenarioError(f"{path}: {given.places.get(('entries', place), 'entry')}: {text.id}: {fault}")
    return texts


def _fault(text: LabelledText, questions: Mapping[str, Question]) -> str | None:
    if text.question not in questions:
        return (
            f"question {text.question!r} is not in the bank; expected an id of one of its {len(questions):,} questions"
        )
    known = [claim.id for claim in questions[text.question].claims]
    unknown = next((claim for claim in text.claims if claim not in known), None)
    return None if unknown is None else f"claim {unknown!r}: expected one of {', '.join(known)}"


@dataclass(frozen=True, slots=True)
class Heard:
    """A reader's reading of a text, in the terms of its labels; empty where it came to none."""

    claims: Mapping[str, int]
    verdict: int | None
    missing: bool = False


def heard(question: Question, reading: Reading) -> Heard:
    claims = {question.claims[mention.claim].id: mention.polarity for mention in reading.mentions}
    return Heard(claims, side(reading.verdict), reading.missing is not None)


def side(verdict: float | None) -> int | None:
    """1 for, -1 against, 0 torn."""
    if verdict is None or abs(verdict) < TORN:
        return None if verdict is None else 0
    return 1 if verdict > 0 else -1


@dataclass(frozen=True, slots=True)
class Count:
    """So many of so many."""

    n: int
    of: int

    @property
    def share(self) -> float | None:
        return self.n / self.of if self.of else None


@dataclass(slots=True)
class Tally:
    """Counts over texts. A claim is heard rightly whatever its polarity, which is counted by itself."""

    n_texts: int = 0
    n_missing: int = 0  # texts without a reading, of which nothing is heard
    n_whole: int = 0  # heard as they are labelled, in every claim, its polarity and the verdict
    n_labelled: int = 0
    n_heard: int = 0
    n_right: int = 0
    n_denials: int = 0  # as labelled
    n_denials_asserted: int = 0
    n_assertions: int = 0
    n_assertions_denied: int = 0
    n_verdicts: int = 0  # texts that give one
    n_verdicts_right: int = 0
    n_verdicts_reversed: int = 0
    n_verdicts_missed: int = 0
    n_verdicts_invented: int = 0  # in texts that give none

    def add(self, text: LabelledText, given: Heard) -> None:
        self.n_texts += 1
        self.n_missing += given.missing
        self.n_whole += not given.missing and given.claims == text.claims and given.verdict == text.verdict
        self._add_claims(text.claims, given.claims)
        self._add_verdict(text.verdict, given.verdict)

    def _add_claims(self, labels: Mapping[str, int], given: Mapping[str, int]) -> None:
        denials = [claim for claim, polarity in labels.items() if polarity < 0]
        assertions = [claim for claim, polarity in labels.items() if polarity > 0]
        self.n_labelled += len(labels)
        self.n_heard += len(given)
        self.n_right += len(given.keys() & labels.keys())
        self.n_denials += len(denials)
        self.n_denials_asserted += sum(given.get(claim) == 1 for claim in denials)
        self.n_assertions += len(assertions)
        self.n_assertions_denied += sum(given.get(claim) == -1 for claim in assertions)

    def _add_verdict(self, label: int | None, given: int | None) -> None:
        if label is None:
            self.n_verdicts_invented += given is not None
            return
        self.n_verdicts += 1
        self.n_verdicts_right += given == label
        self.n_verdicts_missed += given is None
        self.n_verdicts_reversed += given is not None and given * label < 0

    def counts(self) -> dict[str, Count]:
        """Measures that are shares, by name."""
        return {
            "precision": Count(self.n_right, self.n_heard),
            "recall": Count(self.n_right, self.n_labelled),
            "denials_asserted": Count(self.n_denials_asserted, self.n_denials),
            "assertions_denied": Count(self.n_assertions_denied, self.n_assertions),
            "verdicts_right": Count(self.n_verdicts_right, self.n_verdicts),
            "verdicts_reversed": Count(self.n_verdicts_reversed, self.n_verdicts),
            "verdicts_missed": Count(self.n_verdicts_missed, self.n_verdicts),
            "verdicts_invented": Count(self.n_verdicts_invented, self.n_texts - self.n_verdicts),
            "texts_right": Count(self.n_whole, self.n_texts),
            "texts_missing": Count(self.n_missing, self.n_texts),
        }

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall of claims: 2 right / (heard + labelled)."""
        total = self.n_heard + self.n_labelled
        return 2 * self.n_right / total if total else None

    @property
    def either(self) -> Count:
        """Claims heard rightly, of those heard or labelled: the Jaccard index J, of which F1 is 2J / (1 + J)."""
        return Count(self.n_right, self.n_heard + self.n_labelled - self.n_right)


def tallies(texts: Sequence[LabelledText], given: Sequence[Heard]) -> dict[str, Tally]:
    """Tallies by kind, and of all together at the end."""
    by_kind = {kind: Tally() for kind in [*sorted({text.kind for text in texts}), ALL]}
    for text, hearing in zip(texts, given, strict=True):
        by_kind[text.kind].add(text, hearing)
        by_kind[ALL].add(text, hearing)
    return by_kind
