"""Sentences on the stages that a round has only in some scenarios."""

from __future__ import annotations

from collections.abc import Iterator

from simcons.analysis.positions import PositionChange, position_change
from simcons.analysis.rankings import RankingResult, rankings
from simcons.counted import counted
from simcons.report.intervals import points, share
from simcons.storage.load import Run


def stage_notes(run: Run) -> Iterator[tuple[str, str]]:
    """Labels with sentences; none for a run whose rounds had the usual stages alone."""
    if (ranked := rankings(run)) is not None:
        yield "Rankings", ranking_sentence(ranked)
    if (changed := position_change(run)) is not None:
        yield "Position again", change_sentence(changed)


def ranking_sentence(ranked: RankingResult) -> str:
    given = counted(ranked.n_rankings, "ranking")
    if ranked.n_missing:
        given = f"{given} + {ranked.n_missing:,} missing"
    ties = "" if ranked.tied is None else f", {share(ranked.tied)} of pairs of statements tied"
    if ranked.tau is None:
        return f"{given}{ties}"
    own = (
        f"Kendall’s tau-b {points(ranked.tau)} with the same person’s ratings of agreement, over {ranked.n_with_tau:,}"
    )
    return f"{given}{ties}; {own}"


def change_sentence(changed: PositionChange) -> str:
    """Says what a change is, as it is easily taken for what a mediator did."""
    return (
        f"mean change {points(changed.change)} points from before a round to after it, and {changed.n_same / changed.n_pairs:.0%}"
        f" of {counted(changed.n_pairs, 'answer')} the same; this is noise alone, as nobody is persuaded in the simulator"
    )
