"""Examples as rows in the forms that TRL takes: chats, of which its trainers make a model's own text.

Of a statement to learn the whole turn is the completion, with the beginning that its prompt gives: TRL would close the turn of a
prompt that ends in the middle of one. Question and opinion stand as in a request for scores: the question as the system's turn,
the opinion as its author's. Ties have a form of their own, as TRL would take them for preferences.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from simcons.engines.base import Message, as_chat
from simcons.engines.replies import joined
from simcons.training.data.examples import Answer, Comparison, Position, Rated, SftExample, Side

Row: TypeAlias = dict[str, Any]


def _sft(example: SftExample) -> Row:
    last = example.messages[-1]
    if last.role == "text":
        return {"prompt": last.content, "completion": joined(last.content, example.statement)[len(last.content) :]}
    asked = example.messages[:-1] if last.role == "assistant" else example.messages
    return {"prompt": as_chat(asked), "completion": _reply(example.statement)}


def _comparison(example: Comparison) -> Row:
    return {"prompt": _opinion(example), "chosen": _reply(example.chosen), "rejected": _reply(example.rejected)}


def _tie(example: Comparison) -> Row:
    return {"prompt": _opinion(example), "first": _reply(example.chosen), "second": _reply(example.rejected)}


def _rated(example: Rated | Position) -> Row:
    return {"prompt": _opinion(example), "completion": _reply(example.statement), "rating": example.rating}


def _opinion(example: Answer) -> list[dict[str, str]]:
    return as_chat([Message("system", example.question), Message("user", example.opinion)])


def _reply(statement: str) -> list[dict[str, str]]:
    return as_chat([Message("assistant", statement)])


# By the name of the data set, its rows on one side.
FORMS: Mapping[str, Callable[[Side], Sequence[Row]]] = {
    "sft": lambda side: [_sft(example) for example in side.sft],
    "comparisons": lambda side: [_comparison(example) for example in side.comparisons if not example.tie],
    "ties": lambda side: [_tie(example) for example in side.comparisons if example.tie],
    "ratings": lambda side: [_rated(example) for example in side.ratings],
    "positions": lambda side: [_rated(example) for example in side.positions],
}
