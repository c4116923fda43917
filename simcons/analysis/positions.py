"""Answers on the position statement, given once more at the end of a round."""

from __future__ import annotations

from dataclasses import dataclass

from simcons.analysis.resampling import Estimate, mean
from simcons.storage.load import Run


@dataclass(frozen=True, slots=True)
class PositionChange:
    """Ratings of the position statement after the round less those before it, of people who gave both.

    change: mean, in points, with an interval over groups. The simulator models no persuasion, so this is noise alone: what a
    comparison of before and after would find in a study in which nobody changed their mind.
    """

    n_pairs: int
    n_same: int  # of these, with the same answer both times
    change: Estimate


def position_change(run: Run) -> PositionChange | None:
    """None where nobody answered twice."""
    rows = (
        run.sql()
        .execute(
            """SELECT session_id, again.rating - first.rating AS change
               FROM first_positions AS first JOIN positions AS again USING (round_id, participant_id) JOIN rounds USING (round_id)
               WHERE again.moment = 'after' AND again.rating IS NOT NULL AND first.rating IS NOT NULL ORDER BY session_id"""
        )
        .df()
    )
    if not len(rows):
        return None
    change = mean(rows["change"], rows["session_id"].factorize()[0])
    return PositionChange(n_pairs=len(rows), n_same=int((rows["change"] == 0).sum()), change=change)
