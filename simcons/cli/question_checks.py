"""What is wrong with a study's questions, said before it is run."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console

from simcons.counted import counted
from simcons.errors import ScenarioError
from simcons.languages.en_gb import EN_GB
from simcons.languages.language import Language
from simcons.population.bank_lint import Finding, lint
from simcons.questions.bank import load_bank
from simcons.questions.own import load_questions
from simcons.report.question_notes import question_notes
from simcons.scenario.shipped import data_folder, find_bank
from simcons.scenario.study import BankQuestionSettings
from simcons.study.plan import Plan

_MOST_NAMED = 10  # questions left out


def remarks(plan: Plan) -> Iterator[str]:
    """What a user should know of the questions before a study on them. Raises ScenarioError for a bank that cannot be used."""
    wanted = plan.scenario.questions
    if isinstance(wanted, BankQuestionSettings):
        yield from _bank_remarks(find_bank(wanted.bank), {question.id for question in plan.questions}, plan.language)
    yield from question_notes(plan.chosen.counts)


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


def _bank_remarks(source: Path, asked: set[str], language: Language) -> Iterator[str]:
    """On the questions asked, and on the bank as a whole. Shipped banks are without findings; the tests see to that."""
    if source.resolve().is_relative_to(data_folder("scenarios").resolve()):
        return
    findings = lint(load_bank(source), language)
    findings = [finding for finding in findings if finding.question is None or finding.question in asked]
    command = f"simcons check {shlex.quote(str(source))}"
    unusable = [finding for finding in findings if finding.unusable]
    if unusable:
        more = f" (and {len(unusable) - 1:,} more)" if len(unusable) > 1 else ""
        raise ScenarioError(f"{source}: this bank cannot be used: {unusable[0]}{more}; see all with: {command}")
    if findings:
        yield f"{source}: {_summed(findings)}; see {command}"


def _summed(findings: Sequence[Finding]) -> str:
    """``3 findings (2 errors, 1 warning: sides, form)``."""
    levels = Counter(finding.level for finding in findings)
    parts = ", ".join(counted(levels[level], level) for level in ("error", "warning") if levels[level])
    rules = ", ".join(dict.fromkeys(finding.rule for finding in findings))
    return f"{counted(len(findings), 'finding')} ({parts}: {rules})"
