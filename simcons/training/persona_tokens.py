"""Persona data as token ids: what a person was asked in a round as rows that begin alike, and where in them an answer is read.

Prompts are the ids that the engine reads. A choice is read, as the engine reads it, from the probabilities of the token after
its prompt.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from simcons.engines.local.chat import prompt_tokens, text_tokens
from simcons.engines.local.choices import ways
from simcons.engines.local.prefill import Tokens, shared
from simcons.errors import TrainingDataError
from simcons.training.data.persona import NEGATION, OPINION, POSITION, SIDE, PersonaAnswer, PersonaExample, Source
from simcons.training.dealt import dealt
from simcons.training.sft_tokens import end_of_reply

MOST_TOGETHER = 12  # answers that are read together; more are dealt to several examples, for memory's sake
RATING = "rating"
KINDS = (POSITION, OPINION, SIDE, NEGATION, RATING)


def kind_of(act: str) -> str:
    """The kind of an answer, by which it is weighed: its act, or rating."""
    return act if act in KINDS else RATING


@dataclass(frozen=True, slots=True)
class EncodedAnswer:
    """One answer as ids. row: the prompt, and after it an opinion with its end. shares: of a choice; empty for an opinion."""

    kind: str
    row: Tokens
    n_prompt: int
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class EncodedPersona:
    """Answers of one person in one round that are read together. n_tokens: that are read, what rows share once.

    round_id: of all runs. position, told, read: as in the data.
    """

    id: str
    source: Source
    round_id: str
    question: str
    position: float | None
    told: bool
    read: bool
    answers: tuple[EncodedAnswer, ...]
    n_tokens: int


def encode_personas(
    tokenizer: Any, examples: Sequence[PersonaExample], *, limit: int, seed: int
) -> tuple[list[EncodedPersona], list[str]]:
    """Examples of answers with at most ``limit`` tokens each, and the ids of answers with more. None is cut."""
    encoded, too_long = [], []
    for example in examples:
        answers = [encode_answer(tokenizer, answer) for answer in example.answers]
        too_long += [f"{example.id}/{answer.kind}" for answer in answers if len(answer.row) > limit]
        fit = [answer for answer in answers if len(answer.row) <= limit]
        for number, some in enumerate(dealt(fit, MOST_TOGETHER, seed, "persona examples", example.id)):
            encoded.append(
                EncodedPersona(
                    f"{example.id}/{number}", example.source, f"{example.run}/{example.round_id}", example.question,
                    example.position, example.told, example.read, tuple(some), _n_tokens(some),
                )
            )  # fmt: skip
    return encoded, too_long


def with_answers(example: EncodedPersona, kinds: Collection[str]) -> EncodedPersona:
    """The person with answers of some kinds alone."""
    answers = tuple(answer for answer in example.answers if answer.kind in kinds)
    return replace(example, answers=answers, n_tokens=_n_tokens(answers))


def _n_tokens(answers: Sequence[EncodedAnswer]) -> int:
    rows = sorted({answer.row for answer in answers})
    return round(shared(rows) * sum(map(len, rows)))


def encode_answer(tokenizer: Any, answer: PersonaAnswer) -> EncodedAnswer:
    """Raises EngineError for messages that the model's chat template refuses."""
    prompt = prompt_tokens(tokenizer, answer.messages)
    if answer.form == "choice":
        return EncodedAnswer(kind_of(answer.act), prompt, len(prompt), answer.shares)
    ids = text_tokens(tokenizer, answer.reply)
    row = (*prompt, *ids, end_of_reply(tokenizer, answer.messages))
    return EncodedAnswer(kind_of(answer.act), row, len(prompt), ())


def option_tokens(tokenizer: Any, options: Sequence[str]) -> list[list[int]]:
    """For each option the tokens that are the whole of it, alone or with a space before it.

    Raises TrainingDataError for an option that takes several tokens whichever way it is written.
    """
    single = [sorted(way[0] for way in ways(tokenizer, option) if len(way) == 1) for option in options]
    for option, tokens in zip(options, single, strict=True):
        if not tokens:
            raise TrainingDataError(f"the model's tokenizer has no token for the option {option!r}; expected one")
    return single
