"""Rankings of the statements: which arms' statements people put first, how many they tie, and how that goes with ratings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from simcons.analysis.comparisons import WITHOUT_TIES
from simcons.analysis.rated import Rated
from simcons.analysis.resampling import Estimate, share_p_values
from simcons.analysis.results import Result, Row, adjusted, summed_rows
from simcons.scale import AGREEMENT
from simcons.storage.load import Run
from simcons.storage.query import column

_AHEAD = "ahead"
_BOTH_WAYS = (_AHEAD, f"{_AHEAD}{WITHOUT_TIES}")
_COUNTS = """
    SELECT count(*) AS n_asked, count(*) FILTER (given) AS n_given
    FROM (SELECT bool_or(rank IS NOT NULL) AS given FROM rankings GROUP BY round_id, participant_id)
"""
# A person's ratings of a statement are averaged over passes first.
_PAIRS = f"""
    WITH given AS (
        SELECT session_id, round_id, participant_id, candidate_id, -rank AS preference, avg({column(AGREEMENT.name)}) AS agreement
        FROM rankings JOIN rounds USING (round_id) LEFT JOIN ratings USING (round_id, participant_id, candidate_id)
        GROUP BY ALL)
    SELECT session_id, round_id, participant_id, sign(a.preference - b.preference) AS preferred,
           sign(a.agreement - b.agreement) AS agreed
    FROM given AS a JOIN given AS b USING (session_id, round_id, participant_id) WHERE a.candidate_id < b.candidate_id
"""
_TIED = f"SELECT session_id, (preferred = 0)::DOUBLE AS tied FROM ({_PAIRS})"
# Kendall's (1945) tau-b: concordant less discordant pairs, over the root of the product of the pairs that each tells apart.
_TAU = f"""
    SELECT session_id, sum(preferred * agreed) / nullif(sqrt(sum(abs(preferred)) * sum(abs(agreed))), 0) AS tau
    FROM (SELECT session_id, round_id, participant_id, if(agreed IS NULL, NULL, preferred) AS preferred,
                 if(preferred IS NULL, NULL, agreed) AS agreed
          FROM ({_PAIRS}))
    GROUP BY session_id, round_id, participant_id
"""
_LEAST = "CREATE TEMP TABLE least_picked AS SELECT min(omitted) AS omitted FROM selections"
_OF_ARMS = f"""
    WITH picked AS (
        SELECT DISTINCT arm, round_id, candidate_id FROM selections
        WHERE omitted IS NOT DISTINCT FROM (SELECT omitted FROM least_picked)),
    given AS (
        SELECT session_id, round_id, participant_id, arm, rank
        FROM rankings JOIN rounds USING (round_id) JOIN picked USING (round_id, candidate_id))
    SELECT session_id, a.arm AS arm, b.arm AS against, (1 + sign(b.rank - a.rank)) / 2 AS {_BOTH_WAYS[0]},
           if(a.rank = b.rank, NULL, {_BOTH_WAYS[0]}) AS {_BOTH_WAYS[1]}
    FROM given AS a JOIN given AS b USING (session_id, round_id, participant_id) WHERE a.arm <> b.arm
"""


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
    rated = Rated.of_run(run)
    n_asked, n_given = _counts(rated)
    if not n_asked:
        return None
    tied, tau = _tied(rated), _tau(rated, n_asked)
    return RankingResult(n_given, n_asked - n_given, tied.estimate, tau.n, tau.estimate)


def ranked_statements(rated: Rated) -> Result:
    """Arms against arms in people's rankings, for all pairs of arms; ties; and how rankings go with the same people's ratings.

    ahead: of pairs of a statement of one arm and one of another's that a person ranked, the share in which the first arm's is
    ranked higher, a tie counting half; ahead_without_ties: of those that are no tie. p is of a share of one half, by the test
    that the interval inverts. tied, tau: see `RankingResult`. n: pairs, or of tau rankings; n_excluded: those asked for that
    were not given or, of tau, do not tell statements apart.
    """
    n_asked, _ = _counts(rated)
    about = "how people rank statements: pairs with the arm's ranked above the other's, a tie counting half; ties; and Kendall's"
    return Result(
        "rankings",
        f"{about} tau-b with the same person's ratings of agreement",
        "pairs, or rankings",
        (*_of_arms(rated), _tied(rated), _tau(rated, n_asked)) if n_asked else (),
        "" if n_asked else "nobody was asked for a ranking",
        family="all pairs of arms, by one measure",
    )


def _counts(rated: Rated) -> tuple[int, int]:
    """Rankings that were asked for, and that were given."""
    counts = rated.frame(_COUNTS).iloc[0]
    return int(counts["n_asked"]), int(counts["n_given"])


def _of_arms(rated: Rated) -> list[Row]:
    rated.add_table(_LEAST)
    sums = rated.sums(_OF_ARMS, _BOTH_WAYS, by=("arm", "against"))
    rows = list[Row]()
    for arm, against in combinations(dict.fromkeys([*rated.arms, *sorted(sums["arm"].unique())]), 2):
        there = sums[(sums["arm"] == arm) & (sums["against"] == against)]
        if len(there):
            rows += _tested(summed_rows(there, _BOTH_WAYS, keys={"arm": arm, "against": against}, shares=_BOTH_WAYS))
    return adjusted(rows, family=("measure",))


def _tested(rows: list[Row]) -> Iterator[Row]:
    """With ties and without, both with p of one half; ties are counted, and not among what is missing."""
    p_values = share_p_values([row.estimate for row in rows], [row.n for row in rows])
    n_ties, n_excluded = rows[0].n - rows[1].n, rows[0].n_excluded
    for row, p_value in zip(rows, p_values, strict=True):
        yield replace(row, n_excluded=n_excluded, p_value=p_value, counts={"n_ties": n_ties})


def _tied(rated: Rated) -> Row:
    (row,) = summed_rows(rated.sums(_TIED, ["tied"]), ["tied"], keys={}, shares=["tied"])
    return row


def _tau(rated: Rated, n_asked: int) -> Row:
    sums = rated.sums(_TAU, ["tau"])
    n_without_pairs = n_asked - int(sums["n_cases"].sum())
    (row,) = summed_rows(sums, ["tau"], keys={}, n_excluded=n_without_pairs)
    return replace(row, estimate=row.estimate and row.estimate.within(-1.0, 1.0))
