"""Positions on the value dimensions: demographic effects plus correlated residuals, optionally polarised.

For person i and dimension d, with covariates x (degree, age in decades from 50, female, London, minority ethnicity):

    z_id = (x_i - E x) . b_d + sqrt(1 - b_d' Cov(x) b_d) * e_id,    e_i ~ Normal(0, R)
    value_id = shift_d + scale_d * (z_id + p * side_id)

E x and Cov(x) are those of the raked table, so z has mean 0 and variance 1 in the population of the file. b are the
file's effects, R its residual correlations. scale is ``ideology_sd`` on the economic and authority dimensions and 1 on
the others. p is ``polarisation``, on the same two dimensions (0 on the others); see :func:`sides`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simcons.arrays import Floats
from simcons.errors import ScenarioError
from simcons.scenario.parameters import VALUE_DIMENSIONS
from simcons.scenario.population_file import ValueSettings

COVARIATES = ("degree", "age_decade", "female", "london", "minority")
IDEOLOGY = (VALUE_DIMENSIONS.index("economic"), VALUE_DIMENSIONS.index("authority"))
REFERENCE_AGE = 50


@dataclass(frozen=True, slots=True)
class Moments:
    """Mean [5] and covariance [5, 5] of the covariates over the population."""

    mean: Floats
    covariance: Floats


def effect_matrix(values: ValueSettings) -> Floats:
    """The effects b, shape [5 covariates, 6 dimensions]."""
    rows = [[getattr(values.effects[name], covariate) for name in VALUE_DIMENSIONS] for covariate in COVARIATES]
    return np.array(rows, dtype=np.float64)


def residual_sd(values: ValueSettings, moments: Moments) -> Floats:
    """sqrt(1 - b' Cov(x) b), shape [6]; ScenarioError where the effects alone exceed a variance of 1."""
    effects = effect_matrix(values)
    explained = np.diag(effects.T @ moments.covariance @ effects)
    for name, share in zip(VALUE_DIMENSIONS, explained, strict=True):
        if share >= 1:
            raise ScenarioError(f"values.effects.{name}: variance explained {share:.3g}: expected less than 1")
    return np.asarray(np.sqrt(1 - explained))


def draw_values(
    covariates: Floats,
    values: ValueSettings,
    *,
    moments: Moments,
    settings: Mapping[str, float],
    noise: Floats,
    tilt: Floats,
) -> Floats:
    """Values, shape [n, 6], by the formula above.

    ``covariates`` is [n, 5]. ``noise`` [n, 6] and ``tilt`` [n, 2] are standard normal. ``settings`` holds
    ``ideology_sd``, ``polarisation`` and ``shift_<dimension>``.
    """
    root = np.asarray(np.linalg.cholesky(values.correlation_matrix()), dtype=np.float64)
    residual = _by_row(noise, root.T)
    z = _by_row(covariates - moments.mean, effect_matrix(values)) + residual * residual_sd(values, moments)
    for column, dimension in enumerate(IDEOLOGY):
        z[:, dimension] += settings["polarisation"] * sides(residual[:, dimension], tilt[:, column])
        z[:, dimension] *= settings["ideology_sd"]
    return np.asarray(z + np.array([settings[f"shift_{name}"] for name in VALUE_DIMENSIONS]))


def sides(residual: Floats, tilt: Floats) -> Floats:
    """The camp of each person, side = sign(e + t) in {-1, +1}, where t is standard normal: people join the side they
    lean to, though not always.

    z + p * side keeps the mean; its variance is 1 + p^2 + 2 p s / sqrt(pi), where s is the residual SD and
    E(e * side) = 1 / sqrt(pi). It is an equal mixture of two skew-normal halves (Azzalini 1985, shape +-1) moved to
    +-p: with few demographic effects (s near 1) it has one mode for p < .31 and two above.
    """
    return np.where(residual + tilt >= 0, 1.0, -1.0)


def _by_row(rows: Floats, matrix: Floats) -> Floats:
    """rows @ matrix, summed in a fixed order: BLAS rounds by shape, and a person must not depend on the others."""
    total = np.zeros((len(rows), matrix.shape[1]))
    for column, weights in enumerate(matrix):
        total += rows[:, column, None] * weights
    return total
