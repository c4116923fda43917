"""Pipelines of a user's own as a scenario names them: code in Python, or a server, in the place of a mediator or a scorer."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, PositiveFloat

from simcons.named_code import shown
from simcons.scenario.acts import ActSettings
from simcons.scenario.names import ADDRESS_FORM, CODE_FORM, VARIABLE_FORM, Name


class PipelineSettings(ActSettings):
    """Settings of every pipeline of one's own."""

    settings: dict[str, Any] = Field({}, description="given to it as they are")
    threads: Annotated[int, Field(ge=1, le=1024)] = Field(32, description="calls of it under way at a time")

    @property
    def free_words(self) -> bool:
        return True

    @property
    def asks_as_it_likes(self) -> bool:
        return True


class PythonPipelineSettings(PipelineSettings):
    """Code in Python (docs/own_mediator.md says what it is given and what it returns)."""

    kind: Literal["python"]
    call: str = Field(
        pattern=CODE_FORM,
        description="`package.module:name` or `file.py:name`: a function, or a class of which one object is made a run",
    )
    asks: tuple[Name, ...] = Field(
        (), description="those of `engines` that it may ask; the first is asked where it names none"
    )
    time_limit_seconds: PositiveFloat = Field(
        120.0,
        description="of its own work in one call, without the time it waits for engines; code in C that keeps Python's lock "
        "is not ended by it",
    )

    @property
    def engines(self) -> tuple[str, ...]:
        return self.asks

    @property
    def shown(self) -> str:
        """The code as messages name it: a file without its folder."""
        return shown(self.call)


class HttpPipelineSettings(PipelineSettings):
    """A server: one POST a call (docs/own_mediator.md has the form of request and reply)."""

    kind: Literal["http"]
    url: str = Field(pattern=ADDRESS_FORM, description="where requests are posted to")
    key_variable: str | None = Field(
        None,
        pattern=VARIABLE_FORM,
        description="the environment variable that holds a key, sent as a bearer token",
    )
    timeout_seconds: PositiveFloat = Field(120.0, description="for one attempt, from sending to the last byte")
    retries: Annotated[int, Field(ge=0, le=100)] = Field(2, description="further attempts after one that failed")


class PythonScorerSettings(PythonPipelineSettings):
    """Scores by code of one's own: predicted agreement, 1 to 7, of each opinion's author with each statement."""


class HttpScorerSettings(HttpPipelineSettings):
    """Scores by a server of one's own: predicted agreement, 1 to 7, of each opinion's author with each statement."""
