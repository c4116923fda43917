"""Remarks on a study's questions, made before it is run."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from simcons.counted import counted
from simcons.errors import ScenarioError
from simcons.languages.language import Language
from simcons.population.bank_lint import BankFinding, lint
from simcons.questions.bank import load_bank
from simcons.questions.notes import claims_note, question_notes
from simcons.scenario.shipped import data_folder, find_bank
from simcons.scenario.study import BankQuestionSettings
from simcons.study.plan import Plan


def remarks(plan: Plan) -> Iterator[str]:
    """Remarks on the questions, for users, before a study on them. Raises ScenarioError for a bank that cannot be used."""
    settings = plan.scenario.questions
    if isinstance(settings, BankQuestionSettings):
        asked = {question.id for question in plan.questions}
        for bank in settings.banks:
            yield from _bank_remarks(find_bank(bank), asked, plan.language)
    yield from question_notes(plan.chosen.counts)
    if plan.chosen.n_generic:
        yield claims_note(plan.questions)


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


def _summed(findings: Sequence[BankFinding]) -> str:
    """``3 findings (2 errors, 1 warning: sides, form)``."""
    levels = Counter(finding.level for finding in findings)
    counts = ", ".join(counted(levels[level], level) for level in ("error", "warning") if levels[level])
    rules = ", ".join(dict.fromkeys(finding.rule for finding in findings))
    return f"{counted(len(findings), 'finding')} ({counts}: {rules})"
