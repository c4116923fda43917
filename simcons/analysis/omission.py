"""What is lost by people whose opinion is left out (evaluation 3 of Bakker et al. 2022).

Statements made from all opinions, and from all but some, are rated by those whose opinion was used and by those whose was not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcons.analysis.agreement import RESAMPLES, Estimate, cluster_mean
from simcons.seeds import stream
from simcons.storage.load import Run


@dataclass(frozen=True, slots=True)
class OmissionResult:
    """Ratings of agreement (1-7) with an arm's statements made without ``omitted`` of the opinions.

    People who gave no opinion in the round are in neither part. ``left_out`` and ``difference`` (left out less used, over
    groups that have both) are None where nobody was left out.
    """

    arm: str
    omitted: int
    n_statements: int
    n_used: int  # ratings by people whose opinion the statement was made from
    n_left_out: int
    used: Estimate
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
    key, any_out = f"omission/{arm}/{omitted}", bool(out[:, 1].sum())
    return OmissionResult(
        arm=arm,
        omitted=omitted,
        n_statements=int(rows["candidate_id"].nunique()),
        n_used=int(used[:, 1].sum()),
        n_left_out=int(out[:, 1].sum()),
        used=_mean(used, key=f"{key}/used"),
        left_out=_mean(out, key=f"{key}/out") if any_out else None,
        difference=_difference(out, used, key=f"{key}/difference") if any_out and used[:, 1].sum() else None,
    )


def _groups(rows: pd.DataFrame, which: pd.Series[bool]) -> npt.NDArray[np.float64]:
    """Sum and number of the chosen ratings, a row a group."""
    sessions = sorted(rows["session_id"].unique())
    groups = rows[which].groupby("session_id")["agreement"].agg(["sum", "count"])
    return np.asarray(groups.reindex(sessions, fill_value=0), dtype=np.float64)


def _mean(groups: npt.NDArray[np.float64], *, key: str) -> Estimate:
    there = groups[groups[:, 1] > 0]
    return cluster_mean(there[:, 0], there[:, 1], key=key)


def _difference(out: npt.NDArray[np.float64], used: npt.NDArray[np.float64], *, key: str) -> Estimate:
    both = (out[:, 1] > 0) & (used[:, 1] > 0)
    out, used = out[both], used[both]
    if not len(out):
        return Estimate(float("nan"), None)
    mean = float(out[:, 0].sum() / out[:, 1].sum() - used[:, 0].sum() / used[:, 1].sum())
    if len(out) < 2:
        return Estimate(mean, None)
    picks = stream(0, "bootstrap", key).integers(len(out), size=(RESAMPLES, len(out)))
    a, b = out[picks].sum(axis=1), used[picks].sum(axis=1)
    low, high = np.quantile(a[:, 0] / a[:, 1] - b[:, 0] / b[:, 1], (0.025, 0.975))
    return Estimate(mean, (float(low), float(high)))
