"""A round as its members share it: what has been said, the statements, and the moments that everyone waits for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import simpy

from simcons.engines.base import Act
from simcons.population.minds.discussion import Discussion, Respondent, Statement
from simcons.population.minds.mind import Appraisal, Mind
from simcons.questions.bank import Question
from simcons.questions.reading import Reader
from simcons.records import FidelityRecord
from simcons.study.broker import Ticket

AskToJudge: TypeAlias = Callable[[Act[list[Appraisal]]], Ticket[list[Appraisal]]]


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

    def __init__(self, env: simpy.Environment, mind: Mind, discussion: Discussion) -> None:
        self.ready = env.event()
        self.shown: tuple[Shown, ...] = ()
        self._judged: tuple[Shown, ...] = ()  # those shown, and where judging costs nothing all other candidates
        self._mind = mind
        self._discussion = discussion
        self._judging: dict[str, Ticket[list[Appraisal]]] = {}  # participant -> their view of what they judge
        self._appraisals: dict[str, dict[str, Appraisal]] = {}  # the same by candidate, once needed

    def show(self, shown: Sequence[Shown], everything: Sequence[Shown]) -> None:
        """Put ``shown`` before the group; ``everything`` are all candidates there are."""
        self.shown = tuple(shown)
        self._judged = tuple(everything if self._mind.judges_everything else shown)
        self.ready.succeed()

    def others(self, participant_id: str) -> list[int]:
        """Places on the slate, from 0, of every statement but one's own."""
        return [place for place, shown in enumerate(self.shown) if shown.author_id != participant_id]

    def is_read_by(self, participant_id: str) -> bool:
        """True if a member has had the statements before them already."""
        return participant_id in self._judging

    def judge(self, person: Respondent, ask: AskToJudge) -> None:
        """Have a member's mind judge the statements, unless it has been asked already."""
        who = person.participant_id
        if who not in self._judging:
            statements = [Statement(shown.text, of_group=shown.author_id is None) for shown in self._judged_by(who)]
            self._judging[who] = ask(self._mind.judge(person, statements, self._discussion))

    def appraisal(self, participant_id: str, shown: Shown) -> Appraisal:
        """A member's view of a statement, once it is needed."""
        if participant_id not in self._appraisals:
            ids = [judged.candidate_id for judged in self._judged_by(participant_id)]
            self._appraisals[participant_id] = dict(zip(ids, self._judging[participant_id].result(), strict=True))
        return self._appraisals[participant_id][shown.candidate_id]

    def appraisals(self) -> Iterator[tuple[str, Shown, Appraisal]]:
        """Every member's view of everything they judged. Waits for appraisals that their makers left before giving."""
        for who, ticket in sorted(self._judging.items()):
            for shown, appraisal in zip(self._judged_by(who), ticket.result(), strict=True):
                yield who, shown, appraisal

    def _judged_by(self, participant_id: str) -> tuple[Shown, ...]:
        """The statements that a member judges: not their own opinion, where that would cost something."""
        if self._mind.judges_everything:
            return self._judged
        return tuple(shown for shown in self._judged if shown.author_id != participant_id)


@dataclass(eq=False)
class Round:
    """One question under discussion. ``over`` opens once everybody is through with the last stage."""

    round_id: str
    index: int
    question: Question
    readers: Mapping[str, Reader]  # by name
    discussion: Discussion
    over: Gate
    gates: list[Gate] = field(default_factory=list)  # of the stages
    slates: list[Slate] = field(default_factory=list)  # in the order in which stages make them
    started_at: float | None = None
    opinions_at: float | None = None
    slate_at: float | None = None
    ended_at: float | None = None
    complete: bool = False
    checks: list[Ticket[FidelityRecord | None]] = field(default_factory=list)  # of opinions that language models wrote

    def check_gates(self) -> None:
        """Open the gates that nobody is missing at any more."""
        for gate in (*self.gates, self.over):
            gate.check()

    def let_go(self) -> None:
        """Let everybody go who waits for anything in this round."""
        for event in (*(slate.ready for slate in self.slates), *(gate.opened for gate in self.gates), self.over.opened):
            if not event.triggered:
                event.succeed()
