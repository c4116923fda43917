"""Some sessions of a study, rehearsed: everything as in a run but the language models, which scripts stand in for."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from simcons.engines.dispatch import Dispatch
from simcons.engines.load import load_encoder
from simcons.engines.rehearsal import Asked, Counted, Ledger, RehearsalEngine
from simcons.experiments.forecast.leads import Leads
from simcons.mediator.own import asks_engines
from simcons.records import Outcome
from simcons.scenario.load import scenario_from
from simcons.scenario.pay import PaySettings
from simcons.scenario.pipelines import PipelineSettings
from simcons.scenario.scoring import ModelReaderSettings
from simcons.scenario.study import Scenario
from simcons.seeds import request_seed
from simcons.storage.load import Run, load
from simcons.storage.writer import RunWriter
from simcons.study.broker import Broker
from simcons.study.plan import make_plan
from simcons.study.progress import Progress
from simcons.study.run import run_study


@dataclass(frozen=True, slots=True)
class RehearsedMember:
    """A member of a group. gbp: their pay for the session itself, without the time in the lobby."""

    outcome: Outcome
    gbp: float


@dataclass(frozen=True, slots=True)
class RehearsedSession:
    """A session, from the moment its group was formed."""

    size: int
    seconds: float
    finished: bool
    n_rounds: int  # complete
    members: tuple[RehearsedMember, ...]
    asked: Mapping[Asked, Counted]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The sessions of a rehearsal. leads: by how much arms were ahead of one another. wall_seconds: of its simulation."""

    sessions: tuple[RehearsedSession, ...]
    leads: Leads
    wall_seconds: float


def rehearse(scenario: Scenario, n_sessions: int) -> Rehearsal:
    """Simulate so many sessions, with people, questions and noise of their own: not those of the run that is planned.

    Raises ScenarioError, MissingPackage, ModelNotFound.
    """
    rehearsed = _rehearsed(scenario, n_sessions)
    plan = make_plan(rehearsed, encode=load_encoder() if rehearsed.reads_with_embeddings else None)
    ledger, asked = Ledger(), list[dict[Asked, Counted]]()

    def on_progress(progress: Progress) -> None:
        if progress.sessions > len(asked):
            asked.append(ledger.take())

    engines = {name: RehearsalEngine(name, ledger) for name in sorted(rehearsed.engines_used)}
    began = time.perf_counter()
    with TemporaryDirectory(prefix="simcons-plan-") as folder:
        with RunWriter(Path(folder), row_group_rows=50_000, scales=rehearsed.participants.scales) as writer:
            run_study(plan, Broker(Dispatch(engines)), writer, on_progress=on_progress, live=1)
            writer.finish({"schema_version": 1, "scenario": json.loads(rehearsed.model_dump_json())})
        run, seconds = load(Path(folder)), time.perf_counter() - began
        return Rehearsal(tuple(_sessions(run, scenario.pay, asked)), Leads.of(run), seconds)


def _rehearsed(scenario: Scenario, n_sessions: int) -> Scenario:
    """The scenario of the rehearsal. Scripts stand in for pipelines of the user's own, which nobody is to start before the study;
    where they or models write, readers that are networks have nothing to hear: rules stand in for them.
    """
    seed = request_seed(scenario.seed, "rehearsal")
    changes = [f"design.groups={n_sessions}", f"seed={seed}", "population.size=null", *_stand_ins(scenario)]
    if asks_engines(scenario):
        rules = "{kind: rules, matching: words}"
        readers = scenario.readers_used.items()
        changes += [
            f"readers.{name}={rules}" for name, reader in readers if not isinstance(reader, ModelReaderSettings)
        ]
    return scenario_from(scenario.model_dump(mode="json"), changes)


def _stand_ins(scenario: Scenario) -> Iterator[str]:
    for place, arm in enumerate(scenario.mediators):
        if isinstance(arm.generator, PipelineSettings):
            yield f"mediators.{place}.generator={{kind: scripted, samples: {arm.generator.samples}}}"
    for name, scorer in scenario.scorers_used.items():
        if isinstance(scorer, PipelineSettings):
            yield f"scorers.{name}={{kind: length}}"


def _sessions(run: Run, pay: PaySettings, asked: Sequence[Mapping[Asked, Counted]]) -> Iterator[RehearsedSession]:
    people = dict(list(run.participants.dropna(subset=["session_id"]).groupby("session_id", sort=False)))
    for session, counted in zip(run.sessions.itertuples(), asked, strict=True):
        members = people[session.session_id].itertuples()
        yield RehearsedSession(
            size=int(session.group_size),
            seconds=float(session.ended_at - session.started_at),
            finished=session.outcome == "finished",
            n_rounds=int(session.n_rounds),
            members=tuple(RehearsedMember(row.outcome, _gbp(row, session.started_at, pay)) for row in members),
            asked=counted,
        )


def _gbp(member: Any, started_at: float, pay: PaySettings) -> float:
    """Pay of a row of participants, without that for the time between consent and the session."""
    in_session = (member.left_at - started_at) * pay.paid_share_of_time(member.outcome)
    return float(member.pay_gbp - (member.paid_seconds - in_session) / 3600 * pay.gbp_per_hour)
