"""Opinions: everybody writes one, and the mediator makes statements from them."""

from __future__ import annotations

from simcons.population.minds.hostile import attacked
from simcons.records import OpinionRecord, TrueOpinion
from simcons.study.elicited import fidelity_record, writing
from simcons.study.mediation import assemble
from simcons.study.room import Room
from simcons.study.rounds import Round
from simcons.study.screens import Process
from simcons.study.stages.base import Seat, Stage
from simcons.study.thoughts import Composed


class Opinion(Stage):
    """Members write; once every opinion is in the mediator is called, and its statements fill a slate."""

    def __init__(self, room: Room, current: Round) -> None:
        super().__init__(room, current)
        self._opinions_in = room.gate(current)
        self._slate = room.slate(current)

    def take_part(self, seat: Seat) -> Process:
        """Think and type. At the time limit what has been typed by then is sent; with nothing typed there is no opinion.

        The text is needed when typing begins; how long that takes follows from it.
        """
        started_at, limit = seat.now, self.room.design.limits.opinion
        length, timing = seat.rng.standard_normal(2).tolist()
        person, thoughts = seat.participant, self.current.thoughts
        thinking, _ = person.composing_seconds(0, timing, started_at)
        act = thoughts.write(person, started_at, person.opinion_words(length, started_at))
        ticket = seat.ask(act, needed_after=min(thinking, limit))

        def typing() -> float:
            opinion = ticket.result().opinion
            n_words = len(opinion.text.split()) if opinion else 0
            return person.composing_seconds(n_words, timing, started_at)[1]

        timed_out = yield from seat.show("opinion", thinking, limit, then=typing)
        composed = ticket.result()
        share = max(0.0, limit - thinking) / typing() if timed_out and composed.opinion else 1.0
        self._submit(seat, composed, started_at, share, cut_short=timed_out)
        self._opinions_in.arrive(seat.id)

    def moderate(self) -> Process:
        """Wait for the opinions, have candidates made, show them."""
        room, current = self.room, self.current
        yield self._opinions_in.opened
        if room.is_closed():  # by the one who was waited for
            return
        current.opinions_at = room.env.now
        authors = {opinion_id: room.people[who] for who, opinion_id in current.opinion_ids.items()}
        mediation, call = yield from room.service.call(room.clock, current, authors)
        room.records.append(call)
        if room.is_closed():
            return
        assembled = assemble(current, mediation, room.plan)
        room.records += assembled.candidates
        room.records += assembled.others
        current.slate_at = room.env.now
        self._slate.show(assembled.shown, assembled.everything)

    def _submit(self, seat: Seat, composed: Composed, started_at: float, share: float, *, cut_short: bool) -> None:
        """Send the ``share`` of the opinion that has been typed, if that is anything."""
        opinion, opinion_id = composed.opinion, f"{self.current.round_id}-{seat.id}"
        words = opinion.text.split() if opinion else []
        words = words[: int(len(words) * share)]
        if opinion is not None:
            self.current.thoughts.opinions[seat.id] = opinion
        if composed.written is not None:
            seat.record(writing(self.current.round_id, seat.id, composed.written))
        if opinion is None or not words:
            return
        thoughts, plan = self.current.thoughts, self.room.plan
        honest = " ".join(words)
        attack = plan.attack(seat.id)
        text = honest
        if attack is not None:
            text = attacked(honest, attack, self.current.question, wants=thoughts.wants_it(seat.participant))
        self.current.opinion_ids[seat.id] = opinion_id
        thoughts.submitted[seat.id] = text
        thoughts.honest[seat.id] = honest
        seat.record(
            OpinionRecord(
                opinion_id=opinion_id,
                round_id=self.current.round_id,
                participant_id=seat.id,
                text=text,
                n_words=len(text.split()),
                at=seat.now,
                seconds=seat.now - started_at,
                cut_short=cut_short,
            ),
            TrueOpinion(
                opinion_id=opinion_id,
                stance=opinion.stance,
                claims=[self.current.question.claims[claim].id for claim in opinion.claims],
                careless=opinion.stance is None and composed.written is None,
                attack=attack,
                honest_text=honest,
            ),
        )
        if composed.written is not None and plan.has_bank:
            fidelity = thoughts.fidelity(seat.participant, honest, composed.written)
            seat.record(fidelity_record(opinion_id, fidelity))
