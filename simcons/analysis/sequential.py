"""Means that may be looked at again and again while groups come in: intervals and p values that hold at every look at once.

The asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (2024, Annals of Statistics 52), their
equation 10: the mean of n groups with standard error e is within

    e sqrt( 2 (n r + 1) / (n r) log( sqrt(n r + 1) / alpha ) )

of the true one at all n together, with probability 1 - alpha, as the first look comes later. r decides at which n the sequence is
narrowest. Sequences for bounded numbers (betting, empirical Bernstein) hold for any number of groups, but on a scale of six
points need several times as many. This is normal theory: look first at `FIRST_LOOK` groups, and again when they have doubled.
Looked at so, it errs in at most 5% of studies whatever their groups' differences are like; looked at after every group it errs as
often as it says where these are fairly symmetric, and up to 9% of the time where a large loss is rare (measured in its tests).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt

from simcons.analysis.resampling import SIGNIFICANT

FIRST_LOOK = 30  # groups


def looks(n_groups: int) -> tuple[int, ...]:
    """Numbers of groups to look at, up to ``n_groups``: the first look, each double of the one before, and the last."""
    doubled = [FIRST_LOOK * 2**k for k in range(32)]
    return (*(n for n in doubled if n < n_groups), n_groups)


@dataclass(frozen=True, slots=True)
class ConfidenceSequence:
    """Tests of means that are looked at more than once. best_at: the number of groups at which intervals are narrowest."""

    best_at: int
    alpha: float = SIGNIFICANT

    @property
    def _r(self) -> float:
        least = -2 * log(self.alpha)
        return (least + log(least + 1)) / self.best_at  # their appendix B.2

    def half_width(self, error: float, n: int) -> float:
        """Half the interval of a mean of ``n`` groups with this standard error."""
        grown = n * self._r + 1
        return error * sqrt(2 * grown / (grown - 1) * log(sqrt(grown) / self.alpha))

    def p_value(self, distance: float, error: float, n: int) -> float:
        """The least alpha at which the sequence leaves out a true mean this far off: two-sided, valid at whichever look."""
        grown = n * self._r + 1
        return min(1.0, sqrt(grown) * exp(-((distance / error) ** 2) * (grown - 1) / (2 * grown)))
