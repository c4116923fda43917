"""Examples of a reward model: an opinion, statements that its author answered to, and what they answered.

Each statement is read once for all comparisons that it is in (after Ouyang et al. 2022): six pairs of four statements cost four
texts, not twelve.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from typing import TypeVar

import numpy as np

from simcons.engines.local.late_interaction import texts_of
from simcons.engines.local.prefill import Tokens
from simcons.engines.local.reward_model import TripleTokens
from simcons.seeds import stream
from simcons.training.data.examples import Comparison, Rated

MOST_TOGETHER = 8  # statements of an opinion's example; more are dealt to several, for memory's sake
MOST_APART = 64  # the same, where texts are read apart: a statement takes memory once for all opinions

Answer = TypeVar("Answer", Comparison, Rated)


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of an opinion's author. Statements are given by their places.

    id: of the round and the person. comparisons: the preferred statement, the other, and 1 for a tie, else 0.
    ratings: a statement and its rating from 1 to 7; some have two.
    """

    id: str
    question: str
    opinion: str
    statements: tuple[str, ...]
    comparisons: tuple[tuple[int, int, int], ...] = ()
    ratings: tuple[tuple[int, int], ...] = ()


def compared(comparisons: Iterable[Comparison], *, seed: int, most: int = MOST_TOGETHER) -> list[Answers]:
    """Comparisons, an opinion's together, of at most ``most`` statements. Those between statements that are not dealt to the same
    example are given up.
    """
    return [example for person in _by_person(comparisons) for example in _compared(person, seed, most)]


def rated(ratings: Iterable[Rated], *, seed: int, most: int = MOST_TOGETHER) -> list[Answers]:
    """Ratings, an opinion's together, of at most ``most`` statements."""
    return [example for person in _by_person(ratings) for example in _rated(person, seed, most)]


def _compared(answers: Sequence[Comparison], seed: int, most: int) -> Iterator[Answers]:
    texts = chain.from_iterable((answer.chosen, answer.rejected) for answer in answers)
    for statements in _dealt(texts, answers[0], seed, most):
        place = {text: k for k, text in enumerate(statements)}
        pairs = [
            (place[answer.chosen], place[answer.rejected], int(answer.tie))
            for answer in answers
            if answer.chosen in place and answer.rejected in place
        ]
        if pairs:
            yield Answers(*_shared(answers[0]), statements, comparisons=tuple(pairs))


def _rated(answers: Sequence[Rated], seed: int, most: int) -> Iterator[Answers]:
    for statements in _dealt((answer.statement for answer in answers), answers[0], seed, most):
        place = {text: k for k, text in enumerate(statements)}
        given = [(place[answer.statement], answer.rating) for answer in answers if answer.statement in place]
        yield Answers(*_shared(answers[0]), statements, ratings=tuple(given))


def _by_person(answers: Iterable[Answer]) -> Iterator[list[Answer]]:
    def person(answer: Answer) -> tuple[str, str, str]:
        return answer.run, answer.round_id, answer.participant_id

    for _, some in groupby(sorted(answers, key=person), key=person):
        yield list(some)


def _dealt(texts: Iterable[str], answer: Comparison | Rated, seed: int, most: int) -> Iterator[tuple[str, ...]]:
    """Distinct statements, at most ``most`` at a time; more are dealt at random."""
    statements = list(dict.fromkeys(texts))
    n_parts = -(-len(statements) // most)
    order = np.arange(len(statements))
    if n_parts > 1:
        order = stream(seed, "reward examples", answer.run, answer.round_id, answer.participant_id).permutation(order)
    for places in np.array_split(order, n_parts):
        yield tuple(statements[int(place)] for place in sorted(places))


def _shared(answer: Comparison | Rated) -> tuple[str, str, str]:
    return f"{answer.run}/{answer.round_id}/{answer.participant_id}", answer.question, answer.opinion


# --- token ids ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EncodedAnswers:
    """An example as ids.

    rows: a statement each, after its question and opinion. answers: rows by their places and what was said of them, as in
    `Answers`. n_tokens: that are read.
    """

    id: str
    rows: tuple[Tokens, ...]
    answers: tuple[tuple[int, ...], ...]
    n_tokens: int


def encode_answers(
    tokens: TripleTokens, examples: Sequence[Answers], *, limit: int
) -> tuple[list[EncodedAnswers], list[str]]:
    """Examples whose every statement has at most ``limit`` tokens with its question and opinion; ids of the others."""
    encoded = [_encoded(tokens, example) for example in examples]
    fit = [example for example in encoded if max(map(len, example.rows)) <= limit]
    too_long = [example.id for example in encoded if max(map(len, example.rows)) > limit]
    return fit, too_long


def _encoded(tokens: TripleTokens, example: Answers) -> EncodedAnswers:
    rows = tuple(tokens(example.question, example.opinion, text) for text in example.statements)
    return EncodedAnswers(example.id, rows, example.comparisons or example.ratings, sum(map(len, rows)))


def by_round(examples: Sequence[EncodedAnswers], end: int) -> list[EncodedAnswers]:
    """The examples of each round as one, for a network that reads each of its texts once. end: the mark between texts."""

    def round_of(example: EncodedAnswers) -> str:
        return example.id.rsplit("/", 1)[0]

    return [_joined(name, list(some), end) for name, some in groupby(sorted(examples, key=round_of), key=round_of)]


def _joined(name: str, examples: Sequence[EncodedAnswers], end: int) -> EncodedAnswers:
    rows: list[Tokens] = []
    answers: list[tuple[int, ...]] = []
    for example in examples:
        answers += [(*(place + len(rows) for place in answer[:-1]), answer[-1]) for answer in example.answers]
        rows += example.rows
    distinct = {text for row in rows for text in texts_of(row, end)}
    return EncodedAnswers(name, tuple(rows), tuple(answers), sum(map(len, distinct)))
