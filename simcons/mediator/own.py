"""Mediators and scorers of a user's own: one task a round, and what came of it as samples and scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simcons.engines.base import Act
from simcons.engines.pipelines.answers import Answer, Proposed
from simcons.engines.pipelines.task import Task, task_request
from simcons.mediator.arms import shared_generators
from simcons.mediator.generator import Sample, SampleOutcome
from simcons.mediator.scorer import Scores
from simcons.mediator.view import RoundView, SeenOpinion
from simcons.scenario.mediators import HttpMediatorSettings, PythonMediatorSettings
from simcons.scenario.pipelines import PipelineSettings
from simcons.scenario.study import Scenario
from simcons.seeds import request_seed


def pipelines_of(scenario: Scenario) -> dict[str, PipelineSettings]:
    """The pipelines of its arms and scorers, by the names that requests call them. Arms that share one ask it once."""
    arms = {mediator_engine(name): settings for name, settings in shared_generators(scenario.mediators).items()}
    scorers = {scorer_engine(name): settings for name, settings in scenario.scorers_used.items()}
    return {name: given for name, given in {**arms, **scorers}.items() if isinstance(given, PipelineSettings)}


def asks_engines(scenario: Scenario) -> bool:
    """True if anything is asked: a language model, or a pipeline of the user's own."""
    return bool(scenario.engines_used or pipelines_of(scenario))


def mediator_engine(arm: str) -> str:
    """The engine that stands for the pipeline of an arm. No engine of a scenario has a space in its name."""
    return f"arm {arm}"


def scorer_engine(scorer: str) -> str:
    """The engine that stands for the pipeline of a scorer."""
    return f"scorer {scorer}"


def own_samples(
    view: RoundView,
    used: Sequence[SeenOpinion],
    settings: PythonMediatorSettings | HttpMediatorSettings,
    *,
    arm: str,
    seed: int,
    key: str,
) -> Act[list[SampleOutcome]]:
    """Statements of a pipeline in the order in which it would show them; one outcome without a statement where it failed.

    arm: the first that has it.
    """
    own_seed = request_seed(seed, "pipeline", view.round_id, key)
    task = Task(view.question.text, [opinion.text for opinion in used], own_seed, samples=settings.samples)
    (reply,) = yield [task_request(mediator_engine(arm), task)]
    answer = Answer.of(reply.text)
    proposed = answer.statements if answer.failure is None else [answer.failure]
    return [_outcome(number, each) for number, each in enumerate(proposed)]


def _outcome(number: int, proposed: Proposed) -> SampleOutcome:
    sample = None if proposed.text is None else Sample(proposed.text, number, own_score=proposed.score)
    return SampleOutcome(number, sample, proposed.missing, attempts=1, raw=proposed.raw, reasoning="")


@dataclass(frozen=True, slots=True)
class OwnScorer:
    """Asks a pipeline for the agreement of all authors with all candidates. Where it fails there is no score."""

    name: str
    seed: int  # of the study

    def score(self, view: RoundView, used: Sequence[SeenOpinion], candidates: Sequence[str]) -> Act[Scores]:
        opinions = [opinion.text for opinion in used]
        own_seed = request_seed(self.seed, "scoring", self.name, view.round_id)
        task = Task(view.question.text, opinions, own_seed, statements=list(candidates))
        (reply,) = yield [task_request(scorer_engine(self.name), task)]
        answer = Answer.of(reply.text)
        if answer.failure is not None:
            return np.full((len(used), len(candidates)), np.nan)
        return np.array([[np.nan if score is None else score for score in row] for row in answer.scores])
