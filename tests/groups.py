"""What several tests look at: the shipped questions, a synthetic crowd, and groups of five who have written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import pytest

from simcons.engines.base import Act
from simcons.languages.en_gb import EN_GB
from simcons.mediator.view import RoundView, SeenOpinion
from simcons.population.minds.appraisal import Text, appraise, prepare
from simcons.population.minds.conviction import CompiledQuestion, Conviction, consider
from simcons.population.minds.voices import voices_of
from simcons.population.minds.writer import WrittenOpinion, write_opinion
from simcons.population.persona import Persona
from simcons.population.synthesis import synthesise
from simcons.questions.bank import Question, load_bank
from simcons.questions.copying import Sources
from simcons.questions.reader import QuestionReader
from simcons.questions.readers import RulesReader
from simcons.questions.reading import Reading
from simcons.scale import AGREEMENT, QUALITY, Scale
from simcons.scale import SCALES as ALL
from simcons.scenario.minds import LatentMindSettings
from simcons.scenario.population_file import load_population_file
from simcons.scenario.shipped import find_bank, find_population
from simcons.seeds import stream

MIND = LatentMindSettings()
SCALES = tuple(ALL.values())


@dataclass
class Group:
    """Some people, what they hold on a question, and what they wrote."""

    question: Question
    people: list[Persona]
    reader: QuestionReader
    convictions: list[Conviction] = field(init=False)
    opinions: list[WrittenOpinion] = field(init=False)

    def __post_init__(self) -> None:
        compiled = CompiledQuestion(self.question)
        self.convictions = [consider(person, compiled, MIND, seed=0) for person in self.people]
        self.opinions = [
            write_opinion(
                self.question,
                conviction,
                EN_GB,
                style=person.writing,
                words=person.writing.words,
                rng=stream(0, "opinion", person.persona_id, self.question.id),
            )
            for person, conviction in zip(self.people, self.convictions, strict=True)
        ]

    @property
    def texts(self) -> list[str]:
        return [opinion.text for opinion in self.opinions]

    @property
    def view(self) -> RoundView:
        seen = tuple(SeenOpinion(f"o{k}", text) for k, text in enumerate(self.texts))
        readers = {"reader": RulesReader(EN_GB)}
        return RoundView(f"r-{self.question.id}", self.question, seen, readers)

    def ready(self, text: str) -> Text:
        """``text`` ready to be judged as the group's statement."""
        copied = Sources(self.texts, EN_GB.text).copied_share(text)
        return self.prepared(text, self.reader.read(text), copied=copied)

    def prepared(self, text: str, reading: Reading, *, copied: float = 0.0) -> Text:
        """A statement for the group that is read as ``reading``."""
        return prepare(
            text,
            reading,
            question=self.question,
            voices=voices_of(self.opinions),
            of_group=True,
            copied=copied,
            scales=SCALES,
            seed=0,
        )

    def judge(self, text: str) -> list[dict[Scale, float]]:
        """What each member truly thinks of ``text`` as the group's statement."""
        return self.judge_ready(self.ready(text))

    def judge_ready(self, ready: Text) -> list[dict[Scale, float]]:
        return [
            appraise(conviction, ready, own_claims=opinion.claims, mind=MIND, scales=SCALES)
            for conviction, opinion in zip(self.convictions, self.opinions, strict=True)
        ]

    def quality(self, text: str) -> float:
        judged = self.judge(text)
        return sum(appraisal[QUALITY] for appraisal in judged) / len(judged)

    def agreement(self, text: str) -> float:
        judged = self.judge(text)
        return sum(appraisal[AGREEMENT] for appraisal in judged) / len(judged)


class RefusingReader(RulesReader):
    """Comes to no reading of some texts, as a language model may."""

    def __init__(self, refused: Collection[str]) -> None:
        super().__init__(EN_GB)
        self._refused = refused

    def read(self, question: Question, texts: Sequence[str]) -> Act[list[Reading]]:
        readings = yield from super().read(question, texts)
        return [
            replace(reading, mentions=(), verdict=None, missing="refusal") if text in self._refused else reading
            for text, reading in zip(texts, readings, strict=True)
        ]


@pytest.fixture(scope="session")
def bank() -> list[Question]:
    return load_bank(find_bank("core"))


@pytest.fixture(scope="session")
def crowd() -> list[Persona]:
    population = synthesise(load_population_file(find_population("uk_crowd")), 400, seed=1)
    return [population.persona(k) for k in range(len(population))]


@pytest.fixture(scope="session")
def groups(bank: list[Question], crowd: list[Persona]) -> list[Group]:
    """A group of five for each question, all of them different people."""
    return [
        Group(question, crowd[5 * k : 5 * k + 5], QuestionReader(question, EN_GB)) for k, question in enumerate(bank)
    ]


@pytest.fixture(scope="session")
def everyone(bank: list[Question], crowd: list[Persona]) -> list[Group]:
    """Every question with the same hundred people."""
    return [Group(question, crowd[:100], QuestionReader(question, EN_GB)) for question in bank]
