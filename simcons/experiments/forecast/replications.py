"""Many replications of a study without its texts: recruitment and lobby as they are, with sessions drawn from a rehearsal.

Sessions have nothing to do with one another once their groups are formed, so that a rehearsed one can stand in for any other of
its size. Each replication first draws anew which of the rehearsed sessions there are to draw from (a bootstrap), which is what
a rehearsal of so many sessions leaves uncertain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from simcons.engines.rehearsal import UNCOUNTED, Asked, Counted
from simcons.experiments.forecast.rehearsal import RehearsedSession
from simcons.records import Outcome
from simcons.scenario.pay import PaySettings
from simcons.seeds import request_seed, stream
from simcons.study.pay import paid_seconds
from simcons.study.plan import Plan
from simcons.study.recruitment import Group, Launch, Recruit, launches


@dataclass(slots=True)
class Replication:
    """The sums of one study. ended_at: of its last session, in seconds from the first launch; gbp: pay, without fees."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    n_launches: int = 0
    n_groups: int = 0
    n_finished: int = 0  # groups that went through all their rounds
    n_rounds: int = 0  # complete
    ended_at: float = 0.0
    session_seconds: float = 0.0  # of all groups together
    gbp: float = 0.0
    asked: dict[Asked, Counted] = field(default_factory=dict)

    @property
    def n_recruited(self) -> int:
        return self.outcomes.total()


def replications(plan: Plan, sessions: Sequence[RehearsedSession], n: int) -> Iterator[Replication]:
    """``n`` studies as ``plan`` has them, each with people, arrivals and sessions of its own."""
    for number in range(n):
        seed = request_seed(plan.scenario.seed, "replication", number)
        yield _replicate(plan, _Sessions(sessions, seed), seed)


class _Sessions:
    """The rehearsed sessions of one replication, to be drawn from by size of the group."""

    def __init__(self, rehearsed: Sequence[RehearsedSession], seed: int) -> None:
        self._rng = stream(seed, "sessions")
        sizes = {session.size for session in rehearsed}
        self._by_size = {n: self._resampled([s for s in rehearsed if s.size == n]) for n in sorted(sizes)}

    def _resampled(self, sessions: Sequence[RehearsedSession]) -> list[RehearsedSession]:
        return [sessions[k] for k in self._rng.integers(len(sessions), size=len(sessions))]

    def draw(self, size: int) -> RehearsedSession:
        sessions = self._by_size[size]
        return sessions[int(self._rng.integers(len(sessions)))]


def _replicate(plan: Plan, sessions: _Sessions, seed: int) -> Replication:
    total, pay = Replication(), plan.scenario.pay
    for launch in launches(plan.scenario.design, plan.population, plan.manner, seed=seed):
        _add_launch(total, launch, pay)
        for group in launch.groups:
            _add_group(total, group, sessions.draw(len(group.members)), pay)
    return total


def _add_launch(total: Replication, launch: Launch, pay: PaySettings) -> None:
    """The launch, and those of it who came to no session."""
    total.n_launches += 1
    for recruit in launch.others:
        if recruit.outcome is None:
            raise RuntimeError(f"recruit {recruit.participant.participant_id} neither in a group nor gone")
        total.outcomes[recruit.outcome] += 1
        seconds = paid_seconds(recruit, recruit.outcome, recruit.left_at, pay)
        total.gbp += pay.earned(recruit.outcome, seconds).total


def _add_group(total: Replication, group: Group, session: RehearsedSession, pay: PaySettings) -> None:
    total.n_groups += 1
    total.n_finished += session.finished
    total.n_rounds += session.n_rounds
    total.ended_at = max(total.ended_at, group.started_at + session.seconds)
    total.session_seconds += session.seconds
    for recruit, member in zip(group.members, session.members, strict=True):
        total.outcomes[member.outcome] += 1
        waited = _waited(recruit, group.started_at) * pay.paid_share_of_time(member.outcome)
        total.gbp += member.gbp + waited / 3600 * pay.gbp_per_hour
    for asked, counted in session.asked.items():
        total.asked[asked] = total.asked.get(asked, UNCOUNTED) + counted


def _waited(recruit: Recruit, started_at: float) -> float:
    """Seconds from consent to the session."""
    return 0.0 if recruit.consented_at is None else started_at - recruit.consented_at


def bounds(values: Sequence[float]) -> tuple[float, float]:
    """The 95% prediction interval for one more of ``values``: of n in order, those of ranks .025 (n + 1) and .975 (n + 1)."""
    low, high = np.quantile(np.asarray(values, dtype=np.float64), [0.025, 0.975], method="weibull")
    return float(low), float(high)
