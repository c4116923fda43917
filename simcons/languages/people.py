"""Descriptions of a person, as cards show them and as language models that play people are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from simcons.scenario.parameters import Register, ValueDimension

Graded: TypeAlias = tuple[str, str, str]  # of little, some, much


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """A value dimension: its subject, and the names of its low and high sides."""

    subject: str
    low: str
    high: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonWords:
    """Words for traits.

    middle: of a leaning to neither side; leanings: verbs before the name of a side. education: by its name in population files.
    manner: of writing, with {register}, {hedging} and {spelling}.
    """

    sex: str
    age: str
    ethnicity: str
    region: str
    qualification: str
    directions: Mapping[ValueDimension, Direction]
    middle: str
    leanings: Graded
    education: Mapping[str, str]
    registers: Mapping[Register, str]
    hedging: Graded
    spelling: Graded
    manner: str
