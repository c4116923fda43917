"""One session: a group answers its questions, round by round.

Members are processes; what they share is a `Room` and its `Round`s, whose events they wait at. Nobody is interrupted: when a
group becomes too small it is closed, and each member leaves at the end of the screen they are on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from simcons.population.minds.mind import Appraisal
from simcons.records import Outcome, Record, RoundRecord, SessionRecord, TrueAppraisal
from simcons.study.clock import Clock
from simcons.study.elicited import elicitations
from simcons.study.mediation import MediatorService
from simcons.study.member import Member
from simcons.study.plan import Plan
from simcons.study.progress import Progress
from simcons.study.recruitment import Group
from simcons.study.room import Room
from simcons.study.rounds import Round, Shown
from simcons.study.screens import Process
from simcons.study.stages import stages_of
from simcons.study.stages.base import Stage


class Session:
    """A group at work. ``records`` fills as it goes (`truths` come last); ``on_end`` is called once everybody has left."""

    def __init__(
        self,
        clock: Clock,
        plan: Plan,
        group: Group,
        service: MediatorService,
        *,
        on_end: Callable[[Session], None],
        progress: Progress,
    ) -> None:
        self.env = clock.env
        self.group = group
        self.outcomes: dict[str, tuple[Outcome, float]] = {}  # participant -> how and when they left
        people = [recruit.participant for recruit in group.members]
        self._room = Room(clock, plan, service, people, session_id=group.session_id, progress=progress)
        self._on_end = on_end
        self._members = [Member(person, self._room, on_leave=self._part) for person in people]
        self._fewest = len(people) - plan.scenario.design.tolerated_losses
        self.rounds = [
            self._room.round(k, question, session_index=group.index)
            for k, question in enumerate(plan.questions_of(group.index))
        ]
        self._programme = [(current, stages_of(current, self._room)) for current in self.rounds]

    @property
    def records(self) -> list[Record]:
        return self._room.records

    def start(self) -> None:
        """Put the members and the mediator to work, at the clock's present time."""
        for member in self._members:
            self.env.process(member.run(self._programme))
        self.env.process(self._moderate())

    def truths(self) -> Iterator[Record]:
        """The checks of opinions by language models, and what everyone who was there for a slate truly thinks of every
        candidate judged.

        To be called outside SimPy, once the session is over: it waits for answers that nobody stayed to need.
        """
        for current in self.rounds:
            yield from filter(None, (check.result() for check in current.checks))
            for slate in current.slates:
                for who, shown, appraisal in slate.appraisals():
                    yield from _appraisal(current.round_id, who, shown, appraisal)

    # --- the group's side ---

    def _moderate(self) -> Process:
        for current, stages in self._programme:
            yield from self._moderate_round(current, stages)
            if self._room.is_closed():
                return

    def _moderate_round(self, current: Round, stages: Iterable[Stage]) -> Process:
        for stage in stages:
            yield from stage.moderate()
            if self._room.is_closed():
                return
        yield current.over.opened
        current.complete, current.ended_at = not self._room.is_closed(), self.env.now
        # What nobody is left to see over is counted with the session.
        self._room.progress.rounds_over += bool(self._room.active)

    # --- the end ---

    def _part(self, participant_id: str, outcome: Outcome) -> None:
        """Let a member go; close the group if too few are left to finish what it is doing."""
        self.outcomes[participant_id] = (outcome, self.env.now)
        self._room.active.discard(participant_id)
        n_left = len(self._room.active)
        if not n_left:
            self._end()
        elif outcome == "dropped_out" and n_left < self._fewest and not self.rounds[-1].complete:
            self._close()
        else:
            for current in self.rounds:
                current.check_gates()

    def _close(self) -> None:
        """Tell everyone that it is over: whoever waits is let go now, others after the screen they are on."""
        self._room.close()
        for current in self.rounds:
            current.let_go()

    def _end(self) -> None:
        self.records.extend(self._round_records())
        n_rounds = sum(current.complete for current in self.rounds)
        finished = [who for who, (outcome, _) in self.outcomes.items() if outcome == "finished"]
        self.records.append(
            SessionRecord(
                session_id=self.group.session_id,
                launch=self.group.launch,
                group_size=len(self._members),
                started_at=self.group.started_at,
                ended_at=self.env.now,
                outcome="finished" if n_rounds == len(self.rounds) else "ended_early",
                n_rounds=n_rounds,
                n_members_left=len(finished),
            )
        )
        self._on_end(self)

    def _round_records(self) -> Iterator[RoundRecord]:
        for current in self.rounds:
            if current.started_at is None:
                continue
            question = current.question
            yield RoundRecord(
                round_id=current.round_id,
                session_id=self.group.session_id,
                round_index=current.index,
                question_id=question.id,
                topic=question.topic,
                split=question.split,
                question=question.text,
                position_statement=question.position,
                started_at=current.started_at,
                opinions_at=current.opinions_at,
                slate_at=current.slate_at,
                ended_at=current.ended_at if current.ended_at is not None else self.env.now,
                n_opinions=len(current.discussion.submissions()),
                complete=current.complete,
            )


def _appraisal(round_id: str, participant_id: str, shown: Shown, appraisal: Appraisal) -> Iterator[Record]:
    yield TrueAppraisal(
        round_id=round_id,
        candidate_id=shown.candidate_id,
        participant_id=participant_id,
        values={scale.name: judgement.value for scale, judgement in appraisal.items()},
    )
    asked = {scale.name: judgement for scale, judgement in appraisal.items() if judgement.elicited is not None}
    if asked:
        yield from elicitations(round_id, participant_id, shown.candidate_id, asked)
