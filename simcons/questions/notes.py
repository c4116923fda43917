"""Notes for readers of results on the questions: which have no bank, and which were left out."""

from __future__ import annotations

from collections.abc import Mapping

from simcons.counted import counted


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


def _generic_note(generic: int, asked: int) -> str:
    have = "has" if generic == 1 else "have"
    return (
        f"{generic:,} of {counted(asked, 'question')} {have} no bank: what people say comes from generic frames (cost, fairness,"
        " safety ...) and may have little to do with the question. Such a study can show that a design runs, how long it takes,"
        " what it costs and what each stage records; not which statement people would agree with, nor which mediator is better."
        ' For that write a bank: simcons new NAME --bank "QUESTION"'
    )
