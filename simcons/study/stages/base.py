"""A stage of a round, and the place from which a member takes part in it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy as np
import simpy

from simcons.engines.base import Act, Result
from simcons.population.minds.discussion import Respondent
from simcons.population.minds.mind import Judgement
from simcons.records import MissingReason, Record, ScreenName
from simcons.seeds import stream
from simcons.study.broker import Ticket
from simcons.study.participant import Participant
from simcons.study.room import Room
from simcons.study.rounds import Round, Slate
from simcons.study.screens import Asking, MemberScreens, Process, Screen


class Seat:
    """One member in one round: screens to put before them, and their answers. ``position`` is what they hold, once asked."""

    def __init__(self, participant: Participant, screens: MemberScreens, room: Room, current: Round) -> None:
        self.participant = participant
        self.id = participant.participant_id
        self.current = current
        self.rng = self.stream("answers")
        self.position = Judgement(None)
        self._screens = screens
        self._room = room
        self._env = room.env

    @property
    def now(self) -> float:
        return self._env.now

    @property
    def respondent(self) -> Respondent:
        """The facts about them that a mind is told now."""
        return self.current.discussion.respondent(self.id)

    def stream(self, name: str, *key: str) -> np.random.Generator:
        """Random numbers of this member in this round for one purpose."""
        return stream(self.participant.seed, name, self.id, self.current.round_id, *key)

    def show(
        self,
        screen: ScreenName,
        seconds: float,
        limit: float,
        *,
        candidate_id: str | None = None,
        pass_index: int | None = None,
        then: Callable[[], float] = lambda: 0.0,
    ) -> Asking:
        """Put a screen before them for ``seconds``, and for as many more as ``then`` says when they are over.

        Returns whether the limit came first. Raises Leave if they leave.
        """
        shown = Screen(screen, limit, self.current.round_id, candidate_id, pass_index)
        return self._screens.show(shown, seconds, then=then)

    def wait(self, event: simpy.Event, screen: ScreenName) -> Process:
        """Have them wait for ``event`` before a waiting screen. Raises Leave if they leave."""
        return self._screens.wait_for(event, Screen(screen, round_id=self.current.round_id))

    def wait_for_slate(self, slate: Slate) -> Process:
        """Have them wait until the statements are there; whoever has seen them has nothing to wait for."""
        if not slate.ready.triggered:
            yield from self.wait(slate.ready, "wait_slate")

    def ask(self, act: Act[Result], *, needed_after: float) -> Ticket[Result]:
        """Have their mind do ``act``, its result needed so many seconds from now."""
        return self._room.ask(act, needed_after=needed_after)

    def record(self, *records: Record) -> None:
        self._room.records += records

    def rating(
        self, judgement: Judgement, noise: float, rng: np.random.Generator, *, timed_out: bool, halo: float = 0.0
    ) -> tuple[int | None, MissingReason | None]:
        """The option pressed now, or why there is none. Those who have stopped caring press one whatever they would think."""
        if timed_out:
            return None, "time_limit"
        if judgement.value is None and not self.participant.is_careless(self.now):
            return None, judgement.missing
        return self.participant.answer((judgement.value or 0.0) + halo, noise, self.now, rng), None


class Stage(ABC):
    """A stage of one group's round. Made once a round, before it begins, in the order of the scenario's stages.

    A stage that the group has to be through with together, or that makes statements, takes a gate or a slate from the room
    when it is made; a stage that shows statements takes the round's latest slate.
    """

    def __init__(self, room: Room, current: Round) -> None:
        self.room = room
        self.current = current

    @abstractmethod
    def take_part(self, seat: Seat) -> Process:
        """One member's way through it. Raises Leave where they leave."""

    def moderate(self) -> Process:
        """The group's side: wait for a gate, call the mediator, fill a slate. By default there is none."""
        yield from ()
