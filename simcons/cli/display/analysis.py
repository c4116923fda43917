"""The results of an analysis on a terminal: the rows that are read first, and where the others are."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from math import inf

from rich.console import Console

from simcons.analysis.comparisons import ALL
from simcons.analysis.results import RUN, Analysis, Key, Result, Row
from simcons.cli.console import styled
from simcons.cli.display.tables import Grid, print_grid
from simcons.report.analysis import p_value_text, value_text

# Of tables with many rows, those that are read first; every row is printed with --only.
_FIRST: Mapping[str, Mapping[str, Collection[Key]]] = {
    "win_rates": {"subset": [ALL], "measure": ["mean"]},
    "arm_differences": {"subset": [ALL], "measure": ["mean"]},
    "rating_distributions": {"measure": ["mean"]},
    "divisiveness": {"subset": [ALL], "measure": ["spread_difference", "less_spread", "unanimous"]},
    "exclusion_effect": {"measure": ["agreement", "quality", "agreement_per_opinion"]},
    "minority_weight": {"measure": ["share", "weight"]},
    "realised_welfare": {"measure": ["welfare", "gini"], "alpha": [0.0, 1.0, inf, ""]},
    "reliability": {"by": ["everybody"]},
    "best_of_n": {"measure": ["value"]},
    "response_times": {"measure": ["median_seconds"]},
}


def show_analysis(analysis: Analysis, console: Console, *, whole: bool) -> None:
    """Print every result. whole: all rows of each, not only those that are read first."""
    console.print(styled("\n", (", ".join(analysis.labels), "bold"), ": synthetic participants, not people"))
    for result in analysis.results.values():
        shown = result if whole else _first(result)
        if shown.rows:
            print_grid(_grid(result, shown, single_run=len(analysis.labels) == 1), console)
    for note in analysis.notes:
        console.print(note, style="yellow", soft_wrap=True, markup=False)


def _first(result: Result) -> Result:
    first = _FIRST.get(result.name, {})
    kept = [row for row in result.rows if all(row.flat().get(name, "") in keys for name, keys in first.items())]
    return replace(result, rows=tuple(kept))


def _grid(result: Result, shown: Result, *, single_run: bool) -> Grid:
    tested, counts = any(row.p_value is not None for row in shown.rows), _counts(shown)
    told = [name for name in (*shown.rows[0].keys, "measure") if _told(name, shown, single_run=single_run)]
    left = len(result.rows) - len(shown.rows)
    more = f" {left:,} more rows: --only {result.name}" if left else ""
    return Grid(
        result.name.replace("_", " "),
        ["", "value", result.counted, "without", *(["p (Holm)"] if tested else []), *counts],
        [list(_cells(row, told, counts, tested=tested)) for row in shown.rows],
        f"{result.about}.{more}",
    )


def _told(name: str, shown: Result, *, single_run: bool) -> bool:
    """Arms are always named; of other keys those that differ between rows."""
    values = {row.measure if name == "measure" else row.keys.get(name) for row in shown.rows}
    return name in ("arm", "against") or len(values) > 1 or (name == RUN and not single_run)


def _cells(row: Row, told: list[str], counts: list[str], *, tested: bool) -> Iterator[str]:
    yield _label(row, told)
    yield value_text(row)
    yield f"{row.n:,}"
    yield f"{row.n_excluded:,}"
    if tested:
        yield p_value_text(row.p_holm)
    yield from (f"{row.counts[name]:,}" if name in row.counts else "" for name in counts)


def _label(row: Row, told: list[str]) -> str:
    """Keys and measure, such as ``agreement: ours over theirs, lowest``."""
    keys = {name: str(row.keys[name]) for name in told if name in row.keys}
    arm, against = keys.pop("arm", ""), keys.pop("against", "")
    arms = f"{arm} over {against}" if against else arm
    measure = row.measure.replace("_", " ") if "measure" in told else ""
    return ", ".join(word for word in (*keys.values(), arms, measure) if word)


def _counts(result: Result) -> list[str]:
    return list(dict.fromkeys(name for row in result.rows for name in row.counts))
