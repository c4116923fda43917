"""Each arm's first pick by round: how it is liked, and how often it is liked better than another arm's.

Where an arm shows several statements, `simcons.analysis.comparisons` takes their mean; here the one that it put first stands for
it. A person's ratings of it are averaged over passes first. The unit of intervals is the group.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from simcons.analysis.comparisons import lead, wins
from simcons.analysis.resampling import Estimate, mean
from simcons.arrays import Ints
from simcons.scale import AGREEMENT, HIGHEST, LOWEST, MIDPOINT, QUALITY
from simcons.storage.load import Run

PickMeasure: TypeAlias = Literal[
    "agreement", "median", "lowest", "unanimous", "quality", "true_agreement", "true_quality"
]
UNANIMOUS: PickMeasure = "unanimous"  # the one measure that is no mean on 1-7, but a share
_TRUE = "true_"
# The scale of each measure, and what is taken over people.
_OF: Mapping[str, tuple[str, str]] = {
    "agreement": (AGREEMENT.name, "mean"),
    "median": (AGREEMENT.name, "median"),
    "lowest": (AGREEMENT.name, "min"),
    "quality": (QUALITY.name, "mean"),
}


@dataclass(frozen=True, slots=True)
class OverRounds:
    """A number over some rounds. n_ties: of these, in which two arms are level; 0 where there is one arm."""

    estimate: Estimate
    n_rounds: int
    n_ties: int = 0


class FirstPicks:
    """The statement that each arm picked first, from all opinions, in each round of a run.

    Measures of a round: agreement and quality, the group's mean rating; median and lowest, of agreement; unanimous, 1 where
    everybody's mean rating of agreement is above 4, else 0; true_agreement, true_quality: the group's mean before any noise,
    which only the simulator knows.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._group = run.rounds.set_index("round_id")["session_id"]
        first = run.selections[(run.selections["omitted"] == 0) & (run.selections["pick"] == 1)]
        self._picks = first[["round_id", "arm", "candidate_id"]]
        self._scores: dict[str, pd.DataFrame] = {}

    def scores(self, measure: PickMeasure) -> pd.DataFrame:
        """[rounds, arms]; NaN where there is nothing to go by. Raises RunFolderError for a truth that the run has not."""
        if measure not in self._scores:
            self._scores[measure] = self._unanimous() if measure == UNANIMOUS else self._by_round(measure)
        return self._scores[measure]

    def level(self, measure: PickMeasure, arm: str, *, among: Collection[str] | None = None) -> OverRounds | None:
        """The mean of an arm over its rounds, with an interval; None where it has none. among: ids of rounds; by default all."""
        there = self._column(measure, arm, among).dropna()
        if there.empty:
            return None
        estimate = mean(there.to_numpy(), self._groups(there), share=measure == UNANIMOUS)
        return OverRounds(estimate if measure == UNANIMOUS else estimate.within(LOWEST, HIGHEST), len(there))

    def wins(
        self, measure: PickMeasure, arm: str, against: str, *, among: Collection[str] | None = None
    ) -> OverRounds | None:
        """The share of rounds with both arms in which one is ahead of the other, as in `simcons.analysis.comparisons.win_rates`;
        None where there are none.
        """
        ahead = lead(*(self._column(measure, name, among) for name in (arm, against))).dropna()
        (won,) = wins(ahead.to_numpy(dtype=np.float64)[:, None], self._groups(ahead))
        return None if won.estimate is None else OverRounds(won.estimate, len(ahead), won.n_ties or 0)

    def by_group(self, measure: PickMeasure, arm: str) -> pd.DataFrame:
        """An arm's rounds added up: ``total`` and ``rounds`` by session_id, of sessions that have any."""
        there = self._column(measure, arm, None).dropna()
        groups = there.groupby(self._group.reindex(there.index))
        return pd.DataFrame({"total": groups.sum(), "rounds": groups.count()})

    def _column(self, measure: PickMeasure, arm: str, among: Collection[str] | None) -> pd.Series[float]:
        """One arm's rounds; none for an arm that never had anything to show."""
        scores = self.scores(measure)
        column = scores[arm] if arm in scores else pd.Series(dtype=float)
        return column if among is None else column[column.index.isin(among)]

    def _groups(self, rounds: pd.Series[float]) -> Ints:
        return np.asarray(pd.factorize(self._group.reindex(rounds.index))[0], dtype=np.int64)

    def _unanimous(self) -> pd.DataFrame:
        lowest = self.scores("lowest")
        return (lowest > MIDPOINT).astype(float).where(lowest.notna())

    def _by_round(self, measure: str) -> pd.DataFrame:
        scale, over_people = _OF[measure.removeprefix(_TRUE)]
        judged = self._run.truth("appraisals") if measure.startswith(_TRUE) else self._run.ratings
        rows = judged.merge(self._picks, on=["round_id", "candidate_id"]).dropna(subset=[scale]).astype({scale: float})
        people = rows.groupby(["round_id", "arm", "participant_id"], observed=True)[scale].mean().reset_index()
        return people.pivot_table(index="round_id", columns="arm", values=scale, aggfunc=over_people)
