"""Simulated studies, and figures of them that are printed with intervals, as `benchmarks/interval_coverage.py` measures.

Studies of groups of 4 to 6 people: groups, rounds, people and statements differ, one answer in twelve is missing, and ratings
are whole points from 1 to 7.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from warnings import catch_warnings, simplefilter

import numpy as np

from simcons.analysis import variance
from simcons.analysis.best_of_n import chances
from simcons.analysis.exclusion import least_squares
from simcons.analysis.realised_welfare import gini
from simcons.analysis.repeats import icc, krippendorff_alpha
from simcons.analysis.resampling import Estimate, difference, positive, quantile, ratio, sizes, statistic
from simcons.arrays import Floats, Ints
from simcons.welfare.isoelastic import atkinson, isoelastic

PEOPLE, ANSWERS, SAMPLES, RANKED = 6, 7, 16, 4
ARMS = np.array([5.2, 4.9]).reshape(1, 2, 1, 1)


@dataclass(frozen=True, slots=True)
class Study:
    """NaN where there is none."""

    ratings: Floats  # [groups, rounds, arms, people, passes]
    true: Floats  # [groups, rounds, people], of the first arm's statement, before noise
    group: Floats  # [groups, 1, 1], by how much a group agrees more than others
    sampled: Floats  # [groups, rounds, samples]: what a group makes of further statements, the best by prediction first
    ranked: Floats  # [groups, rounds, people, 2, statements]: what each makes of a slate when they rate it, and when they rank it

    @property
    def first(self) -> Floats:
        return self.ratings[:, :, 0]

    @property
    def utilities(self) -> Floats:
        """[groups, rounds, people]: ratings of the first arm's statements, averaged over passes."""
        return nanmean(self.first, axis=-1)

    @property
    def of_rounds(self) -> Floats:
        """[groups, rounds, arms]: the group's mean rating."""
        return nanmean(self.ratings, axis=(3, 4))


@dataclass(frozen=True, slots=True)
class Kind:
    """A figure: of a study to [groups, columns], and of these to what is printed, and to values of samples of the groups.

    resampled: whether what percentiles of such samples do is measured too, which takes most of the time.
    """

    name: str
    columns: Callable[[Study], Floats]
    estimate: Callable[[Floats], Estimate | None]
    values: Callable[[Floats, Ints], Floats]  # of picks [samples, groups]
    resampled: bool = True


# --- studies ---------------------------------------------------------------------------------------------------------


def draw(rng: np.random.Generator, n_groups: int, rounds: tuple[int, int]) -> Study:
    most = rounds[1]
    shape = (n_groups, most, 2, PEOPLE, 2)

    def effect(sd: float, *varies: bool) -> Floats:
        return rng.normal(0, sd, tuple(n if one else 1 for n, one in zip(shape, varies, strict=True)))

    group = effect(0.5, True, False, False, False, False)
    true = (
        ARMS
        + group
        + effect(0.3, True, False, True, False, False)  # groups, by arm
        + effect(0.6, True, True, False, False, False)  # rounds
        + effect(0.6, True, True, True, False, False)  # statements
        + effect(0.7, True, False, False, True, False)  # people
        + effect(0.9, True, True, True, True, False)  # people, by statement
    )
    ratings = np.clip(np.rint(true + effect(0.6, True, True, True, True, True)), 1, 7)
    people = np.arange(PEOPLE) < rng.integers(4, PEOPLE + 1, (n_groups, 1, 1))
    given = people & (np.arange(most)[:, None] < rng.integers(rounds[0], most + 1, (n_groups, 1, 1)))
    given &= (rng.random(given.shape) < 11 / 12) | (np.arange(PEOPLE) == 0)  # somebody answers in each round
    ratings = np.where(given[:, :, None, :, None], ratings, np.nan)
    opinion, noise = rng.normal(4.5, 0.7, (2, n_groups, most, SAMPLES))
    order = np.argsort(-(opinion + noise), axis=-1)  # a prediction has as much noise as there is to predict
    sampled = np.where(given.any(axis=-1)[..., None], np.take_along_axis(opinion, order, axis=-1), np.nan)
    ranked = np.where(given[..., None, None], slates(rng, n_groups, most), np.nan)
    return Study(ratings, np.where(given, true[:, :, 0, :, 0], np.nan), group[:, :, 0, :, 0], sampled, ranked)


def slates(rng: np.random.Generator, n_groups: int, rounds: int) -> Floats:
    """[groups, rounds, people, 2, statements]: ratings in whole points, and the worth by which the same person ranks."""
    worth = (
        rng.normal(4.5, 0.6, (n_groups, rounds, 1, 1, RANKED))
        + rng.normal(0, 0.9, (n_groups, rounds, PEOPLE, 1, RANKED))
        + rng.normal(0, 0.6, (n_groups, rounds, PEOPLE, 2, RANKED))
        + rng.normal(0, 0.3, (n_groups, 1, 1, 1, 1)) * np.arange(RANKED)  # some groups like what comes late
    )
    worth[..., 0, :] = np.clip(np.rint(worth[..., 0, :]), 1, 7)
    return worth


def nanmean(values: Floats, axis: int | tuple[int, ...]) -> Floats:
    """NaN of nothing, such as a round that a group does not have."""
    with catch_warnings():
        simplefilter("ignore", RuntimeWarning)
        return np.asarray(np.nanmean(values, axis=axis))


# --- means, shares and differences -----------------------------------------------------------------------------------


def sums(values: Floats, weights: Floats | None = None) -> Floats:
    """[groups, ...] to sum and number of what there is, [groups, 2]; or to the sum of ``weights`` where there are values."""
    flat = values.reshape(len(values), -1)
    there = ~np.isnan(flat)
    each = there if weights is None else np.where(there, weights.reshape(flat.shape), 0.0)
    return np.stack([np.nansum(flat, axis=1), each.sum(axis=1)], axis=1)


def where_given(values: Floats, given: Floats) -> Floats:
    return np.where(np.isnan(given), np.nan, values)


def agree(study: Study, least: int) -> Floats:
    return sums(where_given(study.first >= least, study.first))


def wins(study: Study, shift: float) -> Floats:
    gap = study.of_rounds[:, :, 0] - study.of_rounds[:, :, 1] + shift
    return sums((1 + np.sign(gap)) / 2)


def products(study: Study) -> Floats:
    """Sums of both passes, their squares and products, and how many pairs there are."""
    a, b = study.first[..., 0], study.first[..., 1]
    return np.stack([sums(x)[:, 0] for x in (a, b, a * a, b * b, a * b)] + [sums(a)[:, 1]], axis=1)


def correlation(of: Floats) -> Floats:
    a, b, aa, bb, ab, n = np.moveaxis(of, -1, 0)
    return np.asarray((ab - a * b / n) / np.sqrt((aa - a * a / n) * (bb - b * b / n)))


def apart(study: Study) -> Floats:
    """The first two people against the others: [groups, 4]."""
    return np.concatenate([sums(study.first[:, :, :2]), sums(study.first[:, :, 2:])], axis=1)


def rare(study: Study, limit: float) -> Floats:
    """A difference in rounds whose means are far apart alone, as of two rules that mostly choose the same statement."""
    gap = study.of_rounds[:, :, 0] - study.of_rounds[:, :, 1]
    return sums(where_given(np.where(np.abs(gap) > limit, gap, 0.0), gap))


def lowest(study: Study) -> Floats:
    """[groups, rounds]: of the true opinions of a statement."""
    with catch_warnings():
        simplefilter("ignore", RuntimeWarning)
        return np.asarray(np.nanmin(study.true, axis=-1))


def calibration(study: Study, off: float) -> Floats:
    """By bin, by how much ratings exceed scores, which are ``off`` by turns and do not know the group."""
    steps = bins(study)
    return by_bin(study, study.utilities - steps / 2 + np.where(steps % 2, off, -off))


def calibrated(study: Study) -> Floats:
    """The same of scores that are right in every bin, but do not know the group: noise is that between two passes."""
    return by_bin(study, study.group + study.first[..., 0] - study.first[..., 1])


def bins(study: Study) -> Floats:
    """Half points to which scores are rounded."""
    return np.asarray(np.rint(2 * (study.true - study.group)))


def by_bin(study: Study, short: Floats) -> Floats:
    """[groups, bins and the number of ratings]"""
    steps = bins(study)
    summed = [np.where(steps == k, short, 0.0).reshape(len(steps), -1).sum(axis=1) for k in range(-2, 26)]
    return np.stack([*summed, sums(study.true)[:, 1]], axis=1)


def absolute_mean(of: Floats) -> Floats:
    return np.asarray(np.abs(of[..., :-1]).sum(axis=-1) / of[..., -1])


def alike(study: Study) -> Floats:
    """Who prefers one of two statements in both passes, among those who prefer one in each."""
    first, second = np.moveaxis(np.sign(study.ratings[:, :, 0] - study.ratings[:, :, 1]), -1, 0)
    return sums(where_given((first == second).astype(float), np.where(first * second != 0, first, np.nan)))


def brier(study: Study) -> Floats:
    """Squared errors of the chance that one of two statements is preferred, by what is made of them in the other pass."""
    preferred, told = np.moveaxis(study.ratings[:, :, 0] - study.ratings[:, :, 1], -1, 0)
    chance = 1 / (1 + np.exp(-told))
    return sums(where_given((chance - (preferred > 0)) ** 2, np.where(preferred != 0, preferred, np.nan)))


def tau_b(study: Study) -> Floats:
    """Kendall's tau-b of each ranking with the ratings of the same person."""
    first, second = np.triu_indices(RANKED, 1)
    rated, ranked = np.moveaxis(np.sign(study.ranked[..., first] - study.ranked[..., second]), -2, 0)
    told = np.sqrt(np.abs(rated).sum(axis=-1) * np.abs(ranked).sum(axis=-1))
    with np.errstate(invalid="ignore", divide="ignore"):  # where all are rated alike there is none
        return sums((rated * ranked).sum(axis=-1) / told)


def sided(study: Study) -> Floats:
    """By how much the first two people fall short of 7, of that and the same of the others."""
    first, others = (7 - nanmean(study.utilities[..., part], axis=-1) for part in (slice(2), slice(2, None)))
    return sums(where_given(first, others), first + others)


def spread(study: Study) -> Floats:
    """Standard deviations of first ratings in a round."""
    with catch_warnings():
        simplefilter("ignore", RuntimeWarning)
        return sums(np.nanstd(study.first[..., 0], axis=-1, ddof=1))


def of_utilities(study: Study, function: Callable[[Floats], Floats]) -> Floats:
    """A function of each round's utilities, [rounds, people] to [rounds]."""
    there = ~np.isnan(study.utilities).all(axis=-1)
    values = np.full(there.shape, np.nan)
    values[there] = function(study.utilities[there])
    return sums(values)


def best_of(study: Study, n: int) -> Floats:
    """What is best by prediction of ``n`` of the samples: a mean over all that could have been drawn."""
    value, place = study.sampled, np.arange(SAMPLES)
    return sums(value @ chances(place, np.ones_like(place), SAMPLES, n))


def ahead(study: Study, n: int) -> Floats:
    """How often that is ahead of a further sample: a mean over all that could have been left out."""
    value, place = study.sampled, np.arange(SAMPLES - 1)
    chance, won = chances(place, np.ones_like(place), SAMPLES - 1, n), 0.0
    for left in range(SAMPLES):
        others = np.delete(value, left, axis=-1)
        won += (1 + np.sign(others - value[..., left : left + 1])) / 2 @ chance / SAMPLES
    return sums(np.asarray(won))


# --- coefficients and components -------------------------------------------------------------------------------------


def answered_twice(first: Floats, second: Floats) -> Floats:
    """[groups, 49]: pairs of answers, NaN being none."""
    there = ~np.isnan(first) & ~np.isnan(second)
    place = np.nonzero(there)[0] * ANSWERS**2 + (first[there] - 1) * ANSWERS + second[there] - 1
    return np.bincount(place.astype(np.int64), minlength=len(first) * ANSWERS**2).reshape(len(first), -1).astype(float)


def twice(study: Study) -> Floats:
    return answered_twice(study.first[..., 0], study.first[..., 1])


def two_statements(study: Study) -> Floats:
    """Answers to either arm, which agree as those of people do who hardly know what they answered before."""
    return answered_twice(study.ratings[:, :, 0, :, 0], study.ratings[:, :, 1, :, 0])


def of_table(coefficient: Callable[[Floats], Floats], of: Floats) -> Floats:
    return coefficient(of.reshape(*of.shape[:-1], ANSWERS, ANSWERS))


def crossed(study: Study) -> Floats:
    """[groups, 17], as `simcons.analysis.variance.moments` has them, of people who rated all; 0 where there are not two."""
    n_groups = len(study.ratings)
    both = np.moveaxis(study.ratings, 3, 1).reshape(n_groups, PEOPLE, -1, 2)  # [groups, people, statements, passes]
    y, apart_by = both.mean(axis=-1), both[..., 0] - both[..., 1]
    shown = ~np.isnan(y).all(axis=1)
    whole = ((~np.isnan(y) == shown[:, None]) | ~shown[:, None]).all(axis=-1)
    kept = whole.sum(axis=1) > 1
    used = (whole[:, :, None] & shown[:, None])[kept]
    y, apart_by = (np.where(used, values[kept], np.nan) for values in (y, apart_by))
    p, i = whole[kept].sum(axis=1), shown[kept].sum(axis=1)
    grand, person, item = (
        nanmean(y, axis=(1, 2))[:, None, None],
        nanmean(y, axis=2)[:, :, None],
        nanmean(y, axis=1)[:, None],
    )
    squares = [
        np.nansum(np.where(used, values, np.nan) ** 2, axis=(1, 2))
        for values in (person - grand, item - grand, y - person - item + grand, apart_by)
    ]
    numbers = np.stack([p, i, grand[:, 0, 0], *squares[:3], p * i, squares[3]], axis=-1)
    columns = np.zeros((n_groups, 17))
    columns[kept] = variance.moments(numbers)
    return columns


def of_crossed(name: str) -> Kind:
    def estimate(columns: Floats) -> Estimate | None:
        there = columns[columns[:, 0] > 0]
        return variance.estimate(name, there) if len(there) > 1 else None

    return of_sums(f"share of variance, {name}", crossed, partial(variance.share, name), estimate)


def left_out(study: Study, changes: float) -> Floats:
    """The first one, two or three people by turns against the others, whose effect grows with them: sums for a slope.

    changes: by how much more in a group that agrees by a point more than others.
    """
    n_left = np.broadcast_to(1 + np.arange(study.first.shape[1]) % 3, study.first.shape[:2])
    left = np.arange(PEOPLE) < n_left[..., None]
    of_left, of_used = (nanmean(np.where(part, study.utilities, np.nan), axis=-1) for part in (left, ~left))
    y = of_used - of_left + (0.3 + changes * study.group[..., 0]) * n_left
    x = where_given(n_left.astype(float), y)
    return np.stack(
        [np.nansum(column, axis=1) for column in (where_given(np.ones_like(y), y), x, y, x * x, x * y)], axis=1
    )


# --- kinds -----------------------------------------------------------------------------------------------------------


def quotient(of: Floats) -> Floats:
    return np.asarray(of[..., 0] / of[..., 1])


def less(of: Floats) -> Floats:
    return quotient(of[..., :2]) - quotient(of[..., 2:])


def of_sums(
    name: str,
    columns: Callable[[Study], Floats],
    function: Callable[[Floats], Floats] = quotient,
    estimate: Callable[[Floats], Estimate | None] = lambda columns: ratio(*columns.T),
) -> Kind:
    def values(of: Floats, picks: Ints) -> Floats:
        return function(of[picks].sum(axis=1))

    return Kind(name, columns, estimate, values)


def of_share(name: str, columns: Callable[[Study], Floats]) -> Kind:
    return of_sums(name, columns, estimate=lambda columns: ratio(*columns.T, share=True))


def of_sizes(name: str, columns: Callable[[Study], Floats]) -> Kind:
    return of_sums(name, columns, absolute_mean, lambda columns: sizes(columns[:, :-1], columns[:, -1]))


def of_quantile(name: str, q: float) -> Kind:
    def values(of: Floats, picks: Ints) -> Floats:
        return np.array([np.nanquantile(of[pick], q, method="inverted_cdf") for pick in picks])

    def estimate(columns: Floats) -> Estimate | None:
        return quantile(columns.ravel(), q, np.repeat(np.arange(len(columns)), columns.shape[1]))

    return Kind(name, lowest, estimate, values)


def of_statistic(name: str, columns: Callable[[Study], Floats], function: Callable[[Floats], Floats]) -> Kind:
    return of_sums(name, columns, function, partial(statistic, function))


def of_index(name: str, index: Callable[[Floats], Floats]) -> Kind:
    return of_sums(name, partial(of_utilities, function=index), estimate=partial(positive, quotient))


_WELFARE = partial(isoelastic, missing="leave_out")
_FIRST = (
    of_sums("mean rating", lambda study: sums(study.first)),
    of_sums("difference of two arms", lambda study: sums(study.ratings[:, :, 0] - study.ratings[:, :, 1])),
    of_sums(
        "two people of a group less the others", apart, less, lambda columns: difference(columns[:, :2], columns[:, 2:])
    ),
    of_share("share who agree, .66", partial(agree, least=5)),
    of_share("share who agree, .85", partial(agree, least=4)),
    of_share("share who agree, .95", partial(agree, least=3)),
    of_share("win rate, .5", partial(wins, shift=-0.3)),
    of_share("win rate, .6", partial(wins, shift=0.0)),
    of_share("win rate, .8", partial(wins, shift=0.6)),
    of_share("win rate, .9", partial(wins, shift=1.1)),
    of_statistic("retest correlation", products, correlation),
    of_sizes("calibration error, .36", partial(calibration, off=0.3)),
    of_sizes("calibration error, .13", partial(calibration, off=0.0)),
    of_quantile("median of the lowest", 0.5),
    of_quantile("lowest tenth of the lowest", 0.1),
    of_sums("difference, 0 in half of rounds", partial(rare, limit=0.65)),
    of_sums("difference, 0 in 4 of 5 rounds", partial(rare, limit=1.25)),
    of_sums("difference, 0 in 19 of 20 rounds", partial(rare, limit=2.0)),
)
_FURTHER = (
    of_sizes("calibration error, .23", partial(calibration, off=0.15)),
    of_sizes("calibration error, 0", calibrated),
    of_share("pairs ordered alike", alike),
    of_sums("Brier score", brier),
    of_sums("Kendall's tau-b", tau_b),
    of_sums("weight of a side", sided),
    of_sums("spread in a group", spread),
    of_sums("welfare, alpha 2", partial(of_utilities, function=partial(_WELFARE, alpha=2.0))),
    of_sums("welfare, the lowest", partial(of_utilities, function=partial(_WELFARE, alpha=np.inf))),
    of_index("Atkinson's index, alpha 1", partial(atkinson, alpha=1.0, missing="leave_out")),
    of_index("Atkinson's index, alpha 2", partial(atkinson, alpha=2.0, missing="leave_out")),
    of_index("Gini's index", gini),
    of_sums("best of 4", partial(best_of, n=4)),
    of_sums("wins of the best of 4", partial(ahead, n=4)),
    of_sums("wins of the best of 15", partial(ahead, n=15)),
    of_statistic("ICC", twice, partial(of_table, icc)),
    of_statistic("ICC of two statements", two_statements, partial(of_table, icc)),
    of_statistic("ordinal alpha", twice, partial(of_table, krippendorff_alpha)),
    of_statistic("ordinal alpha of two statements", two_statements, partial(of_table, krippendorff_alpha)),
    *(of_crossed(name) for name in variance.SHARES),
    of_statistic("slope on people left out", partial(left_out, changes=0.0), least_squares),
    of_statistic("slope that differs by group", partial(left_out, changes=0.3), least_squares),
)
KINDS = (*_FIRST, *(replace(kind, resampled=False) for kind in _FURTHER))
