"""Examples of a reward model: opinions, statements that their authors answered to, and what they answered.

Each statement is read once for all comparisons that it is in (after Ouyang et al. 2022): six pairs of four statements cost four
texts, not twelve.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby
from typing import TypeVar

from simcons.engines.local.late_interaction import texts_of
from simcons.engines.local.prefill import Tokens
from simcons.engines.local.reward_model import TripleTokens
from simcons.training.data.examples import Comparison, Position, Rated, between_people, by_statement
from simcons.training.dealt import dealt

MOST_TOGETHER = 8  # statements of an opinion's example; more are dealt to several, for memory's sake
MOST_APART = 64  # the same, where texts are read apart: a statement takes memory once for all opinions

Answer = TypeVar("Answer", Comparison, Rated, Position)


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered to a question: of opinions with a statement each, which are given by their places.

    id: of the round, and of the person or the statement that all are of. comparisons: the pair whose author agreed more, the
    other, and 1 for a tie, else 0. ratings: a pair and its rating from 1 to 7; some have two.
    """

    id: str
    question: str
    pairs: tuple[tuple[str, str], ...]
    comparisons: tuple[tuple[int, int, int], ...] = ()
    ratings: tuple[tuple[int, int], ...] = ()

    @property
    def statements(self) -> tuple[str, ...]:
        """[pair]."""
        return tuple(statement for _, statement in self.pairs)


def compared(comparisons: Iterable[Comparison], *, seed: int, most: int = MOST_TOGETHER) -> list[Answers]:
    """Comparisons, an opinion's together, of at most ``most`` statements. Those between statements that are not dealt to the same
    example are given up.
    """
    return [example for person in _by_person(comparisons) for example in _compared(person, seed, most)]


def rated(ratings: Iterable[Rated], *, seed: int, most: int = MOST_TOGETHER) -> list[Answers]:
    """Ratings, an opinion's together, of at most ``most`` statements."""
    return [example for person in _by_person(ratings) for example in _rated(person, seed, most)]


def between(answers: Sequence[Position | Rated]) -> list[Answers]:
    """Comparisons between people, a statement's together: of two who answered differently, the opinion of the one who agrees more
    is the preferred one. Opinions in the same words cannot be told apart, and statements on which all answered alike say nothing.

    Between statements a reward model goes far by what they are like, whoever reads them; here there is but one statement, and
    nothing but the opinion to tell answers apart.
    """
    alike = ([answers[place] for place in places] for places in by_statement(answers))
    made = [_of_statement(some, number) for number, some in enumerate(alike)]
    return [example for example in made if example.comparisons]


def _of_statement(answers: Sequence[Position | Rated], number: int) -> Answers:
    opinions = {answer.participant_id: answer.opinion for answer in answers}
    place = {person: k for k, person in enumerate(opinions)}
    preferred = tuple(
        (place[answers[more].participant_id], place[answers[less].participant_id], 0)
        for more, less in between_people(answers)
        if answers[more].opinion != answers[less].opinion
    )
    first = answers[0]
    pairs = tuple((opinion, first.statement) for opinion in opinions.values())
    return Answers(f"{first.run}/{first.round_id}/statement {number}", first.question, pairs, preferred)


def _compared(answers: Sequence[Comparison], seed: int, most: int) -> Iterator[Answers]:
    texts = chain.from_iterable((answer.chosen, answer.rejected) for answer in answers)
    for statements in _dealt(texts, answers[0], seed, most):
        place = {text: k for k, text in enumerate(statements)}
        preferred = [
            (place[answer.chosen], place[answer.rejected], int(answer.tie))
            for answer in answers
            if answer.chosen in place and answer.rejected in place
        ]
        if preferred:
            yield Answers(*_shared(answers[0], statements), comparisons=tuple(preferred))


def _rated(answers: Sequence[Rated], seed: int, most: int) -> Iterator[Answers]:
    for statements in _dealt((answer.statement for answer in answers), answers[0], seed, most):
        place = {text: k for k, text in enumerate(statements)}
        given = [(place[answer.statement], answer.rating) for answer in answers if answer.statement in place]
        yield Answers(*_shared(answers[0], statements), ratings=tuple(given))


def _by_person(answers: Iterable[Answer]) -> Iterator[list[Answer]]:
    def person(answer: Answer) -> tuple[str, str, str]:
        return answer.run, answer.round_id, answer.participant_id

    for _, some in groupby(sorted(answers, key=person), key=person):
        yield list(some)


def _dealt(texts: Iterable[str], answer: Comparison | Rated, seed: int, most: int) -> Iterator[list[str]]:
    """Distinct statements, at most ``most`` at a time."""
    key = answer.run, answer.round_id, answer.participant_id
    return dealt(dict.fromkeys(texts), most, seed, "reward examples", *key)


def _shared(answer: Comparison | Rated, statements: Iterable[str]) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    name = f"{answer.run}/{answer.round_id}/{answer.participant_id}"
    return name, answer.question, tuple((answer.opinion, statement) for statement in statements)


# --- token ids ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EncodedAnswers:
    """An example as ids.

    rows: a statement each, after its question and opinion. answers: rows by their places and what was said of them, as in
    `Answers`. weights: of each answer in the loss, beside those of other examples. n_tokens: that are read.
    """

    id: str
    rows: tuple[Tokens, ...]
    answers: tuple[tuple[int, ...], ...]
    weights: tuple[float, ...]
    n_tokens: int


def encode_answers(
    tokens: TripleTokens, examples: Sequence[Answers], *, limit: int, weight: float = 1.0
) -> tuple[list[EncodedAnswers], list[str]]:
    """Examples of which the network reads at most ``limit`` tokens at a time with each statement; ids of the others.

    weight: of an example, however many answers it has.
    """
    encoded = [_encoded(tokens, example, weight) for example in examples]
    fits = [max(map(tokens.n_read, example.rows)) <= limit for example in encoded]
    too_long = [example.id for example, fit in zip(encoded, fits, strict=True) if not fit]
    return [example for example, fit in zip(encoded, fits, strict=True) if fit], too_long


def _encoded(tokens: TripleTokens, example: Answers, weight: float) -> EncodedAnswers:
    rows = tuple(tokens(example.question, *pair) for pair in example.pairs)
    answers = example.comparisons or example.ratings
    weights = (weight / len(answers),) * len(answers)
    return EncodedAnswers(example.id, rows, answers, weights, sum(map(len, rows)))


def by_round(kinds: Iterable[Sequence[EncodedAnswers]], end: int) -> list[EncodedAnswers]:
    """The examples of each round as one, for a network that reads each of its texts once. end: the mark between texts.

    kinds: of comparison, each of which counts in a round by its weight, shared by its examples there.
    """
    shares = [share for examples in kinds for share in _shares(examples)]
    return [_joined(name, list(some), end) for name, some in groupby(sorted(shares, key=_round), key=_round)]


def _round(example: EncodedAnswers) -> str:
    return example.id.rsplit("/", 1)[0]


def _shares(examples: Sequence[EncodedAnswers]) -> Iterator[EncodedAnswers]:
    """With the weights that they have as parts of their rounds."""
    n_of_round = Counter(map(_round, examples))
    for example in examples:
        yield replace(example, weights=tuple(weight / n_of_round[_round(example)] for weight in example.weights))


def _joined(name: str, examples: Sequence[EncodedAnswers], end: int) -> EncodedAnswers:
    place: dict[Tokens, int] = {}
    answers: list[tuple[int, ...]] = []
    for example in examples:
        places = [place.setdefault(row, len(place)) for row in example.rows]
        answers += [(*(places[k] for k in answer[:-1]), answer[-1]) for answer in example.answers]
    weights = tuple(weight for example in examples for weight in example.weights)
    distinct = {text for row in place for text in texts_of(row, end)}
    return EncodedAnswers(name, tuple(place), tuple(answers), weights, sum(map(len, distinct)))
