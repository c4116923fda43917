"""Many simulated studies drawn from a sample of groups, and the two tests that a study ends with.

Both are those of the interval that analyses give a mean over groups, which is why a study whose groups do not differ at all has
neither a difference nor equivalence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simcons.analysis.resampling import margin
from simcons.arrays import Bools, Floats, Ints
from simcons.seeds import stream

_BLOCK = 1 << 20  # differences drawn at a time


@dataclass(frozen=True, slots=True)
class Studies:
    """Observations of simulated studies: mean and SD of groups' differences, [replications, sizes]."""

    sizes: Ints  # groups in a study, ascending
    mean: Floats
    sd: Floats  # with n - 1


def draw_studies(differences: Floats, sizes: Sequence[int], *, replications: int, seed: int) -> Studies:
    """``replications`` studies of each size, groups drawn from ``differences`` [groups] with replacement.

    The larger studies of a replication continue its smaller ones, and equally many differences are drawn from at the same places
    (common random numbers). Raises ValueError for a size below 2 or no replications.
    """
    ascending = np.unique(np.asarray(sizes, dtype=np.int64))
    if not len(ascending) or ascending[0] < 2:
        raise ValueError(f"groups {list(sizes)!r}: expected numbers of groups of at least 2")
    if replications < 1:
        raise ValueError(f"replications {replications!r}: expected at least 1")
    rng = stream(seed, "power", "studies")
    rows = max(1, _BLOCK // int(ascending[-1]))
    blocks = []
    for first in range(0, replications, rows):
        shape = (min(rows, replications - first), int(ascending[-1]))
        blocks.append(_moments(differences, ascending, rng.integers(len(differences), size=shape)))
    return Studies(ascending, np.concatenate([mean for mean, _ in blocks]), np.concatenate([sd for _, sd in blocks]))


def _moments(differences: Floats, sizes: Ints, places: Ints) -> tuple[Floats, Floats]:
    drawn = np.take(differences, places)
    starts = np.concatenate([[0], sizes[:-1]])
    mean = np.add.reduceat(drawn, starts, axis=1).cumsum(axis=1) / sizes
    squares = np.add.reduceat(drawn * drawn, starts, axis=1).cumsum(axis=1)
    variance = np.maximum(squares - sizes * mean * mean, 0) / (sizes - 1)
    return mean, np.sqrt(variance)


def significant(studies: Studies, *, alpha: float) -> Bools:
    """Paired t test, two-sided: |mean| > t(1 - alpha/2, n - 1) sd / sqrt(n). [replications, sizes]"""
    return np.asarray(np.abs(studies.mean) > half_width(studies, alpha / 2))


def equivalent(studies: Studies, margin: float, *, alpha: float) -> Bools:
    """Two one-sided t tests (TOST: Schuirmann 1987): |mean| + t(1 - alpha, n - 1) sd / sqrt(n) < margin. [replications, sizes]"""
    return np.asarray(np.abs(studies.mean) + half_width(studies, alpha) < margin)


def half_width(studies: Studies, tail: float) -> Floats:
    """Half the width of the t interval that leaves ``tail`` on either side, NaN without variation. [replications, sizes]"""
    return margin(studies.sd / np.sqrt(studies.sizes), studies.sizes, tail=tail)
