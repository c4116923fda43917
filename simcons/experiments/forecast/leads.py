"""By how much arms are ahead of one another, group by group: what the power of a comparison of arms rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from simcons.analysis.rated import Rated
from simcons.arrays import Floats
from simcons.storage.load import Run


@dataclass(frozen=True, slots=True)
class Leads:
    """Differences in points of mean agreement: those of the first arm over each other arm, [groups] each."""

    first: str
    over: Mapping[str, Floats]

    @classmethod
    def of(cls, run: Run) -> Self:
        """From a run's ratings: the mean over its rounds is a group's. Raises RunFolderError."""
        rated = Rated.of_run(run)
        first, *others = rated.arms
        scores = rated.rounds().set_index(["session_id", "round_id", "arm"])["mean"].unstack()
        scores = scores.reindex(columns=list(rated.arms))
        leads = {arm: (scores[first] - scores[arm]).dropna() for arm in others}
        return cls(first, {arm: lead.groupby("session_id").mean().to_numpy() for arm, lead in leads.items()})
