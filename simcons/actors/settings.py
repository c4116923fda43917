"""Settings of the data that a language model learns to play people from."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from simcons.scenario.minds import LlmMindSettings, Share
from simcons.scenario.parameters import StrictModel

_MIND = LlmMindSettings.model_fields


class PersonaDataSettings(StrictModel):
    """The choices by which persona data is made of the records of studies."""

    raters: Literal["reliable", "all"] = Field(
        "reliable", description="whose answers: not of people whose second ratings contradict their first"
    )
    opinion_prompt: str = Field(str(_MIND["opinion_prompt"].default), description="as in the mind that is to be played")
    rating_prompt: str = Field(str(_MIND["rating_prompt"].default), description="as in the mind that is to be played")
    sides: bool = Field(
        False,
        description="who took a position rates the position statement and its negation besides, as that position has it: what a"
        " rating owes to whom one is told to be",
    )
    untold: Share = Field(
        0.0,
        description="share of the rounds in which ratings do not tell the position that people took: their opinion must be read",
    )
    unread: Share = Field(
        0.0,
        description="share of the rounds in which ratings do not show what people wrote: the position is told alone",
    )
    validation: Annotated[float, Field(gt=0, le=0.5)] = Field(0.1, description="share of the questions held out")
    least: Annotated[int, Field(ge=1)] = Field(10, description="people in rounds to learn from, for data to be made")
    seed: Annotated[int, Field(ge=0)] = Field(0, description="of the order of options and the questions held out")

    @model_validator(mode="after")
    def _something_is_known(self) -> Self:
        if self.untold + self.unread > 1:
            raise ValueError(f"untold + unread: value {self.untold + self.unread:g}; expected at most 1")
        return self
