"""One person going through a session: the screens they see, what they answer, and when they leave."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import simpy

from simcons.population.minds.hostile import attacked
from simcons.population.response_style import RatingNoise
from simcons.records import (
    MissingReason,
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
from simcons.study.elicited import elicitations, fidelity_record, writing
from simcons.study.participant import Participant
from simcons.study.rounds import Round, Shown
from simcons.study.thoughts import Answer, Composed

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
        limit = self.limits.position
        ticket = self.session.ask(current.thoughts.position(self.participant), needed_after=min(seconds, limit))
        timed_out = yield from self._screen("position", seconds, limit, current)
        held = current.thoughts.answers[self.id] = ticket.result()
        rating, missing = self._rating(held, noise, rng, timed_out=timed_out)
        self.session.records += (
            PositionRecord(
                round_id=current.round_id,
                participant_id=self.id,
                rating=rating,
                missing=missing,
                at=self.env.now,
                seconds=self.env.now - now,
            ),
            TruePosition(round_id=current.round_id, participant_id=self.id, position=held.value),
            *elicitations(current.round_id, self.id, None, {"position": held}),
        )

    def _opinion(self, current: Round, rng: np.random.Generator) -> Process:
        """Think and type. At the time limit what has been typed by then is sent; with nothing typed there is no opinion.

        The text is needed when typing begins; how long that takes follows from it.
        """
        started_at, limit = self.env.now, self.limits.opinion
        length, timing = rng.standard_normal(2).tolist()
        person, thoughts = self.participant, current.thoughts
        thinking, _ = person.composing_seconds(0, timing, started_at)
        act = thoughts.write(person, started_at, person.opinion_words(length, started_at))
        ticket = self.session.ask(act, needed_after=min(thinking, limit))

        def typing() -> float:
            opinion = ticket.result().opinion
            n_words = len(opinion.text.split()) if opinion else 0
            return person.composing_seconds(n_words, timing, started_at)[1]

        timed_out = yield from self._screen("opinion", thinking, limit, current, then=typing)
        composed = ticket.result()
        share = max(0.0, limit - thinking) / typing() if timed_out and composed.opinion else 1.0
        self._submit(current, composed, started_at, share, cut_short=timed_out)

    def _submit(self, current: Round, composed: Composed, started_at: float, share: float, *, cut_short: bool) -> None:
        """Send the ``share`` of the opinion that has been typed, if that is anything."""
        opinion, opinion_id = composed.opinion, f"{current.round_id}-{self.id}"
        words = opinion.text.split() if opinion else []
        words = words[: int(len(words) * share)]
        if opinion is not None:
            current.thoughts.opinions[self.id] = opinion
        if composed.written is not None:
            self.session.records.append(writing(current.round_id, self.id, composed.written))
        if opinion is None or not words:
            return
        honest = " ".join(words)
        attack = self.session.plan.attack(self.id)
        text = honest
        if attack is not None:
            text = attacked(honest, attack, current.question, wants=current.thoughts.wants_it(self.participant))
        current.opinion_ids[self.id] = opinion_id
        current.thoughts.submitted[self.id] = text
        current.thoughts.honest[self.id] = honest
        self.session.records += (
            OpinionRecord(
                opinion_id=opinion_id,
                round_id=current.round_id,
                participant_id=self.id,
                text=text,
                n_words=len(text.split()),
                at=self.env.now,
                seconds=self.env.now - started_at,
                cut_short=cut_short,
            ),
            TrueOpinion(
                opinion_id=opinion_id,
                stance=opinion.stance,
                claims=[current.question.claims[claim].id for claim in opinion.claims],
                careless=opinion.stance is None and composed.written is None,
                attack=attack,
                honest_text=honest,
            ),
        )
        if composed.written is not None and self.session.plan.has_bank:
            found = current.thoughts.fidelity(self.participant, honest, composed.written)
            self.session.records.append(fidelity_record(opinion_id, found))

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
                seconds = self._rating_seconds(shown, timing[place], again=pass_index > 1)
                if self.id not in current.judging:
                    self.session.judge(self, current, needed_after=min(seconds, self.limits.rating))
                yield from self._rate(current, shown, noise[slate_place], seconds, pass_index, place + 1, rng)

    def _rating_seconds(self, shown: Shown, timing: list[float], *, again: bool) -> float:
        """Seconds to read a statement and answer on agreement and on quality, from now."""
        person, now = self.participant, self.env.now
        return (
            person.reading_seconds(shown.n_words, now, again=again)
            + person.decision_seconds(timing[0], now)
            + person.decision_seconds(timing[1], now)
        )

    def _rate(
        self,
        current: Round,
        shown: Shown,
        noise: RatingNoise,
        seconds: float,
        pass_index: int,
        place: int,
        rng: np.random.Generator,
    ) -> Process:
        """One statement in one pass: read it, then answer on agreement and on quality."""
        entered_at = self.env.now
        timed_out = yield from self._screen(
            "rating", seconds, self.limits.rating, current, shown.candidate_id, pass_index
        )
        truth = self.session.judgement(self, current, shown)
        agreement, missing = self._rating(truth.agreement, noise.agreement[pass_index - 1], rng, timed_out=timed_out)
        halo = 0.0 if agreement is None else self.participant.halo(agreement)
        quality, also_missing = self._rating(
            truth.quality, noise.quality[pass_index - 1], rng, timed_out=timed_out, halo=halo
        )
        self.session.records.append(
            RatingRecord(
                round_id=current.round_id,
                participant_id=self.id,
                candidate_id=shown.candidate_id,
                pass_index=pass_index,
                place=place,
                agreement=agreement,
                quality=quality,
                missing=missing or also_missing,
                at=self.env.now,
                seconds=self.env.now - entered_at,
            )
        )

    def _rating(
        self, answer: Answer, noise: float, rng: np.random.Generator, *, timed_out: bool, halo: float = 0.0
    ) -> tuple[int | None, MissingReason | None]:
        """The option pressed, or why there is none. Those who have stopped caring press one whatever they would think."""
        now = self.env.now
        if timed_out:
            return None, "time_limit"
        if answer.value is None and not self.participant.is_careless(now):
            return None, answer.missing
        return self.participant.answer((answer.value or 0.0) + halo, noise, now, rng), None

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
        *,
        then: Callable[[], float] = lambda: 0.0,
    ) -> Generator[simpy.Event, object, bool]:
        """Stay on a screen for ``seconds`` and however many more ``then`` says when they are over, at most ``limit``.

        Returns whether time ran out; raises Leave if they leave.
        """
        entered_at = self.env.now
        stays = yield from self._stay(min(seconds, limit))
        if stays and seconds < limit and (more := then()):
            stays = yield from self._stay(min(more, limit - seconds))
            seconds += more
        timed_out = stays and seconds > limit
        self._saw(screen, entered_at, current, candidate_id, pass_index, timed_out=timed_out)
        if not stays:
            raise Leave("dropped_out")
        self._leave_if_closed()
        return timed_out

    def _stay(self, seconds: float) -> Generator[simpy.Event, object, bool]:
        """Let time pass; False, at the moment they go, for one who leaves before it has."""
        leaves_after = self.participant.leaves_within(seconds, waiting=False)
        yield self.env.timeout(seconds if leaves_after is None else leaves_after)
        return leaves_after is None

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
