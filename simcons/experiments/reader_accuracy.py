"""Readers put to labelled texts: the accuracy and the speed of each."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simcons.analysis.resampling import Estimate, trials
from simcons.engines.acts import run_act, together
from simcons.engines.base import Engine
from simcons.questions.accuracy import Count, LabelledText, Tally, heard, tallies
from simcons.questions.bank import Question
from simcons.questions.reading import Reader

_UNRELATED = "Nothing here that anybody has ever worded before."


@dataclass(frozen=True, slots=True)
class ReaderAccuracy:
    """One reader's counts by kind of text, those of all texts last, and the seconds that reading them took."""

    by_kind: Mapping[str, Tally]
    n_texts: int
    seconds: float

    @property
    def texts_per_second(self) -> float:
        return self.n_texts / self.seconds


def measure(
    reader: Reader,
    texts: Sequence[LabelledText],
    questions: Mapping[str, Question],
    engines: Mapping[str, Engine],
    *,
    warm_up: bool,
) -> ReaderAccuracy:
    """Have ``reader`` read all ``texts``. warm_up: first have it read another one on each question, which does not count.

    Whatever asks an engine asks all at once. Raises EngineError.
    """
    by_question: dict[str, list[LabelledText]] = defaultdict(list)
    for text in texts:
        by_question[text.question].append(text)
    if warm_up:
        run_act(together([reader.read(questions[name], [_UNRELATED]) for name in by_question]), engines)
    began = time.perf_counter()
    acts = [reader.read(questions[name], [text.text for text in own]) for name, own in by_question.items()]
    readings = run_act(together(acts), engines)
    seconds = time.perf_counter() - began
    in_order = [text for own in by_question.values() for text in own]
    flat = [reading for own in readings for reading in own]
    given = [heard(questions[text.question], reading) for text, reading in zip(in_order, flat, strict=True)]
    return ReaderAccuracy(tallies(in_order, given), len(texts), seconds)


def estimates(tally: Tally) -> dict[str, Estimate | None]:
    """The shares of a tally with Wilson's intervals, as if claims and texts were independent; f1 after precision and recall."""
    shares = {name: _estimate(count) for name, count in tally.counts().items()}
    precision, recall = shares.pop("precision"), shares.pop("recall")
    return {"precision": precision, "recall": recall, "f1": _f1(tally), **shares}


def _estimate(count: Count) -> Estimate | None:
    return trials(count.n, count.of)


def _f1(tally: Tally) -> Estimate | None:
    """F1 = 2J / (1 + J) rises with the Jaccard index J, which is a share, so that its interval follows from that of J."""
    jaccard = _estimate(tally.either)
    if jaccard is None or jaccard.interval is None:
        return jaccard
    low, high = (2 * end / (1 + end) for end in jaccard.interval)
    return Estimate(2 * jaccard.value / (1 + jaccard.value), (low, high), None, jaccard.n)
