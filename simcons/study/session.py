"""One session: a group answers its questions, round by round.

Members are processes; what they share is a `Round`, whose events they wait at. Nobody is interrupted: when a group becomes too
small it is closed, and each member leaves at the end of the screen they are on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from simcons.engines.base import Act, Result
from simcons.questions.bank import Question
from simcons.records import Outcome, Record, RoundRecord, SessionRecord, TrueAppraisal
from simcons.study.broker import Ticket
from simcons.study.clock import Clock
from simcons.study.elicited import About, elicitations
from simcons.study.mediation import Assembled, MediatorService, assemble
from simcons.study.member import Member, Process
from simcons.study.plan import Plan
from simcons.study.progress import Progress
from simcons.study.recruitment import Group
from simcons.study.rounds import Gate, Round, Shown
from simcons.study.thoughts import Answer, Judgement


class Session:
    """A group at work. ``records`` fills as it goes (`appraisals` come last); ``on_end`` is called once everybody has left."""

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
        self.clock = clock
        self.env = clock.env
        self.plan = plan
        self.seed = plan.scenario.seed
        self.group = group
        self.service = service
        self.records: list[Record] = []
        self.outcomes: dict[str, tuple[Outcome, float]] = {}  # participant -> how and when they left
        self._closed = False
        self._on_end = on_end
        self._progress = progress
        self._members = [Member(recruit.participant, self) for recruit in group.members]
        self._active = {member.id for member in self._members}
        self._fewest = len(self._members) - plan.scenario.design.tolerated_losses
        self.rounds = [self._round(k, question) for k, question in enumerate(plan.questions_of(group.index))]

    def start(self) -> None:
        """Put the members and the mediator to work, at the clock's present time."""
        for member in self._members:
            self.env.process(member.run())
        self.env.process(self._moderate())

    def begin(self, current: Round) -> None:
        """Note that a member has come to ``current``."""
        if current.started_at is None:
            current.started_at = self.env.now
            self._progress.rounds_begun += 1

    def is_closed(self) -> bool:
        """Whether the group has become too small to go on."""
        return self._closed

    def part(self, member: Member, outcome: Outcome) -> None:
        """Let a member go; close the group if too few are left to finish what it is doing."""
        self.outcomes[member.id] = (outcome, self.env.now)
        self._active.discard(member.id)
        if not self._active:
            self._end()
        elif outcome == "dropped_out" and len(self._active) < self._fewest and not self.rounds[-1].complete:
            self._close()
        else:
            for current in self.rounds:
                for gate in current.gates():
                    gate.check()

    def _round(self, index: int, question: Question) -> Round:
        round_id = f"{self.group.session_id}-r{index + 1}"
        return Round(
            round_id=round_id,
            index=index,
            question=question,
            thoughts=self.plan.thoughts(question, round_id),
            opinions_in=Gate(self.env, self._active),
            slate_ready=self.env.event(),
            ratings_in=Gate(self.env, self._active),
        )

    # --- the mediator's side ---

    def _moderate(self) -> Process:
        for current in self.rounds:
            yield from self._moderate_round(current)
            if self.is_closed():
                return

    def _moderate_round(self, current: Round) -> Process:
        """Wait for the opinions, have candidates made, show them, wait for the ratings."""
        yield current.opinions_in.opened
        if self.is_closed():  # by the one who was waited for
            return
        current.opinions_at = self.env.now
        people = {member.id: member.participant for member in self._members}
        authors = {opinion_id: people[who] for who, opinion_id in current.opinion_ids.items()}
        mediation, call = yield from self.service.call(self.clock, current, authors)
        self.records.append(call)
        if self.is_closed():
            return
        self._show(current, assemble(current, mediation, self.plan))
        yield current.ratings_in.opened
        current.complete, current.ended_at = not self.is_closed(), self.env.now
        self._progress.rounds_over += bool(self._active)  # what nobody is left to see over is counted with the session

    def _show(self, current: Round, assembled: Assembled) -> None:
        self.records += assembled.candidates
        self.records += assembled.others
        current.shown = assembled.shown
        current.judged = assembled.everything if current.thoughts.judges_everything else assembled.shown
        current.slate_at = self.env.now
        current.slate_ready.succeed()

    # --- minds ---

    def ask(self, act: Act[Result], *, needed_after: float) -> Ticket[Result]:
        """Have ``act`` done, its result needed so many seconds from now."""
        watched = self.service.watch.over(act)
        return self.clock.watch(self.service.broker.submit(watched, needed_at=self.env.now + needed_after))

    def judge(self, member: Member, current: Round, *, needed_after: float) -> None:
        """Have a member's mind judge the slate, and where that costs nothing every other candidate."""
        texts = [(shown.text, shown.author_id is None) for shown in current.judged_by(member.id)]
        current.judging[member.id] = self.ask(
            current.thoughts.judge(member.participant, texts), needed_after=needed_after
        )

    def judgement(self, member: Member, current: Round, shown: Shown) -> Judgement:
        """What a member thinks of a statement on the slate."""
        if member.id not in current.judgements:
            ids = [judged.candidate_id for judged in current.judged_by(member.id)]
            current.judgements[member.id] = dict(zip(ids, current.judging[member.id].result(), strict=True))
        return current.judgements[member.id][shown.candidate_id]

    def appraisals(self) -> Iterator[Record]:
        """What everyone who was there for a slate truly thinks of every candidate judged.

        To be called outside SimPy, once the session is over: it waits for judgements that their makers left before giving.
        """
        for current in self.rounds:
            for who, ticket in sorted(current.judging.items()):
                for shown, judgement in zip(current.judged_by(who), ticket.result(), strict=True):
                    yield from _appraisal(current.round_id, who, shown, judgement)

    # --- the end ---

    def _close(self) -> None:
        """Tell everyone that it is over: whoever waits is let go now, others after the screen they are on."""
        self._closed = True
        for current in self.rounds:
            for event in (current.slate_ready, current.ratings_in.opened):
                if not event.triggered:
                    event.succeed()

    def _end(self) -> None:
        self.records += self._round_records()
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
                n_opinions=len(current.opinion_ids),
                complete=current.complete,
            )


def _appraisal(round_id: str, participant_id: str, shown: Shown, judgement: Judgement) -> Iterator[Record]:
    yield TrueAppraisal(
        round_id=round_id,
        candidate_id=shown.candidate_id,
        participant_id=participant_id,
        agreement=judgement.agreement.value,
        quality=judgement.quality.value,
    )
    answers: dict[About, Answer] = {"agreement": judgement.agreement, "quality": judgement.quality}
    yield from elicitations(round_id, participant_id, shown.candidate_id, answers)
