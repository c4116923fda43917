"""From a reward model's raw scores to expected ratings: isotonic regression on ratings that were held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import isotonic_regression

from simcons.analysis.resampling import mean
from simcons.arrays import Floats, Ints
from simcons.engines.local.reward_manifest import Calibration
from simcons.scale import HIGHEST, LOWEST

A_KNOT = 20  # ratings that a knot is the mean of at least; a quarter of all, where these are few
BINS = 10  # of the reliability curve, of as many ratings each
FOLDS = 5
_EDGE = 0.02  # how near to 1 and 7 a knot's rating may come
_RISE = 1e-3  # of ratings, from the first knot to the last, where they do not rise with scores


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Ratings that were predicted alike: how many, their mean prediction, their mean, and its 95% interval over groups."""

    n: int
    predicted: float
    rating: float
    interval: tuple[float, float] | None


def calibrated(scores: Floats, ratings: Floats) -> Calibration:
    """Knots of the isotonic regression of ``ratings`` on ``scores`` (Barlow et al. 1972).

    A knot is a level of the regression: the means of its scores and of its ratings. Levels of few ratings join the next, so that
    no knot is the chance of some. Where ratings do not rise with scores, or scores are all the same, the knots keep the order of
    scores and nothing else.
    """
    values, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    means = np.bincount(place, weights=ratings) / counts
    fitted = np.asarray(isotonic_regression(means, weights=counts).x)
    level = _joined(
        np.cumsum(np.diff(fitted, prepend=fitted[0]) > 0), counts, least=max(1, min(A_KNOT, len(scores) // 4))
    )
    weight = np.bincount(level, weights=counts)
    raw, rating = (np.bincount(level, weights=counts * column) / weight for column in (values, means))
    rating = rating.clip(LOWEST + _EDGE, HIGHEST - _EDGE)
    rises = np.diff(rating, prepend=-np.inf) > 0
    if rises.sum() < 2:
        middle = float(rating.mean().clip(LOWEST + 2 * _EDGE, HIGHEST - 2 * _EDGE))
        first, last = (values[0], values[-1]) if len(values) > 1 else (values[0] - 1, values[0] + 1)
        return Calibration(raw=(first, last), rating=(middle - _RISE / 2, middle + _RISE / 2))
    return Calibration(raw=tuple(raw[rises].tolist()), rating=tuple(rating[rises].tolist()))


def _joined(level: Ints, counts: Ints, *, least: int) -> Ints:
    """Levels with at least so many ratings each: those of fewer join the next, the last of fewer the one before."""
    joined: list[int] = []
    current, size = 0, 0.0
    for n in np.bincount(level, weights=counts):
        if size >= least:
            current, size = current + 1, 0.0
        joined.append(current)
        size += n
    if size < least:
        joined = [min(number, max(current - 1, 0)) for number in joined]
    return np.array(joined)[level]


def reliability(
    scores: Floats, ratings: Floats, questions: Sequence[str], groups: Sequence[str]
) -> list[ReliabilityBin]:
    """The reliability curve: ratings against predictions by a calibration that was fitted to other questions.

    Empty where there are fewer than two questions.
    """
    question = np.unique(questions, return_inverse=True)[1]
    group = np.unique(groups, return_inverse=True)[1]
    if not question.any():
        return []
    predicted = np.empty(len(scores))
    for fold in range(min(FOLDS, int(question.max()) + 1)):
        inside = question % FOLDS == fold
        predicted[inside] = calibrated(scores[~inside], ratings[~inside]).ratings(scores[inside])
    bins = np.array_split(np.argsort(predicted, kind="stable"), min(BINS, len(scores)))
    return [_bin(predicted[rows], ratings[rows], group[rows]) for rows in bins]


def _bin(predicted: Floats, ratings: Floats, group: Ints) -> ReliabilityBin:
    rated = mean(ratings, np.unique(group, return_inverse=True)[1])
    return ReliabilityBin(len(ratings), float(predicted.mean()), rated.value, rated.interval)
