"""Ratings: everybody rates the statements on the slate."""

from __future__ import annotations

from functools import partial

import numpy as np

from simcons.population.minds.likert import AGREEMENT, QUALITY
from simcons.population.response_style import RatingNoise
from simcons.records import RatingRecord
from simcons.study.room import Room
from simcons.study.rounds import Round, Shown
from simcons.study.screens import Process
from simcons.study.stages.base import Seat, Stage


class Rating(Stage):
    """Every statement on the slate but one's own is rated as often as the design says, each pass in its own order."""

    def __init__(self, room: Room, current: Round) -> None:
        super().__init__(room, current)
        self._slate = current.slates[-1]

    def take_part(self, seat: Seat) -> Process:
        yield from seat.wait(self._slate.ready, "wait_slate")
        design, person = self.room.design, seat.participant
        noise = person.noise(self.current.round_id, len(self._slate.shown), design.passes)
        order = np.array(self._slate.others(seat.id), dtype=np.int64)
        for pass_index in range(1, design.passes + 1):
            if design.slate_order == "random" and (pass_index == 1 or design.second_pass == "new_order"):
                order = seat.rng.permutation(order)
            timing = seat.rng.standard_normal((len(order), 2)).tolist()
            for place, slate_place in enumerate(order.tolist()):
                shown = self._slate.shown[slate_place]
                seconds = _seconds(seat, shown, timing[place], again=pass_index > 1)
                yield from self._rate(seat, shown, noise[slate_place], seconds, pass_index, place + 1)

    def _rate(
        self, seat: Seat, shown: Shown, noise: RatingNoise, seconds: float, pass_index: int, place: int
    ) -> Process:
        """One statement in one pass: read it, then answer on agreement and on quality."""
        entered_at, limit = seat.now, self.room.design.limits.rating
        self._slate.judge(seat.respondent, partial(seat.ask, needed_after=min(seconds, limit)))
        timed_out = yield from seat.show(
            "rating", seconds, limit, candidate_id=shown.candidate_id, pass_index=pass_index
        )
        truth = self._slate.appraisal(seat.id, shown)
        agreement, missing = seat.rating(
            truth[AGREEMENT], noise.agreement[pass_index - 1], seat.rng, timed_out=timed_out
        )
        halo = 0.0 if agreement is None else seat.participant.halo(agreement)
        quality, also_missing = seat.rating(
            truth[QUALITY], noise.quality[pass_index - 1], seat.rng, timed_out=timed_out, halo=halo
        )
        seat.record(
            RatingRecord(
                round_id=self.current.round_id,
                participant_id=seat.id,
                candidate_id=shown.candidate_id,
                pass_index=pass_index,
                place=place,
                agreement=agreement,
                quality=quality,
                missing=missing or also_missing,
                at=seat.now,
                seconds=seat.now - entered_at,
            )
        )


def _seconds(seat: Seat, shown: Shown, timing: list[float], *, again: bool) -> float:
    """Seconds to read a statement and answer on agreement and on quality, from now."""
    person, now = seat.participant, seat.now
    return (
        person.reading_seconds(shown.n_words, now, again=again)
        + person.decision_seconds(timing[0], now)
        + person.decision_seconds(timing[1], now)
    )
