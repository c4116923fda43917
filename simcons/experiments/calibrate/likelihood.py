"""Maximum likelihood with standard errors that hold when people of one group are alike.

A model gives the log-likelihood of the answers of each unit. The covariance of the estimates is the sandwich H^-1 S H^-1, with H
the Hessian of the sum and S the sum over groups of outer products of their scores (White 1982; Liang & Zeger 1986), times
G / (G - 1) for G groups. It stays right where a model takes units of a group for independent that are not, as long as each unit's
answers are distributed as it says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import exp, isfinite, log
from typing import Protocol, Self, TypeAlias

import numpy as np

from simcons.analysis.resampling import Estimate, margin, ratio, sums_by_group
from simcons.arrays import Bools, Floats, Ints
from simcons.seeds import stream

Values: TypeAlias = Mapping[str, float]

HELD_OUT = 0.25  # share of groups that a check is made on
_LEAST_GROUPS = 8  # for a part of them to be held out
# Slope an answer, times the root of their number, at which the search ends: some .03 standard errors from the top.
_CLOSE = 0.004
_AT_NOUGHT = 1e-3  # a variance or share below it
_AWAY = 0.2  # of a usual spread
_SCORE_STEP, _HESSIAN_STEP = 1e-5, 2e-3


@dataclass(frozen=True, slots=True)
class Line:
    """Where a likelihood is looked at: the place of a value, and the value at a place."""

    place: Callable[[float], float]
    value: Callable[[float], float]


LOG = Line(log, exp)
LOG_ODDS = Line(lambda share: log(share / (1 - share)), lambda place: 1 / (1 + exp(-place)))
PLAIN = Line(float, float)
EITHER_SIGN = Line(float, abs)  # of a standard deviation, which has the same likelihood with either
SQUARE = Line(lambda value: value**2, lambda place: max(place, 0.0) ** 0.5)
FROM_NOUGHT = Line(float, lambda place: max(place, 0.0))


@dataclass(frozen=True, slots=True)
class Coordinate:
    """A number to be fitted, between two bounds. line: on which its best value is looked for; told_on: on which its interval is
    symmetrical, if another. That of a spread is on the variance's, where the likelihood of nought has a slope.
    """

    name: str
    start: float
    line: Line
    lowest: float
    highest: float
    told_on: Line | None = None

    def value(self, place: float) -> float:
        lowest, highest = self.line.place(self.lowest), self.line.place(self.highest)
        return self.line.value(min(max(place, lowest), highest))

    def within(self, value: float) -> float:
        """The value, or the nearest bound."""
        return min(max(value, self.lowest), self.highest)

    def first(self, value: float) -> float:
        """Where a search that begins at ``value`` begins: not at a spread of nought, which has no slope."""
        away = max(value, _AWAY * self.start) if self.line is EITHER_SIGN else value
        return self.line.place(self.within(away))

    def telling(self, value: float) -> Line | None:
        """The line of its interval around a value; None on a bound that is no nought."""
        if self.told_on is not None:
            return self.told_on
        if self.lowest < value < self.highest:
            return self.line
        return FROM_NOUGHT if self.line is LOG_ODDS and value <= self.lowest else None


def spread(name: str, start: float, highest: float) -> Coordinate:
    """A standard deviation that may come out as nought."""
    return Coordinate(name, start, EITHER_SIGN, -highest, highest, told_on=SQUARE)


class Model(Protocol):
    """Answers, and how likely they are: of each unit, such as a person, by itself."""

    @property
    def coordinates(self) -> tuple[Coordinate, ...]: ...

    @property
    def group(self) -> Ints:
        """The group of each unit, from 0: whose answers may hang together."""

    @property
    def n_answers(self) -> Floats:
        """Of each unit."""

    def log_likelihood(self, values: Values) -> Floats:
        """Of each unit's answers, given a value for every coordinate."""

    def among(self, units: Bools) -> Self:
        """The same of some of the units, whole groups of them."""


@dataclass(frozen=True, slots=True)
class Fit:
    """values: of every coordinate; estimates: of those that were fitted."""

    values: dict[str, float]
    estimates: dict[str, Estimate]


def maximise(model: Model, fixed: Values, *, start: Values | None = None, intervals: bool = True) -> Fit:
    """The values that make the answers likeliest, those in ``fixed`` as they are. start: where to look first.

    Newton's method within a trust region, with the units' scores in the Hessian's place on the way (Berndt et al. 1974).
    """
    from scipy.optimize import minimize

    on = _Line(model, fixed)
    if not on.free:
        return Fit(dict(fixed), {})
    first = np.array([c.first((start or {}).get(c.name, c.start)) for c in on.free])
    near = {"gtol": _CLOSE / float(model.n_answers.sum()) ** 0.5, "maxiter": 100}
    places = minimize(on.loss, first, method="trust-exact", jac=on.slope, hess=on.curvature, options=near).x
    return Fit(on.values(places), on.estimates(places) if intervals else {})


class _Line:
    """A model's likelihood on the line of its free coordinates, an answer. Beyond their bounds it is as it is there."""

    def __init__(self, model: Model, fixed: Values) -> None:
        self.free = [coordinate for coordinate in model.coordinates if coordinate.name not in fixed]
        self._model, self._fixed = model, fixed
        self._n = float(model.n_answers.sum())
        self._at, self._scores = np.empty(0), np.empty((0, 0))

    def values(self, places: Floats) -> dict[str, float]:
        return {**self._fixed, **{c.name: c.value(at) for c, at in zip(self.free, places.tolist(), strict=True)}}

    def loss(self, places: Floats) -> float:
        return -float(self._of_units(places).sum()) / self._n

    def slope(self, places: Floats) -> Floats:
        return np.asarray(-self._of_scores(places).sum(axis=0) / self._n)

    def curvature(self, places: Floats) -> Floats:
        scores = self._of_scores(places)
        return np.asarray(scores.T @ scores / self._n)

    def estimates(self, places: Floats) -> dict[str, Estimate]:
        """With their intervals; those on a bound that is no nought have none, and count as known."""
        from statsmodels.tools.numdiff import approx_fprime, approx_hess1

        values = self.values(places)
        lines = {c.name: line for c in self.free if (line := c.telling(values[c.name])) is not None}
        top = np.array([line.place(values[name]) for name, line in lines.items()])

        def of_units(at: Floats) -> Floats:
            moved = {name: line.value(place) for (name, line), place in zip(lines.items(), at.tolist(), strict=True)}
            return self._model.log_likelihood({**values, **moved})

        def steps(length: float) -> Floats:
            return np.full(len(top), length)

        scores = sums_by_group(approx_fprime(top, of_units, steps(_SCORE_STEP)).T, self._model.group)
        bread = _inverse(-approx_hess1(top, lambda at: float(of_units(at).sum()), steps(_HESSIAN_STEP)))
        n = len(scores)
        variances = np.diag(bread @ scores.T @ scores @ bread) * n / max(n - 1, 1)
        halves = margin(np.sqrt(np.where(variances > 0, variances, np.nan)), n)
        peaks = top + bread @ scores.sum(axis=0)  # beyond nought, if the likelihood goes on to rise there
        found = {c.name: Estimate(values[c.name], None, None, n) for c in self.free}
        for (name, line), place, peak, half in zip(lines.items(), top, peaks, halves, strict=True):
            centre = peak if line in (SQUARE, FROM_NOUGHT) and place < _AT_NOUGHT else place
            if isfinite(half):
                found[name] = Estimate(values[name], _ends(line, centre, half, values[name]), None, n)
        return found

    def _of_units(self, places: Floats) -> Floats:
        return self._model.log_likelihood(self.values(places))

    def _of_scores(self, places: Floats) -> Floats:
        from statsmodels.tools.numdiff import approx_fprime

        if not np.array_equal(places, self._at):
            self._at, self._scores = places.copy(), approx_fprime(places, self._of_units).reshape(-1, len(places))
        return self._scores


def _ends(line: Line, centre: float, half: float, value: float) -> tuple[float, float]:
    """An interval that holds the value."""
    return float(min(line.value(centre - half), value)), float(max(line.value(centre + half), value))


def _inverse(hessian: Floats) -> Floats:
    try:
        return np.asarray(np.linalg.inv(hessian))
    except np.linalg.LinAlgError:
        return np.full_like(hessian, np.nan)


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Log-likelihood an answer, of groups not seen, with the fitted values: above what it is with those of the population as it
    was. Whatever is no part of a population is fitted in both.
    """

    gain: Estimate
    n_answers: int


def held_out(model: Model, fixed: Values, before: Values, *, start: Values, seed: int) -> HeldOut | None:
    """Fit to three quarters of the groups, with and without ``before``, and compare on the rest. None for too few groups."""
    n = int(model.group.max()) + 1
    if n < _LEAST_GROUPS:
        return None
    order = stream(seed, "calibrate", "held_out").permutation(n)
    aside = np.isin(model.group, order[: round(HELD_OUT * n)])
    learnt, rest = model.among(~aside), model.among(aside)
    fitted, unfitted = (maximise(learnt, known, start=start, intervals=False) for known in (fixed, {**before, **fixed}))
    gains = rest.log_likelihood(fitted.values) - rest.log_likelihood(unfitted.values)
    totals, answers = sums_by_group([gains, rest.n_answers], rest.group).T
    gain = ratio(totals, answers)
    return None if gain is None else HeldOut(gain, int(rest.n_answers.sum()))
