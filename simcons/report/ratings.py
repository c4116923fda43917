"""Sentences on the ratings of a run: how many there are, how they divide groups, and how they repeat."""

from __future__ import annotations

from collections.abc import Sequence

from simcons.analysis.agreement import ArmResult, Divisiveness
from simcons.analysis.reliability import RatingCounts, Retest
from simcons.counted import counted, listed
from simcons.report.intervals import points
from simcons.report.tables import Table
from simcons.scale import AGREEMENT


def arms_table(results: Sequence[ArmResult], scales: Sequence[str]) -> Table:
    """The ratings of each arm's statements, the arm with the highest mean agreement first, those without a rating last."""
    ordered = sorted(results, key=_agreement, reverse=True)
    bound = "* sees the truth: an upper bound, not a mediator." if any(result.upper_bound for result in results) else ""
    header = ["arm", "statements", "ratings", *scales]
    rows = [_arm_cells(result, scales) for result in ordered]
    return Table("Ratings by arm, 1-7 (mean and 95% interval over groups)", header, rows, bound)


def _agreement(result: ArmResult) -> float:
    mean = result.scales[AGREEMENT.name].mean
    return mean.value if mean else 0.0


def _arm_cells(result: ArmResult, scales: Sequence[str]) -> list[str]:
    return [
        result.arm + (" *" if result.upper_bound else ""),
        f"{result.n_statements:,}",
        f"{result.n_ratings:,}" + (f" + {result.n_missing:,} missing" if result.n_missing else ""),
        *(points(result.scales[scale].mean) for scale in scales),
    ]


def divisive_sentence(divided: Divisiveness) -> str:
    if not divided.n_rounds:
        return "no round had two ratings of its position statement"
    share = (
        f"{divided.n_divisive:,} of {counted(divided.n_rounds, 'round')} ({divided.n_divisive / divided.n_rounds:.0%})"
    )
    return f"{share} had members on both sides of the position statement"


def retest_sentence(pairs: Retest) -> str:
    r = "" if pairs.r is None else f"; r {points(pairs.r)}"
    return (
        f"the same answer in {pairs.exact:.0%} of {counted(pairs.n_pairs, 'pair')}, at most one point apart in"
        f" {pairs.within_one:.0%}{r}"
    )


def counts_sentence(results: Sequence[ArmResult], counts: RatingCounts) -> str:
    """Why the numbers of ratings by arm, of ratings given and of pairs differ."""
    if not counts.n_ratings:
        return f"No statement has a rating.{_in_part(results, counts)}"
    given = f"{counted(counts.n_ratings, 'rating')} of {counted(counts.n_statements, 'statement')} in all"
    single = f", and {counted(counts.n_single, 'rating')} without a second" if counts.n_single else ""
    pairs = f": {counted(counts.n_pairs, 'pair')} of a first and a second rating{single}" if counts.n_pairs else ""
    several = " A statement that several arms show counts for each." if _several(results, counts) else ""
    return f"{given}{pairs}.{several}{_in_part(results, counts)}"


def _several(results: Sequence[ArmResult], counts: RatingCounts) -> bool:
    return sum(result.n_ratings for result in results) > counts.n_ratings


def _in_part(results: Sequence[ArmResult], counts: RatingCounts) -> str:
    if not counts.n_in_part:
        return ""
    has, counts_as = ("has", "counts") if counts.n_in_part == 1 else ("have", "count")
    scales = listed(list(results[0].scales))
    return f" {counts.n_in_part:,} more {has} an answer on some of {scales} alone, and {counts_as} as missing."


def rounds_sentence(n_complete: int, n_rounds: int, *, rated: bool = True) -> str:
    """rated: statements are rated; otherwise they are ranked alone."""
    return f"{n_complete:,} of {counted(n_rounds, 'round')} {'rated' if rated else 'ranked'} to the end"


def unfinished_sentence(n_over: int, n_planned: int | None) -> str:
    """For a run that has not finished: the sessions that are over, of those planned where that is known."""
    over = f"{counted(n_over, 'session')} {'was' if n_over == 1 else 'were'} over"
    planned = f", of {n_planned:,}" if n_planned else ""
    return f"This run has not finished: {over}{planned}. All that follows is of these."
