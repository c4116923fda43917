"""Results of an analysis as tables of text."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from math import inf

from simcons.analysis.comparisons import ALL, WITHOUT_TIES
from simcons.analysis.results import RUN, Key, Result, Row
from simcons.report.intervals import points
from simcons.report.tables import Table

_LEAST_P = 0.001

# Of tables with many rows, those that are read first.
_FIRST: Mapping[str, Mapping[str, Collection[Key]]] = {
    "win_rates": {"subset": [ALL], "measure": ["mean", f"mean{WITHOUT_TIES}"]},
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


def value_text(row: Row) -> str:
    """The estimate with its interval: two decimals, whatever its unit."""
    return points(row.estimate)


def p_value_text(p: float | None) -> str:
    """Three decimals, and none that reads as 0."""
    if p is None:
        return "-"
    return f"<{_LEAST_P}" if p < _LEAST_P else f"{p:.3f}"


def first_rows(result: Result) -> Result:
    """The rows that are read first; without ties only where there are some."""
    first = _FIRST.get(result.name, {})
    kept = [row for row in result.rows if all(row.flat().get(name, "") in keys for name, keys in first.items())]
    return replace(result, rows=tuple(row for row in kept if not _without_any_tie(row)))


def _without_any_tie(row: Row) -> bool:
    return row.measure.endswith(WITHOUT_TIES) and not row.counts["n_ties"]


def result_table(result: Result, *, single_run: bool) -> Table:
    """All rows of a result that has some. single_run: none of them is of another run."""
    tested, counts = any(row.p_value is not None for row in result.rows), _counts(result)
    keys = dict.fromkeys(name for row in result.rows for name in row.keys)
    told = [name for name in (*keys, "measure") if _told(name, result, single_run=single_run)]
    return Table(
        result.name.replace("_", " "),
        ["", "value", result.counted, "without", *(["p (Holm)"] if tested else []), *counts],
        [list(_cells(row, told, counts, tested=tested)) for row in result.rows],
        f"{result.about}.{_protected(result) if tested else _untested(result)}",
    )


def _protected(result: Result) -> str:
    return f" p: of no difference, adjusted over {result.family}; not over several of these."


def _untested(result: Result) -> str:
    """Said where intervals of several arms lie beside one another, and might be taken for a test of their differences."""
    if len({row.keys.get("arm") for row in result.rows} - {None}) < 2:
        return ""
    return " Intervals are of one number each: no difference between arms is tested here."


def _told(name: str, result: Result, *, single_run: bool) -> bool:
    """Arms are always named; of other keys those that differ between rows."""
    values = {row.measure if name == "measure" else row.keys.get(name) for row in result.rows}
    return name in ("arm", "against") or len(values) > 1 or (name == RUN and not single_run)


def _cells(row: Row, told: Sequence[str], counts: Sequence[str], *, tested: bool) -> Iterator[str]:
    yield _label(row, told)
    yield value_text(row)
    yield f"{row.n:,}"
    yield f"{row.n_excluded:,}"
    if tested:
        yield p_value_text(row.p_holm)
    yield from (f"{row.counts[name]:,}" if name in row.counts else "" for name in counts)


def _label(row: Row, told: Sequence[str]) -> str:
    """Keys and measure, such as ``agreement, ours over theirs, lowest``. A number is told with its name; a table of a single row
    names its measure.
    """
    keys = {name: _value(name, row.keys[name]) for name in told if name in row.keys}
    arm, against = keys.pop("arm", ""), keys.pop("against", "")
    arms = f"{arm} over {against}" if against else arm
    measure = row.measure.replace("_", " ") if "measure" in told else ""
    return ", ".join(word for word in (*keys.values(), arms, measure) if word) or row.measure.replace("_", " ")


def _value(name: str, value: Key) -> str:
    return value if isinstance(value, str) else f"{name} {value:g}"


def _counts(result: Result) -> list[str]:
    return list(dict.fromkeys(name for row in result.rows for name in row.counts))
