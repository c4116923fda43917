"""From appraisals to ratings: what people feel, and which of the seven options they press.

A rating is the graded response P(Y > k) = Phi((theta + a_i - s_i-stretched tau_k) / sigma_i): a latent appraisal theta on the
1-7 scale, plus acquiescence a_i and noise, against thresholds tau_k = 1.5, 2.5, ..., 6.5 whose distance from the midpoint 4 is
scaled by the extremity s_i. Careless people answer without looking. Parameters: facts in `personas/*.yaml`.

The functions take numbers or arrays that broadcast, so one person's next rating and those of a thousand groups are worked out
by the same lines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from simcons.arrays import Floats, Ints
from simcons.population.persona import CARELESS_KINDS, ResponseStyle
from simcons.scale import HIGHEST, LOWEST, MIDPOINT

STUCK_ANSWERS = (4, 5, 5, 5, 6, 6, 6, 7)  # [J], each as likely
RANKING_GRAIN = 0.5  # of the distance of two thresholds: what people tell apart who rank rather than rate [J]
_UNIFORM, _STUCK = CARELESS_KINDS.index("uniform"), CARELESS_KINDS.index("stuck")

Numbers: TypeAlias = float | Floats
WholeNumbers: TypeAlias = int | Ints


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

    def noise_sd(self, style: ResponseStyle, hours: float) -> float:
        """SD of a person's noise ``hours`` after they began: it grows as they tire."""
        return style.noise * (1 + self.fatigue_noise * hours)

    def direction(self, *, ascending: bool) -> float:
        """Points that the order of the options adds: fewer where option 1 is shown first."""
        return -self.scale_direction if ascending else self.scale_direction


def draw_noise(n_statements: int, n_scales: int, passes: int, rho: float, rng: np.random.Generator) -> Floats:
    """Standard normal noise [statements, scales, passes] of one person, with correlation ``rho`` between the passes.

    z = sqrt(rho) * shared + sqrt(1 - rho) * own, so each is standard normal and any two passes correlate rho.
    """
    shared = shared_noise(n_statements, n_scales, rng)[..., None]
    return correlated(shared, rng.standard_normal((n_statements, n_scales, passes)), rho)


def shared_noise(n_statements: int, n_scales: int, rng: np.random.Generator) -> Floats:
    """The noise that all of a person's answers about a statement share [statements, scales]; drawn before that of each alone."""
    return rng.standard_normal((n_statements, n_scales))


def correlated(shared: Floats, own: Floats, rho: float) -> Floats:
    """Standard normal noise that has correlation ``rho`` with other noise that shares ``shared`` with it."""
    return np.asarray(np.sqrt(rho) * shared + np.sqrt(1 - rho) * own)


def rate(
    appraisals: Numbers,
    noise: Numbers,
    *,
    noise_sd: Numbers,
    acquiescence: Numbers,
    extremity: Numbers,
    direction: Numbers = 0.0,
    n_options: int = HIGHEST,
) -> Numbers:
    """Ratings, whole points from 1 to 7, that careful people give what they appraise at ``appraisals`` (points).

    noise: standard normal; acquiescence and direction: points added to every appraisal; extremity: factor on the thresholds'
    distance from the midpoint. n_options: of a scale with other than seven points, which divide the same range evenly: ratings
    are then from 1 to that number.
    """
    felt = appraisals + acquiescence + direction + noise_sd * noise
    # Y exceeds k where felt > 4 + s (tau_k - 4): the number of thresholds below it, computed by rounding.
    above = _above_thresholds(felt, extremity)
    if n_options != HIGHEST:
        above = LOWEST + (above - LOWEST) * n_options / HIGHEST
    points: Numbers = np.floor(above)
    if isinstance(points, float):  # of one participant: NumPy's bounds would take twice as long as all the rest
        return min(n_options, max(LOWEST, points))
    return np.clip(points, LOWEST, n_options)


def rank(appraisals: Floats, noise: Floats, *, noise_sd: float, acquiescence: float, extremity: float) -> Ints:
    """Ranks, 1 for the best, that a careful person gives statements appraised at ``appraisals`` [statements].

    What is felt is the same as in a rating, on thresholds twice as close and without ends: people who compare tell more apart
    than people who rate. Statements between the same two thresholds are tied; ties share the lower number, and as many after it
    are left out (standard competition ranking).
    """
    felt = appraisals + acquiescence + noise_sd * noise
    levels = np.floor(_above_thresholds(felt, extremity) / RANKING_GRAIN)
    return np.asarray(1 + (levels > levels[:, None]).sum(axis=1))


def rank_carelessly(kind: int, n_statements: int, rng: np.random.Generator) -> Ints:
    """Ranks without a look, in the order shown: at random from those who answer at random, else as the statements lie."""
    ranks = np.arange(1, n_statements + 1)
    return rng.permutation(ranks) if kind == _UNIFORM else ranks


def _above_thresholds(felt: Numbers, extremity: Numbers) -> Numbers:
    """The scale stretched so that thresholds are whole numbers: as many of them are below as it has whole points."""
    return MIDPOINT + (felt - MIDPOINT) / extremity + 0.5


def careless_kind(u: Numbers, uniform_share: float, stuck_share: float) -> Ints:
    """Places in CARELESS_KINDS, given uniform draws from [0, 1): those who are neither uniform nor stuck are straight."""
    return np.asarray((u >= uniform_share) * 1 + (u >= uniform_share + stuck_share))


def rate_carelessly(kinds: WholeNumbers, habits: Numbers, draw: Callable[[int], WholeNumbers]) -> Floats:
    """Ratings without a look: at random, around the agreeable end, or always the same ``habits``.

    kinds: places in CARELESS_KINDS; draw(n): whole numbers below n, each as likely, one a rating. Asked only for the kinds
    that there are.
    """
    ratings = np.asarray(habits, dtype=np.float64)
    if np.any(uniform := np.equal(kinds, _UNIFORM)):
        ratings = np.where(uniform, LOWEST + draw(HIGHEST - LOWEST + 1), ratings)
    if np.any(stuck := np.equal(kinds, _STUCK)):
        ratings = np.where(stuck, np.take(STUCK_ANSWERS, draw(len(STUCK_ANSWERS))), ratings)
    return ratings
