"""The rule by which a person's ratings are too unreliable to learn from: their second ratings against their first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simcons.arrays import Floats

LEAST_PAIRS = 12  # [S]: over fewer a person cannot be judged
LEAST_R = 0.5  # [S]: honest people fail in about 4%, people who answer at random in 95% of cases
MOST_DIFFERENCE = 1.25  # points


@dataclass(frozen=True, slots=True)
class Consistency:
    """Two ratings of each of some statements by one person. r: Pearson's; None where either pass does not vary."""

    n_pairs: int
    r: float | None
    mean_abs_difference: float  # points

    @property
    def reliable(self) -> bool | None:
        """None where there are too few pairs to tell."""
        if self.n_pairs < LEAST_PAIRS:
            return None
        return self.r is not None and self.r >= LEAST_R and self.mean_abs_difference <= MOST_DIFFERENCE


def consistency(first: Floats, second: Floats) -> Consistency:
    """first, second: [statements], at least one, the ratings of the two passes."""
    a, b = first - first.mean(), second - second.mean()
    spread = float(np.sqrt((a @ a) * (b @ b)))
    r = float(a @ b) / spread if spread > 0 else None
    return Consistency(len(first), r, float(np.abs(first - second).mean()))
