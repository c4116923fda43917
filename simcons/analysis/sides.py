"""The sides of the scale's midpoint, and whether people are on different ones: what it is that divides a group."""

from __future__ import annotations

from typing import Literal, TypeAlias

from simcons.scale import MIDPOINT

Neutral: TypeAlias = Literal["neither", "own_side"]


def divided(rating: str, neutral: Neutral = "neither") -> str:
    """An SQL aggregate of a column of ratings: true where they are on different sides; missing where there is none.

    neutral: what a 4 counts as. ``neither``: ratings are divided when one is above 4 and another below; ``own_side``: 4 is a
    third side, so a 4 and a 6 are divided too.
    """
    if neutral == "own_side":
        return f"(min(sign({rating} - {MIDPOINT})) < max(sign({rating} - {MIDPOINT})))"
    return f"(min({rating}) < {MIDPOINT} AND max({rating}) > {MIDPOINT})"
