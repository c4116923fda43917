"""What is too much to be read together, dealt to several examples for memory's sake."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

import numpy as np

from simcons.seeds import stream

T = TypeVar("T")


def dealt(items: Iterable[T], most: int, seed: int, *key: str) -> Iterator[list[T]]:
    """All items in their order, at most ``most`` at a time; more are dealt at random, by the seed and ``key``."""
    given = list(items)
    if not given:
        return
    n_parts = -(-len(given) // most)
    order = np.arange(len(given))
    if n_parts > 1:
        order = stream(seed, *key).permutation(order)
    for places in np.array_split(order, n_parts):
        yield [given[int(place)] for place in sorted(places)]
