"""Consistency of two ratings of the same statement by one person (intra-rater, test-retest reliability)."""

from __future__ import annotations

from dataclasses import dataclass

from simcons.analysis.repeats import APART, PAIRS, pair_tables, pearson
from simcons.analysis.resampling import Estimate, statistic
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
    tables = pair_tables(run.sql().execute(PAIRS.format(cell="''", scale=column(scale), people="")).df())
    n_pairs = int(tables.sum())
    if not n_pairs:
        return None
    pairs = tables.sum(axis=0)
    r = statistic(pearson, tables) if n_pairs > 2 else None
    exact, within_one, difference = (float((pairs * of).sum() / n_pairs) for of in (APART == 0, APART <= 1, APART))
    return Retest(n_pairs, r and r.within(-1.0, 1.0), exact, within_one, difference)
