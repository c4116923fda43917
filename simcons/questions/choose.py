"""The questions of a study: which bank or file, which topics, which split, how many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from simcons.counted import listed
from simcons.errors import ScenarioError
from simcons.languages.language import Language
from simcons.questions.bank import Question, load_banks
from simcons.questions.own import QuestionList, load_questions
from simcons.scenario.shipped import find_bank
from simcons.scenario.study import BankQuestionSettings, FileQuestionSettings
from simcons.seeds import stream


@dataclass(frozen=True, slots=True)
class Chosen:
    """The questions of a study, and a line for each that its list has but that nobody can be asked."""

    questions: list[Question]
    n_generic: int  # without a bank: their opinions come from generic frames
    unfit: Sequence[str] = ()
    repeats: Sequence[str] = ()

    @property
    def counts(self) -> dict[str, int]:
        """For the manifest."""
        return {
            "asked": len(self.questions),
            "generic": self.n_generic,
            "unfit_left_out": len(self.unfit),
            "repeats_left_out": len(self.repeats),
        }


def choose_questions(settings: BankQuestionSettings | FileQuestionSettings, language: Language, *, seed: int) -> Chosen:
    """The questions that match, or a random ``count`` of them. Raises ScenarioError when none or too few do."""
    if isinstance(settings, BankQuestionSettings):
        sources = [find_bank(bank) for bank in settings.banks]
        read = QuestionList(load_banks(sources), [], [])
        questions = _only(read.questions, "ids", settings.ids, lambda question: question.id)
    else:
        sources = [Path(settings.path).expanduser()]
        read = load_questions(sources[0], language, unfit=settings.unfit)
        questions = read.questions
    topics = None if settings.topics is None else [str(topic) for topic in settings.topics]
    questions = _only(questions, "topics", topics, lambda question: question.topic)
    splits = [settings.split] if isinstance(settings.split, str) else settings.split
    if splits is not None:
        questions = [question for question in questions if question.split in splits]
    if not questions:
        matching = f"split {' or '.join(splits) if splits else None}, topics {settings.topics}"
        raise ScenarioError(f"questions: none in {_together(sources)} match ({matching}); expected at least one")
    drawn = _draw(questions, settings.count, sources, seed)
    return Chosen(drawn, len(drawn) if settings.kind == "file" else 0, read.unfit, read.repeats)


def _only(
    questions: Sequence[Question], key: str, names: Sequence[str] | None, name_of: Callable[[Question], str]
) -> list[Question]:
    """The questions whose name is among ``names`` (all, for None). Raises ScenarioError for a name that none has."""
    if names is None:
        return list(questions)
    known = {name_of(question) for question in questions}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ScenarioError(f"questions.{key}: unknown {unknown[0]!r}; expected among {', '.join(sorted(known)[:20])}")
    return [question for question in questions if name_of(question) in names]


def _draw(questions: Sequence[Question], count: int | None, sources: Sequence[Path], seed: int) -> list[Question]:
    if count is None:
        return list(questions)
    if count > len(questions):
        raise ScenarioError(
            f"questions.count {count}: only {len(questions)} in {_together(sources)} match; expected at most that"
        )
    drawn = sorted(stream(seed, "questions").permutation(len(questions))[:count].tolist())
    return [questions[k] for k in drawn]


def _together(sources: Sequence[Path]) -> str:
    return listed(list(map(str, sources)))
