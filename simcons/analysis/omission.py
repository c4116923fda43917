"""The loss to people whose opinion is left out (evaluation 3 of Bakker et al. 2022).

Statements made from all opinions, and from all but some, are rated by those whose opinion was used and by those whose was not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcons.analysis.resampling import Estimate, difference, ratio
from simcons.storage.load import Run


@dataclass(frozen=True, slots=True)
class OmissionResult:
    """Ratings of agreement (1-7) with an arm's statements made without ``omitted`` of the opinions.

    People who gave no opinion in the round are in neither part. The estimates are None where nobody is in their part;
    ``difference`` is left out less used, over groups that have both.
    """

    arm: str
    omitted: int
    n_statements: int
    n_used: int  # ratings by people whose opinion the statement was made from
    n_left_out: int
    used: Estimate | None
    left_out: Estimate | None
    difference: Estimate | None


def by_omission(run: Run) -> list[OmissionResult]:
    """A result for each arm and number of opinions left out, where an arm has more than one such number; otherwise nothing."""
    frame = (
        run.sql()
        .execute(
            """WITH shown AS (SELECT DISTINCT arm, omitted, round_id, candidate_id FROM selections),
                    several AS (SELECT arm FROM shown GROUP BY arm HAVING count(DISTINCT omitted) > 1)
               SELECT arm, shown.omitted, session_id, candidate_id, ratings.agreement::DOUBLE AS agreement,
                      list_contains(candidates.opinion_ids, opinion_id) AS used
               FROM ratings JOIN shown USING (candidate_id, round_id) SEMI JOIN several USING (arm)
                    JOIN candidates USING (candidate_id, round_id) JOIN rounds USING (round_id)
                    JOIN opinions USING (round_id, participant_id)
               WHERE ratings.agreement IS NOT NULL ORDER BY arm, shown.omitted, session_id"""
        )
        .df()
    )
    return [
        _result(str(arm), int(omitted), rows) for (arm, omitted), rows in frame.groupby(["arm", "omitted"], sort=True)
    ]


def _result(arm: str, omitted: int, rows: pd.DataFrame) -> OmissionResult:
    used, out = (_groups(rows, rows["used"] == whether) for whether in (True, False))
    return OmissionResult(
        arm=arm,
        omitted=omitted,
        n_statements=int(rows["candidate_id"].nunique()),
        n_used=int(used[:, 1].sum()),
        n_left_out=int(out[:, 1].sum()),
        used=ratio(*used.T),
        left_out=ratio(*out.T),
        difference=_difference(out, used),
    )


def _groups(rows: pd.DataFrame, which: pd.Series[bool]) -> npt.NDArray[np.float64]:
    """Sum and number of the chosen ratings, a row a group."""
    sessions = sorted(rows["session_id"].unique())
    groups = rows[which].groupby("session_id")["agreement"].agg(["sum", "count"])
    return np.asarray(groups.reindex(sessions, fill_value=0), dtype=np.float64)


def _difference(out: npt.NDArray[np.float64], used: npt.NDArray[np.float64]) -> Estimate | None:
    both = (out[:, 1] > 0) & (used[:, 1] > 0)
    return difference(out[both], used[both])
