"""How many people came, stayed and were paid, and how long it took."""

from __future__ import annotations

from dataclasses import dataclass

from simcons.storage.load import Run
from simcons.storage.query import one_row


@dataclass(frozen=True, slots=True)
class Flow:
    """Participants by how it ended, as in a CONSORT flow diagram."""

    recruited: int
    arrived: int
    started: int  # were put in a group
    finished: int
    outcomes: dict[str, int]


@dataclass(frozen=True, slots=True)
class Cost:
    """GBP."""

    pay: float
    fee: float
    vat: float

    @property
    def total(self) -> float:
        return self.pay + self.fee + self.vat


@dataclass(frozen=True, slots=True)
class Duration:
    """Simulated time, in seconds."""

    study: float  # from the first launch to the last debriefing
    median_session: float
    waiting_share: float  # of the time in sessions, spent waiting for others and for candidates


def flow(run: Run) -> Flow:
    rows = (
        run.sql().execute("SELECT outcome, count(*) FROM participants GROUP BY outcome ORDER BY 2 DESC, 1").fetchall()
    )
    arrived, started = one_row(run, "SELECT count(arrived_at), count(session_id) FROM participants")
    outcomes = {str(outcome): int(count) for outcome, count in rows}
    return Flow(sum(outcomes.values()), int(arrived), int(started), outcomes.get("finished", 0), outcomes)


def cost(run: Run) -> Cost:
    pay, fee, vat = one_row(
        run, "SELECT coalesce(sum(pay_gbp), 0), coalesce(sum(fee_gbp), 0), coalesce(sum(vat_gbp), 0) FROM participants"
    )
    return Cost(float(pay), float(fee), float(vat))


def duration(run: Run) -> Duration | None:
    """None for a study in which no group was formed."""
    end, median = one_row(run, "SELECT max(ended_at), median(ended_at - started_at) FROM sessions")
    if end is None:
        return None
    (waiting,) = one_row(
        run,
        """SELECT coalesce(sum(left_at - entered_at) FILTER (screen LIKE 'wait%') / nullif(sum(left_at - entered_at), 0), 0)
           FROM screens WHERE session_id IS NOT NULL""",
    )
    return Duration(float(end), float(median), float(waiting))
