"""The largest numbers that an input file may give, each with its reason: what is beyond them would fill memory or never end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from simcons.counted import counted

MOST_PEOPLE = 20_000_000  # in a pool
POOL_FACTOR = 2.0  # people for each place in a group: over-recruiting, no-shows, and launches that form fewer groups
_BYTES_A_PERSON = 400  # measured: .83 GB for a pool of 2,000,050
_MOST_VALUES = 1_000_000  # of people by candidates in a group's rounds
_GROUPS_AT_A_TIME = 1_000  # that a stress test draws together


@dataclass(frozen=True, slots=True)
class AtMost:
    """A bound on a whole number, for ``Annotated``, with the reason that its error gives."""

    most: int
    why: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "maximum": self.most}

    def check(self, given: int) -> int:
        if given > self.most:
            raise ValueError(f"value {_in_figures(given)}: expected at most {self.most:,}, {self.why}")
        return given


IN_A_POOL = AtMost(MOST_PEOPLE, f"about {MOST_PEOPLE * _BYTES_A_PERSON / 1e9:.0f} GB of memory")
MANY = AtMost(1_000_000_000, "which is more than anything here can use")


def pool_size(size: int | None, groups: int, group_sizes: list[int]) -> int:
    """The number of people made for a study: as many as the scenario says, or as its design can use."""
    return size or int(POOL_FACTOR * max(group_sizes) * groups) + 50


def check_pool(n_people: int, source: str) -> None:
    """Raises ValueError for a pool that is too large, by what the scenario says of it."""
    if n_people > MOST_PEOPLE:
        raise ValueError(
            f"{source}: a pool of {counted(n_people, 'person', 'people')} would take about"
            f" {_gigabytes(n_people * _BYTES_A_PERSON)} of memory; expected at most {MOST_PEOPLE:,}"
        )


def check_world(group_size: int, candidates: int, rounds_per_group: int) -> None:
    """Raises ValueError for a world whose groups would not fit into memory."""
    values = group_size * candidates * rounds_per_group
    if values > _MOST_VALUES:
        raise ValueError(
            f"people.group_size {group_size:,} with candidates.number {candidates:,} and people.rounds_per_group"
            f" {rounds_per_group:,}: each array would take about {_gigabytes(8 * values * _GROUPS_AT_A_TIME)} of memory; expected"
            f" a product of at most {_MOST_VALUES:,}"
        )


def _in_figures(number: int) -> str:
    """With commas; of a number too long to read how long it is."""
    return f"{number:,}" if abs(number) < 10**24 else f"of {len(str(abs(number)))} digits"


def _gigabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1e9:,.0f} GB"
