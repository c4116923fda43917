"""Notes for readers of results on the questions: which have no bank, and which were left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simcons.counted import counted
from simcons.questions.bank import SIGN, Question, Side

_NAMES: dict[Side, str] = {"for": "for", "against": "against", "common": "of common ground"}


def question_notes(counts: Mapping[str, int]) -> list[str]:
    """Sentences on a study's questions from the counts in its manifest (``questions``); none where nothing is to be said."""
    asked, generic = counts.get("asked", 0), counts.get("generic", 0)
    notes = [_generic_note(generic, asked)] if generic else []
    left_out = [
        text
        for key, text in (
            ("unfit_left_out", "that nobody can agree or disagree with"),
            ("repeats_left_out", "that another question asks already"),
        )
        if counts.get(key)
        for text in (f"{counts[key]:,} {text}",)
    ]
    return [*notes, *([f"Left out of the list: {' and '.join(left_out)}."] if left_out else [])]


def claims_note(questions: Sequence[Question]) -> str:
    """The claims that questions without a bank have: fewer where fewer frames fit."""
    fewest = {side: min(_n_claims(question, side) for question in questions) for side in SIGN}
    most = {side: max(_n_claims(question, side) for question in questions) for side in SIGN}
    ranges = [f"{_range(fewest[side], most[side])} {name}" for side, name in _NAMES.items()]
    n_without = sum(not question.loadings for question in questions)
    unknown = f"; on {n_without:,} of them values make no difference, as no topic is known" if n_without else ""
    return f"Claims a question: {', '.join(ranges)}{unknown}."


def _n_claims(question: Question, side: Side) -> int:
    return sum(claim.side == side for claim in question.claims)


def _range(fewest: int, most: int) -> str:
    return f"{fewest}" if fewest == most else f"{fewest} to {most}"


def _generic_note(generic: int, asked: int) -> str:
    have = "has" if generic == 1 else "have"
    return (
        f"{generic:,} of {counted(asked, 'question')} {have} no bank: what people say comes from generic frames, chosen"
        " by words of the question for its topic and what it proposes: one reason in ten does not fit. Such a study can show that"
        " a design runs, how long it takes, what it costs and what each stage records; not which statement people would agree"
        " with, nor which mediator is better."
        ' For that write a bank: simcons new NAME --bank "QUESTION"'
    )
