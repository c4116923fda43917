"""Consistency of two ratings of the same statement by one person (intra-rater, test-retest reliability)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simcons.analysis.resampling import Estimate, statistic
from simcons.arrays import Floats
from simcons.storage.load import Run
from simcons.storage.query import column, one_row


@dataclass(frozen=True, slots=True)
class Retest:
    """Pairs of ratings of one statement by one person, pooled over people."""

    n_pairs: int
    r: Estimate | None  # Pearson, over groups; None where a pass has no variance or there are fewer than 3 pairs
    exact: float  # share of pairs with the same answer
    within_one: float  # share at most one point apart
    mean_abs_difference: float


@dataclass(frozen=True, slots=True)
class RatingCounts:
    """Ratings as they were given, each counted once, whichever arms showed the statement.

    A rating has an answer on every scale, as where arms are compared: one without any of them is missing.
    """

    n_statements: int
    n_ratings: int  # with all answers
    n_pairs: int  # two ratings of one statement by one person
    n_in_part: int = 0  # with answers on some scales alone: among the missing

    @property
    def n_single(self) -> int:
        """Ratings without the other of their pair: a person left, ran out of time, or was asked once."""
        return self.n_ratings - 2 * self.n_pairs


def rating_counts(run: Run) -> RatingCounts:
    """The numbers of ratings and of pairs of them."""
    answered = [f"{column(scale)} IS NOT NULL" for scale in run.scales]
    n_statements, n_ratings, n_pairs, n_in_part = one_row(
        run,
        f"""WITH rated AS (SELECT candidate_id, count(*) AS n FROM ratings
                         WHERE {" AND ".join(answered)} GROUP BY candidate_id, participant_id)
           SELECT count(DISTINCT candidate_id), coalesce(sum(n), 0), count(*) FILTER (n = 2),
                  (SELECT count(*) FROM ratings
                   WHERE ({" OR ".join(answered)}) AND NOT ({" AND ".join(answered)})) FROM rated""",
    )
    return RatingCounts(int(n_statements), int(n_ratings), int(n_pairs), int(n_in_part))


def retest(run: Run, scale: str = "agreement") -> Retest | None:
    """Reliability of the ratings on ``scale``; None where nothing was rated twice on it."""
    if scale not in run.scales:
        raise ValueError(f"scale {scale!r}: expected one of {', '.join(run.scales)}")
    rating = column(scale)
    sums = np.array(
        run.sql()
        .execute(
            f"""WITH pairs AS (
                    SELECT session_id, first.{rating}::DOUBLE AS a, second.{rating}::DOUBLE AS b
                    FROM ratings AS first JOIN ratings AS second USING (participant_id, candidate_id)
                         JOIN rounds ON rounds.round_id = first.round_id
                    WHERE first.pass_index = 1 AND second.pass_index = 2
                      AND first.{rating} IS NOT NULL AND second.{rating} IS NOT NULL)
                SELECT count(*), sum(a), sum(b), sum(a * a), sum(b * b), sum(a * b),
                       sum((a = b)::INT), sum((abs(a - b) <= 1)::INT), sum(abs(a - b))
                FROM pairs GROUP BY session_id ORDER BY session_id"""
        )
        .fetchall(),
        dtype=np.float64,
    )
    if not len(sums):
        return None
    n_pairs, *moments, exact, within_one, difference = sums.sum(axis=0).tolist()
    r = statistic(_correlation, sums[:, : 1 + len(moments)]) if n_pairs > 2 else None
    return Retest(int(n_pairs), r and r.within(-1.0, 1.0), exact / n_pairs, within_one / n_pairs, difference / n_pairs)


def _correlation(sums: Floats) -> Floats:
    """Pearson's, of how many pairs there are and the sums of a, b, a^2, b^2 and a b. Not a number where either does not vary."""
    n, a, b, aa, bb, ab = np.moveaxis(sums, -1, 0)
    return np.asarray((ab - a * b / n) / np.sqrt((aa - a * a / n) * (bb - b * b / n)))
