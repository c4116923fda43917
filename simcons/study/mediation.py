"""Calling the mediator from inside a session, and putting what it returns before the group."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import simpy

from simcons.mediator.pipeline import Slate, Tools, mediate
from simcons.mediator.scorer import Score, Scores, reader_scorer
from simcons.mediator.view import RoundView, SeenOpinion
from simcons.questions.bank import Question
from simcons.questions.reading import Reading
from simcons.records import CallRecord, CandidateRecord, OracleScore, Record, ScoreRecord, SelectionRecord
from simcons.scenario.study import Mediator, ServiceLatency
from simcons.seeds import stream
from simcons.study.clock import Broker, Clock
from simcons.study.participant import Participant
from simcons.study.plan import Plan
from simcons.study.rounds import Round, Shown
from simcons.study.thoughts import RoundThoughts


class MediatorService:
    """The mediators of a study as its sessions see them: opinions in, slates out, some time later."""

    def __init__(self, plan: Plan, broker: Broker) -> None:
        self.plan = plan
        self.broker = broker
        self._servers: simpy.Resource | None = None

    def couple(self, env: simpy.Environment) -> None:
        """Make all calls queue for the scenario's servers. Only for sessions that share ``env``."""
        latency = self.plan.scenario.latency
        if isinstance(latency, ServiceLatency):
            self._servers = simpy.Resource(env, capacity=latency.capacity)

    def call(
        self, clock: Clock, current: Round, authors: Mapping[str, Participant]
    ) -> Generator[simpy.Event, object, tuple[list[Slate], CallRecord]]:
        """Have candidates made from the round's opinions; ``authors`` by opinion id."""
        submitted_at = clock.env.now
        if self._servers is None:
            return (yield from self._serve(clock, current, authors, submitted_at))
        with self._servers.request() as place:
            yield place
            return (yield from self._serve(clock, current, authors, submitted_at))

    def _serve(
        self, clock: Clock, current: Round, authors: Mapping[str, Participant], submitted_at: float
    ) -> Generator[simpy.Event, object, tuple[list[Slate], CallRecord]]:
        env, begun_at = clock.env, clock.env.now
        seconds = self._seconds(current.round_id)
        act = mediate(
            _view(current), self.plan.scenario.mediators, self.plan.scenario.design.omissions, self._tools(current.thoughts, authors)
        )
        ticket = clock.watch(self.broker.submit(act, needed_at=begun_at + seconds))
        yield env.timeout(seconds)
        slates, usage = ticket.result(), ticket.usage
        return slates, CallRecord(
            round_id=current.round_id,
            submitted_at=submitted_at,
            needed_at=env.now,
            queued_seconds=begun_at - submitted_at,
            n_requests=usage.n_requests,
            tokens_in=usage.tokens_in,
            tokens_out=usage.tokens_out,
        )

    def _seconds(self, round_id: str) -> float:
        latency = self.plan.scenario.latency
        rng = stream(self.plan.scenario.seed, "latency", round_id)
        return float(rng.lognormal(np.log(latency.median_seconds), latency.log_sd))

    def _tools(self, thoughts: RoundThoughts, authors: Mapping[str, Participant]) -> Tools:
        def read(question: Question, texts: Sequence[str]) -> list[Reading]:
            return thoughts.read(texts)

        scorers: dict[str, Score] = {"reader": reader_scorer(read), "oracle": _oracle(thoughts, authors)}
        return Tools(read=read, scorers=scorers, prompts=self.plan.prompts, seed=self.plan.scenario.seed)


def _view(current: Round) -> RoundView:
    opinions = tuple(
        SeenOpinion(opinion_id, current.thoughts.submitted[who]) for who, opinion_id in sorted(current.opinion_ids.items())
    )
    return RoundView(current.round_id, current.question, opinions)


def _oracle(thoughts: RoundThoughts, authors: Mapping[str, Participant]) -> Score:
    """A scorer that knows the true agreement of each opinion's author: an upper bound, never a mediator."""

    def score(view: RoundView, used: Sequence[SeenOpinion], candidates: Sequence[str]) -> Scores:
        texts = thoughts.prepare(candidates)
        people = [authors[opinion.opinion_id] for opinion in used]
        return np.array([[thoughts.appraise(person, text).agreement for text in texts] for person in people])

    return score


# --- from slates to records --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Assembled:
    """A round's candidates: their records, the texts in the same order, and what goes on the slate."""

    candidates: tuple[CandidateRecord, ...]
    others: tuple[Record, ...]  # selections and scores
    shown: tuple[Shown, ...]


def assemble(current: Round, slates: Sequence[Slate], plan: Plan) -> Assembled:
    """Number every candidate of the round, and put those that were picked on the slate, in the order of arms and picks.

    With ``design.others_opinions`` the members' opinions follow on the slate.
    """
    mediators = {mediator.arm: mediator for mediator in plan.scenario.mediators}
    authors = {opinion_id: who for who, opinion_id in current.opinion_ids.items()}
    candidates: list[CandidateRecord] = []
    others: list[Record] = []
    n_shown = 0
    for slate in slates:
        ids = [f"{current.round_id}-c{len(candidates) + k + 1:03d}" for k in range(len(slate.samples))]
        places = {pick.sample: n_shown + k + 1 for k, pick in enumerate(slate.picks)}
        n_shown += len(slate.picks)
        candidates += _candidates(current.round_id, slate, ids, places)
        others += _selections(current.round_id, slate, ids, mediators[slate.arm])
        others += _scores(slate, ids, authors)
    if plan.scenario.design.others_opinions:
        candidates += _opinions_as_candidates(current, n_shown)
    on_slate = sorted((record for record in candidates if record.shown), key=lambda record: record.slate_place or 0)
    shown = tuple(Shown(r.candidate_id, r.text, len(r.text.split()), r.author_id) for r in on_slate)
    return Assembled(tuple(candidates), tuple(others), shown)


def _candidates(round_id: str, slate: Slate, ids: Sequence[str], places: Mapping[int, int]) -> Iterator[CandidateRecord]:
    for number, sample in enumerate(slate.samples):
        yield CandidateRecord(
            candidate_id=ids[number],
            round_id=round_id,
            source="mediator",
            arm=slate.arm,
            upper_bound=slate.upper_bound,
            omitted=slate.omitted,
            opinion_ids=list(slate.opinion_ids),
            author_id=None,
            sample=number,
            text=sample.text,
            shown=number in places,
            slate_place=places.get(number),
            truncated=sample.truncated,
            tokens_in=sample.tokens_in,
            tokens_out=sample.tokens_out,
        )


def _selections(round_id: str, slate: Slate, ids: Sequence[str], mediator: Mediator) -> Iterator[SelectionRecord]:
    for number, pick in enumerate(slate.picks):
        yield SelectionRecord(
            round_id=round_id,
            arm=slate.arm,
            omitted=slate.omitted,
            pick=number,
            candidate_id=ids[pick.sample],
            alpha=pick.alpha,
            utility_map=mediator.welfare.utility_map.kind,
            welfare=pick.welfare,
            n_tied=pick.n_tied,
            tie_rule=mediator.welfare.ties,
            redraws=pick.redraws,
        )


def _scores(slate: Slate, ids: Sequence[str], authors: Mapping[str, str]) -> Iterator[ScoreRecord]:
    """Scores of all candidates; those of an upper bound are true appraisals and go under truth/."""
    if slate.scores is None or slate.utilities is None:
        return
    record_type = OracleScore if slate.upper_bound else ScoreRecord
    for opinion_id, scores, utilities in zip(
        slate.opinion_ids, slate.scores.tolist(), slate.utilities.tolist(), strict=True
    ):
        for candidate_id, score, utility in zip(ids, scores, utilities, strict=True):
            yield record_type(
                candidate_id=candidate_id,
                opinion_id=opinion_id,
                participant_id=authors[opinion_id],
                score=score,
                utility=utility,
            )


def _opinions_as_candidates(current: Round, n_shown: int) -> Iterator[CandidateRecord]:
    for number, (who, opinion_id) in enumerate(sorted(current.opinion_ids.items()), start=1):
        yield CandidateRecord(
            candidate_id=f"{current.round_id}-o{number:03d}",
            round_id=current.round_id,
            source="opinion",
            arm=None,
            upper_bound=False,
            omitted=None,
            opinion_ids=[opinion_id],
            author_id=who,
            sample=None,
            text=current.thoughts.submitted[who],
            shown=True,
            slate_place=n_shown + number,
            truncated=False,
            tokens_in=None,
            tokens_out=None,
        )
