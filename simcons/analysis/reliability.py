"""How consistently people rate the same statement twice (intra-rater, test-retest reliability)."""

from __future__ import annotations

from dataclasses import dataclass

from simcons.storage.load import Run
from simcons.storage.query import one_row


@dataclass(frozen=True, slots=True)
class Retest:
    """Pairs of ratings of one statement by one person, pooled over people."""

    n_pairs: int
    r: float | None  # Pearson; None where a pass has no variance or there are fewer than 3 pairs
    exact: float  # share of pairs with the same answer
    within_one: float  # share at most one point apart
    mean_abs_difference: float


@dataclass(frozen=True, slots=True)
class RatingCounts:
    """Ratings as they were given, each counted once, whichever arms showed the statement.

    A rating has two answers, on agreement and on quality, as where arms are compared: one without either is missing.
    """

    n_statements: int
    n_ratings: int  # with both answers
    n_pairs: int  # two ratings of one statement by one person
    n_half: int = 0  # with one of the two answers: among the missing

    @property
    def n_single(self) -> int:
        """Ratings without the other of their pair: a person left, ran out of time, or was asked once."""
        return self.n_ratings - 2 * self.n_pairs


def rating_counts(run: Run) -> RatingCounts:
    """How many ratings there are, and how many come in pairs."""
    n_statements, n_ratings, n_pairs, n_half = one_row(
        run,
        """WITH rated AS (SELECT candidate_id, count(*) AS n FROM ratings
                         WHERE agreement IS NOT NULL AND quality IS NOT NULL GROUP BY candidate_id, participant_id)
           SELECT count(DISTINCT candidate_id), coalesce(sum(n), 0), count(*) FILTER (n = 2),
                  (SELECT count(*) FROM ratings WHERE (agreement IS NULL) <> (quality IS NULL)) FROM rated""",
    )
    return RatingCounts(int(n_statements), int(n_ratings), int(n_pairs), int(n_half))


def retest(run: Run, measure: str = "agreement") -> Retest | None:
    """Reliability of ``measure`` (agreement or quality); None where nothing was rated twice."""
    if measure not in ("agreement", "quality"):
        raise ValueError(f"measure {measure!r}: expected agreement or quality")
    n_pairs, r, exact, within_one, difference = one_row(
        run,
        f"""WITH pairs AS (
                SELECT first.{measure}::DOUBLE AS a, second.{measure}::DOUBLE AS b
                FROM ratings AS first JOIN ratings AS second USING (participant_id, candidate_id)
                WHERE first.pass_index = 1 AND second.pass_index = 2
                  AND first.{measure} IS NOT NULL AND second.{measure} IS NOT NULL)
            SELECT count(*), CASE WHEN count(*) > 2 AND stddev_pop(a) > 0 AND stddev_pop(b) > 0 THEN corr(a, b) END,
                   avg((a = b)::INT), avg((abs(a - b) <= 1)::INT), avg(abs(a - b)) FROM pairs""",
    )
    if not n_pairs:
        return None
    return Retest(int(n_pairs), None if r is None else float(r), float(exact), float(within_one), float(difference))
