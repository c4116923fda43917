"""Pipelines by the kind a scenario gives them, ready to be asked."""

from __future__ import annotations

from collections.abc import Mapping

from simcons.engines.base import Identity
from simcons.engines.pipelines.engine import PipelineEngine
from simcons.engines.pipelines.python import check_python, identity_of_code, load_python
from simcons.engines.pipelines.switchboard import Switchboard
from simcons.errors import ScenarioError
from simcons.scenario.mediators import HttpMediatorSettings, PythonMediatorSettings
from simcons.scenario.pipelines import HttpPipelineSettings, PipelineSettings, PythonPipelineSettings


def check_pipelines(pipelines: Mapping[str, PipelineSettings]) -> None:
    """Look for the code of those in Python, and make an object of what is a class, as a run does.

    Raises ScenarioError for what cannot be imported, made or called as it will be.
    """
    for name, settings in pipelines.items():
        if isinstance(settings, PythonPipelineSettings):
            load_python(name, settings, scores=_scores(settings))


def code_identities(pipelines: Mapping[str, PipelineSettings]) -> dict[str, Identity]:
    """What the answers of those in Python depend on, as their files are now. Raises as `check_pipelines` does."""
    return {
        name: identity_of_code(check_python(name, settings, scores=_scores(settings)), settings)
        for name, settings in pipelines.items()
        if isinstance(settings, PythonPipelineSettings)
    }


def load_pipelines(pipelines: Mapping[str, PipelineSettings]) -> dict[str, PipelineEngine]:
    """The pipelines by the names that requests call them. Raises ScenarioError, and EngineError where no server listens."""
    switchboard = Switchboard()
    return {name: _loaded(name, settings, switchboard) for name, settings in pipelines.items()}


def _loaded(name: str, settings: PipelineSettings, switchboard: Switchboard) -> PipelineEngine:
    if isinstance(settings, PythonPipelineSettings):
        function, identity = load_python(name, settings, scores=_scores(settings))
        seconds = settings.time_limit_seconds
    elif isinstance(settings, HttpPipelineSettings):
        from simcons.engines.pipelines.http import load_http, longest_seconds

        (function, identity), seconds = load_http(name, settings), longest_seconds(settings)
    else:
        raise ScenarioError(f"{name}: is {settings!r}; expected a pipeline of kind python or http")
    return PipelineEngine(
        name, identity, function, switchboard, asks=settings.engines, threads=settings.threads, seconds=seconds
    )


def _scores(settings: PipelineSettings) -> bool:
    """True if it is to score statements, rather than to write them."""
    return not isinstance(settings, (PythonMediatorSettings, HttpMediatorSettings))
