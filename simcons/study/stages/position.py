"""The position statement: how far everybody agrees with the question's yes."""

from __future__ import annotations

from simcons.records import PositionRecord, TruePosition
from simcons.study.elicited import elicitations
from simcons.study.screens import Process
from simcons.study.stages.base import Seat, Stage


class Position(Stage):
    """Agreement with the position statement, before anything else of the round."""

    def take_part(self, seat: Seat) -> Process:
        noise, timing = seat.rng.standard_normal(2).tolist()
        current, entered_at, limit = self.current, seat.now, self.room.design.limits.position
        seconds = position_seconds(seat, timing)
        ticket = seat.ask(self.room.plan.mind.position(seat.respondent), needed_after=min(seconds, limit))
        timed_out = yield from seat.show("position", seconds, limit)
        held = ticket.result()
        current.discussion.answer(seat.id, held.value)
        rating, missing = seat.rating(held, noise, seat.rng, timed_out=timed_out)
        seat.record(
            PositionRecord(
                round_id=current.round_id,
                participant_id=seat.id,
                rating=rating,
                missing=missing,
                at=seat.now,
                seconds=seat.now - entered_at,
            ),
            TruePosition(round_id=current.round_id, participant_id=seat.id, position=held.value),
            *elicitations(current.round_id, seat.id, None, {"position": held}),
        )


def position_seconds(seat: Seat, timing: float) -> float:
    """Seconds to read the question with its position statement and to answer, from now, given a standard normal draw."""
    question, person, now = seat.current.question, seat.participant, seat.now
    n_words = len(question.text.split()) + len(question.position.split())
    return person.reading_seconds(n_words, now) + person.decision_seconds(timing, now)
