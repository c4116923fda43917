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
from simcons.counted import counted
from simcons.report import intervals
from simcons.report.reselection import RuleTable, number, reading, rule_table, share
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
class _Part:
    title: str
    table: Table
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    measure: str
    versus: str | None
    written: Callable[[Finding], str]


def show(result: Reselection, console: Console) -> None:
    """Print what the rules chose and what it means."""
    heading = styled("\n", (result.name, "bold"), ", chosen again: synthetic participants, not people")
    console.print(heading, soft_wrap=True)
    for account in result.accounts:
        console.print(f"\n{_heading(result, account)}", style="bold")
        for part in _parts(result, account):
            console.print(f"\n{part.title}", style="bold")
            console.print(part.table)
            if part.note:
                console.print(part.note, style="dim")
        console.print("\nReading", style="bold")
        for sentence in reading(result, account):
            console.print(Padding(sentence, (0, 0, 0, 2)))
    console.print("\nRecorded picks", style="bold")
    for line in _recorded(result):
        console.print(Padding(line, (0, 0, 0, 2)))


def _heading(result: Reselection, account: ScorerAccount) -> str:
    least, most = account.n_candidates
    sizes = f"{least}" if least == most else f"{least} to {most}"
    sets = f"{counted(account.n_pools, 'set')} of {sizes} candidates"
    rounds, groups = counted(account.n_rounds, "round"), counted(account.n_groups, "group")
    omitted = f", with {' or '.join(map(str, account.omitted))} opinions left out" if account.omitted != (0,) else ""
    bound = " (sees the truth: an upper bound, not a mediator)" if account.sees_truth else ""
    return f"Scorer {account.scorer}{bound}, map {result.maps[0]}: {sets}, from {rounds} of {groups}{omitted}"


def _parts(result: Reselection, account: ScorerAccount) -> Iterator[_Part]:
    found, rules = rule_table(result, account), [label(spec) for spec in result.specs]
    first, judges = rules[0], [label(judge) for judge in result.judges]
    chosen = [
        _Column("differs", "different_winner", first, share),
        _Column("ties aside", "no_common_winner", first, share),
        _Column("tau", "kendall_tau", first, number),
        _Column("tied", "tied", None, share),
    ]
    levels = [
        _Column("mean", "mean_utility", None, number),
        _Column("worst-off", "worst_off", None, number),
        _Column("lowest tenth", "worst_off_q10", None, number),
        _Column("smaller side", "minority", None, number),
    ]
    gains = [
        _Column("mean lost", "mean_cost", first, number),
        _Column("worst-off gains", "worst_off_gain", first, number),
        _Column("smaller side gains", "minority_gain", first, number),
    ]
    by_values = [_Column(cell.replace(" ", "\n"), "cell_gain", cell, _short) for cell in VALUES_CELLS]
    regrets = [_Column(f"by {judge}", "regret", judge, number) for judge in judges]
    yield from _by_rule(f"What the rules choose, against {first}", found, rules, chosen, note=_NOTE)
    yield from _by_rule("True agreement with it, points", found, rules, levels, note=_LEVELS)
    yield from _by_rule(f"True agreement against {first}, in the same sets", found, rules, gains)
    yield from _by_rule(f"The same by people's values, the mean of each cell against {first}", found, rules, by_values)
    yield from _by_rule("Regret: points of welfare lost against the candidate best by the truth", found, rules, regrets)
    yield from _by_map(result, account, rules)
    yield from _quality(account.quality)


def _short(finding: Finding) -> str:
    """Without zeros before the point: four such columns fit 80 characters."""
    return re.sub(r"(?<!\d)0\.", ".", number(finding))


def _by_rule(
    title: str, found: RuleTable, rules: Sequence[str], columns: Sequence[_Column], *, note: str = ""
) -> Iterator[_Part]:
    """A row a rule, of the columns that there are findings for."""
    there = [one for one in columns if found.each(rules, one.measure, one.versus)]
    if not there:
        return
    table = _table("rule", [one.title for one in there])
    for rule in rules:
        cells = [found.get(rule, one.measure, one.versus) for one in there]
        if any(cells):
            table.add_row(
                rule,
                *("-" if cell is None else _tight(one.written(cell)) for one, cell in zip(there, cells, strict=True)),
            )
    yield _Part(title, table, note)


def _by_map(result: Reselection, account: ScorerAccount, rules: Sequence[str]) -> Iterator[_Part]:
    """Winner disagreement, rule by map."""
    first, *others = result.maps
    if not others:
        return
    table = _table("rule", others)
    by_map = [rule_table(result, account, name) for name in others]
    for rule in rules:
        cells = [found.get(rule, "different_by_map", first) for found in by_map]
        table.add_row(rule, *("-" if cell is None else _tight(share(cell)) for cell in cells))
    yield _Part(f"Another statement than the same rule chooses under the map {first}, share of sets", table)


def _quality(quality: ScorerQuality) -> Iterator[_Part]:
    """How good the scores are, against the truth and against ratings."""
    compared = [(name, one) for name, one in (("truth", quality.truth), ("ratings", quality.ratings)) if one]
    if not compared:
        return
    table = _table("against", ["everybody", "smaller side", "larger side", "level"])
    for name, one in compared:
        table.add_row(
            name, *(_tight(intervals.share(part)) for part in (one.everybody, one.minority, one.majority)), _level(one)
        )
    notes = [_LEVEL]
    if quality.calibration is not None:
        found = quality.calibration
        notes.append(
            f"Against {found.n_ratings:,} ratings: mean score less mean rating {intervals.points(found.bias)}, calibration error"
            f" {intervals.points(found.ece)} points."
        )
        if found.n_pairs:
            notes.append(
                f"Brier {intervals.points(found.brier)} over {found.n_pairs:,} pairs of ratings (.25 is chance)."
            )
    yield _Part("Scores: pairs of statements in the person's own order", table, " ".join(notes))


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


def _recorded(result: Reselection) -> Iterator[str]:
    """Whether what the run's arms picked comes out again."""
    for check in result.checks:
        total = check.n_same + check.n_tied + check.n_different
        if not total:
            continue
        again = f"{check.n_same + check.n_tied:,} of {total:,} recorded picks come out best again by its own rule"
        tied = f" ({check.n_tied:,} by a tie that was broken)" if check.n_tied else ""
        wrong = (
            f"; {check.n_different:,} do not: the scores or settings recorded are not those it picked by"
            if check.n_different
            else ""
        )
        yield f"Arm {check.arm}: {again}{tied}{wrong}."
    if not result.checks:
        yield "No recorded pick was checked: the run's manifest names no arm with such a scorer."
    if result.told:
        yield f"Left out: candidates of {', '.join(result.told)}, which was told which words are an attack."
