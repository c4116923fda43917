"""Ratings: everybody rates the statements on the slate."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from simcons.population.minds.mind import Appraisal
from simcons.records import MissingReason, RatingRecord
from simcons.scale import AGREEMENT, PAIRED, Scale
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
        yield from seat.wait_for_slate(self._slate)
        design, person, scales = self.room.design, seat.participant, self.room.plan.scales
        draws = _Draws(seat, scales)
        noise = person.noise(self.current.round_id, scales, len(self._slate.shown), design.passes)
        order = np.array(self._slate.others(seat.id), dtype=np.int64)
        for pass_index in range(1, design.passes + 1):
            if design.slate_order == "random" and (pass_index == 1 or design.second_pass == "new_order"):
                order = seat.rng.permutation(order)
            timing = draws.timing(len(order))
            for place, slate_place in enumerate(order.tolist()):
                shown = self._slate.shown[slate_place]
                seconds = _seconds(seat, shown, timing[place], again=pass_index > 1)
                felt = [noise[scale][slate_place][pass_index - 1] for scale in scales]
                yield from self._rate(seat, shown, felt, draws, seconds, pass_index, place + 1)

    def _rate(
        self,
        seat: Seat,
        shown: Shown,
        noise: Sequence[float],
        draws: _Draws,
        seconds: float,
        pass_index: int,
        place: int,
    ) -> Process:
        """One statement in one pass: read it, then answer on each scale."""
        entered_at, limit = seat.now, self.room.design.limits.rating
        self._slate.judge(seat.respondent, partial(seat.ask, needed_after=min(seconds, limit)))
        timed_out = yield from seat.show(
            "rating", seconds, limit, candidate_id=shown.candidate_id, pass_index=pass_index
        )
        answers, missing = _answers(seat, self._slate.appraisal(seat.id, shown), noise, draws, timed_out=timed_out)
        seat.record(
            RatingRecord(
                round_id=self.current.round_id,
                participant_id=seat.id,
                candidate_id=shown.candidate_id,
                pass_index=pass_index,
                place=place,
                answers={scale.name: answer for scale, answer in answers.items()},
                missing=missing,
                at=seat.now,
                seconds=seat.now - entered_at,
            )
        )


class _Draws:
    """Random numbers of one member's ratings: none of a scale's moves another's, but for those drawn together always."""

    def __init__(self, seat: Seat, scales: Sequence[Scale]) -> None:
        self._scales = scales
        self._together = seat.rng
        self._own = {scale: seat.stream("answers", scale.name) for scale in scales if scale not in PAIRED}

    def timing(self, n_statements: int) -> list[list[float]]:
        """Standard normal draws of the time to decide, by statement and scale."""
        paired = self._together.standard_normal((n_statements, len(PAIRED)))
        columns = dict(zip(PAIRED, paired.T, strict=True))
        columns |= {scale: rng.standard_normal(n_statements) for scale, rng in self._own.items()}
        by_statement: list[list[float]] = np.stack([columns[scale] for scale in self._scales], axis=1).tolist()
        return by_statement

    def rng(self, scale: Scale) -> np.random.Generator:
        """For those who have stopped caring."""
        return self._own.get(scale, self._together)


def _answers(
    seat: Seat, appraisal: Appraisal, noise: Sequence[float], draws: _Draws, *, timed_out: bool
) -> tuple[dict[Scale, int | None], MissingReason | None]:
    """An answer on each scale in the order asked, and the first reason why there is none. Agreement carries over to what is
    answered after it.
    """
    answers: dict[Scale, int | None] = {}
    reasons: list[MissingReason] = []
    for (scale, judgement), felt in zip(appraisal.items(), noise, strict=True):
        halo = seat.participant.halo(answers.get(AGREEMENT))
        answers[scale], missing = seat.rating(judgement, felt, draws.rng(scale), timed_out=timed_out, halo=halo)
        reasons += [missing] if missing else []
    return answers, next(iter(reasons), None)


def _seconds(seat: Seat, shown: Shown, timing: Sequence[float], *, again: bool) -> float:
    """Seconds to read a statement and to answer on each scale, from now."""
    person, now = seat.participant, seat.now
    seconds = person.reading_seconds(shown.n_words, now, again=again)
    for normal in timing:
        seconds += person.decision_seconds(normal, now)
    return seconds
