"""Rankings of the statements, held against the same people's ratings of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simcons.analysis.resampling import Estimate, mean
from simcons.arrays import Floats
from simcons.storage.load import Run


@dataclass(frozen=True, slots=True)
class RankingResult:
    """Rankings that people gave, one a person and round. Intervals are over groups.

    n_missing: rankings that were asked for and not given in time.
    tied: share of pairs of statements with the same rank; None where no ranking has a pair. tau: mean over rankings of Kendall's
    tau-b with the agreement that the same person gave the same statements, averaged over passes; None where there is none.
    """

    n_rankings: int
    n_missing: int
    tied: Estimate | None
    n_with_tau: int  # rankings with two statements or more told apart both by rank and by rating
    tau: Estimate | None


def rankings(run: Run) -> RankingResult | None:
    """None where no ranking was asked for."""
    rows = (
        run.sql()
        .execute(
            """SELECT session_id, round_id, participant_id, -rank AS preference, avg(agreement) AS agreement
               FROM rankings JOIN rounds USING (round_id) LEFT JOIN ratings USING (round_id, participant_id, candidate_id)
               WHERE rank IS NOT NULL GROUP BY session_id, round_id, participant_id, candidate_id, rank
               ORDER BY session_id, round_id, participant_id, candidate_id"""
        )
        .df()
    )
    if not len(run.rankings):
        return None
    n_asked = len(run.rankings[["round_id", "participant_id"]].drop_duplicates())
    tied, taus = _Values([], []), _Values([], [])
    each = rows.groupby(["session_id", "round_id", "participant_id"], sort=False)
    for (session, _, _), ranking in each:
        tied.add(str(session), _tied(ranking["preference"].to_numpy(dtype=np.float64)))
        both = ranking[["preference", "agreement"]].dropna().to_numpy(dtype=np.float64)
        own = kendall_tau_b(*both.T)
        taus.add(str(session), [] if own is None else [own])
    tau = taus.mean()
    return RankingResult(
        each.ngroups, n_asked - each.ngroups, tied.mean(share=True), len(taus.values), tau and tau.within(-1.0, 1.0)
    )


def kendall_tau_b(first: Floats, second: Floats) -> float | None:
    """Kendall's (1945) tau-b of two numbers of the same things: concordant less discordant pairs, over the root of the product of
    the pairs that each tells apart. None where either tells none apart.
    """
    signs, others = _signs(first), _signs(second)
    apart = float(np.abs(signs).sum() * np.abs(others).sum())
    return float((signs * others).sum() / np.sqrt(apart)) if apart else None


def _tied(preferences: Floats) -> list[float]:
    """For each pair, 1 where both have the same rank, else 0."""
    return [float(sign == 0) for sign in _signs(preferences).tolist()]


def _signs(numbers: Floats) -> Floats:
    """For each pair, the sign of the first number less the second."""
    return np.asarray(np.sign(np.subtract.outer(numbers, numbers))[np.triu_indices(len(numbers), 1)])


@dataclass(frozen=True, slots=True)
class _Values:
    """Numbers, each with its group."""

    values: list[float]
    sessions: list[str]

    def add(self, session: str, values: Sequence[float]) -> None:
        self.values.extend(values)
        self.sessions.extend([session] * len(values))

    def mean(self, *, share: bool = False) -> Estimate | None:
        if not self.values:
            return None
        numbers = {session: k for k, session in enumerate(dict.fromkeys(self.sessions))}
        return mean(self.values, [numbers[session] for session in self.sessions], share=share)
