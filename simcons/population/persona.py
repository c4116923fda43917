"""One person: fixed traits, as drawn by `synthesis`. Nothing here changes during a study."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from simcons.scenario.parameters import Register, Work

# Of the variance of thinking time, decision time and opinion length, what lies between people; the rest lies between one
# person's moments and is drawn in the study [J].
PERSON_SHARE = 0.5

Carelessness: TypeAlias = Literal["none", "uniform", "stuck", "straight"]
CARELESS_KINDS: tuple[Carelessness, ...] = get_args(Carelessness)[1:]


@dataclass(frozen=True, slots=True)
class ResponseStyle:
    """A person's way from an appraisal to a rating (all on the 1-7 scale's points)."""

    noise: float  # SD of the rating noise
    acquiescence: float  # added to every appraisal
    extremity: float  # factor on the thresholds' distance from 4; below 1 uses the ends
    carelessness: Carelessness


@dataclass(frozen=True, slots=True)
class Tempo:
    """The pace at which a person reads, writes and, while they care, thinks and decides: medians over their moments."""

    reading_wpm: float
    composing_wpm: float
    thinking_seconds: float
    decision_seconds: float


@dataclass(frozen=True, slots=True)
class WritingStyle:
    """A person's way of writing an opinion."""

    register: Register
    words: float  # the length the person tends to
    hedging: float  # 0 states, 1 hedges every sentence
    tidiness: float  # 0 drops capitals and apostrophes, 1 writes carefully


@dataclass(frozen=True, slots=True)
class Persona:
    """A synthetic UK adult. ``values`` are in SDs of the general public, in the order of VALUE_DIMENSIONS."""

    persona_id: int
    sex: str
    age: int
    ethnicity: str
    region: str
    education: str
    work: Work
    children: bool  # has, or has had
    values: tuple[float, ...]
    style: ResponseStyle
    tempo: Tempo
    writing: WritingStyle
    table_row: int | None = None  # where a table of persons has them, from 1; None if they are not from one
