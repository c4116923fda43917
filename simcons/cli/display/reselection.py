"""A re-selection on a terminal: tables, then sentences, scorer by scorer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from simcons.analysis.findings import Finding
from simcons.analysis.reselect.pools import VALUES_CELLS
from simcons.analysis.reselect.reselection import Reselection, ScorerAccount
from simcons.analysis.scorer_accuracy import Accuracy, ScorerQuality
from simcons.cli.console import styled
from simcons.report import intervals
from simcons.report.reselection import (
    RuleTable,
    points_of,
    reselection_sentences,
    rule_table,
    share_of,
)
from simcons.report.scorers import calibration_sentences, recorded_picks, scorer_heading
from simcons.welfare.rules import label

_NOTE = (
    "differs: share of sets with another statement chosen; ties aside: with none that is first, alone or tied, under both; tau:"
    " Kendall's, of the orders; tied: different statements share the first place."
)
_LEVELS = (
    "true agreement is latent: it has no bounds of its own, and is kept to 1-7, the scale of ratings, here. worst-off: the lowest"
    " in the group; lowest tenth: of the worst-off over sets; smaller side: of the position statement, in"
    " sets that have one."
)
_ROOMY = 3  # columns with an interval each that leave room for a wider gap
_LEVEL = "level: pairs that people order and the scorer does not."


@dataclass(frozen=True, slots=True)
class _Section:
    title: str
    table: Table
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    measure: str
    versus: str | None
    written: Callable[[Finding], str]


def show_reselection(result: Reselection, console: Console) -> None:
    """Print what the rules chose and what it means."""
    heading = styled("\n", (result.name, "bold"), ", chosen again: synthetic participants, not people")
    console.print(heading, soft_wrap=True)
    for account in result.accounts:
        console.print(f"\n{scorer_heading(result, account)}", style="bold")
        for section in _sections(result, account):
            console.print(f"\n{section.title}", style="bold")
            console.print(section.table)
            if section.note:
                console.print(section.note, style="dim")
        console.print("\nReading", style="bold")
        for sentence in reselection_sentences(result, account):
            console.print(Padding(sentence, (0, 0, 0, 2)))
    console.print("\nRecorded picks", style="bold")
    for line in recorded_picks(result):
        console.print(Padding(line, (0, 0, 0, 2)))


def _sections(result: Reselection, account: ScorerAccount) -> Iterator[_Section]:
    findings, rules = rule_table(result, account), [label(spec) for spec in result.specs]
    first, judges = rules[0], [label(judge) for judge in result.judges]
    chosen = [
        _Column("differs", "different_winner", first, share_of),
        _Column("ties aside", "no_common_winner", first, share_of),
        _Column("tau", "kendall_tau", first, points_of),
        _Column("tied", "tied", None, share_of),
    ]
    levels = [
        _Column("mean", "mean_utility", None, points_of),
        _Column("worst-off", "worst_off", None, points_of),
        _Column("lowest tenth", "worst_off_q10", None, points_of),
        _Column("smaller side", "minority", None, points_of),
    ]
    gains = [
        _Column("mean lost", "mean_cost", first, points_of),
        _Column("worst-off gains", "worst_off_gain", first, points_of),
        _Column("smaller side gains", "minority_gain", first, points_of),
    ]
    by_values = [_Column(cell.replace(" ", "\n"), "cell_gain", cell, _short) for cell in VALUES_CELLS]
    regrets = [_Column(f"by {judge}", "regret", judge, points_of) for judge in judges]
    yield from _by_rule(f"What the rules choose, against {first}", findings, rules, chosen, note=_NOTE)
    yield from _by_rule("True agreement with it, points", findings, rules, levels, note=_LEVELS)
    yield from _by_rule(f"True agreement against {first}, in the same sets", findings, rules, gains)
    yield from _by_rule(
        f"The same by people's values, the mean of each cell against {first}", findings, rules, by_values
    )
    yield from _by_rule(
        "Regret: points of welfare lost against the candidate best by the truth", findings, rules, regrets
    )
    yield from _by_map(result, account, rules)
    yield from _quality(account.quality)


def _short(finding: Finding) -> str:
    """Without zeros before the point: four such columns fit 80 characters."""
    return re.sub(r"(?<!\d)0\.", ".", points_of(finding))


def _by_rule(
    title: str, findings: RuleTable, rules: Sequence[str], columns: Sequence[_Column], *, note: str = ""
) -> Iterator[_Section]:
    """A row a rule, of the columns that there are findings for."""
    present = [column for column in columns if findings.each(rules, column.measure, column.versus)]
    if not present:
        return
    table = _table("rule", [column.title for column in present])
    for rule in rules:
        cells = [findings.get(rule, column.measure, column.versus) for column in present]
        if any(cells):
            table.add_row(
                rule,
                *(
                    "-" if cell is None else _tight(column.written(cell))
                    for column, cell in zip(present, cells, strict=True)
                ),
            )
    yield _Section(title, table, note)


def _by_map(result: Reselection, account: ScorerAccount, rules: Sequence[str]) -> Iterator[_Section]:
    """Winner disagreement, rule by map."""
    first, *others = result.maps
    if not others:
        return
    table = _table("rule", others)
    by_map = [rule_table(result, account, name) for name in others]
    for rule in rules:
        cells = [findings.get(rule, "different_by_map", first) for findings in by_map]
        table.add_row(rule, *("-" if cell is None else _tight(share_of(cell)) for cell in cells))
    yield _Section(f"Another statement than the same rule chooses under the map {first}, share of sets", table)


def _quality(quality: ScorerQuality) -> Iterator[_Section]:
    """The accuracy of the scores, against the truth and against ratings."""
    compared = [
        (name, accuracy) for name, accuracy in (("truth", quality.truth), ("ratings", quality.ratings)) if accuracy
    ]
    if not compared:
        return
    table = _table("against", ["everybody", "smaller side", "larger side", "level"])
    for name, accuracy in compared:
        table.add_row(
            name,
            *(
                _tight(intervals.share(estimate))
                for estimate in (accuracy.everybody, accuracy.minority, accuracy.majority)
            ),
            _level(accuracy),
        )
    notes = [_LEVEL]
    if quality.calibration is not None:
        notes += calibration_sentences(quality.calibration)
    yield _Section("Scores: pairs of statements in the person's own order", table, " ".join(notes))


def _table(first: str, columns: Sequence[str]) -> Table:
    gap = 0 if len(columns) > _ROOMY else 1
    table = Table(box=box.SIMPLE_HEAD, padding=(0, gap, 0, 0), show_edge=False, pad_edge=False)  # to fit 80 columns
    table.add_column(first, no_wrap=True)
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _tight(text: str) -> str:
    return text.replace(", ", ",")


def _level(accuracy: Accuracy) -> str:
    """Share of the pairs that people order between which the scorer makes no difference."""
    return f"{accuracy.n_level / (accuracy.n_level + accuracy.n_pairs):.0%}"
