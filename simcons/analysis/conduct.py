"""The conduct of a study: who came and stayed, how long screens took, waiting, cost, and how answers spread."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simcons.analysis.people import cost, flow
from simcons.analysis.rated import Rated
from simcons.analysis.resampling import Estimate, quantile, ratio, trials
from simcons.analysis.results import Result, Row, summed_rows
from simcons.records import Outcome
from simcons.scale import AGREEMENT, HIGHEST, LOWEST, MIDPOINT
from simcons.storage.load import Run
from simcons.storage.query import column

if TYPE_CHECKING:
    import pandas as pd

_WAITING = """
    SELECT session_id, sum(left_at - entered_at) FILTER (screen LIKE 'wait%') AS waiting, sum(left_at - entered_at) AS seconds
    FROM screens WHERE session_id IS NOT NULL GROUP BY session_id ORDER BY session_id
"""
_SCREENS = """
    SELECT session_id, screen, left_at - entered_at AS seconds, timed_out::DOUBLE AS timed_out
    FROM screens WHERE session_id IS NOT NULL
"""
# Of one kind of screen alone: there are more screens than ratings. Groups by number, as ids take ten times as much room.
_SECONDS = """
    WITH numbered AS (SELECT session_id, row_number() OVER (ORDER BY session_id) - 1 AS number FROM sessions)
    SELECT number, left_at - entered_at AS seconds FROM screens JOIN numbered USING (session_id) WHERE screen = $screen
"""
_MEMBERS = """
    SELECT session_id, (outcome = 'dropped_out')::DOUBLE AS members_dropped_out,
           (outcome = 'finished')::DOUBLE AS members_finished, pay_gbp + fee_gbp + vat_gbp AS gbp_a_member
    FROM participants WHERE session_id IS NOT NULL
"""
_OF_MEMBERS = ("members_finished", "members_dropped_out")
_ENDS = f"IN ({LOWEST}, {HIGHEST})"
# First ratings alone, each once, whichever arms showed the statement; a person with one rating repeats nothing.
_ANSWERS = f"""
    WITH given AS (
        SELECT session_id, participant_id, {column(AGREEMENT.name)} AS rating FROM ratings JOIN rounds USING (round_id)
        WHERE pass_index = 1 AND {column(AGREEMENT.name)} IS NOT NULL)
    SELECT session_id, participant_id, avg((rating {_ENDS})::INT) AS ratings_at_ends,
           avg((rating = {MIDPOINT})::INT) AS ratings_at_midpoint, stddev_samp(rating) AS ratings_spread,
           CASE WHEN count(*) > 1 THEN (min(rating) = max(rating))::DOUBLE END AS always_the_same
    FROM given GROUP BY ALL
"""
_POSITIONS = f"""
    SELECT session_id, stddev_samp(rating) AS spread_in_group, avg((rating {_ENDS})::INT) AS positions_at_ends,
           avg((rating = {MIDPOINT})::INT) AS positions_at_midpoint
    FROM first_positions JOIN rounds USING (round_id) WHERE rating IS NOT NULL GROUP BY session_id, round_id
"""
_AT = ("positions_at_ends", "positions_at_midpoint")
# How it ends for one who has no place goes by how many others came: taken for independent, they vary too little.
_BY_OTHERS = frozenset[Outcome](("gave_up_waiting", "turned_away", "group_ended"))
_PARTICIPATION = "outcomes of the people recruited, waiting and cost"
_STYLES = ("ratings_at_ends", "ratings_at_midpoint", "always_the_same")


def response_times(rated: Rated) -> Result:
    """Seconds on each screen: mean and median, and the share that ended by its time limit. Simulated time."""
    sums = rated.sums(_SCREENS, ("seconds", "timed_out"), by=["screen"])
    rows = [row for screen, of in sums.groupby("screen", sort=True) for row in _of_screen(rated, str(screen), of)]
    reason = "" if rows else "no group saw a screen"
    return Result("response_times", "simulated seconds on a screen", "screens", tuple(rows), reason)


def _of_screen(rated: Rated, screen: str, sums: pd.DataFrame) -> Iterator[Row]:
    keys, times = {"screen": screen}, rated.frame(_SECONDS, {"screen": screen})
    yield from summed_rows(sums, ("seconds",), keys=keys)
    yield Row(keys, "median_seconds", quantile(times["seconds"], 0.5, times["number"]), len(times))
    yield from summed_rows(sums, ("timed_out",), keys=keys, shares=("timed_out",))


def participation(run: Run, rated: Rated) -> Result:
    """Who came and stayed, what waiting took, and the cost: the numbers of a CONSORT flow diagram (Schulz et al. 2010) as shares.

    One row an outcome: the share of all recruited, each person independent; without an interval where an outcome goes by how many
    others came. members_finished, members_dropped_out: shares of those put in a group; gbp_a_member: their pay, fee and VAT;
    waiting: share of members' time in sessions, spent on screens that wait. total_gbp, of all recruited, is a sum and has no
    interval. n: people; of waiting, sessions.
    """
    if run.imported:
        return Result(
            "participation", _PARTICIPATION, "people, or sessions", (), "an imported study has no record of it"
        )
    went, spent = flow(run), cost(run)
    members = rated.sums(_MEMBERS, (*_OF_MEMBERS, "gbp_a_member"))
    rows = [
        Row({"outcome": outcome}, "share", _share(outcome, n, went.recruited), went.recruited)
        for outcome, n in went.outcomes.items()
    ]
    if len(members):
        rows += summed_rows(members, (*_OF_MEMBERS, "gbp_a_member"), keys={}, shares=_OF_MEMBERS)
    if went.recruited:
        time = rated.frame(_WAITING).fillna(0.0)
        rows.append(Row({}, "waiting", ratio(time["waiting"], time["seconds"]), len(time)))
        rows.append(Row({}, "total_gbp", Estimate(spent.total, None, None, len(time)), went.recruited))
    return Result(
        "participation",
        _PARTICIPATION,
        "people, or sessions",
        tuple(rows),
        "" if went.recruited else "nobody was recruited",
    )


def _share(outcome: str, n: int, recruited: int) -> Estimate | None:
    if outcome in _BY_OTHERS:
        return Estimate(n / recruited, None, None, recruited)
    return trials(n, recruited)


def spread_of_answers(rated: Rated) -> Result:
    """The spread of answers over the scale: language models as participants are known for too little (Bisbee et al. 2024).

    spread_in_group: standard deviation of positions among members of a round; positions_at_ends, positions_at_midpoint: shares of
    1 or 7, and of 4. Of a person's first ratings of agreement: ratings_spread, their standard deviation; ratings_at_ends,
    ratings_at_midpoint, the extreme and the midpoint response style (Baumgartner & Steenkamp 2001); always_the_same: share of
    people with one answer to all, or straight-lining (Krosnick 1991). Every person counts alike, however many ratings they gave.
    """
    rows = [
        row
        for query, spread, shares in ((_POSITIONS, "spread_in_group", _AT), (_ANSWERS, "ratings_spread", _STYLES))
        if len(sums := rated.sums(query, (spread, *shares)))
        for row in summed_rows(sums, (spread, *shares), keys={}, shares=shares)
    ]
    return Result(
        "spread_of_answers",
        "spread of positions in a round, and of one person's first ratings",
        "rounds, or people",
        tuple(rows),
        "" if rows else "nobody answered",
    )
