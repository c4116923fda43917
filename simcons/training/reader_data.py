"""What the trained reader learns from: labelled texts, and the wordings and denials of the bank."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from simcons.arrays import Ints
from simcons.languages.language import Language
from simcons.languages.text import as_sentence
from simcons.questions.accuracy import LabelledText, load_texts
from simcons.questions.bank import Claim, Question, load_bank
from simcons.questions.forms import drawn_form
from simcons.questions.trained_reader import (
    AGAINST,
    ASSERTED,
    DENIED,
    FOR,
    NEITHER,
    NOT_SAID,
    TORN,
    claim_proposition,
    position_proposition,
)

T = TypeVar("T")

_VERDICTS = {1: FOR, -1: AGAINST, 0: TORN, None: NOT_SAID}
_HELD_OUT_EVERY = 5  # of a question's texts: not learnt by the cross-encoder, kept for what weighs its answers


@dataclass(frozen=True, slots=True)
class Pair:
    """A text, a proposition and what the text says of it."""

    text: str
    proposition: str
    answer: int


@dataclass(frozen=True, slots=True)
class Material:
    """Labelled texts by use, and the questions they are on."""

    questions: Mapping[str, Question]
    learnt: Sequence[LabelledText]
    held_out: Sequence[LabelledText]


def load_material(bank: Path, texts: Path) -> Material:
    """The texts of a folder, every fifth of a question's held out. Raises ScenarioError, in one line."""
    questions = {question.id: question for question in load_bank(bank)}
    entries = [entry for file in sorted(texts.glob("*.yaml")) for entry in load_texts(file, questions)]
    by_question: dict[str, list[LabelledText]] = {}
    for entry in entries:
        by_question.setdefault(entry.question, []).append(entry)
    places = [(place, entry) for of_question in by_question.values() for place, entry in enumerate(of_question)]
    learnt = [entry for place, entry in places if place % _HELD_OUT_EVERY]
    return Material(questions, learnt, [entry for place, entry in places if not place % _HELD_OUT_EVERY])


def claim_labels(entry: LabelledText, question: Question) -> Ints:
    """[claims]: NEITHER, ASSERTED or DENIED."""
    labels = {1: ASSERTED, -1: DENIED}
    return np.array([labels.get(entry.claims.get(claim.id, 0), NEITHER) for claim in question.claims])


def verdict_label(entry: LabelledText) -> int:
    return _VERDICTS[entry.verdict]


def _verdict_frames(language: Language) -> Iterator[tuple[str, int]]:
    """Verdicts of opinions and of groups' statements, with where they come down, that name the question."""
    of_stance = [(frames, _side(stance)) for stance, by in language.opinions.verdicts.items() for frames in by.values()]
    of_group = [(frames, _side(leaning)) for leaning, frames in language.statements.verdicts.items()]
    for frames, answer in of_stance + of_group:
        yield from ((frame, answer) for frame in frames if "{" in frame)


def _side(stance: str) -> int:
    return FOR if stance.endswith("for") else AGAINST if stance.endswith("against") else TORN


class PairSampler:
    """Draws an epoch of pairs: other negatives, other forms of wordings and other slips of typing each time.

    near: of each text, by its id, the claims that it is likest to, likest first: what it does not say of these is worth learning.
    """

    def __init__(
        self,
        material: Material,
        near: Mapping[str, Sequence[int]],
        language: Language,
        *,
        n_phrases: int,
        n_verdicts: int,
        rng: np.random.Generator,
    ) -> None:
        self._material, self._near, self._language = material, near, language
        self._n_phrases, self._n_verdicts, self._rng = n_phrases, n_verdicts, rng
        self._questions = list(material.questions.values())
        self._verdicts = list(_verdict_frames(language))

    def epoch(self) -> list[Pair]:
        pairs = [pair for entry in self._material.learnt for pair in self._of_text(entry)]
        pairs += [pair for _ in range(self._n_phrases) for pair in self._of_phrase()]
        pairs += [self._of_verdict() for _ in range(self._n_verdicts)]
        return [pairs[place] for place in self._rng.permutation(len(pairs))]

    def _of_text(self, entry: LabelledText) -> list[Pair]:
        question = self._material.questions[entry.question]
        text, verdict = self._typed(entry.text), verdict_label(entry)
        pairs = [Pair(text, position_proposition(question), verdict)]
        claims = {claim.id: claim for claim in question.claims}
        for claim, polarity in entry.claims.items():
            pairs.append(Pair(text, self._proposition(claims[claim]), FOR if polarity > 0 else AGAINST))
        others = [place for place in self._near[entry.id] if question.claims[place].id not in entry.claims]
        if others:
            pairs.append(Pair(text, self._proposition(question.claims[self._any(others)]), NOT_SAID))
        return pairs

    def _of_phrase(self) -> list[Pair]:
        """A wording or denial of a claim, and what it says of that claim and of the position."""
        question = self._any(self._questions)
        claim = self._any(question.claims)
        denies = self._chance(0.4)
        phrase = self._typed(drawn_form(self._any(claim.denials if denies else claim.assertions), self._rng))
        pairs = [Pair(phrase, self._proposition(claim), AGAINST if denies else FOR)]
        if self._chance(0.3):
            pairs.append(Pair(phrase, position_proposition(question), NOT_SAID))
        return pairs

    def _of_verdict(self) -> Pair:
        """A plain verdict on a question, alone or beside a point that may be anybody's, and where it comes down."""
        question = self._any(self._questions)
        frame, answer = self._any(self._verdicts)
        clause = self._language.text.as_clause
        verdict = as_sentence(
            frame.format(noun=question.noun, position=clause(question.position), negation=clause(question.negation))
        )
        if self._chance(0.5):
            point = as_sentence(drawn_form(self._any(self._any(question.claims).assertions), self._rng))
            verdict = f"{point}. {verdict}" if self._chance(0.5) else f"{verdict} {point}."
        return Pair(self._typed(verdict), position_proposition(question), answer)

    def _proposition(self, claim: Claim) -> str:
        """A claim as it is asked about, or now and then by another of its wordings and denials."""
        if self._chance(0.5):
            return claim_proposition(claim)
        wording, denial = self._any(claim.wordings.plain), self._any(claim.denials)
        return f"{drawn_form(wording, self._rng)} / {drawn_form(denial, self._rng)}"

    def _typed(self, text: str) -> str:
        if self._chance(0.2):
            text = text.lower()
        return text.replace("'", "") if self._chance(0.15) else text

    def _any(self, options: Sequence[T]) -> T:
        return options[int(self._rng.integers(len(options)))]

    def _chance(self, probability: float) -> bool:
        return bool(self._rng.random() < probability)
