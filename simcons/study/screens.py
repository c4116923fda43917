"""Screens: what a person sees, one after another. Time passes here, limits end it, people leave, and every screen is recorded."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import NamedTuple, TypeAlias

import simpy

from simcons.records import Outcome, ScreenName, ScreenRecord
from simcons.study.participant import Participant

Process: TypeAlias = Generator[simpy.Event, object, None]
Asking: TypeAlias = Generator[simpy.Event, object, bool]  # a process that ends with yes or no

NO_LIMIT = float("inf")


class Leave(Exception):
    """A person's way out of a session, wherever they are in it."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class Screen(NamedTuple):
    """One screen and what it is about. limit: seconds after which it goes on by itself."""

    name: ScreenName
    limit: float = NO_LIMIT
    round_id: str | None = None
    candidate_id: str | None = None
    pass_index: int | None = None


class Screens:
    """The screens of one person who stays on each to its end."""

    def __init__(
        self,
        env: simpy.Environment,
        participant_id: str,
        record: Callable[[ScreenRecord], None],
        *,
        session_id: str | None = None,
    ) -> None:
        self.env = env
        self.participant_id = participant_id
        self.session_id = session_id
        self._record = record

    def show(self, screen: Screen, seconds: float, *, then: Callable[[], float] = lambda: 0.0) -> Asking:
        """Stay for ``seconds`` and however many more ``then`` says when they are over, at most the screen's limit.

        Returns whether time ran out. Raises Leave if they leave.
        """
        entered_at = self.env.now
        stays = yield from self._stay(min(seconds, screen.limit))
        if stays and seconds < screen.limit and (more := then()):
            stays = yield from self._stay(min(more, screen.limit - seconds))
            seconds += more
        timed_out = stays and seconds > screen.limit
        self._saw(screen, entered_at, timed_out=timed_out)
        if not stays:
            raise Leave("dropped_out")
        self._leave_if_closed()
        return timed_out

    def wait(self, screen: Screen, event: simpy.Event, patience: float) -> Asking:
        """Wait for ``event``, at most ``patience`` seconds. Returns whether it came."""
        entered_at = self.env.now
        if not event.triggered:
            yield event | self.env.timeout(patience) if patience < float("inf") else event
        self._saw(screen, entered_at)
        return event.triggered

    def _stay(self, seconds: float) -> Asking:
        """Let time pass; False, at the moment they go, for one who leaves before it has."""
        leaves_after = self._leaves_within(seconds)
        yield self.env.timeout(seconds if leaves_after is None else leaves_after)
        return leaves_after is None

    def _leaves_within(self, seconds: float) -> float | None:
        """Seconds until they leave, if that is within ``seconds`` from now."""
        return None

    def _leave_if_closed(self) -> None:
        """Raises Leave where they have no more to do here."""

    def _saw(self, screen: Screen, entered_at: float, *, timed_out: bool = False) -> None:
        self._record(
            ScreenRecord(
                session_id=self.session_id,
                round_id=screen.round_id,
                participant_id=self.participant_id,
                screen=screen.name,
                candidate_id=screen.candidate_id,
                pass_index=screen.pass_index,
                entered_at=entered_at,
                left_at=self.env.now,
                timed_out=timed_out,
            )
        )


class MemberScreens(Screens):
    """The screens of a member of a group, who may leave on any of them, and leaves after it once the group is closed."""

    def __init__(
        self,
        env: simpy.Environment,
        participant: Participant,
        record: Callable[[ScreenRecord], None],
        *,
        session_id: str,
        is_closed: Callable[[], bool],
    ) -> None:
        super().__init__(env, participant.participant_id, record, session_id=session_id)
        self._participant = participant
        self._is_closed = is_closed

    def wait_for(self, event: simpy.Event, screen: Screen) -> Process:
        """Wait for the others, or for statements, as long as patience lasts. Raises Leave as `show` does."""
        entered_at = self.env.now
        if not (yield from self.wait(screen, event, self._participant.patience(waiting=True))):
            raise Leave("dropped_out")
        self._participant.spend(self.env.now - entered_at, waiting=True)
        self._leave_if_closed()

    def _leaves_within(self, seconds: float) -> float | None:
        return self._participant.leaves_within(seconds, waiting=False)

    def _leave_if_closed(self) -> None:
        if self._is_closed():
            raise Leave("group_ended")
