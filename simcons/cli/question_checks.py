"""What is wrong with a list of questions, and which of a study's are not asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console

from simcons.counted import counted
from simcons.languages.en_gb import EN_GB
from simcons.questions.notes import question_notes
from simcons.questions.own import load_questions
from simcons.study.plan import Plan

_MOST_NAMED = 10  # questions left out


def check_list(path: Path, console: Console) -> None:
    """Say how many questions of a list can be asked, and which not. Raises ScenarioError where none can."""
    listed = load_questions(path, EN_GB, unfit="leave_out")
    counts = {"asked": len(listed.questions), "generic": len(listed.questions), "repeats_left_out": len(listed.repeats)}
    console.print(f"{path}: {counted(len(listed.questions), 'question')} can be asked.", soft_wrap=True)
    for note in question_notes(counts):
        console.print(f"  {note}", soft_wrap=True)
    for line in _named([*listed.unfit, *listed.repeats]):
        console.print(line, soft_wrap=True)
    if listed.unfit:
        are = "question that nobody can agree or disagree with is" if len(listed.unfit) == 1 else None
        what = are or "questions that nobody can agree or disagree with are"
        console.print(
            f"  {len(listed.unfit):,} {what} refused, or left out with questions.unfit: leave_out.", soft_wrap=True
        )


def left_out(plan: Plan) -> Iterator[str]:
    """Each question of a list that is not asked, by its line and id, and why."""
    return _named([*plan.chosen.unfit, *plan.chosen.repeats])


def _named(lines: Sequence[str]) -> Iterator[str]:
    yield from (f"  not asked: {line}" for line in lines[:_MOST_NAMED])
    if len(lines) > _MOST_NAMED:
        yield f"  not asked: {len(lines) - _MOST_NAMED:,} more"
