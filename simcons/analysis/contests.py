"""Arms against one another in the same rounds, by the truth and by ratings: their standings, and their contests."""

from __future__ import annotations

from dataclasses import dataclass

from simcons.analysis.first_picks import UNANIMOUS, FirstPicks, OverRounds, PickMeasure
from simcons.analysis.resampling import Estimate

_JUDGED: tuple[PickMeasure, PickMeasure] = ("true_agreement", "agreement")


@dataclass(frozen=True, slots=True)
class Standing:
    """The means of one arm's statements, 1-7, over rounds of the group's mean.

    agreement, quality: true, before any noise; rating: the recorded agreement; unanimous: share of rounds in which everybody's
    mean rating is above 4. None where there is nothing to go by.
    """

    arm: str
    n_rounds: int  # with a true appraisal
    agreement: Estimate | None
    rating: Estimate | None
    quality: Estimate | None
    unanimous: Estimate | None


@dataclass(frozen=True, slots=True)
class Contest:
    """The share of rounds with both arms in which one's statement is liked better, a tie counting half: by the group's mean true
    agreement, and by its mean rating.
    """

    arm: str
    against: str
    wins: Estimate | None
    wins_by_rating: Estimate | None


def standing(picks: FirstPicks, arm: str, *, quality: bool = True) -> Standing:
    """quality: False where people are not asked about it."""

    def level(measure: PickMeasure) -> Estimate | None:
        return _estimate(picks.level(measure, arm))

    return Standing(
        arm=arm,
        n_rounds=0 if (true := picks.level("true_agreement", arm)) is None else true.n_rounds,
        agreement=level("true_agreement"),
        rating=level("agreement"),
        quality=level("true_quality") if quality else None,
        unanimous=level(UNANIMOUS),
    )


def contest(picks: FirstPicks, arm: str, against: str) -> Contest:
    by_truth, by_rating = (_estimate(picks.wins(measure, arm, against)) for measure in _JUDGED)
    return Contest(arm, against, by_truth, by_rating)


def _estimate(over_rounds: OverRounds | None) -> Estimate | None:
    return None if over_rounds is None else over_rounds.estimate
