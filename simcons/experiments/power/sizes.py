"""The number of groups that a study needs to find a difference, or to show that there is none that matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from math import ceil

import numpy as np
from scipy.stats import norm

from simcons.arrays import Bools, Floats, Ints
from simcons.experiments.power.differences import DifferenceSample
from simcons.experiments.power.estimates import Test, check_margin, possible_samples, rates_of, sd_error, share_error
from simcons.experiments.power.studies import equivalent, significant

_FIRST_TOP, _SIZES = 128, 24  # the largest size tried first, and how many sizes are tried up to it
_LIBERAL = 1.5  # times alpha: errors up to which a test is trusted
_CAREFUL = 4  # times as many studies tell how often a test errs
_MANY = 1100  # groups, from which on the mean of differences is normal enough for a t test whatever they are


@dataclass(frozen=True, slots=True)
class Needed:
    """Groups needed for the wanted power; None is more than ``cap``, or that no number would do."""

    estimate: int | None
    low: int | None
    high: int | None
    cap: int


def groups_needed(
    sample: DifferenceSample,
    margin: float | None = None,
    *,
    true_difference: float | None = None,
    power: float = 0.8,
    alpha: float = 0.05,
    smallest: int = 20,
    cap: int = 10_000,
    replications: int = 2000,
    seed: int = 0,
) -> Needed:
    """The smallest number of groups with which a study finds the difference, or shows equivalence within ``margin``.

    It does so with probability ``power``, and its test can be trusted: where the rules rarely differ, t tests of few groups show
    what is not there. So a size counts only from ``smallest`` on, and only where the test errs in at most 1.5 alpha of studies
    (the liberal criterion of Bradley 1978, Br. J. Math. Stat. Psychol. 31): at a true difference of 0, or for equivalence at the
    margin in either direction, as far as the sample allows these.

    Sizes up to ``cap`` are tried on a grid; between two of them the probit of power is taken to be linear in the root of the
    number of groups, as it is for a t test. true_difference, the interval and what is raised are as in `power_curve` and
    `equivalence_power`; with few replications nothing is sure about the test's errors, and the interval has no upper end.
    """
    if not 2 <= smallest < cap:
        raise ValueError(
            f"smallest {smallest!r}, cap {cap!r}: expected at least 2 groups, and more than that as the cap"
        )
    if margin is not None:
        check_margin(margin)
    samples = possible_samples(sample, true_difference)
    search = _Search(
        test=partial(significant, alpha=alpha) if margin is None else partial(equivalent, margin=margin, alpha=alpha),
        differences=samples,
        nulls=[sample.tilted(null) for null in ([0.0] if margin is None else [-margin, margin]) if sample.allows(null)],
        most_errors=_LIBERAL * alpha,
        power=power,
        limits=(smallest, cap),
        replications=replications,
        seed=seed,
    )
    low, high = (_extreme([search.size(place, side) for place in range(len(samples))], side) for side in (-1, 1))
    widen = 2 * sd_error(sample)
    low, high = max(low * (1 - widen), smallest), high if high == smallest else high * (1 + widen)
    return Needed(search.size(0, 0), _or_none(low, cap), _or_none(high, cap), cap)


def _extreme(sizes: Sequence[int | None], side: int) -> float:
    """The least (side -1) or most (side 1) of them; infinite for more than the cap."""
    return (min if side < 0 else max)(float("inf") if size is None else float(size) for size in sizes)


def _or_none(size: float, cap: int) -> int | None:
    return None if size > cap else round(size)


@dataclass(frozen=True, slots=True)
class _Search:
    """Rates of a conclusion over a grid of sizes; larger sizes are drawn only where smaller ones do not suffice."""

    test: Test
    differences: Sequence[Floats]  # one for each true difference that is possible
    nulls: Sequence[Floats]  # true differences at which the conclusion is an error
    most_errors: float
    power: float
    limits: tuple[int, int]
    replications: int
    seed: int
    _drawn: dict[tuple[int, int], Floats] = field(default_factory=dict)

    def size(self, place: int, side: int) -> int | None:
        """The size at which the test can be trusted and reaches the power, for one of the differences.

        side: 0 as the studies say; -1 and 1 the least and the most groups that their number leaves possible.
        """
        smallest, cap = self.limits
        goal = self.power + side * share_error(self.power, self.replications)
        top = min(max(_FIRST_TOP, 2 * smallest), cap)
        while True:
            rates = self._rates(self.differences[place], place, top, self.replications)
            rates = np.where(self._trusted(top, side), rates, 0.0)
            if top == cap or rates[-1] >= goal:
                return _crossing(self._grid(top), rates, goal)
            top = min(8 * top, cap)

    def _grid(self, top: int) -> Ints:
        return np.unique(np.geomspace(self.limits[0], top, _SIZES).round().astype(np.int64))

    def _rates(self, differences: Floats, key: int, top: int, replications: int) -> Floats:
        """Drawn once a key and top."""
        if (key, top) not in self._drawn:
            sizes = [int(n) for n in self._grid(top)]
            self._drawn[key, top] = rates_of(differences, sizes, self.test, replications=replications, seed=self.seed)
        return self._drawn[key, top]

    def _trusted(self, top: int, side: int) -> Bools:
        """By size; all sizes where ``top`` is so large that smaller ones were seen to be too small."""
        trusted = np.ones(len(self._grid(top)), dtype=bool)
        n = self.replications * _CAREFUL
        for k, null in enumerate(self.nulls if top < _MANY else []):
            errors = self._rates(null, -1 - k, top, n)
            trusted &= errors + side * np.array([share_error(error, n) for error in errors]) <= self.most_errors
        return trusted


def _crossing(sizes: Ints, rates: Floats, power: float) -> int | None:
    """Where rates cross ``power`` for the last time; None where the last of them is below."""
    below = np.flatnonzero(rates < power)
    if not len(below):
        return int(sizes[0])
    last = int(below[-1])
    if last == len(sizes) - 1:
        return None
    if rates[last] == 0 or rates[last + 1] == 1:
        return int(sizes[last + 1])
    before, after = norm.ppf(rates[last : last + 2])
    share = (norm.ppf(power) - before) / (after - before)
    root = np.sqrt(sizes[last]) + share * (np.sqrt(sizes[last + 1]) - np.sqrt(sizes[last]))
    return ceil(float(root**2) - 1e-9)
