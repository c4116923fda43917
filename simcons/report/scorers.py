"""Sentences on a scorer of a re-selection: its candidates, the accuracy of its scores, and the picks recorded by them."""

from __future__ import annotations

from collections.abc import Iterator

from simcons.analysis.reselect.reselection import Reselection, ScorerAccount
from simcons.analysis.scorer_accuracy import Calibration
from simcons.counted import counted
from simcons.report import intervals


def scorer_heading(result: Reselection, account: ScorerAccount) -> str:
    least, most = account.n_candidates
    sizes = f"{least}" if least == most else f"{least} to {most}"
    sets = f"{counted(account.n_pools, 'set')} of {sizes} candidates"
    rounds, groups = counted(account.n_rounds, "round"), counted(account.n_groups, "group")
    omitted = f", with {' or '.join(map(str, account.omitted))} opinions left out" if account.omitted != (0,) else ""
    bound = " (sees the truth: an upper bound, not a mediator)" if account.sees_truth else ""
    return f"Scorer {account.scorer}{bound}, map {result.maps[0]}: {sets}, from {rounds} of {groups}{omitted}"


def recorded_picks(result: Reselection) -> Iterator[str]:
    """The share of the run's picks that come out again, arm by arm."""
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


def calibration_sentences(calibration: Calibration, *, against: str = "rating") -> Iterator[str]:
    """against: what a score is held against."""
    yield (
        f"Against {counted(calibration.n, against)}: mean score less mean {against} {intervals.points(calibration.bias)},"
        f" calibration error {intervals.points(calibration.ece)} points."
    )
    if calibration.n_pairs:
        brier = intervals.points(calibration.brier)
        yield f"Brier {brier} over {calibration.n_pairs:,} pairs of {against}s (.25 is chance)."
