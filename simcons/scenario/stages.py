"""The stages that a round can be made of, and which orders of them make sense."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

StageName: TypeAlias = Literal["position", "opinion", "rating", "ranking", "position_again"]

DEFAULT_STAGES: tuple[StageName, ...] = ("position", "opinion", "rating")

_SHOWING: tuple[StageName, ...] = ("rating", "ranking")  # stages that put statements before people
_NEEDS: Mapping[StageName, tuple[StageName, str]] = {  # what has to come before a stage, and why
    "rating": ("opinion", "as the statements are made from opinions"),
    "ranking": ("opinion", "as the statements are made from opinions"),
}


def check_stages(stages: Sequence[StageName]) -> None:
    """Raises ValueError for stages that make no round, in a line with what was expected."""
    if stages[0] != "position":
        raise ValueError(
            f"{stages[0]} comes first; expected position, which is what people hold before they read or write"
        )
    for place, stage in enumerate(stages):
        before = stages[:place]
        if stage in before:
            raise ValueError(f"{stage} is given twice; expected each stage at most once")
        if stage in _NEEDS and _NEEDS[stage][0] not in before:
            needed, why = _NEEDS[stage]
            raise ValueError(f"{stage} without {needed} before it; expected {needed} first, {why}")
        if stage == "position_again" and stage != stages[-1]:
            raise ValueError(
                f"position_again before {stages[place + 1]}; expected it last, as what people hold afterwards"
            )
    if not set(stages) & set(_SHOWING):
        raise ValueError(f"nobody would see the statements; expected {' or '.join(_SHOWING)} among the stages")
