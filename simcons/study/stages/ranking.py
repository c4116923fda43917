"""Rankings: everybody puts the statements on the slate in order, on one screen; ties are allowed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TypeAlias

import numpy as np

from simcons.records import MissingReason, RankingRecord
from simcons.scale import AGREEMENT
from simcons.study.room import Room
from simcons.study.rounds import Round
from simcons.study.screens import Process
from simcons.study.stages.base import Seat, Stage

Rank: TypeAlias = tuple[int | None, MissingReason | None]  # or why there is none

_OUT_OF_TIME: Rank = (None, "time_limit")


class Ranking(Stage):
    """Every statement on the slate but one's own is ranked by agreement: what people feel about it as in a rating."""

    def __init__(self, room: Room, current: Round) -> None:
        super().__init__(room, current)
        self._slate = current.slates[-1]

    def take_part(self, seat: Seat) -> Process:
        yield from seat.wait_for_slate(self._slate)
        rng = seat.stream("ranking")
        places = self._slate.others(seat.id)
        if self.room.design.slate_order == "random":
            places = rng.permutation(places).tolist()
        if not places:
            return
        entered_at, limit = seat.now, self.room.design.limits.ranking
        seconds = self._seconds(seat, places, rng.standard_normal(len(places)).tolist())
        self._slate.judge(seat.respondent, partial(seat.ask, needed_after=min(seconds, limit)))
        timed_out = yield from seat.show("ranking", seconds, limit)
        ranks = [_OUT_OF_TIME] * len(places) if timed_out else self._ranks(seat, places, rng)
        seat.record(*self._records(seat, places, ranks, entered_at))

    def _seconds(self, seat: Seat, places: Sequence[int], timing: Sequence[float]) -> float:
        """Seconds to read every statement, quicker if they have been read before, and to decide where each belongs."""
        person, now, again = seat.participant, seat.now, self._slate.is_read_by(seat.id)
        reading = sum(person.reading_seconds(self._slate.shown[place].n_words, now, again=again) for place in places)
        return reading + sum(person.decision_seconds(normal, now) for normal in timing)

    def _ranks(self, seat: Seat, places: Sequence[int], rng: np.random.Generator) -> list[Rank]:
        """The rank of each statement, in the order shown. One of which a language model thinks nothing is left out."""
        person = seat.participant
        if person.is_careless(seat.now):
            return [(rank, None) for rank in person.rank_carelessly(len(places), rng)]
        judgements = [self._slate.appraisal(seat.id, self._slate.shown[place])[AGREEMENT] for place in places]
        judged = [k for k, judgement in enumerate(judgements) if judgement.value is not None]
        noise = person.ranking_noise(self.current.round_id, len(self._slate.shown))[np.array(places)[judged]]
        values = np.array([judgement.value for judgement in judgements], dtype=np.float64)[judged]
        ranks = dict(zip(judged, person.rank(values, noise, seat.now), strict=True))
        return [(ranks.get(k), judgement.missing) for k, judgement in enumerate(judgements)]

    def _records(
        self, seat: Seat, places: Sequence[int], ranks: Sequence[Rank], entered_at: float
    ) -> Iterator[RankingRecord]:
        for number, (place, (rank, missing)) in enumerate(zip(places, ranks, strict=True), start=1):
            yield RankingRecord(
                round_id=self.current.round_id,
                participant_id=seat.id,
                candidate_id=self._slate.shown[place].candidate_id,
                rank=rank,
                place=number,
                missing=missing,
                at=seat.now,
                seconds=seat.now - entered_at,
            )
