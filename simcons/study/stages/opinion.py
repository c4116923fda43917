"""Opinions: everybody writes one, and the mediator makes statements from them."""

from __future__ import annotations

from simcons.engines.acts import at_once
from simcons.population.minds.mind import Draft
from simcons.records import OpinionRecord
from simcons.study.assembly import assemble
from simcons.study.elicited import writing
from simcons.study.opinions import check_fidelity, compose, submission, true_opinion
from simcons.study.room import Room
from simcons.study.rounds import Round
from simcons.study.screens import Process
from simcons.study.stages.base import Seat, Stage


class Opinion(Stage):
    """Members write; once every opinion is in the mediator is called, and its statements fill a slate."""

    def __init__(self, room: Room, current: Round) -> None:
        super().__init__(room, current)
        self._opinions_in = room.gate(current)
        self._slate = room.slate(current)

    def take_part(self, seat: Seat) -> Process:
        """Think and type, or leave it blank. At the time limit what has been typed by then is sent; with nothing typed there is
        no opinion.

        The text is needed when typing begins; how long that takes follows from it.
        """
        started_at, limit = seat.now, self.room.design.limits.opinion
        length, timing = seat.rng.standard_normal(2).tolist()
        person = seat.participant
        thinking, _ = person.composing_seconds(0, timing, started_at)
        words, careless = person.opinion_words(length, started_at), person.is_careless(started_at)
        blank = person.leaves_blank(self.current.round_id, started_at)
        act = at_once(Draft(None)) if blank else compose(self.room.plan, seat.respondent, words, careless=careless)
        ticket = seat.ask(act, needed_after=min(thinking, limit))

        def typing() -> float:
            opinion = ticket.result().opinion
            n_words = len(opinion.text.split()) if opinion else 0
            return person.composing_seconds(n_words, timing, started_at)[1]

        timed_out = yield from seat.show("opinion", thinking, limit, then=typing)
        draft = ticket.result()
        share = max(0.0, limit - thinking) / typing() if timed_out and draft.opinion else 1.0
        self._submit(seat, draft, started_at, share, cut_short=timed_out)
        self._opinions_in.arrive(seat.id)

    def moderate(self) -> Process:
        """Wait for the opinions, have candidates made, show them."""
        room, current = self.room, self.current
        yield self._opinions_in.opened
        if room.is_closed():  # by the one who was waited for
            return
        current.opinions_at = room.env.now
        mediation, call = yield from room.service.call(room.clock, current)
        room.records.append(call)
        if room.is_closed():
            return
        assembled = assemble(current, mediation, room.plan)
        room.records += assembled.candidates
        room.records += assembled.others
        current.slate_at = room.env.now
        self._slate.show(assembled.shown, assembled.everything)

    def _submit(self, seat: Seat, draft: Draft, started_at: float, share: float, *, cut_short: bool) -> None:
        """Send the ``share`` of the opinion that has been typed, if that is anything."""
        discussion, plan = self.current.discussion, self.room.plan
        if draft.written is not None:
            seat.record(writing(self.current.round_id, seat.id, draft.written))
        if draft.opinion is not None:
            discussion.write(seat.id, draft.opinion)
        sent = submission(plan, seat.respondent, draft, share)
        if sent is None:
            return
        discussion.submit(seat.id, sent)
        seat.record(
            OpinionRecord(
                opinion_id=sent.opinion_id,
                round_id=self.current.round_id,
                participant_id=seat.id,
                text=sent.text,
                n_words=len(sent.text.split()),
                at=seat.now,
                seconds=seat.now - started_at,
                cut_short=cut_short,
            ),
            true_opinion(sent, self.current.question),
        )
        if draft.written is not None and plan.has_bank:
            act = check_fidelity(discussion, seat.respondent, sent, draft.written)
            self.current.checks.append(seat.ask(act, needed_after=float("inf")))
