"""Rules of a user's own that failed in a numeric world: in sentences, and as a part of a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from simcons.counted import listed
from simcons.experiments.failed_rules import FAILED_RULES, FailedRule
from simcons.report.page import Section
from simcons.report.tables import Table, plain


def failed_sentences(failed: Sequence[FailedRule]) -> list[str]:
    """One for each test and rule."""
    by_rule = groupby(sorted(failed, key=_test_and_rule), key=_test_and_rule)
    return [_sentence(list(conditions)) for _, conditions in by_rule]


def failed_sections(failed: Sequence[FailedRule]) -> Iterator[Section]:
    """A part of a page, where a rule failed."""
    if failed:
        rows = [
            (each.rule, each.test, _where(each), f"{each.n_failed:,} of {each.n_rounds:,}", each.first)
            for each in failed
        ]
        table = Table(
            "Rounds in which a rule failed", ("rule", "test", "where", "rounds", "in the first of them"), rows
        )
        yield Section("Rules that failed", failed_sentences(failed), [plain(table, FAILED_RULES)])


def _test_and_rule(failed: FailedRule) -> tuple[str, str]:
    return failed.test, failed.rule


def _sentence(conditions: Sequence[FailedRule]) -> str:
    first = conditions[0]
    n_failed, n_rounds = sum(each.n_failed for each in conditions), sum(each.n_rounds for each in conditions)
    there = f"{n_failed:,} of {n_rounds:,} rounds of {first.test.replace('_', ' ')}"
    if first.parameter is None:
        left_out = ", and is compared with no other there"
    else:
        values = listed([each.value or "" for each in conditions], last="or")
        left_out = f" where {_varied(first)} is {values}, and has no findings there"
    return f"The rule {first.rule} failed in {there}{left_out}. In the first of them: {first.first}."


def _where(failed: FailedRule) -> str:
    return f"{_varied(failed)} {failed.value}" if failed.parameter else ""


def _varied(failed: FailedRule) -> str:
    """The last part of the path of what is varied, as axes have it."""
    return (failed.parameter or "").rpartition(".")[2].replace("_", " ")
