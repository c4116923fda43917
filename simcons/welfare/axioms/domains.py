"""The utilities over which axioms are examined."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simcons.arrays import Floats


@dataclass(frozen=True, slots=True)
class Domain:
    """A set of utilities from ``low`` to ``high``. What is drawn from it is said in `profiles`."""

    name: str
    says: str
    low: float
    high: float
    unit: float | None = None  # utilities are whole multiples of it; None where any float may occur
    factors: tuple[float, ...] = (2.0, 3.0, 0.5, 10.0, 0.1, 100.0, 0.01)  # changes of unit that lose no digits there
    signed: bool = False  # every profile has somebody below 0

    def apart(self, a: float, b: float, *, units: int = 1) -> tuple[float, float]:
        """Two utilities, the lower first, that differ by at least ``units``, or by a tenth (of 1 at least, across 0) where there
        is no unit.

        ``a`` and ``b`` if they do; else one of them is moved.
        """
        low, high = min(a, b), max(a, b)
        gap = units * self.unit if self.unit else 0.1 * max(abs(low), abs(high), float(self.signed))
        if high - low >= gap:
            return low, high
        return (high - gap, high) if high - gap >= self.low else (low, low + 1.2 * gap if not self.unit else low + gap)

    def moved(self, utilities: Floats, share: float) -> Floats:
        """All ``utilities`` raised (or lowered) by a ``share`` of their size, as far as the domain goes; 0 by 1e-100."""
        by = np.where(utilities == 0, np.sign(share) * 1e-100, share * np.abs(utilities))
        return np.asarray(np.clip(utilities + by, self.low, self.high))


DOMAINS = (
    Domain("ratings", "whole ratings from 1 to 7", 1, 7, unit=1.0),
    Domain("expected", "expected ratings: any number from 1 to 7", 1, 7),
    Domain("wide", "from 0.01 to 100", 0.01, 100),
    Domain("zeros", "whole numbers from 0 to 7", 0, 7, unit=1.0),
    Domain("signs", "any number from -7 to 7, somebody below 0 in every profile", -7, 7, signed=True),
    Domain("huge", "from 1e-300 to 1e300: what fails here alone is likely to be rounding", 1e-300, 1e300),
    Domain(
        "tiny",
        "1 to 7 times 2^-1054: so small that floats have few digits left",
        2.0**-1054,
        7 * 2.0**-1054,
        unit=2.0**-1054,
        factors=(2.0, 0.5, 4.0, 10.0, 100.0),
    ),
)


def domain_named(name: str) -> Domain:
    """The domain of this name. Raises KeyError for an unknown one."""
    return {domain.name: domain for domain in DOMAINS}[name]
