"""One person going through a session: the screens they see, what they answer, and when they leave."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import simpy

from simcons.population.response_style import RatingNoise
from simcons.records import (
    OpinionRecord,
    Outcome,
    PositionRecord,
    RatingRecord,
    ScreenName,
    ScreenRecord,
    TrueOpinion,
    TruePosition,
)
from simcons.seeds import stream
from simcons.study.participant import Participant
from simcons.study.rounds import Round, Shown

if TYPE_CHECKING:
    from simcons.study.session import Session

Process: TypeAlias = Generator[simpy.Event, object, None]

_INSTRUCTION_WORDS, _DEBRIEF_WORDS = 320, 120  # read on those screens [J]


class Leave(Exception):
    """A member's way out of a session, wherever they are in it."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class Member:
    """A participant in one session. `run` is their process."""

    def __init__(self, participant: Participant, session: Session) -> None:
        self.participant = participant
        self.id = participant.participant_id
        self.session = session
        self.env = session.env
        self.limits = session.plan.scenario.design.limits

    def run(self) -> Process:
        """From the instructions to the debriefing, or to wherever they leave."""
        outcome: Outcome = "finished"
        try:
            yield from self._read("instructions", _INSTRUCTION_WORDS, self.limits.instructions)
            for current in self.session.rounds:
                yield from self._take_part(current)
            yield from self._read("debrief", _DEBRIEF_WORDS, self.limits.debrief)
        except Leave as leave:
            outcome = leave.outcome
        self.session.part(self, outcome)

    def _take_part(self, current: Round) -> Process:
        self.session.begin(current)
        rng = stream(self.session.seed, "answers", self.id, current.round_id)
        yield from self._position(current, rng)
        yield from self._opinion(current, rng)
        current.opinions_in.arrive(self.id)
        yield from self._wait(current, current.slate_ready, "wait_slate")
        yield from self._rate_all(current, rng)
        current.ratings_in.arrive(self.id)
        yield from self._wait(current, current.ratings_in.opened, "wait_round")

    # --- answering ---

    def _position(self, current: Round, rng: np.random.Generator) -> Process:
        """Agreement with the position statement, before anything else of the round."""
        noise, timing = rng.standard_normal(2).tolist()
        question = current.question
        n_words = len(question.text.split()) + len(question.position.split())
        now = self.env.now
        seconds = self.participant.reading_seconds(n_words, now) + self.participant.decision_seconds(timing, now)
        timed_out = yield from self._screen("position", seconds, self.limits.position, current)
        position = current.thoughts.conviction(self.participant).position
        rating = None if timed_out else self.participant.answer(position, noise, self.env.now, rng)
        self.session.records += (
            PositionRecord(
                round_id=current.round_id,
                participant_id=self.id,
                rating=rating,
                missing="time_limit" if timed_out else None,
                at=self.env.now,
                seconds=self.env.now - now,
            ),
            TruePosition(round_id=current.round_id, participant_id=self.id, position=position),
        )

    def _opinion(self, current: Round, rng: np.random.Generator) -> Process:
        """Think and type. At the time limit what has been typed by then is sent; with nothing typed there is no opinion."""
        started_at = self.env.now
        length, timing = rng.standard_normal(2).tolist()
        opinion = current.thoughts.write(
            self.participant, started_at, self.participant.opinion_words(length, started_at)
        )
        words = opinion.text.split()
        thinking, typing = self.participant.composing_seconds(len(words), timing, started_at)
        limit = self.limits.opinion
        timed_out = yield from self._screen("opinion", thinking + typing, limit, current)
        if timed_out:
            words = words[: int(len(words) * max(0.0, limit - thinking) / typing)]
        if not words:
            return
        text = " ".join(words)
        opinion_id = f"{current.round_id}-{self.id}"
        current.opinion_ids[self.id] = opinion_id
        current.thoughts.submitted[self.id] = text
        claims = [current.question.claims[claim].id for claim in opinion.claims]
        self.session.records += (
            OpinionRecord(
                opinion_id=opinion_id,
                round_id=current.round_id,
                participant_id=self.id,
                text=text,
                n_words=len(words),
                at=self.env.now,
                seconds=self.env.now - started_at,
                cut_short=timed_out,
            ),
            TrueOpinion(opinion_id=opinion_id, stance=opinion.stance, claims=claims, careless=opinion.stance is None),
        )

    def _rate_all(self, current: Round, rng: np.random.Generator) -> Process:
        """Every statement on the slate but one's own, as often as the design says, each pass in its own order."""
        design = self.session.plan.scenario.design
        noise = self.participant.noise(current.round_id, len(current.shown), design.passes)
        mine = [place for place, shown in enumerate(current.shown) if shown.author_id != self.id]
        order = np.array(mine, dtype=np.int64)
        for pass_index in range(1, design.passes + 1):
            if design.slate_order == "random" and (pass_index == 1 or design.second_pass == "new_order"):
                order = rng.permutation(order)
            timing = rng.standard_normal((len(order), 2)).tolist()
            for place, slate_place in enumerate(order.tolist()):
                shown = current.shown[slate_place]
                yield from self._rate(current, shown, noise[slate_place], timing[place], pass_index, place + 1, rng)

    def _rate(
        self,
        current: Round,
        shown: Shown,
        noise: RatingNoise,
        timing: list[float],
        pass_index: int,
        place: int,
        rng: np.random.Generator,
    ) -> Process:
        """One statement in one pass: read it, then answer on agreement and on quality."""
        person, entered_at = self.participant, self.env.now
        seconds = (
            person.reading_seconds(shown.n_words, entered_at, again=pass_index > 1)
            + person.decision_seconds(timing[0], entered_at)
            + person.decision_seconds(timing[1], entered_at)
        )
        timed_out = yield from self._screen(
            "rating", seconds, self.limits.rating, current, shown.candidate_id, pass_index
        )
        now = self.env.now
        agreement = quality = None
        if not timed_out:
            truth = current.appraisals[self.id, shown.candidate_id]
            agreement = person.answer(truth.agreement, noise.agreement[pass_index - 1], now, rng)
            with_halo = truth.quality + person.halo(agreement)
            quality = person.answer(with_halo, noise.quality[pass_index - 1], now, rng)
        self.session.records.append(
            RatingRecord(
                round_id=current.round_id,
                participant_id=self.id,
                candidate_id=shown.candidate_id,
                pass_index=pass_index,
                place=place,
                agreement=agreement,
                quality=quality,
                missing="time_limit" if timed_out else None,
                at=now,
                seconds=now - entered_at,
            )
        )

    # --- screens ---

    def _read(self, screen: ScreenName, n_words: int, limit: float) -> Process:
        yield from self._screen(screen, self.participant.reading_seconds(n_words, self.env.now), limit)

    def _screen(
        self,
        screen: ScreenName,
        seconds: float,
        limit: float,
        current: Round | None = None,
        candidate_id: str | None = None,
        pass_index: int | None = None,
    ) -> Generator[simpy.Event, object, bool]:
        """Stay on a screen for ``seconds``, at most ``limit``. Returns whether time ran out; raises Leave if they leave."""
        entered_at = self.env.now
        stay = min(seconds, limit)
        leaves_after = self.participant.leaves_within(stay, waiting=False)
        yield self.env.timeout(stay if leaves_after is None else leaves_after)
        timed_out = leaves_after is None and seconds > limit
        self._saw(screen, entered_at, current, candidate_id, pass_index, timed_out=timed_out)
        if leaves_after is not None:
            raise Leave("dropped_out")
        self._leave_if_closed()
        return timed_out

    def _wait(self, current: Round, event: simpy.Event, screen: ScreenName) -> Process:
        """Wait for the others (or for the candidates) as long as patience lasts."""
        entered_at = self.env.now
        patience = self.participant.patience(waiting=True)
        if not event.triggered:
            yield event | self.env.timeout(patience) if patience < float("inf") else event
        self._saw(screen, entered_at, current)
        if not event.triggered:
            raise Leave("dropped_out")
        self.participant.spend(self.env.now - entered_at, waiting=True)
        self._leave_if_closed()

    def _leave_if_closed(self) -> None:
        if self.session.is_closed():
            raise Leave("group_ended")

    def _saw(
        self,
        screen: ScreenName,
        entered_at: float,
        current: Round | None,
        candidate_id: str | None = None,
        pass_index: int | None = None,
        *,
        timed_out: bool = False,
    ) -> None:
        self.session.records.append(
            ScreenRecord(
                session_id=self.session.group.session_id,
                round_id=current.round_id if current else None,
                participant_id=self.id,
                screen=screen,
                candidate_id=candidate_id,
                pass_index=pass_index,
                entered_at=entered_at,
                left_at=self.env.now,
                timed_out=timed_out,
            )
        )
