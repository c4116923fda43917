"""What the members of a group share in a round: what has been said, and the moments that everyone waits for."""

from __future__ import annotations

from dataclasses import dataclass, field

import simpy

from simcons.questions.bank import Question
from simcons.study.broker import Ticket
from simcons.study.thoughts import Judgement, RoundThoughts


class Gate:
    """Opens once every member still in the group has come to it."""

    def __init__(self, env: simpy.Environment, active: set[str]) -> None:
        self.opened = env.event()
        self._active = active  # the group's own set, which shrinks as members leave
        self._arrived: set[str] = set()

    def arrive(self, participant_id: str) -> None:
        self._arrived.add(participant_id)
        self.check()

    def check(self) -> None:
        """Open if nobody is missing any more; called again when somebody leaves the group."""
        if not self.opened.triggered and self._active <= self._arrived:
            self.opened.succeed()


@dataclass(frozen=True, slots=True)
class Shown:
    """A statement on the slate, or one that is only judged."""

    candidate_id: str
    text: str
    n_words: int
    author_id: str | None  # whose opinion it is, if it is one


@dataclass(eq=False)
class Round:
    """One question under discussion."""

    round_id: str
    index: int
    question: Question
    thoughts: RoundThoughts
    opinions_in: Gate
    slate_ready: simpy.Event
    ratings_in: Gate
    started_at: float | None = None
    opinions_at: float | None = None
    slate_at: float | None = None
    ended_at: float | None = None
    complete: bool = False
    opinion_ids: dict[str, str] = field(default_factory=dict)  # participant -> opinion, of those who wrote something
    shown: tuple[Shown, ...] = ()
    judging: dict[str, Ticket[list[Judgement]]] = field(default_factory=dict)  # participant -> their view of `judged`
    judgements: dict[str, dict[str, Judgement]] = field(default_factory=dict)  # the same by candidate, once needed
    judged: tuple[Shown, ...] = ()  # the slate, and where judging costs nothing all other candidates

    def judged_by(self, participant_id: str) -> tuple[Shown, ...]:
        """What a member judges: not their own opinion, where that would cost something."""
        if self.thoughts.judges_everything:
            return self.judged
        return tuple(shown for shown in self.judged if shown.author_id != participant_id)

    def gates(self) -> tuple[Gate, Gate]:
        return self.opinions_in, self.ratings_in
