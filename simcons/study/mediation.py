"""Calling the mediator from inside a session."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import simpy

from simcons.mediator.arms import Arms
from simcons.mediator.pipeline import Mediation, Tools, mediate
from simcons.mediator.scorer import Scorer
from simcons.mediator.view import RoundView, SeenOpinion
from simcons.population.minds.discussion import Discussion
from simcons.records import MediationRecord
from simcons.scenario.pipelines import PipelineSettings
from simcons.scenario.study import ServiceLatencySettings
from simcons.seeds import stream
from simcons.study.broker import Broker
from simcons.study.clock import Clock
from simcons.study.opinions import as_meant
from simcons.study.oracle import OracleScorer
from simcons.study.plan import Plan
from simcons.study.rounds import Round
from simcons.study.usable import AnswerWatch, WatchedScorer


class MediatorService:
    """The mediators of a study as its sessions see them: opinions in, statements out, some time later."""

    def __init__(self, plan: Plan, broker: Broker, watch: AnswerWatch) -> None:
        self.plan = plan
        self.broker = broker
        self.watch = watch
        self._arms = Arms.of(plan.scenario.mediators)
        self._servers: simpy.Resource | None = None

    def couple(self, env: simpy.Environment) -> None:
        """Make all calls queue for the scenario's servers. Only for sessions that share ``env``."""
        latency = self.plan.scenario.latency
        if isinstance(latency, ServiceLatencySettings):
            self._servers = simpy.Resource(env, capacity=latency.capacity)

    def call(self, clock: Clock, current: Round) -> Generator[simpy.Event, object, tuple[Mediation, MediationRecord]]:
        """Have candidates made from the round's opinions."""
        submitted_at = clock.env.now
        if self._servers is None:
            return (yield from self._serve(clock, current, submitted_at))
        with self._servers.request() as place:
            yield place
            return (yield from self._serve(clock, current, submitted_at))

    def _serve(
        self, clock: Clock, current: Round, submitted_at: float
    ) -> Generator[simpy.Event, object, tuple[Mediation, MediationRecord]]:
        env, begun_at = clock.env, clock.env.now
        seconds = self._seconds(current.round_id)
        scenario, tools = self.plan.scenario, self._tools(current.discussion)
        act = mediate(_view(current), self._arms, scenario.design.omissions, tools)
        ticket = clock.watch(self.broker.submit(self.watch.over(act), needed_at=begun_at + seconds))
        yield env.timeout(seconds)
        mediation, usage = ticket.result(), ticket.usage
        return mediation, MediationRecord(
            round_id=current.round_id,
            submitted_at=submitted_at,
            needed_at=env.now,
            queued_seconds=begun_at - submitted_at,
            n_requests=usage.n_calls,
            tokens_in=usage.tokens_in,
            tokens_out=usage.tokens_out,
        )

    def _seconds(self, round_id: str) -> float:
        latency = self.plan.scenario.latency
        rng = stream(self.plan.scenario.seed, "latency", round_id)
        return float(rng.lognormal(np.log(latency.median_seconds), latency.log_sd))

    def _tools(self, discussion: Discussion) -> Tools:
        scenario = self.plan.scenario
        sent = discussion.submissions().values()
        return Tools(
            scorers=self._scorers(discussion),
            prompts=self.plan.prompts,
            language=self.plan.language,
            honest={opinion.opinion_id: opinion.honest_text for opinion in sent},
            meant={opinion.opinion_id: reading for opinion in sent if (reading := as_meant(opinion)) is not None},
            seed=scenario.seed,
            composed=self.plan.composed,
            own_rules=self.plan.own_rules,
            continuing=scenario.continuing_engines,
        )

    def _scorers(self, discussion: Discussion) -> dict[str, Scorer]:
        """By name: those of the plan, with their answers watched where they ask a model, and those that know the truth."""
        used = self.plan.scenario.scorers_used
        seeing = {name: OracleScorer(name, self.plan.mind, discussion) for name in used if used[name].upper_bound}
        own = {name for name, given in used.items() if isinstance(given, PipelineSettings)}
        asking = {
            name: WatchedScorer(scorer, self.watch, reason="error" if name in own else "too_long")
            for name, scorer in self.plan.scorers.items()
            if used[name].engines or name in own
        }
        return {**self.plan.scorers, **asking, **seeing}


def _view(current: Round) -> RoundView:
    opinions = tuple(SeenOpinion(sent.opinion_id, sent.text) for sent in current.discussion.submissions().values())
    return RoundView(current.round_id, current.question, opinions, current.readers)
