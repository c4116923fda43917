"""Answers to position statements: how far apart people are on a question, and questions from each other.

On question q leanings are normal with mean mu_q and SD ``person_sd``; mu_q is normal over questions. Positions follow from
leanings, and answers from positions, as in `simcons.population.minds.conviction` and by the response style of a population. A
person's answers to several questions are taken for independent given mu_q. What may be set aside together is a question.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from simcons.arrays import Bools, Floats, Ints
from simcons.experiments.calibrate.likelihood import LOG, PLAIN, Coordinate, Values
from simcons.experiments.calibrate.style import NODES, WEIGHTS, careless_chances, chances, kernel
from simcons.scale import MIDPOINT, bounded
from simcons.scenario.minds import LatentMindSettings

if TYPE_CHECKING:
    import pandas as pd

_STEP = 0.1
_LEANINGS = np.arange(-9.0, 9.0 + _STEP / 2, _STEP)


@dataclass(frozen=True)
class Positions:
    """Numbers of answers by question [questions, options], and their likelihood (a `Model`).

    of_leaning: P(answer) of a person of whom nothing but the leaning is known [leanings, options].
    """

    counts: Floats
    of_leaning: Floats
    coordinates: tuple[Coordinate, ...] = (
        Coordinate("position_mean", 4.2, PLAIN, -2.0, 10.0),
        Coordinate("question_sd", 1.2, LOG, 2 * _STEP, 4.0),
        Coordinate("person_sd", 1.2, LOG, 2 * _STEP, 4.0),
    )

    @classmethod
    def of(cls, rows: pd.DataFrame, options: int, style: Values, mind: LatentMindSettings) -> Self:
        """rows: question, answer (from 0). style: the response_style parameters of a population."""
        question, labels = rows["question"].factorize()
        counts = np.zeros((len(labels), options))
        np.add.at(counts, (question, rows["answer"].to_numpy(dtype=np.int64)), 1)
        return cls(counts, _of_leaning(options, style, mind))

    @property
    def group(self) -> Ints:
        return np.arange(len(self.counts))

    @property
    def n_answers(self) -> Floats:
        return np.asarray(self.counts.sum(axis=1))

    def among(self, units: Bools) -> Self:
        return replace(self, counts=self.counts[units])

    def log_likelihood(self, values: Values) -> Floats:
        given_mean = kernel(_LEANINGS, values["person_sd"], _LEANINGS) @ self.of_leaning
        logs = self.counts @ np.log(np.maximum(given_mean, 1e-300)).T
        centre = np.array([values["position_mean"] - MIDPOINT])
        of_means = kernel(centre, values["question_sd"], _LEANINGS)[0]
        highest = logs.max(axis=1, keepdims=True)
        return np.asarray(highest[:, 0] + np.log(np.exp(logs - highest) @ of_means))


def _of_leaning(options: int, style: Values, mind: LatentMindSettings) -> Floats:
    felt = np.array([bounded(MIDPOINT + mind.intensity * leaning) for leaning in _LEANINGS.tolist()])
    felt += style["acquiescence_mean"]
    careful = np.zeros((len(felt), options))
    for extremity, weight in zip(np.exp(style["extremity_log_sd"] * NODES), WEIGHTS, strict=True):
        for noise, share in zip(style["noise_median"] * np.exp(style["noise_log_sd"] * NODES), WEIGHTS, strict=True):
            spread = float(np.hypot(noise, style["acquiescence_sd"]))
            careful += weight * share * chances(felt, extremity, spread, options)
    careless = careless_chances(options, style["careless_uniform"], style["careless_stuck"])
    return (1 - style["careless_share"]) * careful + style["careless_share"] * careless
