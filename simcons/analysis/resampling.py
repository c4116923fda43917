"""Estimates over groups with their 95% intervals: whatever is printed with an interval is made here.

People in a group read and rate the same statements, so the group is the unit. Three intervals are nearly enough:

* whatever is a smooth function of sums over groups, such as a mean, a ratio, a difference of two or a correlation, has the
  interval of the jackknife that leaves out a group at a time (Tukey 1958; JK1 in Wolter 2007), with Student's t on n - 1 degrees
  of freedom. For the mean of one number a group it is the textbook's t interval;
* a share has Wilson's (1927), for as many trials as its jackknife interval is worth (after Korn & Graubard 1998);
* a quantile has Woodruff's (1952): the values between which the share at or below it may lie.

What is skewed and above 0 has that of its logarithm (`positive`), and a sum of absolute values, which is not smooth where one is
near 0, one of its own (`sizes`).

There is none for fewer than two groups, nor where groups do not differ at all: they then say nothing about others. Coverage from
4 groups up, and what else was tried, are in docs/decisions/intervals.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, inf, isfinite, pi, sqrt

import numpy as np
import numpy.typing as npt

from simcons.arrays import Bools, Floats, Ints

SIGNIFICANT = 0.05
_TAIL = SIGNIFICANT / 2
_ROUNDING = 1e-12  # of what is of the order of 1: an error below it is no variation
_PLACE_ROUNDING = 1e-9  # .1 * 70 is more than 7


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 95% interval, from ``n`` independent units: groups, or whatever else varies on its own.

    Where there is nothing to estimate from there is no estimate, but None. interval: low and high; None where there is none.
    error: the standard error, None where none is known.
    """

    value: float
    interval: tuple[float, float] | None
    error: float | None
    n: int

    @classmethod
    def of_numbers(cls, value: float, low: float | None, high: float | None, n: int) -> Estimate:
        """As a table holds it, without its standard error. low, high: None where there is no interval."""
        return cls(value, None if low is None or high is None else (low, high), None, n)

    @property
    def numbers(self) -> tuple[float, float | None, float | None]:
        """Value, low and high, as a table holds them."""
        return self.value, *(self.interval or (None, None))

    def p_value(self) -> float | None:
        """Two-sided, of a true value of 0, by the t test that intervals but those of shares invert; None without an interval."""
        if self.error is None:
            return None
        from scipy.special import stdtr  # here, as it takes longer to load than most commands take to run

        return float(2 * stdtr(self.n - 1, -abs(self.value) / self.error))

    def negated(self) -> Estimate:
        interval = None if self.interval is None else (-self.interval[1], -self.interval[0])
        return Estimate(-self.value, interval, self.error, self.n)

    def within(self, lowest: float, highest: float) -> Estimate:
        """The same, of what is known to lie between these bounds."""

        def kept(number: float) -> float:
            return min(max(number, lowest), highest)

        interval = None if self.interval is None else (kept(self.interval[0]), kept(self.interval[1]))
        return Estimate(kept(self.value), interval, self.error, self.n)


# --- means, ratios and other smooth functions of sums --------------------------------------------------------------


def sums_by_group(columns: npt.ArrayLike, group: npt.ArrayLike) -> Floats:
    """[columns, rows], and the number of each row's group from 0, to sums [groups, columns]."""
    rows, place = np.atleast_2d(np.asarray(columns, dtype=np.float64)), np.asarray(group, dtype=np.int64)
    n = int(place.max(initial=-1)) + 1
    return np.stack([np.bincount(place, weights=column, minlength=n) for column in rows], axis=-1)


def mean(values: npt.ArrayLike, group: npt.ArrayLike | None = None, *, share: bool = False) -> Estimate:
    """Mean of ``values`` [rows]. group: each row's, by number from 0; none if every row is independent.

    share: each value is 0 or 1, or a tie between. Raises ValueError for a value that is not finite, and for none at all.
    """
    numbers = np.asarray(values, dtype=np.float64)
    if not np.isfinite(numbers).all():
        raise ValueError(f"values: {float(numbers[~np.isfinite(numbers)][0])!r}: expected finite numbers")
    place = np.arange(len(numbers)) if group is None else group
    totals, counts = sums_by_group([numbers, np.ones_like(numbers)], place).T
    estimate = ratio(totals, counts, share=share)
    if estimate is None:
        raise ValueError("values: none; expected at least one number")
    return estimate


def ratio(totals: npt.ArrayLike, weights: npt.ArrayLike, *, share: bool = False) -> Estimate | None:
    """Sum of ``totals`` over sum of ``weights``, both [groups]. share: weights count trials, and totals those that hold.

    None where no group has a weight. A group of weight 0 does not count.
    """
    columns = (np.asarray(numbers, dtype=np.float64)[:, None] for numbers in (totals, weights))
    return ratios(*columns, shares=np.array([share]))[0]


def ratios(totals: Floats, weights: Floats, *, shares: Bools) -> list[Estimate | None]:
    """The same for many measures at once: [groups, measures], and which of them are shares [measures]."""
    there = weights > 0
    value, error, _ = _jackknife(lambda sums: sums[..., 0, :] / sums[..., 1, :], np.stack([totals, weights], 1), there)
    n, trials = there.sum(axis=0), weights.sum(axis=0)
    low, high = value - margin(error, n), value + margin(error, n)
    low[shares], high[shares] = share_interval(value[shares], error[shares], n[shares], trials=trials[shares])
    return _estimates(value, low, high, error, n)


def difference(first: Floats, second: Floats) -> Estimate | None:
    """One ratio less another of the same groups: both [groups, 2], totals and weights. A group counts with both, as a pair.

    None where either has no weight.
    """

    def less(sums: Floats) -> Floats:
        both = sums[..., 0] / sums[..., 1]
        return np.asarray(both[..., 0] - both[..., 1])

    return statistic(less, np.stack([first, second], axis=1))


def statistic(function: Callable[[Floats], Floats], sums: Floats) -> Estimate | None:
    """A smooth function of sums over groups.

    function: of the sums of any number of samples at once, ``[..., *columns]``, to [...]. sums: ``[groups, *columns]``; every
    group counts. There is no interval where leaving out some group leaves the function undefined, and None where it is
    undefined (NaN) as it is.
    """
    n = np.array([len(sums)])
    value, error, _ = _jackknife(lambda samples: function(samples)[..., None], sums, np.ones((len(sums), 1), bool))
    half = margin(error, n)
    return _estimates(value, value - half, value + half, error, n)[0]


def positive(function: Callable[[Floats], Floats], sums: Floats) -> Estimate | None:
    """A `statistic` above 0 whose groups' parts are skewed, such as a variance or an index of inequality.

    The interval is that of its logarithm (Arvesen & Schmitz 1970): value exp(-+ t error of the log). There is none where the
    value is 0, or is without some group. No ``error``, as it never is 0 by the interval.
    """

    def log(samples: Floats) -> Floats:
        return np.asarray(np.log(function(samples)))

    with np.errstate(invalid="ignore", divide="ignore"):
        value, logarithm = float(function(sums.sum(axis=0))), statistic(log, sums)
    if logarithm is None or logarithm.interval is None:
        return Estimate(value, None, None, len(sums)) if isfinite(value) else None
    low, high = logarithm.interval
    return Estimate(value, (exp(low), exp(high)), None, len(sums))


def sizes(totals: Floats, weights: Floats) -> Estimate | None:
    """Sum of the absolute values of sums, sum_b |sum_g totals_gb| / sum_g weights_g, of [groups, b] and [groups].

    Chance makes an absolute value greater than it is, and near 0 the jackknife's correction, n value - (n - 1) mean of those
    without a group, takes only a part of that away. So the interval goes upwards from there, but downwards from `_by_halves`,
    which is no more than the truth on average. Either way t times the standard error of the sum with its signs as they are.
    None where there is no weight; no ``error``, as no t test belongs to it.
    """
    there = weights > 0
    parts, counts, n = totals[there], weights[there], int(there.sum())

    def size(sums: Floats) -> Floats:
        return np.asarray(np.abs(sums[..., :-1]).sum(axis=-1, keepdims=True) / sums[..., -1:])

    [value], _, [corrected] = _jackknife(size, np.column_stack([parts, counts]), np.ones((n, 1), bool))
    signed = ratio(parts @ np.sign(parts.sum(axis=0)), counts)
    if signed is None or n < 2:
        return None if signed is None else Estimate(float(value), None, None, n)
    if signed.error is None:
        return Estimate(max(float(corrected), 0.0), None, None, n)
    [half] = margin(np.array([signed.error]), [n]).tolist()
    least = min(_by_halves(parts, counts) / counts.sum(), corrected)
    return Estimate(float(corrected), (least - half, corrected + half), None, n).within(0.0, inf)


def _by_halves(parts: Floats, counts: Floats) -> float:
    """The sum over columns of |sum of parts|, each sum's sign being told by one half of the groups and its size by the other.

    With a sign that its own chance has no part in a sum is on average no greater than it truly is. The mean over all halves, if
    what they differ by is normal: |S| (2 Phi(z) - 1) - 2 s phi(z), of a sum S with standard error s, z = |S| / s.
    """
    from scipy.special import ndtr

    n, sums = len(parts), parts.sum(axis=0)
    error = np.sqrt(n / (n - 1) * ((parts - np.outer(counts, sums / counts.sum())) ** 2).sum(axis=0))
    z = np.abs(sums) / np.where(error > 0, error, np.inf)
    told = np.where(error > 0, 2 * ndtr(z) - 1, 1.0)
    return float((np.abs(sums) * told - 2 * error * np.exp(-(z**2) / 2) / sqrt(2 * pi)).sum())


def _jackknife(function: Callable[[Floats], Floats], sums: Floats, there: Bools) -> tuple[Floats, Floats, Floats]:
    """Value, standard error and bias-corrected value [measures]; NaN where undefined.

    function: [..., *columns] to [..., measures]. there: [groups, measures], the groups that count in each.
    """
    total, n = sums.sum(axis=0), there.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.asarray(function(total))
        left = np.where(there, function(total - sums), 0.0)
        centre = left.sum(axis=0) / n
        error = np.sqrt((n - 1) / n * (np.where(there, left - centre, 0.0) ** 2).sum(axis=0))
    return value, error, n * value - (n - 1) * centre


def from_moments(centre: float, squares: float, n: int, *, trials: int | None = None) -> Estimate:
    """The mean ``centre`` of ``n`` independent numbers. squares: the sum of their squared deviations from it.

    trials: of a share, how many zeros and ones those numbers are the means of. Raises ValueError for a mean that is not finite.
    """
    value, size = np.array([centre]), np.array([n])
    error = np.sqrt(np.array([squares]) / (max(n - 1, 1) * n))
    low, high = value - margin(error, size), value + margin(error, size)
    if trials is not None:
        low, high = share_interval(value, error, size, trials=trials)
    [estimate] = _estimates(value, low, high, error, size)
    if estimate is None:
        raise ValueError(f"mean {centre!r}: expected a finite number")
    return estimate


def margin(error: Floats, n: npt.ArrayLike, *, tail: float = _TAIL) -> Floats:
    """Half the t interval of estimates with a standard error from ``n`` units, with ``tail`` on either side.

    NaN, with which every comparison is false, for fewer than two units and where they do not differ.
    """
    from scipy.special import stdtrit

    freedom = np.asarray(n) - 1
    quantile = -stdtrit(np.maximum(freedom, 1), tail)
    return np.asarray(np.where((freedom > 0) & (error > _ROUNDING), quantile * error, np.nan))


# --- shares and quantiles ------------------------------------------------------------------------------------------


def share_interval(share: Floats, error: Floats, n: npt.ArrayLike, *, trials: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Wilson's interval, for as many trials as the t interval is worth: as many as have a normal interval of its width.

    These are no more than the ``trials`` that there were. Where the share is 0 or 1, whether the trials of a group hang together
    is not seen: each of the ``n`` units counts as one trial, and the interval is Clopper & Pearson's (1934), as Wilson's of four
    units that are all alike would leave out a half. NaN for fewer than two units.
    """
    n = np.asarray(n)
    low, high = wilson(share, _worth(share, error, n, trials))
    all_alike = _TAIL ** (1 / np.maximum(n, 1))
    low, high = np.where(_is_all(share), all_alike, low), np.where(_is_none(share), 1 - all_alike, high)
    return np.where(n > 1, low, np.nan), np.where(n > 1, high, np.nan)


def share_p_values(
    shares: Sequence[Estimate | None], trials: npt.ArrayLike, *, null: float = 0.5
) -> list[float | None]:
    """Two-sided, of a true share of ``null``: below .05 where that lies outside of the share's interval, which inverts this test.

    trials: of each, as for its interval. None where there is no interval.
    """
    from scipy.special import ndtr

    counts = np.broadcast_to(np.asarray(trials, dtype=np.float64), len(shares)).tolist()
    p_values: list[float | None] = []
    for share, n_trials in zip(shares, counts, strict=True):
        if share is None or share.interval is None:
            p_values.append(None)
            continue
        if _is_none(share.value) or _is_all(share.value):
            p_values.append(min(1.0, 2 * (null if _is_all(share.value) else 1 - null) ** share.n))
            continue
        worth = _worth(np.array(share.value), np.array(share.error or 0.0), np.array(share.n), n_trials)
        score = abs(share.value - null) / np.sqrt(null * (1 - null) / worth)
        p_values.append(float(2 * ndtr(-score)))
    return p_values


def _worth(share: Floats, error: Floats, n: Ints, trials: npt.ArrayLike) -> Floats:
    """As many independent trials as a share's t interval is worth."""
    half = margin(error, n)
    with np.errstate(invalid="ignore", divide="ignore"):
        worth = np.fmin(trials, _normal() ** 2 * share * (1 - share) / half**2)
    return np.asarray(np.where(_is_none(share) | _is_all(share), n, worth))


def _is_none(share: npt.ArrayLike) -> Bools:
    return np.asarray(share) < _ROUNDING


def _is_all(share: npt.ArrayLike) -> Bools:
    return np.asarray(share) > 1 - _ROUNDING


def trials(n: int, of: int) -> Estimate | None:
    """The share of ``n`` successes among ``of`` independent trials, with Wilson's interval; None for no trials."""
    if not of:
        return None
    [low], [high] = wilson([n / of], [of])
    return Estimate(n / of, (float(low), float(high)), None, of)


def wilson(share: npt.ArrayLike, trials: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Wilson's interval of shares of so many independent trials."""
    share, trials, square = np.asarray(share, dtype=np.float64), np.asarray(trials, dtype=np.float64), _normal() ** 2
    with np.errstate(invalid="ignore", divide="ignore"):  # of no trials nothing is known
        middle = (share + square / (2 * trials)) / (1 + square / trials)
        half = np.sqrt(square * share * (1 - share) / trials + (square / (2 * trials)) ** 2) / (1 + square / trials)
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def _normal() -> float:
    """The normal quantile that leaves the tail of a 95% interval."""
    from scipy.special import ndtri

    return -float(ndtri(_TAIL))


def quantile(values: npt.ArrayLike, q: float, group: npt.ArrayLike | None = None) -> Estimate | None:
    """The least of ``values`` [rows] with at least a share ``q`` of them at or below it; NaN is left out.

    group: each row's, by number from 0; none if every row is independent. No interval where one of its ends would lie beyond the
    values that there are, and None where there are none.
    """
    given = np.asarray(values, dtype=np.float64)
    there = ~np.isnan(given)
    numbers, place = given[there], np.arange(int(there.sum())) if group is None else np.asarray(group)[there]
    if not len(numbers):
        return None
    value = _ranked(numbers, np.ceil(q * len(numbers) - _PLACE_ROUNDING))
    below = mean(numbers <= value, place, share=True)
    if below.interval is None:
        return Estimate(value, None, None, below.n)
    low, high = (np.floor(share * len(numbers)) for share in below.interval)
    if low < 1 or high >= len(numbers):
        return Estimate(value, None, None, below.n)
    return Estimate(value, (_ranked(numbers, low), _ranked(numbers, high + 1)), None, below.n)


def _ranked(values: Floats, rank: float) -> float:
    """The value of this rank in ascending order, the first being 1."""
    place = max(int(rank) - 1, 0)
    return float(np.partition(values, place)[place])


# --- many comparisons ----------------------------------------------------------------------------------------------


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """p values of a family of comparisons, adjusted by Holm's (1979) step-down procedure, in their order.

    The k-th smallest of m is multiplied by m - k + 1, and is no less than those before it and no more than 1. Whoever takes those
    up to .05 for differences finds any that is none in at most one of twenty families. None, where there was no test, stays None.
    """
    tested = [(p, place) for place, p in enumerate(p_values) if p is not None]
    adjusted: list[float | None] = [None] * len(p_values)
    least = 0.0
    for k, (p, place) in enumerate(sorted(tested)):
        least = max(least, min(1.0, (len(tested) - k) * p))
        adjusted[place] = least
    return adjusted


def _estimates(value: Floats, low: Floats, high: Floats, error: Floats, n: Ints) -> list[Estimate | None]:
    rows = zip(*(column.tolist() for column in (value, low, high, error, n)), strict=True)
    return [_estimate(*row) for row in rows]


def _estimate(value: float, low: float, high: float, error: float, n: int) -> Estimate | None:
    if not isfinite(value):
        return None
    interval = (low, high) if isfinite(low) and isfinite(high) else None
    return Estimate(value, interval, error if interval and error > _ROUNDING else None, n)
