"""Equivalence of the answers of two crowds: tests that must be passed, not differences that fail to be significant.

That nothing differs significantly is said of any two small samples. Here two crowds count as alike only where an interval
shows that they are: two one-sided tests at .05 (Schuirmann 1987), by the 90% interval of the jackknife over groups.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from simcons.analysis.resampling import Estimate, margin, statistic
from simcons.arrays import Floats

Standing: TypeAlias = Literal["alike", "different", "open"]
SD_BOUNDS = (0.8, 1.25)
DISTANCE_BOUND = 0.1  # of the scale's length [J]: the mass of a fifth of people moved by half the scale
_TAIL = 0.05
_SPLITS = 200


@dataclass(frozen=True, slots=True)
class Equivalence:
    """One measure of two crowds, with its 90% interval and bounds. standing: alike where all of the interval lies within the
    bounds, different where none does, open where it lies across; None where there is no interval.
    """

    measure: str
    estimate: Estimate | None
    bounds: tuple[float, float]
    standing: Standing | None


@dataclass(frozen=True, slots=True)
class Spread:
    """Agents' answers beside people's. split_half: the distance of random halves of the people, median and 95th percentile."""

    sd_people: float
    sd_agents: float
    sd_ratio: Equivalence
    distance: Equivalence
    split_half: tuple[float, float] | None

    @property
    def standing(self) -> Standing | None:
        """Of both measures: alike where both are, different where either is."""
        each = {self.sd_ratio.standing, self.distance.standing}
        if "different" in each:
            return "different"
        return None if None in each else "alike" if each == {"alike"} else "open"


def compare_spread(people: Floats, agents: Floats, points: Floats, *, seed: int = 0) -> Spread:
    """Compare counts of answers, [groups, points]; groups are whatever answered independently of the others.

    points: of the scale, in order. seed: of the halves that people are split into.
    """
    both = np.zeros((len(people) + len(agents), 2, len(points)))
    both[: len(people), 0], both[len(people) :, 1] = people, agents
    ratio = statistic(lambda sums: np.log(_sd(sums[..., 1, :], points) / _sd(sums[..., 0, :], points)), both)
    apart = statistic(lambda sums: _distance(sums[..., 0, :], sums[..., 1, :], points), both)
    length = float(points[-1] - points[0])
    low, high = SD_BOUNDS
    return Spread(
        sd_people=float(_sd(people.sum(axis=0), points)),
        sd_agents=float(_sd(agents.sum(axis=0), points)),
        sd_ratio=_equivalence("sd_ratio", ratio, (float(np.log(low)), float(np.log(high)))).exponential(),
        distance=_equivalence("distance", apart, (-DISTANCE_BOUND * length, DISTANCE_BOUND * length)).not_negative(),
        split_half=_split_half(people, points, seed),
    )


@dataclass(frozen=True, slots=True)
class _Tested:
    measure: str
    estimate: Estimate | None
    bounds: tuple[float, float]
    standing: Standing | None

    def exponential(self) -> Equivalence:
        """The ratio of which this is the logarithm."""
        given = self.estimate
        told = None
        if given is not None:
            ends = (
                None if given.interval is None else (float(np.exp(given.interval[0])), float(np.exp(given.interval[1])))
            )
            told = Estimate(float(np.exp(given.value)), ends, None, given.n)
        return Equivalence(self.measure, told, SD_BOUNDS, self.standing)

    def not_negative(self) -> Equivalence:
        told = None if self.estimate is None else self.estimate.within(0.0, float("inf"))
        return Equivalence(self.measure, told, (0.0, self.bounds[1]), self.standing)


def _equivalence(measure: str, estimate: Estimate | None, bounds: tuple[float, float]) -> _Tested:
    """The test, with the 90% interval in place of the 95% one."""
    if estimate is None or estimate.error is None:
        return _Tested(measure, estimate, bounds, None)
    half = float(margin(np.array([estimate.error]), np.array([estimate.n]), tail=_TAIL)[0])
    ends = estimate.value - half, estimate.value + half
    return _Tested(measure, Estimate(estimate.value, ends, estimate.error, estimate.n), bounds, _standing(ends, bounds))


def _standing(interval: tuple[float, float], bounds: tuple[float, float]) -> Standing | None:
    if np.isnan(interval).any():
        return None
    if bounds[0] <= interval[0] and interval[1] <= bounds[1]:
        return "alike"
    return "different" if interval[1] < bounds[0] or interval[0] > bounds[1] else "open"


def _sd(counts: Floats, points: Floats) -> Floats:
    """The standard deviation of answers, of counts [..., points]."""
    n = counts.sum(axis=-1)
    mean = counts @ points / n
    return np.asarray(np.sqrt((counts @ points**2 / n - mean**2) * n / (n - 1)))


def _distance(first: Floats, second: Floats, points: Floats) -> Floats:
    """Wasserstein's distance in points of the scale: the area between the two distribution functions."""
    shares = [np.cumsum(counts, axis=-1)[..., :-1] / counts.sum(axis=-1, keepdims=True) for counts in (first, second)]
    return np.asarray(np.abs(shares[0] - shares[1]) @ np.diff(points))


def _split_half(people: Floats, points: Floats, seed: int) -> tuple[float, float] | None:
    """How far random halves of the people's groups lie apart: what sampling alone does."""
    from simcons.seeds import stream

    if len(people) < 4:
        return None
    rng, half = stream(seed, "split half"), len(people) // 2
    orders = [rng.permutation(len(people)) for _ in range(_SPLITS)]
    apart = [
        float(_distance(people[order[:half]].sum(axis=0), people[order[half:]].sum(axis=0), points)) for order in orders
    ]
    return float(np.median(apart)), float(np.quantile(apart, 0.95))
