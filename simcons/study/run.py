"""Running a study: from a plan to a finished run folder."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from simcons.engines.usage import Usage
from simcons.errors import ArgumentError
from simcons.records import Record
from simcons.storage.writer import Kept, RunWriter
from simcons.study import recruitment
from simcons.study.broker import Broker
from simcons.study.clock import Clock, run_clocks
from simcons.study.mediation import MediatorService
from simcons.study.pay import answered_screens, participant_records
from simcons.study.plan import Plan
from simcons.study.progress import Progress
from simcons.study.recruitment import Group, Launch, session_id
from simcons.study.screens import Process
from simcons.study.session import Session
from simcons.study.usable import AnswerWatch, Unusable

LIVE_SESSIONS = 256  # sessions held in memory at a time; the more, the larger the engine's batches


@dataclass(frozen=True, slots=True)
class Outcome:
    """Facts about a run beyond its records."""

    n_events: int
    usage: Usage
    progress: Progress


def run_study(
    plan: Plan,
    broker: Broker,
    writer: RunWriter,
    *,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    on_unusable: Callable[[Unusable], None] = lambda unusable: None,
    live: int = LIVE_SESSIONS,
    only: Collection[str] = (),
    kept: Kept | None = None,
) -> Outcome:
    """Simulate the study and write its records but those ``kept``; the caller finishes the folder.

    Each session has a clock of its own, ``live`` of them at a time, unless the scenario couples them. Records depend on the plan
    alone: not on ``live``, nor on how calls are batched. ``on_progress`` is called at the beginning and after each session,
    always with the same object, which is kept up to date in between; ``on_unusable`` where an act's answers can hardly be used:
    what it raises stops the study.

    only: sessions to simulate, with the records they have in the whole study, and none of people who came to no session;
    recruitment is simulated in whole. Raises ArgumentError where the scenario couples its sessions. If none is named: all.
    """
    check_only(plan, only)
    if writer.scales != tuple(plan.scenario.participants.scales):
        raise ValueError(f"writer for scales {writer.scales}; expected {tuple(plan.scenario.participants.scales)}")
    launches = after(launches_of(plan, frozenset(only)), kept)
    study = Study(plan, broker, writer, launches=launches, on_progress=on_progress, on_unusable=on_unusable)
    study.progress.add(progress_of(kept, plan))
    clocks = [study.shared_clock()] if plan.scenario.couples_sessions else study.own_clocks()
    return study.simulate(clocks, live=live)


def check_only(plan: Plan, only: Collection[str]) -> None:
    """Raises ArgumentError for sessions that cannot be simulated alone, and for names of none that the study forms."""
    if not only:
        return
    if plan.scenario.couples_sessions:
        raise ArgumentError(
            "only",
            next(iter(only)),
            "sessions of this scenario wait for one another at the mediator's service (latency.kind service), so none can be"
            " run alone; expected a scenario without it",
        )
    missing, n_groups = set(only), 0
    for launch in launches_of(plan):
        missing -= {group.session_id for group in launch.groups}
        n_groups += len(launch.groups)
        if not missing:
            return
    there = (
        f"; expected one of {session_id(0)} to {session_id(n_groups - 1)}"
        if n_groups
        else ", as the study forms no group"
    )
    raise ArgumentError("only", min(missing), f"no such session{there}")


def launches_of(plan: Plan, only: Collection[str] = ()) -> Iterator[Launch]:
    """The launches of a study; with the groups of the sessions named alone, and nobody beside them, where any is named."""
    for launch in recruitment.launches(plan.scenario.design, plan.population, plan.manner, seed=plan.scenario.seed):
        if not only:
            yield launch
        else:
            groups = [group for group in launch.groups if group.session_id in only]
            yield replace(launch, groups=groups, others=[])


def after(launches: Iterable[Launch], kept: Kept | None) -> Iterator[Launch]:
    """The launches without what is kept of them: groups, and those who came to none."""
    n_recorded = kept.n_entries if kept else 0
    for launch in launches:
        n_before = int(bool(launch.others))  # they are an entry of their own, before the groups
        here = min(n_recorded, n_before + len(launch.groups))
        n_recorded -= here
        yield replace(launch, others=[], groups=launch.groups[here - n_before :]) if here else launch


def progress_of(kept: Kept | None, plan: Plan) -> Progress:
    """The progress of a study that goes on with what is kept."""
    if kept is None:
        return Progress()
    n_begun = kept.n_sessions * plan.scenario.design.rounds
    return Progress(kept.n_sessions, kept.n_sessions, kept.n_rounds, n_begun, n_begun, kept.ended_at)


class RecordWriter(Protocol):
    """Takes records that belong together, such as a session's, in their order in the tables."""

    def write(self, records: Iterable[Record]) -> None: ...


class Study:
    """The sessions of one study, or of some of its ``launches``, and the order their records are written in."""

    def __init__(
        self,
        plan: Plan,
        broker: Broker,
        writer: RecordWriter,
        *,
        launches: Iterable[Launch] | None = None,
        on_progress: Callable[[Progress], None] = lambda progress: None,
        on_unusable: Callable[[Unusable], None] = lambda unusable: None,
    ) -> None:
        self.plan = plan
        self.broker = broker
        self.service = MediatorService(plan, broker, AnswerWatch(on_unusable))
        self.output = _InOrder(writer)
        self.progress = Progress()
        self.lobby_events = 0
        self._on_progress = on_progress
        self._launches = launches_of(plan) if launches is None else launches

    def simulate(self, clocks: Iterable[Clock], *, live: int) -> Outcome:
        """Run the study on these clocks, ``live`` of them at a time."""
        self._on_progress(self.progress)
        n_events = run_clocks(clocks, self.broker, live=live)
        return Outcome(n_events + self.lobby_events, self.broker.total, self.progress)

    def own_clocks(self) -> Iterator[Clock]:
        """A clock for each session, begun as the study gets to it."""
        for group, place in self._groups():
            clock = Clock(at=group.started_at)
            self._session(clock, group, place, alone=True).start()
            yield clock

    def shared_clock(self, kind: type[Clock] = Clock) -> Clock:
        """All sessions on one clock, each beginning at its time; they queue for the mediator's servers if it has any."""
        clock = kind()
        self.service.couple(clock.env)
        for group, place in self._groups():
            clock.env.process(self._begin(clock, group, place))
        return clock

    def _begin(self, clock: Clock, group: Group, place: int) -> Process:
        yield clock.env.timeout(group.started_at)
        self._session(clock, group, place, alone=False).start()

    def _groups(self) -> Iterator[tuple[Group, int]]:
        for launch in self._launches:
            self.lobby_events += launch.n_events
            if launch.others:
                self.output.done(self.output.place(), self._left_before(launch))
            for group in launch.groups:
                self.progress.groups += 1
                yield group, self.output.place()

    def _left_before(self, launch: Launch) -> Iterator[Record]:
        """Records of those who never came to a session."""
        for recruit in launch.others:
            if recruit.outcome is None:
                raise RuntimeError(f"recruit {recruit.participant.participant_id} neither in a group nor gone")
            yield from recruit.screens
            yield from participant_records(
                recruit, recruit.outcome, recruit.left_at, session_id=None, pay=self.plan.scenario.pay
            )

    def _session(self, clock: Clock, group: Group, place: int, *, alone: bool) -> Session:
        def on_end(session: Session) -> None:
            clock.over = alone
            clock.afterwards(lambda: self._finish(session, place))

        return Session(clock, self.plan, group, self.service, on_end=on_end, progress=self.progress)

    def _finish(self, session: Session, place: int) -> None:
        self.output.done(place, self._records(session))
        self._count(session)

    def _records(self, session: Session) -> Iterator[Record]:
        n_screens = answered_screens(session.records)
        for recruit in session.group.members:
            who = recruit.participant.participant_id
            outcome, left_at = session.outcomes[who]
            yield from recruit.screens
            yield from participant_records(
                recruit,
                outcome,
                left_at,
                session_id=session.group.session_id,
                pay=self.plan.scenario.pay,
                n_screens=n_screens[who],
            )
        yield from session.records
        yield from session.truths()

    def _count(self, session: Session) -> None:
        self.progress.sessions += 1
        self.progress.rounds += sum(current.complete for current in session.rounds)
        self.progress.rounds_begun += sum(current.started_at is None for current in session.rounds)
        self.progress.rounds_over += sum(current.ended_at is None for current in session.rounds)
        self.progress.simulated_seconds = max(self.progress.simulated_seconds, session.env.now)
        self._on_progress(self.progress)


class _InOrder:
    """Writes each place's records in the order in which places were given out, whenever they come."""

    def __init__(self, writer: RecordWriter) -> None:
        self._writer = writer
        self._given = self._next = 0
        self._held: dict[int, list[Record]] = {}

    def place(self) -> int:
        self._given += 1
        return self._given - 1

    def done(self, place: int, records: Iterable[Record]) -> None:
        self._held[place] = list(records)
        while self._next in self._held:
            self._writer.write(self._held.pop(self._next))
            self._next += 1
