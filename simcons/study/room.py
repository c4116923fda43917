"""The room of a session, which everybody in it uses: its clock, minds to ask, the mediator, and the records."""

from __future__ import annotations

from collections.abc import Iterable

from simcons.engines.base import Act, Result
from simcons.questions.bank import Question
from simcons.questions.reading import Reader
from simcons.records import Record
from simcons.scenario.study import DesignSettings
from simcons.study.broker import Ticket
from simcons.study.clock import Clock
from simcons.study.mediation import MediatorService
from simcons.study.participant import Participant
from simcons.study.plan import Plan
from simcons.study.progress import Progress
from simcons.study.rounds import Gate, Round, Slate
from simcons.study.usable import WatchedReader


class Room:
    """Where a group meets. ``records`` fills as it goes; ``active`` are those still there."""

    def __init__(
        self,
        clock: Clock,
        plan: Plan,
        service: MediatorService,
        participants: Iterable[Participant],
        *,
        session_id: str,
        progress: Progress,
    ) -> None:
        self.clock = clock
        self.env = clock.env
        self.plan = plan
        self.service = service
        self.session_id = session_id
        self.progress = progress
        self.people = {participant.participant_id: participant for participant in participants}
        self.active = set(self.people)
        self.records: list[Record] = []
        self._closed = False

    @property
    def seed(self) -> int:
        return self.plan.scenario.seed

    @property
    def design(self) -> DesignSettings:
        return self.plan.scenario.design

    def is_closed(self) -> bool:
        """True if the group has become too small to go on."""
        return self._closed

    def close(self) -> None:
        """Let members leave after the screen they are on."""
        self._closed = True

    def round(self, index: int, question: Question, *, session_index: int) -> Round:
        round_id = f"{self.session_id}-r{index + 1}"
        people = {who: participant.persona for who, participant in self.people.items()}
        readers = {name: self._watched(make(round_id)) for name, make in self.plan.readers.items()}
        stories = self.plan.stories_of(question, session_index)
        discussion = self.plan.discussion(question, round_id, people, readers, stories=stories)
        return Round(round_id, index, question, readers, discussion, Gate(self.env, self.active))

    def _watched(self, reader: Reader) -> Reader:
        """A reader whose readings are counted, where it asks a language model."""
        asks = self.plan.scenario.reader(reader.name).engines
        return WatchedReader(reader, self.service.watch) if asks else reader

    def gate(self, current: Round) -> Gate:
        """A gate of a stage of ``current``."""
        gate = Gate(self.env, self.active)
        current.gates.append(gate)
        return gate

    def slate(self, current: Round) -> Slate:
        """A slate that a stage of ``current`` is going to fill."""
        slate = Slate(self.env, self.plan.mind, current.discussion)
        current.slates.append(slate)
        return slate

    def begin(self, current: Round) -> None:
        """Note that a member has come to ``current``."""
        if current.started_at is None:
            current.started_at = self.env.now
            self.progress.rounds_begun += 1

    def ask(self, act: Act[Result], *, needed_after: float) -> Ticket[Result]:
        """Have ``act`` done, its result needed so many seconds from now."""
        watched = self.service.watch.over(act)
        return self.clock.watch(self.service.broker.submit(watched, needed_at=self.env.now + needed_after))
