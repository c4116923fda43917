"""Settings that are given as options, one each."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import ValidationError

from simcons.errors import InputError
from simcons.scenario.parameters import StrictModel
from simcons.scenario.problems import problems

Settings = TypeVar("Settings", bound=StrictModel)


def settings_given(kind: type[Settings], **given: Any) -> Settings:
    """The settings given as options. Raises InputError for the first that is wrong."""
    try:
        return kind(**given)
    except ValidationError as error:
        problem = problems(kind, error.errors(include_url=False))[0]
        raise InputError(f"--{str(problem.keys[0]).replace('_', '-')}: {problem.said}") from None
