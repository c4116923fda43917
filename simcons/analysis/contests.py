"""Arms against one another in the same rounds: how much their statements are liked, and how often one is liked better.

An arm's statement is the first that it picked, from all opinions. The unit of intervals is the group.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from simcons.analysis.resampling import Estimate, mean
from simcons.scale import AGREEMENT, HIGHEST, LOWEST, MIDPOINT, QUALITY
from simcons.storage.load import Run


@dataclass(frozen=True, slots=True)
class Standing:
    """How the statements of one arm are liked: means on 1-7 over rounds of the group's mean.

    agreement, quality: true, before any noise; rating: the recorded agreement; unanimous: share of rounds in which all of these
    were 5 or more. None where there is nothing to go by.
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


class Contests:
    """The statements of a run's arms by round. Raises RunFolderError for a run without what only the simulator knows."""

    def __init__(self, run: Run) -> None:
        statements = _statements(run)
        true = run.truth("appraisals").merge(statements, on=["round_id", "candidate_id"])
        rated = run.ratings.merge(statements, on=["round_id", "candidate_id"])
        self._group = run.rounds.set_index("round_id")["session_id"]
        self._agreement = _by_round(true, AGREEMENT.name, "mean")
        self._quality = _by_round(true, QUALITY.name, "mean") if QUALITY.name in run.scales else None
        self._rating = _by_round(rated, AGREEMENT.name, "mean")
        lowest = _by_round(rated, AGREEMENT.name, "min")
        self._unanimous = (lowest > MIDPOINT).astype(float).where(lowest.notna())

    def standing(self, arm: str) -> Standing:
        return Standing(
            arm=arm,
            n_rounds=len(self._column(self._agreement, arm)),
            agreement=_bounded(self._mean(self._agreement, arm)),
            rating=_bounded(self._mean(self._rating, arm)),
            quality=None if self._quality is None else _bounded(self._mean(self._quality, arm)),
            unanimous=self._mean(self._unanimous, arm, share=True),
        )

    def contest(self, arm: str, against: str) -> Contest:
        return Contest(arm, against, self._wins(self._agreement, arm, against), self._wins(self._rating, arm, against))

    def _mean(self, table: pd.DataFrame, arm: str, *, share: bool = False) -> Estimate | None:
        return self._estimate(self._column(table, arm), share=share)

    def _wins(self, table: pd.DataFrame, arm: str, against: str) -> Estimate | None:
        """A tie is no better a win for one than for the other."""
        lead = (self._column(table, arm) - self._column(table, against)).dropna()
        return self._estimate((np.sign(lead.round(9)) + 1) / 2, share=True)

    def _estimate(self, values: pd.Series[float], *, share: bool) -> Estimate | None:
        groups, _ = pd.factorize(self._group.reindex(values.index))
        return mean(values.to_numpy(), groups, share=share) if len(values) else None

    def _column(self, table: pd.DataFrame, arm: str) -> pd.Series[float]:
        """One arm's rounds; none for an arm that never had anything to show."""
        return table[arm].dropna() if arm in table else pd.Series(dtype=float)


def _statements(run: Run) -> pd.DataFrame:
    """The first pick of each arm in each round."""
    picked = run.selections
    first = picked[(picked["omitted"] == 0) & (picked["pick"] == 1)]
    return first[["round_id", "arm", "candidate_id"]]


def _by_round(rows: pd.DataFrame, column: str, how: str) -> pd.DataFrame:
    """[rounds, arms]; NaN where there is nothing."""
    answered = rows.dropna(subset=[column]).astype({column: float})
    return answered.pivot_table(index="round_id", columns="arm", values=column, aggfunc=how)


def _bounded(estimate: Estimate | None) -> Estimate | None:
    return estimate and estimate.within(LOWEST, HIGHEST)
