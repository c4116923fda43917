"""Results of analyses: named tables of numbers, each with its interval and the cases that it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from simcons.analysis.resampling import Estimate, holm, ratios, sums_by_group
from simcons.arrays import Floats
from simcons.counted import counted
from simcons.rich_display import RichDisplay

if TYPE_CHECKING:
    import pandas as pd

Key: TypeAlias = str | int | float

RUN = "run"  # the key that tells runs apart


@dataclass(frozen=True, slots=True)
class Row:
    """One number: what it is of, and the estimate, which is None where there is nothing to estimate from.

    keys: such as the arm, by name. n: how many of the table's `Result.counted` it rests on; n_excluded: how many of them could
    not be used, since something is missing. p_value: two-sided, of no difference; p_holm: the same, adjusted for all that are
    read together. counts: further numbers of cases, by name.
    """

    keys: Mapping[str, Key]
    measure: str
    estimate: Estimate | None
    n: int
    n_excluded: int = 0
    p_value: float | None = None
    p_holm: float | None = None
    counts: Mapping[str, int] = field(default_factory=dict)

    def flat(self) -> dict[str, Key | None]:
        """A row of a table: keys, measure, value, low, high, groups, n, n_excluded, p_value, p_holm, and the counts."""
        value, low, high, groups = _told(self.estimate)
        head: dict[str, Key | None] = {**self.keys, "measure": self.measure, "value": value, "low": low, "high": high}
        sizes: dict[str, Key | None] = {"groups": groups, "n": self.n, "n_excluded": self.n_excluded}
        return {**head, **sizes, "p_value": self.p_value, "p_holm": self.p_holm, **self.counts}


@dataclass(frozen=True, slots=True, repr=False)
class Result(RichDisplay):
    """One table of results.

    about: what its numbers are, in a line. counted: what ``n`` counts. reason: why there are no rows, where there are none.
    family: over what ``p_holm`` is adjusted together; "" where nothing is tested.
    """

    name: str
    about: str
    counted: str
    rows: tuple[Row, ...]
    reason: str = ""
    family: str = ""

    def frame(self) -> pd.DataFrame:
        """The rows as a flat table, as they are written to CSV: missing is missing, never 0."""
        import pandas as pd  # here, as commands that only print do without

        flat = [row.flat() for row in self.rows]
        keys = dict.fromkeys(name for row in self.rows for name in row.keys)
        table = pd.DataFrame(flat, columns=list(keys | dict.fromkeys(name for row in flat for name in row)))
        whole = {name: "Int64" for name in table if all(isinstance(row.get(name) or 0, int) for row in flat)}
        table = table.astype(whole)
        tested = any(row.p_value is not None for row in self.rows)
        return table if tested or not len(table) else table.drop(columns=["p_value", "p_holm"])

    def where(self, **keys: Key) -> Result:
        """The rows with these keys; ``measure`` is a key too."""
        there = [row for row in self.rows if all(row.flat().get(name) == key for name, key in keys.items())]
        return replace(self, rows=tuple(there))

    def only(self, **keys: Key) -> Row:
        """The single row with these keys. Raises KeyError where there is none, or more than one."""
        rows = self.where(**keys).rows
        if len(rows) != 1:
            raise KeyError(f"{self.name}: {len(rows)} rows with {keys}; expected one")
        return rows[0]

    def labelled(self, run: str) -> Result:
        """The same, each row with the run that it is of."""
        return replace(self, rows=tuple(replace(row, keys={RUN: run, **row.keys}) for row in self.rows))

    def __repr__(self) -> str:
        return f"Result({self.name!r}: {counted(len(self.rows), 'row')})"


@dataclass(frozen=True, slots=True, repr=False)
class Analysis(RichDisplay):
    """All results of one or more runs, by name. Rows have the run's label under the key ``run``.

    notes: what there is no result of, and why, a line each. imported: labels of the runs that are of people.
    """

    labels: tuple[str, ...]
    results: Mapping[str, Result]
    notes: tuple[str, ...]
    imported: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Result:
        if name not in self.results:
            raise KeyError(f"no result {name!r}; expected one of {', '.join(self.results)}")
        return self.results[name]

    def frame(self, name: str) -> pd.DataFrame:
        """One result as a flat table."""
        return self[name].frame()

    def __repr__(self) -> str:
        n_rows = sum(len(result.rows) for result in self.results.values())
        return f"Analysis({', '.join(self.labels)}: {counted(len(self.results), 'result')}, {counted(n_rows, 'row')})"


def joined(results: Sequence[Result]) -> Result:
    """The same result of several runs as one."""
    reason = next((result.reason for result in results if result.reason), "")
    rows = tuple(row for result in results for row in result.rows)
    return replace(results[0], rows=rows, reason="" if rows else reason)


def adjusted(rows: Iterable[Row], *, family: Sequence[str]) -> list[Row]:
    """The same rows with ``p_holm``: a family is all rows alike in these keys, ``measure`` among them."""
    rows = list(rows)
    families: dict[tuple[Key | None, ...], list[int]] = {}
    for place, row in enumerate(rows):
        flat = row.flat()
        families.setdefault(tuple(flat.get(name) for name in family), []).append(place)
    for places in families.values():
        for place, p in zip(places, holm([rows[place].p_value for place in places]), strict=True):
            rows[place] = replace(rows[place], p_holm=p)
    return rows


def _told(estimate: Estimate | None) -> tuple[float | None, float | None, float | None, int | None]:
    if estimate is None:
        return None, None, None, None
    return *estimate.numbers, estimate.n


def mean_rows(
    table: pd.DataFrame,
    measures: Sequence[str],
    *,
    keys: Mapping[str, Key],
    shares: Sequence[str] = (),
    tested: bool = False,
    n_excluded: int = 0,
) -> list[Row]:
    """The mean of each measure over the rows of ``table``, with an interval over groups, ``session_id``.

    A missing value is excluded and counted, beside the ``n_excluded`` that are no rows. shares: measures whose values are 0, 1 or
    a tie between. tested: with p values of a mean of 0.
    """
    group = table["session_id"].factorize()[0]
    values = table[list(measures)].to_numpy(dtype=np.float64, na_value=np.nan)
    there = ~np.isnan(values)
    totals, weights = (sums_by_group(columns.T, group) for columns in (np.where(there, values, 0.0), there))
    return _mean_rows(
        totals, weights, measures, keys=keys, shares=shares, tested=tested, n_cases=n_excluded + len(table)
    )


def summed_rows(
    sums: pd.DataFrame,
    measures: Sequence[str],
    *,
    keys: Mapping[str, Key],
    shares: Sequence[str] = (),
    tested: bool = False,
    n_excluded: int = 0,
) -> list[Row]:
    """`mean_rows` of cases that were summed by group before, as `Rated.sums` does; several rows of a group are added up."""
    group = sums["session_id"].factorize()[0]
    columns = list(measures), [f"n_{measure}" for measure in measures]
    totals, weights = (sums_by_group(sums[names].to_numpy(dtype=np.float64).T, group) for names in columns)
    n_cases = n_excluded + int(sums["n_cases"].sum())
    return _mean_rows(totals, weights, measures, keys=keys, shares=shares, tested=tested, n_cases=n_cases)


def _mean_rows(
    totals: Floats,
    weights: Floats,
    measures: Sequence[str],
    *,
    keys: Mapping[str, Key],
    shares: Sequence[str],
    tested: bool,
    n_cases: int,
) -> list[Row]:
    """totals, weights: [groups, measures]."""
    estimates = ratios(totals, weights, shares=np.isin(measures, shares)) if len(totals) else [None] * len(measures)
    return [
        Row(keys, measure, estimate, n, n_cases - n, estimate.p_value() if tested and estimate else None)
        for measure, estimate, n in zip(measures, estimates, weights.sum(axis=0).astype(int).tolist(), strict=True)
    ]
