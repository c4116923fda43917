"""From appraisals to ratings: what a person feels, and which of the seven options they press.

A rating is the graded response P(Y > k) = Phi((theta + a_i - s_i-stretched tau_k) / sigma_i): a latent appraisal theta on the
1-7 scale, plus acquiescence a_i and noise, against thresholds tau_k = 1.5, 2.5, ..., 6.5 whose distance from the midpoint 4 is
scaled by the extremity s_i. Careless people answer without looking. Parameters: facts in `personas/*.yaml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simcons.population.persona import Carelessness, ResponseStyle

MIDPOINT = 4.0
STUCK_ANSWERS = (4, 5, 5, 5, 6, 6, 6, 7)


@dataclass(frozen=True, slots=True)
class RatingParameters:
    """The parameters that are the same for everyone."""

    retest_correlation: float
    scale_direction: float
    halo: float
    fatigue_noise: float
    careless_onset_per_hour: float

    @classmethod
    def of(cls, response_style: Mapping[str, float]) -> RatingParameters:
        return cls(
            retest_correlation=response_style["retest_correlation"],
            scale_direction=response_style["scale_direction"],
            halo=response_style["halo"],
            fatigue_noise=response_style["fatigue_noise"],
            careless_onset_per_hour=response_style["careless_onset_per_hour"],
        )


@dataclass(frozen=True, slots=True)
class RatingNoise:
    """Standard normal noise of one person's ratings of one statement, drawn once for all passes."""

    agreement: tuple[float, ...]  # one a pass, correlated over passes
    quality: tuple[float, ...]


def draw_noise(n_statements: int, passes: int, rho: float, rng: np.random.Generator) -> list[RatingNoise]:
    """Noise for ``n_statements``, with correlation ``rho`` between the passes of a statement.

    z = sqrt(rho) * shared + sqrt(1 - rho) * own, so each is standard normal and any two passes correlate rho.
    """
    shared = rng.standard_normal((n_statements, 2, 1))
    own = rng.standard_normal((n_statements, 2, passes))
    noise = (np.sqrt(rho) * shared + np.sqrt(1 - rho) * own).tolist()
    return [RatingNoise(agreement=tuple(agreement), quality=tuple(quality)) for agreement, quality in noise]


def rate(
    appraisal: float, noise: float, style: ResponseStyle, *, hours: float, parameters: RatingParameters, ascending: bool
) -> int:
    """A careful person's rating, 1-7, of something they appraise at ``appraisal`` (points, unbounded).

    hours: time since the person began, which makes noise grow; ascending: whether option 1 is shown first, which pulls
    ratings down a little (and up where 7 is first).
    """
    sigma = style.noise * (1 + parameters.fatigue_noise * hours)
    direction = -parameters.scale_direction if ascending else parameters.scale_direction
    felt = appraisal + style.acquiescence + direction + sigma * noise
    # Y exceeds k where felt > 4 + s (tau_k - 4): the number of thresholds below it, computed by rounding.
    return min(7, max(1, int(np.floor(MIDPOINT + (felt - MIDPOINT) / style.extremity + 0.5))))


def rate_carelessly(kind: Carelessness, habit: int, rng: np.random.Generator) -> int:
    """A careless person's rating: at random, around the agreeable end, or always the same ``habit``."""
    if kind == "uniform":
        return int(rng.integers(1, 8))
    if kind == "stuck":
        return STUCK_ANSWERS[int(rng.integers(len(STUCK_ANSWERS)))]
    return habit
