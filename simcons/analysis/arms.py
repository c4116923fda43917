"""The arms of a run, as its scenario was recorded."""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError

from simcons.errors import RunFolderError
from simcons.scenario.mediators import MediatorSettings
from simcons.scenario.problems import problems
from simcons.storage.load import Run

_Arms = list[MediatorSettings]


def recorded_arms(run: Run) -> list[MediatorSettings]:
    """Empty where the run does not say what arms it had. Raises RunFolderError, in one line, where it says it in a way that
    this version does not read, as runs of earlier versions do.
    """
    recorded = run.manifest.get("scenario", {}).get("mediators", [])
    try:
        return TypeAdapter(_Arms).validate_python(recorded)
    except ValidationError as error:
        problem = problems(_Arms, error.errors(include_url=False))[0]
        keys = ".".join(map(str, ("scenario.mediators", *problem.keys)))
        raise RunFolderError(
            f"{run.folder}: recorded by another version of simcons: {keys}: {problem.said}; run its scenario again"
        ) from None
