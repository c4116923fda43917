"""The results of a re-selection as tables of text, scorer by scorer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from simcons.analysis.findings import Finding
from simcons.analysis.reselect.pools import VALUES_CELLS
from simcons.analysis.reselect.reselection import Reselection, ScorerAccount
from simcons.analysis.scorer_accuracy import Accuracy, ScorerQuality
from simcons.report import intervals
from simcons.report.reselection import RuleTable, points_of, rule_table, share_of
from simcons.report.scorers import calibration_sentences
from simcons.report.tables import Table
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
_LEVEL = "level: pairs that people order and the scorer does not."


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    measure: str
    versus: str | None
    written: Callable[[Finding], str]


def reselection_tables(result: Reselection, account: ScorerAccount) -> Iterator[Table]:
    """Those that there are findings for: what the rules choose, what people truly make of it, regret, maps, and the scores.

    A line end in a header is where a narrow page may break it.
    """
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
    yield from _quality(account.quality, sees_truth=account.sees_truth)


def _short(finding: Finding) -> str:
    """Without zeros before the point: four such columns fit 80 characters."""
    return re.sub(r"(?<!\d)0\.", ".", points_of(finding))


def _by_rule(
    title: str, findings: RuleTable, rules: Sequence[str], columns: Sequence[_Column], *, note: str = ""
) -> Iterator[Table]:
    """A row a rule, of the columns that there are findings for."""
    present = [column for column in columns if findings.each(rules, column.measure, column.versus)]
    if not present:
        return
    rows = []
    for rule in rules:
        cells = [findings.get(rule, column.measure, column.versus) for column in present]
        if any(cells):
            written = [
                "-" if cell is None else column.written(cell) for column, cell in zip(present, cells, strict=True)
            ]
            rows.append([rule, *written])
    yield Table(title, ["rule", *(column.title for column in present)], rows, note)


def _by_map(result: Reselection, account: ScorerAccount, rules: Sequence[str]) -> Iterator[Table]:
    """Winner disagreement, rule by map."""
    first, *others = result.maps
    if not others:
        return
    by_map = [rule_table(result, account, name) for name in others]
    rows = []
    for rule in rules:
        cells = [findings.get(rule, "different_by_map", first) for findings in by_map]
        rows.append([rule, *("-" if cell is None else share_of(cell) for cell in cells)])
    title = f"Another statement than the same rule chooses under the map {first}, share of sets"
    yield Table(title, ["rule", *others], rows)


def _quality(quality: ScorerQuality, *, sees_truth: bool) -> Iterator[Table]:
    """The accuracy of the scores, against the truth and against ratings."""
    compared = [
        (name, accuracy) for name, accuracy in (("truth", quality.truth), ("ratings", quality.ratings)) if accuracy
    ]
    if not compared:
        return
    rows = [
        [
            name,
            *map(intervals.share, (accuracy.everybody, accuracy.minority, accuracy.majority)),
            _level(accuracy),
        ]
        for name, accuracy in compared
    ]
    notes = [_LEVEL]
    if quality.calibration is not None:
        notes += calibration_sentences(quality.calibration)
    if quality.true_calibration is not None and not sees_truth:
        notes += calibration_sentences(quality.true_calibration, against="true appraisal")
    header = ["against", "everybody", "smaller side", "larger side", "level"]
    yield Table("Scores: pairs of statements in the person's own order", header, rows, " ".join(notes))


def _level(accuracy: Accuracy) -> str:
    """Share of the pairs that people order between which the scorer makes no difference."""
    return f"{accuracy.n_level / (accuracy.n_level + accuracy.n_pairs):.0%}"
