"""One person going through a session: from the instructions to the debriefing, or to wherever they leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from simcons.records import Outcome, ScreenName
from simcons.study.participant import Participant
from simcons.study.room import Room
from simcons.study.rounds import Round
from simcons.study.screens import Leave, MemberScreens, Process, Screen
from simcons.study.stages.base import Seat, Stage

Programme: TypeAlias = Sequence[tuple[Round, Sequence[Stage]]]  # the rounds of a session, each with its stages

_INSTRUCTION_WORDS, _DEBRIEF_WORDS = 320, 120  # read on those screens [J]


class Member:
    """A participant in one session. `run` is their process; ``on_leave`` is called with their id at its end."""

    def __init__(self, participant: Participant, room: Room, *, on_leave: Callable[[str, Outcome], None]) -> None:
        self.participant = participant
        self.room = room
        self._on_leave = on_leave
        self._screens = MemberScreens(
            room.env, participant, room.records.append, session_id=room.session_id, is_closed=room.is_closed
        )

    def run(self, programme: Programme) -> Process:
        """Take part in every round of ``programme``."""
        outcome: Outcome = "finished"
        limits = self.room.design.limits
        try:
            yield from self._read("instructions", _INSTRUCTION_WORDS, limits.instructions)
            for current, stages in programme:
                yield from self._take_part(current, stages)
            yield from self._read("debrief", _DEBRIEF_WORDS, limits.debrief)
        except Leave as leave:
            outcome = leave.outcome
        self._on_leave(self.participant.participant_id, outcome)

    def _take_part(self, current: Round, stages: Iterable[Stage]) -> Process:
        self.room.begin(current)
        seat = Seat(self.participant, self._screens, self.room, current)
        for stage in stages:
            yield from stage.take_part(seat)
        current.over.arrive(seat.id)
        yield from seat.wait(current.over.opened, "wait_round")

    def _read(self, screen: ScreenName, n_words: int, limit: float) -> Process:
        seconds = self.participant.reading_seconds(n_words, self.room.env.now)
        yield from self._screens.show(Screen(screen, limit), seconds)
