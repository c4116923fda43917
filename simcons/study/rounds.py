"""What the members of a group share in a round: what has been said, the statements, and the moments that everyone waits for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import simpy

from simcons.engines.base import Act
from simcons.questions.bank import Question
from simcons.study.broker import Ticket
from simcons.study.participant import Participant
from simcons.study.thoughts import Judgement, RoundThoughts

AskToJudge: TypeAlias = Callable[[Act[list[Judgement]]], Ticket[list[Judgement]]]


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


class Slate:
    """The statements that a stage puts before the group, and what its members truly think of them."""

    def __init__(self, env: simpy.Environment, thoughts: RoundThoughts) -> None:
        self.ready = env.event()
        self.shown: tuple[Shown, ...] = ()
        self._judged: tuple[Shown, ...] = ()  # those shown, and where judging costs nothing all other candidates
        self._thoughts = thoughts
        self._judging: dict[str, Ticket[list[Judgement]]] = {}  # participant -> their view of what they judge
        self._judgements: dict[str, dict[str, Judgement]] = {}  # the same by candidate, once needed

    def show(self, shown: Sequence[Shown], everything: Sequence[Shown]) -> None:
        """Put ``shown`` before the group; ``everything`` are all candidates there are."""
        self.shown = tuple(shown)
        self._judged = tuple(everything if self._thoughts.judges_everything else shown)
        self.ready.succeed()

    def others(self, participant_id: str) -> list[int]:
        """Places on the slate, from 0, of every statement but one's own."""
        return [place for place, shown in enumerate(self.shown) if shown.author_id != participant_id]

    def judge(self, participant: Participant, ask: AskToJudge) -> None:
        """Have a member's mind judge the statements, unless it has been asked already."""
        who = participant.participant_id
        if who not in self._judging:
            texts = [(shown.text, shown.author_id is None) for shown in self._judged_by(who)]
            self._judging[who] = ask(self._thoughts.judge(participant, texts))

    def judgement(self, participant_id: str, shown: Shown) -> Judgement:
        """A member's view of a statement, once it is needed."""
        if participant_id not in self._judgements:
            judged = zip(self._judged_by(participant_id), self._judging[participant_id].result(), strict=True)
            self._judgements[participant_id] = {one.candidate_id: judgement for one, judgement in judged}
        return self._judgements[participant_id][shown.candidate_id]

    def judgements(self) -> Iterator[tuple[str, Shown, Judgement]]:
        """Every member's view of everything they judged. Waits for judgements that their makers left before giving."""
        for who, ticket in sorted(self._judging.items()):
            for shown, judgement in zip(self._judged_by(who), ticket.result(), strict=True):
                yield who, shown, judgement

    def _judged_by(self, participant_id: str) -> tuple[Shown, ...]:
        """What a member judges: not their own opinion, where that would cost something."""
        if self._thoughts.judges_everything:
            return self._judged
        return tuple(shown for shown in self._judged if shown.author_id != participant_id)


@dataclass(eq=False)
class Round:
    """One question under discussion. ``over`` opens once everybody is through with the last stage."""

    round_id: str
    index: int
    question: Question
    thoughts: RoundThoughts
    over: Gate
    gates: list[Gate] = field(default_factory=list)  # of the stages
    slates: list[Slate] = field(default_factory=list)  # in the order in which stages make them
    started_at: float | None = None
    opinions_at: float | None = None
    slate_at: float | None = None
    ended_at: float | None = None
    complete: bool = False
    opinion_ids: dict[str, str] = field(default_factory=dict)  # participant -> opinion, of those who wrote something

    def check_gates(self) -> None:
        """Open the gates that nobody is missing at any more."""
        for gate in (*self.gates, self.over):
            gate.check()

    def let_go(self) -> None:
        """Let everybody go who waits for anything in this round."""
        for event in (*(slate.ready for slate in self.slates), *(gate.opened for gate in self.gates), self.over.opened):
            if not event.triggered:
                event.succeed()
