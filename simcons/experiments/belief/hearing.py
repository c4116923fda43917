"""Opinions and statements of an imported study as a reader hears them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simcons.arrays import Floats
from simcons.engines.acts import run_act
from simcons.languages.language import Language
from simcons.questions.bank import Question
from simcons.questions.by_text import QuestionsByText
from simcons.questions.reading import Reader, Reading

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Heard:
    """One rating's question, with the rater's opinion and the statement as they were heard."""

    question: Question
    opinion: Reading
    statement: Reading
    text: str


def hear(rows: pd.DataFrame, reader: Reader, language: Language) -> list[Heard | None]:
    """For each row of `rated_opinions`; None where yes or no does not answer the question, so that nothing can be heard on it."""
    questions = QuestionsByText(language)
    heard: list[Heard | None] = [None] * len(rows)
    numbered = rows.assign(row=np.arange(len(rows)), position=rows["position_statement"].fillna(""))
    for (text, given), some in numbered.groupby(["question", "position"], sort=False):
        question = questions.find_answerable(text, given)
        if question is None:
            continue
        opinions = _readings(reader, question, some["opinion"].tolist())
        statements = _readings(reader, question, some["text"].tolist())
        columns = zip(some["row"], opinions, statements, some["text"], strict=True)
        for row, opinion, statement, said in columns:
            heard[row] = Heard(question, opinion, statement, said)
    return heard


def verdicts(heard: Sequence[Heard | None]) -> tuple[Floats, Floats]:
    """The verdicts of opinions and of statements, -1 to 1 [row]; NaN where none was heard."""
    own = [None if one is None else one.opinion.verdict for one in heard]
    said = [None if one is None else one.statement.verdict for one in heard]
    return np.array(own, dtype=np.float64), np.array(said, dtype=np.float64)


def _readings(reader: Reader, question: Question, texts: Sequence[str]) -> list[Reading]:
    distinct = list(dict.fromkeys(texts))
    read = dict(zip(distinct, run_act(reader.read(question, distinct), {}), strict=True))
    return [read[text] for text in texts]
