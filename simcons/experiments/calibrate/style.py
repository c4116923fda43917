"""Ratings as the response style of `simcons.population.response_style` makes them of views that nobody knows.

What person i thinks of statement j in round r is g(w_ir + e_ij), with w and e normal, their variances summing to 1, and g a
rising line with six knots: views may lie anywhere, at both ends too. The person adds acquiescence a_i, stretches the
thresholds by s_i, and has noise of SD sigma_i, of which a share rho is common to two ratings of one statement. a, ln s and
ln sigma are normal over people; a share of people is careless. The likelihood of a person's ratings is the integral over sigma,
s and a of the product over rounds of the integral over w of the product over statements of P(y_1, y_2), all taken on grids.
That people of a group rate the same statements makes them alike, and no likelihood wrong: errors are by group.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np

from simcons.analysis.resampling import sums_by_group
from simcons.arrays import Bools, Floats, Ints
from simcons.experiments.calibrate.likelihood import LOG, LOG_ODDS, PLAIN, Coordinate, Values, spread
from simcons.population.response_style import STUCK_ANSWERS
from simcons.scale import HIGHEST, LOWEST, MIDPOINT

if TYPE_CHECKING:
    import pandas as pd
    from scipy.sparse import csr_array

_LIKED = np.arange(-4.0, 4.01, 0.2)  # how far a statement is liked, in SDs
_KNOTS = np.arange(-2.0, 2.01, 0.8)  # of the line from liking to appraisal
_VIEWS = tuple(f"view_{k}" for k in range(len(_KNOTS)))  # its lowest point, and its rises from knot to knot


def _nodes(step: float) -> tuple[Floats, Floats]:
    """Places of a standard normal, and their weights, which sum to 1."""
    places = np.arange(-3.0, 3.0 + step / 2, step)
    weights = np.exp(-(places**2) / 2)
    return places, weights / weights.sum()


NODES, WEIGHTS = _nodes(1.0)
_ROUND_NODES, _ROUND_WEIGHTS = _nodes(0.6)
_SHARED_NODES, _SHARED_WEIGHTS = np.array([-(3**0.5), 0.0, 3**0.5]), np.array([1, 4, 1]) / 6  # Gauss and Hermite's
_LOG_WEIGHTS = np.log(WEIGHTS[:, None, None] * WEIGHTS[:, None] * WEIGHTS).ravel()  # of extremity, noise, acquiescence
_HABITS = (3, 4, 5)  # of those who give one answer throughout

COORDINATES = (
    Coordinate(_VIEWS[0], 2.0, PLAIN, -4.0, 7.0),
    *(Coordinate(name, 0.8, LOG, 0.01, 6.0) for name in _VIEWS[1:]),
    Coordinate("round_share", 0.3, LOG_ODDS, 0.001, 0.98),
    Coordinate("noise_median", 0.7, LOG, 0.1, 4.0),
    spread("noise_log_sd", 0.35, 1.5),
    spread("acquiescence_sd", 0.3, 3.0),
    spread("extremity_log_sd", 0.25, 1.0),
    Coordinate("careless_share", 0.05, LOG_ODDS, 1e-4, 0.6),
)


@dataclass(frozen=True, slots=True)
class Style:
    """What cannot be told from ratings, as the population has it."""

    retest_correlation: float
    fatigue_noise: float
    careless_uniform: float
    careless_stuck: float


@dataclass(frozen=True)
class Ratings:
    """Ratings on one scale, and their likelihood (a `Model`).

    patterns: numbers of statements by their answers, one or two [rounds, options + options^2]; person: of each round, in order;
    group: of each person; hours: into the session, on average.
    """

    options: int
    patterns: csr_array
    person: Ints
    group: Ints
    hours: float
    style: Style
    coordinates: tuple[Coordinate, ...] = COORDINATES

    @classmethod
    def of(cls, rows: pd.DataFrame, options: int, style: Style) -> Self:
        """rows: group, person, round, statement, answer (from 0), pass_index, hours (NaN where unknown)."""
        from scipy.sparse import coo_array

        key = ["group", "person", "round", "statement"]
        rows = rows.sort_values([*key, "pass_index"], kind="stable")
        rated = rows.groupby(key, sort=False)["answer"].agg(["first", "last", "size"]).reset_index()
        first, last = (rated[name].to_numpy(dtype=np.int64) for name in ("first", "last"))
        pattern = np.where(rated["size"] == 1, first, options + first * options + last)
        rounds = rated.groupby(key[:3], sort=False).ngroup().to_numpy()
        size = (rounds.max() + 1, options + options**2)
        return cls(
            options,
            coo_array((np.ones(len(rated)), (rounds, pattern)), shape=size).tocsr(),
            rated.drop_duplicates(key[:3]).groupby(key[:2], sort=False).ngroup().to_numpy(),
            np.asarray(rated.drop_duplicates(key[:2])["group"].factorize()[0]),
            float(np.nan_to_num(rows["hours"].mean())),
            style,
        )

    # --- what there is of them ---

    @cached_property
    def answers(self) -> Floats:
        """Numbers of answers [people, options]."""
        pairs = self.patterns[:, self.options :].toarray().reshape(-1, self.options, self.options)
        given = self.patterns[:, : self.options].toarray() + pairs.sum(axis=1) + pairs.sum(axis=2)
        return sums_by_group(given.T, self.person)

    @cached_property
    def repeats(self) -> Floats:
        """Statements that were rated twice [people]."""
        return np.asarray(
            np.bincount(self.person, weights=self.patterns[:, self.options :].sum(axis=1)), dtype=np.float64
        )

    @property
    def n_rounds(self) -> Ints:
        """[people]."""
        return np.bincount(self.person)

    @property
    def n_answers(self) -> Floats:
        return np.asarray(self.answers.sum(axis=1))

    def among(self, units: Bools) -> Self:
        rounds = units[self.person]
        return replace(
            self,
            patterns=self.patterns[np.flatnonzero(rounds)],
            person=np.unique(self.person[rounds], return_inverse=True)[1],
            group=np.unique(self.group[units], return_inverse=True)[1],
        )

    # --- how likely they are ---

    def log_likelihood(self, values: Values) -> Floats:
        share = values["careless_share"]
        careful = self._careful(values)
        return np.logaddexp(np.log1p(-share) + careful, np.log(share) + self._careless()) if share else careful

    def _careful(self, values: Values) -> Floats:
        """Of each person, if careful."""
        logs = np.stack([self._given(chances) for chances in self._chances(values)])  # [styles, people, acquiescence]
        logs = logs.swapaxes(1, 2).reshape(-1, logs.shape[1]) + _LOG_WEIGHTS[:, None]
        highest = logs.max(axis=0)
        return np.asarray(highest + np.log(np.exp(logs - highest).sum(axis=0)))

    def _chances(self, values: Values) -> Iterator[Floats]:
        """P of every pattern given acquiescence and what is liked of a round [nodes, rounds' nodes, patterns], for each extremity
        and noise.
        """
        rho, tired = self.style.retest_correlation, 1 + self.style.fatigue_noise * self.hours
        share = values["round_share"]
        of_round = kernel(share**0.5 * _ROUND_NODES, (1 - share) ** 0.5, _LIKED)
        views = np.interp(_LIKED, _KNOTS, np.cumsum([values[name] for name in _VIEWS]))
        felt = views + values["acquiescence_sd"] * NODES[:, None]
        for extremity in np.exp(values["extremity_log_sd"] * NODES):
            for noise in tired * values["noise_median"] * np.exp(values["noise_log_sd"] * NODES):
                shared = rho**0.5 * noise * _SHARED_NODES
                once = chances(felt[:, None] + shared[:, None], extremity, (1 - rho) ** 0.5 * noise, self.options)
                yield of_round @ _with_pairs(once)

    def _given(self, chances: Floats) -> Floats:
        """Log-likelihood of each person's rounds by acquiescence [people, nodes]."""
        n_acquiescence, n_liked, n_patterns = chances.shape
        logs = self.patterns @ np.log(np.maximum(chances, 1e-300)).reshape(-1, n_patterns).T
        logs = logs.reshape(-1, n_acquiescence, n_liked)
        highest = logs.max(axis=2)
        rounds = highest + np.log(np.exp(logs - highest[:, :, None]) @ _ROUND_WEIGHTS)
        return np.add.reduceat(rounds, np.flatnonzero(np.diff(self.person, prepend=-1)))

    @cached_property
    def _straight(self) -> Floats:
        """Of each person, how likely answers are from one who gives a habitual answer throughout."""
        alike = self.answers.max(axis=1) == self.answers.sum(axis=1)
        habits = [_option(habit, self.options) for habit in _HABITS]
        return np.where(
            alike, np.bincount(habits, minlength=self.options)[self.answers.argmax(axis=1)] / len(habits), 0
        )

    def _careless(self) -> Floats:
        """Of each person, if careless."""
        n = self.answers.sum(axis=1)
        stuck = np.bincount([_option(answer, self.options) for answer in STUCK_ANSWERS], minlength=self.options)
        with np.errstate(divide="ignore"):
            never = np.where(stuck > 0, np.log(np.maximum(stuck, 1) / stuck.sum()), -1e3)
            shares = (self.style.careless_uniform, self.style.careless_stuck)
            kinds = [
                np.log(shares[0]) - n * np.log(self.options),
                np.log(shares[1]) + self.answers @ never,
                np.log(max(0.0, 1 - sum(shares))) + np.log(self._straight),
            ]
        return np.asarray(np.logaddexp.reduce(kinds))


def _with_pairs(once: Floats) -> Floats:
    """P of one answer and of two, over the noise that two share, from those of one given it [nodes, shared, liked, options]."""
    parts = list(zip(_SHARED_WEIGHTS, once.swapaxes(0, 1), strict=True))
    alone = sum(weight * part for weight, part in parts)
    pairs = sum(weight * part[..., :, None] * part[..., None, :] for weight, part in parts)
    return np.concatenate([alone, pairs.reshape(*pairs.shape[:2], -1)], axis=2)


def chances(felt: Floats, extremity: float, noise_sd: float, options: int) -> Floats:
    """P(answer) of a careful person on a scale of so many options, given what is felt [..., options] (`response_style.rate`)."""
    from scipy.special import ndtr

    thresholds = LOWEST - 0.5 + (HIGHEST - LOWEST + 1) * np.arange(1, options) / options
    stretched = MIDPOINT + extremity * (thresholds - MIDPOINT)
    return np.diff(ndtr((stretched - felt[..., None]) / noise_sd), axis=-1, prepend=0.0, append=1.0)


def careless_chances(options: int, uniform: float, stuck: float) -> Floats:
    """P(answer) of one who is careless; shares of those who answer at random and who are stuck [options]."""
    at = [
        np.bincount([_option(a, options) for a in answers], minlength=options) for answers in (STUCK_ANSWERS, _HABITS)
    ]
    stuck_at, straight_at = (counts / counts.sum() for counts in at)
    return np.asarray(uniform / options + stuck * stuck_at + max(0.0, 1 - uniform - stuck) * straight_at)


def _option(answer: int, options: int) -> int:
    """The place of an answer on the seven points, on a scale of so many options, from 0."""
    return int((answer - LOWEST + 0.5) * options / HIGHEST)


def kernel(centres: Floats, sd: float, points: Floats) -> Floats:
    """A normal density around each centre as weights of the points, which sum to 1 [centres, points]."""
    weights = np.exp(-0.5 * ((points - centres[:, None]) / sd) ** 2)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))
