"""Numeric rounds: groups of people with views, candidates with positions, and what a mediator sees of their agreement.

Every draw has a stream of its own by block, name and person, and candidates are drawn one after another. So worlds that differ in
one setting share everything else: the same people meet the same candidates in a group of 3 and of 25, from 1 candidate to 1,024.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simcons.arrays import Bools, Floats, Ints
from simcons.population.response_style import careless_kind, rate, rate_carelessly
from simcons.scale import HIGHEST, LOWEST, MIDPOINT
from simcons.scenario.worlds import PeopleSettings, StrategySettings, WorldSettings
from simcons.seeds import stream

BLOCK_GROUPS = 1_000  # groups drawn together: the same for every world, or their random numbers would not be the same
MEAN_POSITION = 4.5  # of people on questions [S]
_PILOT_GROUPS, _PILOT_CANDIDATES, _PILOT_BLOCK = 2_000, 16, -1


@dataclass(frozen=True, slots=True)
class Signal:
    """The making of predictions from the truth: standardised truth and noise are added with these weights, then shrunk."""

    weight: float  # of the standardised truth; that of the noise is sqrt(1 - weight^2)
    minority_weight: float
    mean: float  # of true agreement over people and candidates
    sd: float


@dataclass(frozen=True)
class Rounds:
    """Rounds of one block, in the order of their groups. All of people's agreement is in points of the 1-7 scale."""

    truth: Floats  # [rounds, candidates, people]
    minority: Bools  # [rounds, people], who belongs to the smaller camp
    views: Floats  # [rounds, people]
    present: Bools  # [rounds, people], False for those who have left
    world: WorldSettings
    draws: Draws

    @cached_property
    def ratings(self) -> Floats:
        """[rounds, candidates, people], 1-7: one rating of every candidate by everybody; NaN from those who have left."""
        return _without(self._ratings_of_all, self.present)

    @cached_property
    def _ratings_of_all(self) -> Floats:
        return np.moveaxis(_rate(np.moveaxis(self.truth, -1, 0), self.world, self.draws), 0, -1)

    def seen(self, signal: Signal | None) -> Floats:
        """[rounds, candidates, people]: what rules choose by, with strategic reports; NaN for members who have left.

        signal: from `calibrate`, for worlds whose source is predictions.
        """
        return self.reported(self.honest(signal))

    def reported(self, honest: Floats) -> Floats:
        """The reports that rules see where ``honest`` ones would be made."""
        return _without(_report(honest, self), self.present)

    def honest(self, signal: Signal | None) -> Floats:
        """The same if nobody misreported or left."""
        match self.world.source:
            case "truth":
                return self.truth
            case "ratings":
                return self._ratings_of_all
            case "predictions":
                if signal is None:
                    raise ValueError("signal: None with source predictions: expected that of calibrate(world)")
                return _predict(self, signal)


class Draws:
    """The random numbers of one block of groups."""

    def __init__(self, seed: int, block: int, n_groups: int, n_rounds: int, n_candidates: int) -> None:
        self.seed, self.block = seed, block
        self.n_groups, self.n_rounds, self.n_candidates = n_groups, n_rounds, n_candidates

    def rng(self, name: str, person: int = 0) -> np.random.Generator:
        return stream(self.seed, "stress", self.block, name, person)

    def by_group(self, name: str, n_people: int) -> Floats:
        """[people, rounds], uniform, the same in all rounds of a group."""
        return self._in_all_rounds([self.rng(name, person).random(self.n_groups) for person in range(n_people)])

    def normal_by_group(self, name: str, n_people: int) -> Floats:
        """The same, standard normal."""
        return self._in_all_rounds(
            [self.rng(name, person).standard_normal(self.n_groups) for person in range(n_people)]
        )

    def _in_all_rounds(self, by_person: list[Floats]) -> Floats:
        return np.repeat(np.stack(by_person), self.n_rounds // self.n_groups, axis=-1)

    def normal_by_round(self, name: str) -> Floats:
        return self.rng(name).standard_normal(self.n_rounds)

    def normal_by_candidate(self, name: str, person: int = 0) -> Floats:
        """[rounds, candidates]; a candidate's numbers do not depend on how many follow it."""
        return self.rng(name, person).standard_normal((self.n_candidates, self.n_rounds)).T


def draw_rounds(world: WorldSettings, n_groups: int = BLOCK_GROUPS, *, seed: int, block: int = 0) -> Rounds:
    """``n_groups`` groups of block number ``block``, each with ``world.people.rounds_per_group`` rounds after one another."""
    people, taste, candidates = world.people, world.taste, world.candidates
    draws = Draws(seed, block, n_groups, n_groups * people.rounds_per_group, candidates.number)
    n = people.group_size
    minority = draws.by_group("camp", n) < people.minority_share
    views = _views(people, minority, draws)
    positions = views.mean(axis=0)[:, None] + candidates.spread * draws.normal_by_candidate("position")
    shared = taste.ceiling + candidates.quality_sd * draws.normal_by_candidate("quality")
    truth = np.empty((n, draws.n_rounds, candidates.number))
    for person in range(n):
        own = taste.personal_sd * draws.normal_by_candidate("taste", person)
        distance = np.abs(views[person][:, None] - positions)
        truth[person] = bounded(shared - taste.distance_cost * distance + own)
    present = draws.by_group("drop_out", n) >= world.drop_outs
    present[0] |= ~present.any(axis=0)
    return Rounds(np.moveaxis(truth, 0, -1), minority.T, views.T, present.T, world, draws)


def bounded(points: Floats) -> Floats:
    """Points without bounds onto (1, 7): 1 + 6 / (1 + exp(-2/3 (x - 4))), order kept, slope 1 at the midpoint."""
    return np.asarray(LOWEST + (HIGHEST - LOWEST) / (1 + np.exp((MIDPOINT - points) * (2 / 3))))


def _views(people: PeopleSettings, minority: Bools, draws: Draws) -> Floats:
    """[people, rounds]. Camps lie `polarisation` apart about the question's pull, so that it is the mean of everybody."""
    own = people.person_sd * draws.normal_by_group("stance", people.group_size)
    camp = people.polarisation * np.where(minority, people.minority_share - 1, people.minority_share)
    return np.asarray(MEAN_POSITION + people.question_sd * draws.normal_by_round("question") + camp + own)


def _without(reports: Floats, present: Bools) -> Floats:
    return reports if present.all() else np.where(present[:, None, :], reports, np.nan)


# --- predictions ---------------------------------------------------------------------------------------------------


def calibrate(world: WorldSettings, *, seed: int) -> Signal:
    """The signal that has the world's pair accuracy, found by bisection on rounds of a block of their own.

    It does not depend on how many candidates the world has. 80,000 pairs for groups of five: good to .003.
    """
    few = world.candidates.model_copy(update={"number": _PILOT_CANDIDATES})
    pilot = draw_rounds(world.model_copy(update={"candidates": few}), _PILOT_GROUPS, seed=seed, block=_PILOT_BLOCK)
    truth, errors = np.moveaxis(pilot.truth, -1, 0), _errors(pilot)
    mean, sd = float(truth.mean()), float(truth.std())
    scaled, target = (truth - mean) / sd, world.predictions
    weight = _bisect(scaled, errors, target.pair_accuracy)
    minority_weight, accuracy = weight, target.minority_pair_accuracy
    if accuracy is not None and pilot.minority.any():
        minority_weight = _bisect(scaled, errors, accuracy, among=pilot.minority.T)
    return Signal(weight, minority_weight, mean, sd)


def _bisect(scaled: Floats, errors: Floats, accuracy: float, *, among: Bools | None = None) -> float:
    """The weight of the truth at which neighbouring candidates are put in the right order with this probability."""
    chosen = np.ones(scaled.shape[:2], dtype=bool) if among is None else among
    true_gap, error_gap = (values[..., :-1:2] - values[..., 1::2] for values in (scaled[chosen], errors[chosen]))
    low, high = 0.0, 1.0
    for _ in range(40):
        weight = (low + high) / 2
        right = (weight * true_gap + np.sqrt(1 - weight**2) * error_gap) * true_gap > 0
        low, high = (weight, high) if right.mean() < accuracy else (low, weight)
    return weight


def _errors(rounds: Rounds) -> Floats:
    """[people, rounds, candidates], with mean 0 and variance 1: a person's own, normal or Student's t, and the camp's, normal."""
    draws, predictions = rounds.draws, rounds.world.predictions
    shared, df = predictions.shared_by_camp, predictions.degrees_of_freedom
    of_camps = [draws.normal_by_candidate("camp_error", camp) for camp in (0, 1)] if shared else []
    errors = np.empty((rounds.minority.shape[-1], draws.n_rounds, draws.n_candidates))
    for person in range(len(errors)):
        own = draws.normal_by_candidate("error", person)
        if np.isfinite(df):
            own = own * np.sqrt((df - 2) / draws.rng("tail", person).chisquare(df, size=own.shape[::-1]).T)
        if shared:
            camp = np.where(rounds.minority[:, [person]], of_camps[1], of_camps[0])
            own = np.sqrt(1 - shared) * own + np.sqrt(shared) * camp
        errors[person] = own
    return errors


def _predict(rounds: Rounds, signal: Signal) -> Floats:
    """mean + sd w (w (truth - mean) / sd + sqrt(1 - w^2) error): the best linear prediction of the truth from such a signal."""
    predictions = rounds.world.predictions
    weight = np.where(rounds.minority.T, signal.minority_weight, signal.weight)[..., None]
    scaled = (np.moveaxis(rounds.truth, -1, 0) - signal.mean) / signal.sd
    raw = weight * scaled + np.sqrt(1 - weight**2) * _errors(rounds)
    predicted = signal.mean + signal.sd * weight * raw
    if predictions.person_constant_sd:
        constants = rounds.draws.normal_by_group("constant", len(predicted))
        predicted = predicted + predictions.person_constant_sd * constants[..., None]
    return np.moveaxis(predicted, 0, -1)


# --- ratings and strategies ----------------------------------------------------------------------------------------


def _rate(truth: Floats, world: WorldSettings, draws: Draws) -> Floats:
    """[people, rounds, candidates]: ratings as in `population.response_style`, each person's style the same in all rounds."""
    style, n = world.ratings, len(truth)
    noise_sd = style.noise_median * np.exp(style.noise_log_sd * draws.normal_by_group("noise", n))
    acquiescence = style.acquiescence_mean + style.acquiescence_sd * draws.normal_by_group("acquiescence", n)
    extremity = np.exp(style.extremity_log_sd * draws.normal_by_group("extremity", n))
    careless = draws.by_group("careless", n) < style.careless_share
    kinds = careless_kind(draws.by_group("careless_kind", n), style.careless_uniform, style.careless_stuck)
    habits = LOWEST + np.floor((HIGHEST - LOWEST + 1) * draws.by_group("habit", n))
    ratings = np.empty_like(truth)
    for i in range(n):
        ratings[i] = rate(
            truth[i],
            draws.normal_by_candidate("rating", i),
            noise_sd=noise_sd[i][:, None],
            acquiescence=acquiescence[i][:, None],
            extremity=extremity[i][:, None],
        )
        if careless[i].any():
            answers = rate_carelessly(kinds[i][:, None], habits[i][:, None], _whole_numbers(draws, i))
            ratings[i] = np.where(careless[i][:, None], answers, ratings[i])
    return ratings


def _whole_numbers(draws: Draws, person: int) -> Callable[[int], Ints]:
    """For each candidate in each round a whole number below the n given, each as likely."""
    u = draws.rng("careless_answer", person).random((draws.n_candidates, draws.n_rounds)).T
    return lambda n: (n * u).astype(np.int64)


def _report(honest: Floats, rounds: Rounds) -> Floats:
    """Reports [rounds, candidates, people] of which the first members' are strategic."""
    strategy = rounds.world.strategy
    if strategy.kind == "honest":
        return honest
    reports = honest.copy()
    for person in range(strategy.people):
        reports[..., person] = _misreport(strategy, honest, rounds, person)
    return reports


def _misreport(strategy: StrategySettings, honest: Floats, rounds: Rounds, person: int) -> Floats:
    own = honest[..., person]
    if strategy.kind == "exaggeration":
        return np.where(own > own.mean(axis=-1, keepdims=True), float(HIGHEST), float(LOWEST))
    if strategy.kind == "veto":
        return np.where(own == own.max(axis=-1, keepdims=True), float(HIGHEST), float(LOWEST))
    distance = np.abs(rounds.views - rounds.views[:, [person]])
    distance[:, person] = np.inf
    return np.asarray(np.take_along_axis(honest, distance.argmin(axis=-1)[:, None, None], axis=-1)[..., 0])
