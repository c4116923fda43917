"""The position statement: how far everybody agrees with the question's yes, before the round and perhaps once more after it."""

from __future__ import annotations

from functools import partial

from simcons.records import PositionRecord, TruePosition
from simcons.study.elicited import elicitations
from simcons.study.screens import Process
from simcons.study.stages.base import Seat, Stage


class Position(Stage):
    """Agreement with the position statement, before anything else of the round."""

    def take_part(self, seat: Seat) -> Process:
        noise, timing = seat.rng.standard_normal(2).tolist()
        current, limit = self.current, self.room.design.limits.position
        record = partial(PositionRecord, current.round_id, seat.id, "before")
        seconds, entered_at = _seconds(seat, timing), seat.now
        ticket = seat.ask(self.room.plan.mind.position(seat.respondent), needed_after=min(seconds, limit))
        timed_out = yield from seat.show("position", seconds, limit)
        held = seat.position = ticket.result()
        current.discussion.answer(seat.id, held.value)
        rating, missing = seat.rating(held, noise, seat.rng, timed_out=timed_out)
        seat.record(
            record(rating, missing, at=seat.now, seconds=seat.now - entered_at),
            TruePosition(round_id=current.round_id, participant_id=seat.id, position=held.value),
            *elicitations(current.round_id, seat.id, None, {"position": held}),
        )


class PositionAgain(Stage):
    """The same at the round's end. No persuasion is modelled: what is held is what was held, and only its noise is new."""

    def take_part(self, seat: Seat) -> Process:
        rng = seat.stream("position_again")
        noise, timing = rng.standard_normal(2).tolist()
        record = partial(PositionRecord, self.current.round_id, seat.id, "after")
        seconds, entered_at = _seconds(seat, timing, again=True), seat.now
        timed_out = yield from seat.show("position_again", seconds, self.room.design.limits.position_again)
        rating, missing = seat.rating(seat.position, noise, rng, timed_out=timed_out)
        seat.record(record(rating, missing, at=seat.now, seconds=seat.now - entered_at))


def _seconds(seat: Seat, timing: float, *, again: bool = False) -> float:
    """Seconds to read the question with its position statement and to answer, from now, given a standard normal draw."""
    question, person, now = seat.current.question, seat.participant, seat.now
    n_words = len(question.text.split()) + len(question.position.split())
    return person.reading_seconds(n_words, now, again=again) + person.decision_seconds(timing, now)
