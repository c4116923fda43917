"""Lines on a list of questions: how many can be asked, and which not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from simcons.counted import counted
from simcons.questions.notes import claims_note, question_notes
from simcons.questions.own import QuestionList

_MOST_NAMED = 10  # questions left out


def question_list_lines(path: Path, listed: QuestionList) -> Iterator[str]:
    """The number that can be asked, notes on these, and the others by line and id."""
    n_asked = len(listed.questions)
    yield f"{path}: {counted(n_asked, 'question')} can be asked."
    for note in question_notes({"asked": n_asked, "generic": n_asked, "repeats_left_out": len(listed.repeats)}):
        yield f"  {note}"
    if listed.questions:
        yield f"  {claims_note(listed.questions)}"
    yield from not_asked_lines([*listed.unfit, *listed.repeats])
    if listed.unfit:
        unfit = (
            "question that nobody can agree or disagree with is"
            if len(listed.unfit) == 1
            else "questions that nobody can agree or disagree with are"
        )
        yield f"  {len(listed.unfit):,} {unfit} refused, or left out with questions.unfit: leave_out."


def not_asked_lines(lines: Sequence[str]) -> Iterator[str]:
    """Each question that is not asked, by its line and id, and why; of many the first."""
    yield from (f"  not asked: {line}" for line in lines[:_MOST_NAMED])
    if len(lines) > _MOST_NAMED:
        yield f"  not asked: {len(lines) - _MOST_NAMED:,} more"
