"""Arms against arms within rounds: how often the statements of one are rated higher than another's, and by how much.

An arm's score in a round is the mean over its statements there of what the group made of each: the mean of its members'
ratings, the lowest of them, or their median (Bakker et al. 2022). The unit of intervals is the group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal, TypeAlias, TypeVar

import numpy as np
import pandas as pd

from simcons.analysis.rated import Rated
from simcons.analysis.resampling import Estimate, ratios, share_p_values, sums_by_group
from simcons.analysis.results import Result, Row, adjusted
from simcons.arrays import Bools, Floats, Ints
from simcons.errors import InputError
from simcons.scale import AGREEMENT, HIGHEST, LOWEST
from simcons.storage.load import Run

Measure: TypeAlias = Literal["mean", "lowest", "median"]
_FURTHEST = HIGHEST - LOWEST  # that two ratings can lie apart
MEASURES: tuple[Measure, ...] = ("mean", "lowest", "median")
WITHOUT_TIES = "_without_ties"  # after the name of a measure: by the rounds alone in which one is ahead
ALL = "all"
Leading = TypeVar("Leading", Floats, "pd.Series[float]")
_FAMILY = ("scale", "subset", "measure")
_FAMILY_IN_WORDS = "all pairs of arms, by one scale, subset of the rounds and measure"
DECIMALS = 9  # by which means of the same ratings may differ
_NEEDED = ("session_id", "round_id", "arm", *MEASURES)


@dataclass(frozen=True, slots=True)
class _Rounds:
    """Scores of arms by round: [rounds, arms] for each measure, NaN where an arm has none; the rounds of each subset."""

    arms: tuple[str, ...]
    group: Ints
    scores: Mapping[str, Floats]
    subsets: Mapping[str, Bools]


def win_rates(
    statements: pd.DataFrame,
    *,
    scale: str = AGREEMENT.name,
    arms: Sequence[str] = (),
    measures: Sequence[str] = MEASURES,
) -> Result:
    """The share of rounds in which one arm is ahead of another, for all pairs of arms: of all rounds with both, a tie counting
    half, and of those that are no tie.

    statements: as `Rated.statements` has them, or `Rated.rounds` their means: session_id, round_id, arm, mean, lowest, median;
    with split and divisive also by these. arms: their order; others follow. Each pair has one row a subset and measure,
    and one more of the measure ``.._without_ties``, with fewer rounds ``n``. ``n_ties`` says how many rounds were ties,
    ``n_excluded`` how many have but one of the two. p is of a rate of one half, by the test that the interval inverts.
    """
    about = "share of rounds in which the arm's statements are rated higher than those of the other; a tie counts half"
    ways = {"": wins, WITHOUT_TIES: wins_without_ties}
    return _over_pairs("win_rates", about, statements, (scale, arms, measures), ways)


def arm_differences(
    statements: pd.DataFrame,
    *,
    scale: str = AGREEMENT.name,
    arms: Sequence[str] = (),
    measures: Sequence[str] = MEASURES,
) -> Result:
    """By how much the statements of one arm are rated higher than another's in the same round, in points, for all pairs of arms.

    Arguments as for `win_rates`; intervals and tests are Student's t over groups, and intervals go no further than ratings can.
    """
    about = "rating of the arm's statements less that of the other's, in the same rounds, in points of the scale"

    def compared(lead: Floats, group: Ints) -> list[Compared]:
        there = ~np.isnan(lead)
        totals, counts = (sums_by_group(columns.T, group) for columns in (np.where(there, lead, 0.0), there))
        estimates = ratios(totals, counts, shares=np.zeros(lead.shape[1], dtype=bool))
        return [
            Compared(each and each.within(-_FURTHEST, _FURTHEST), None if each is None else each.p_value(), n)
            for each, n in zip(estimates, there.sum(axis=0).tolist(), strict=True)
        ]

    return _over_pairs("arm_differences", about, statements, (scale, arms, measures), {"": compared})


def lead(first: Leading, second: Leading) -> Leading:
    """By how much scores are higher than others: the first less the second; level where they differ by rounding alone."""
    return (first - second).round(DECIMALS)


def wins(lead: Floats, group: Ints) -> list[Compared]:
    """The share of rounds in which the first of a pair is ahead: a lead above 0, a lead of 0 counting half.

    lead: [rounds, pairs], NaN where either has no score; group: each round's, by number from 0.
    """
    there, n = ~np.isnan(lead), (~np.isnan(lead)).sum(axis=0)
    won = sums_by_group(np.where(there, (np.sign(lead) + 1) / 2, 0.0).T, group)
    rates = ratios(won, sums_by_group(there.T, group), shares=np.ones(lead.shape[1], dtype=bool))
    p_values = share_p_values(rates, n)
    ties = (lead == 0).sum(axis=0).tolist()
    return [Compared(*row) for row in zip(rates, p_values, n.tolist(), ties, strict=True)]


def wins_without_ties(lead: Floats, group: Ints) -> list[Compared]:
    """The same of the rounds in which one of the pair is ahead; those in which they are level are counted and left out."""
    ties = (lead == 0).sum(axis=0).tolist()
    decided = wins(np.where(lead == 0, np.nan, lead), group)
    return [replace(of_pair, n_ties=n) for of_pair, n in zip(decided, ties, strict=True)]


def arm_differences_of(run: Run) -> Result:
    """`arm_differences` of a run's mean agreement over all rounds. Raises RunFolderError."""
    rated = Rated.of_run(run)
    rounds = rated.rounds().drop(columns=["split", "divisive"])
    return arm_differences(rounds, arms=rated.arms, measures=("mean",))


@dataclass(frozen=True, slots=True)
class Compared:
    """One pair. p_value: of a rate of one half, or of no difference; n: rounds that it rests on; n_ties: rounds in which the two
    are level, where counted.
    """

    estimate: Estimate | None
    p_value: float | None
    n: int
    n_ties: int | None = None


_Ways: TypeAlias = Mapping[
    str, Callable[[Floats, Ints], list[Compared]]
]  # of comparing, by what follows a measure's name


def _over_pairs(
    name: str,
    about: str,
    statements: pd.DataFrame,
    asked: tuple[str, Sequence[str], Sequence[str]],
    ways: _Ways,
) -> Result:
    scale, arms, measures = asked
    rounds = _rounds(statements, arms, measures)
    if len(rounds.arms) < 2:
        return Result(name, about, "rounds", (), "there are not two arms with ratings to compare")
    rows = [row for measure in measures for row in _rows(rounds, scale, measure, ways)]
    if not any(row.n for row in rows):
        return Result(name, about, "rounds", (), "in no round statements of two arms were rated")
    return Result(name, about, "rounds", tuple(adjusted(rows, family=_FAMILY)), family=_FAMILY_IN_WORDS)


def _rows(rounds: _Rounds, scale: str, measure: str, ways: _Ways) -> Iterator[Row]:
    """All pairs in all subsets, by one measure in every way."""
    pairs = list(combinations(range(len(rounds.arms)), 2))
    first, second = np.array(pairs).T
    scores = rounds.scores[measure]
    leads = lead(scores[:, first], scores[:, second])
    single = np.isnan(scores[:, first]) != np.isnan(scores[:, second])
    for subset, there in rounds.subsets.items():
        n_excluded, group = single[there].sum(axis=0), np.unique(rounds.group[there], return_inverse=True)[1]
        by_pair = zip(*(compared(leads[there], group) for compared in ways.values()), strict=True)
        for k, in_each_way in enumerate(by_pair):
            keys = {"scale": scale, "subset": subset, "arm": rounds.arms[first[k]], "against": rounds.arms[second[k]]}
            for way, of_pair in zip(ways, in_each_way, strict=True):
                yield Row(
                    keys,
                    f"{measure}{way}",
                    of_pair.estimate,
                    of_pair.n,
                    int(n_excluded[k]),
                    of_pair.p_value,
                    counts={} if of_pair.n_ties is None else {"n_ties": of_pair.n_ties},
                )


def _rounds(statements: pd.DataFrame, arms: Sequence[str], measures: Sequence[str]) -> _Rounds:
    if lacking := [name for name in _NEEDED if name not in statements.columns]:
        raise InputError(f"statements: no column {lacking[0]!r}; expected {', '.join(_NEEDED)}")
    facts = [name for name in ("split", "divisive") if name in statements.columns]
    rated = statements.dropna(subset=["mean"])
    rounds = rated[["session_id", "round_id", *facts]].drop_duplicates("round_id").set_index("round_id").sort_index()
    tables = rated.groupby(["round_id", "arm"], observed=True)[list(measures)].mean()
    order = [arm for arm in dict.fromkeys([*arms, *rated["arm"]]) if arm in set(rated["arm"])]
    return _Rounds(
        arms=tuple(map(str, order)),
        group=pd.factorize(rounds["session_id"])[0],
        scores={
            name: tables[name].unstack("arm").reindex(index=rounds.index, columns=order).to_numpy(dtype=np.float64)
            for name in measures
        },
        subsets=dict(_subsets(rounds)),
    )


def _subsets(rounds: pd.DataFrame) -> Iterator[tuple[str, Bools]]:
    """All rounds; the divisive and the others; those of each split where there are several."""
    yield ALL, np.ones(len(rounds), dtype=bool)
    if "divisive" in rounds:
        divisive = rounds["divisive"].to_numpy(dtype=np.float64, na_value=np.nan)
        yield "divisive", divisive == 1
        yield "not divisive", divisive == 0
    if "split" in rounds and rounds["split"].nunique() > 1:
        for split in sorted(rounds["split"].dropna().unique()):
            yield f"split {split}", np.asarray(rounds["split"] == split)
