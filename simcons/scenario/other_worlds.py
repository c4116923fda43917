"""Other worlds: what else might be assumed of the people of a study, so that a verdict can be tried under each."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from simcons.scenario.load import load_settings
from simcons.scenario.names import Name
from simcons.scenario.parameters import StrictModel
from simcons.scenario.shipped import find_other_worlds


class OtherWorldSettings(StrictModel):
    """One set of assumptions: settings that both scenarios of a comparison take in place of their own."""

    name: Name = Field(description="of the world, and of its folder")
    description: str = Field("", description="what is otherwise there")
    set: Annotated[dict[str, Any], Field(min_length=1)] = Field(
        description="values by dotted key, such as participants.response_style.careless_share: 0.2"
    )


class OtherWorldsSettings(StrictModel):
    """The worlds in which a comparison is repeated (`simcons compare --worlds`, and `worlds` of a gate)."""

    kind: Literal["worlds"]
    schema_version: Literal[1] = Field(1, description="of the form of the file")
    name: Name = Field(description="of the set")
    description: str = Field("", description="what it is to find out")
    worlds: list[OtherWorldSettings] = Field(min_length=1, description="each with a name of its own")

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [world.name.casefold() for world in self.worlds]  # as some disks do not tell Careless from careless
        repeated = next((name for name in names if names.count(name) > 1), None)
        if repeated is not None:
            raise ValueError(f"worlds: {repeated!r} is given twice; expected different names")
        return self


def load_other_worlds(reference: str) -> OtherWorldsSettings:
    """The worlds of a shipped name, or in a file; paths in them start from it. Raises ScenarioError for all that is wrong."""
    return load_settings(OtherWorldsSettings, find_other_worlds(reference))
