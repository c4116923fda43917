"""The examples of the trained reader: labelled texts, and the wordings and denials of the bank."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from simcons.arrays import Ints
from simcons.languages.language import Language
from simcons.languages.text import as_sentence
from simcons.questions.accuracy import LabelledText, load_texts
from simcons.questions.bank import Question, load_bank
from simcons.questions.forms import drawn_form
from simcons.questions.trained_reader import AGAINST, ASSERTED, DENIED, FOR, NEITHER, NOT_SAID, TORN

T = TypeVar("T")

_VERDICTS = {1: FOR, -1: AGAINST, 0: TORN, None: NOT_SAID}
_HELD_OUT_EVERY = 8  # of a question's texts: not learnt by the network, kept for what weighs its answers
_N_POINTS = (1, 1, 2, 3)  # of a text composed from the bank, each as likely


@dataclass(frozen=True, slots=True)
class Lesson:
    """A text on a question, and what it says: of its claims [claims] (NEITHER, ASSERTED, DENIED) and of the position.

    written: the text before slips of typing, whose likeness to the claims stands for that of the text: it is worked out once.
    """

    question: Question
    text: str
    written: str
    claims: Ints
    verdict: int


@dataclass(frozen=True, slots=True)
class Material:
    """Labelled texts by use, and the questions they are on."""

    questions: Mapping[str, Question]
    learnt: Sequence[LabelledText]
    held_out: Sequence[LabelledText]


def load_material(bank: Path, texts: Path) -> Material:
    """The texts in a folder and those in it, every eighth of a question's held out. Raises ScenarioError, in one line."""
    questions = {question.id: question for question in load_bank(bank)}
    entries = [entry for file in sorted(texts.rglob("*.yaml")) for entry in load_texts(file, questions)]
    by_question: dict[str, list[LabelledText]] = {}
    for entry in entries:
        by_question.setdefault(entry.question, []).append(entry)
    places = [(place, entry) for of_question in by_question.values() for place, entry in enumerate(of_question)]
    learnt = [entry for place, entry in places if place % _HELD_OUT_EVERY]
    return Material(questions, learnt, [entry for place, entry in places if not place % _HELD_OUT_EVERY])


def lesson_of(entry: LabelledText, question: Question) -> Lesson:
    labels = {1: ASSERTED, -1: DENIED}
    claims = np.array([labels.get(entry.claims.get(claim.id, 0), NEITHER) for claim in question.claims])
    return Lesson(question, entry.text, entry.text, claims, _VERDICTS[entry.verdict])


def _verdict_frames(language: Language) -> Iterator[tuple[str, int]]:
    """Verdicts of opinions and of groups' statements, with where they come down, that name the question."""
    of_stance = [(frames, _side(stance)) for stance, by in language.opinions.verdicts.items() for frames in by.values()]
    of_group = [(frames, _side(leaning)) for leaning, frames in language.statements.verdicts.items()]
    for frames, answer in of_stance + of_group:
        yield from ((frame, answer) for frame in frames if "{" in frame)


def _side(stance: str) -> int:
    return FOR if stance.endswith("for") else AGAINST if stance.endswith("against") else TORN


class LessonSampler:
    """Draws an epoch of lessons: all texts with other slips of typing, and other texts composed from the bank each time."""

    def __init__(self, material: Material, language: Language, *, n_composed: int, rng: np.random.Generator) -> None:
        self._material, self._language = material, language
        self._n_composed, self._rng = n_composed, rng
        self._questions = list(material.questions.values())
        self._verdicts = list(_verdict_frames(language))

    def epoch(self) -> list[Lesson]:
        lessons = [self._of_text(entry) for entry in self._material.learnt]
        lessons += [self._composed() for _ in range(self._n_composed)]
        return [lessons[place] for place in self._rng.permutation(len(lessons))]

    def _of_text(self, entry: LabelledText) -> Lesson:
        lesson = lesson_of(entry, self._material.questions[entry.question])
        return replace(lesson, text=self._typed(lesson.text))

    def _composed(self) -> Lesson:
        """One to three wordings and denials of the bank, now and then beside a plain verdict."""
        question = self._any(self._questions)
        claims, sentences = np.full(len(question.claims), NEITHER), list[str]()
        for place in self._rng.permutation(len(question.claims))[: self._any(_N_POINTS)].tolist():
            denies = self._chance(0.4)
            claim = question.claims[place]
            sentences.append(drawn_form(self._any(claim.denials if denies else claim.assertions), self._rng))
            claims[place] = DENIED if denies else ASSERTED
        verdict = NOT_SAID
        if self._chance(0.4):
            frame, verdict = self._plain_verdict(question)
            sentences.insert(0 if self._chance(0.5) else len(sentences), frame)
        text = " ".join(f"{as_sentence(sentence).rstrip('.')}." for sentence in sentences)
        return Lesson(question, self._typed(text), text, claims, verdict)

    def _plain_verdict(self, question: Question) -> tuple[str, int]:
        frame, verdict = self._any(self._verdicts)
        clause = self._language.text.as_clause
        position, negation = clause(question.position), clause(question.negation)
        return frame.format(noun=question.noun, position=position, negation=negation), verdict

    def _typed(self, text: str) -> str:
        if self._chance(0.2):
            text = text.lower()
        return text.replace("'", "") if self._chance(0.15) else text

    def _any(self, options: Sequence[T]) -> T:
        return options[int(self._rng.integers(len(options)))]

    def _chance(self, probability: float) -> bool:
        return bool(self._rng.random() < probability)
