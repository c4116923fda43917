"""The flow of people through a study, its duration and its cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from simcons.scenario.files import parse
from simcons.scenario.pay import Earned, PaySettings
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
    parts: Mapping[str, float] = field(
        default_factory=dict
    )  # of the pay, by what it is for; none where that is not known
    finished_per_hour: float | None = (
        None  # what those who finished got for an hour of their time; None: nobody finished
    )

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
    """Pay of people, by purpose, and the costs on top of it."""
    pay, fee, vat, finished = one_row(
        run,
        """SELECT coalesce(sum(pay_gbp), 0), coalesce(sum(fee_gbp), 0), coalesce(sum(vat_gbp), 0),
                  sum(pay_gbp) FILTER (outcome = 'finished')
                  / nullif(sum(paid_seconds) FILTER (outcome = 'finished') / 3600, 0) FROM participants""",
    )
    return Cost(float(pay), float(fee), float(vat), _parts(run), None if finished is None else float(finished))


def _parts(run: Run) -> dict[str, float]:
    """Pay by purpose, worked out from the records by the rules that it was worked out by for each person."""
    given = run.manifest.get("scenario", {}).get("pay")
    if given is None:
        return {}
    pay = parse(PaySettings, given, source=f"{run.folder}: the scenario's pay")
    rows = run.sql().execute(
        """WITH answers AS (SELECT participant_id FROM positions WHERE missing IS NULL
                            UNION ALL SELECT participant_id FROM opinions
                            UNION ALL SELECT participant_id FROM ratings WHERE missing IS NULL
                            UNION ALL SELECT participant_id FROM rankings WHERE missing IS NULL
                                      GROUP BY participant_id, round_id),
                answered AS (SELECT participant_id, count(*) AS n FROM answers GROUP BY ALL)
           SELECT outcome, sum(paid_seconds), count(*), coalesce(sum(n), 0)
           FROM participants LEFT JOIN answered USING (participant_id) GROUP BY outcome ORDER BY outcome"""
    )
    earned = [
        asdict(pay.earned(outcome, float(seconds), n_people=int(n_people), n_screens=int(n_screens)))
        for outcome, seconds, n_people, n_screens in rows.fetchall()
    ]
    return {kind: sum(pay_of_outcome[kind] for pay_of_outcome in earned) for kind in asdict(Earned())}


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
