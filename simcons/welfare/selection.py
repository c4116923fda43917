"""Choosing statements by welfare. Ties are found and reported; the rule that breaks them is part of the SWF."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt

# Welfare values this close, relative to their size, are one value: rounding must not decide a choice.
RELATIVE_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Selection:
    """The outcome of one choice."""

    order: tuple[int, ...]  # candidates, best first, ties already broken
    ranks: tuple[int, ...]  # each candidate's place in the weak order, 0 best; tied candidates share it
    tied: tuple[int, ...]  # candidates that share the first place; one if there was no tie
    rule: Literal["random", "first"]  # what broke ties


def select(
    welfare: npt.NDArray[np.float64], *, rule: Literal["random", "first"], rng: np.random.Generator
) -> Selection:
    """The weak order of candidates by ``welfare`` [candidates], and a strict order that extends it by ``rule``.

    ``random`` breaks every tie by a fresh random permutation, ``first`` by the order in which candidates were drawn.
    The generator is used under both rules, so that changing the rule moves no other draw. Raises ValueError for NaN.
    """
    if np.isnan(welfare).any():
        raise ValueError(f"welfare of candidate {int(np.isnan(welfare).argmax())} is NaN")
    ranks = weak_ranks(welfare)
    permutation = rng.permutation(len(welfare))
    tie_break = permutation if rule == "random" else np.arange(len(welfare))
    order = np.lexsort((tie_break, ranks))
    return Selection(
        order=tuple(map(int, order)),
        ranks=tuple(map(int, ranks)),
        tied=tuple(map(int, np.flatnonzero(ranks == 0))),
        rule=rule,
    )


def weak_ranks(welfare: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Place of each candidate, 0 best, equal within RELATIVE_TOLERANCE shared: [2., 3., 3., 1.] gives [2, 0, 0, 3]."""
    descending = np.argsort(-welfare, kind="stable")
    ranks = np.zeros(len(welfare), dtype=np.int64)
    for place, (above, current) in enumerate(pairwise(descending), start=1):
        tied = np.isclose(welfare[above], welfare[current], rtol=RELATIVE_TOLERANCE, atol=0)
        ranks[current] = ranks[above] if tied else place
    return ranks
