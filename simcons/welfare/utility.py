"""Maps from predicted scores to utilities.

Scores trained on pairs have neither zero nor unit, while every SWF with 0 < alpha < inf needs both; so the map is a named,
recorded choice that changes who wins.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simcons.arrays import Floats
from simcons.scale import HIGHEST, LOWEST
from simcons.scenario.welfare import (
    AffineMapSettings,
    ExpMapSettings,
    LikertMapSettings,
    RawMapSettings,
    SigmoidMapSettings,
    UtilityMapSettings,
)

_GREATEST_EXPONENT = 709.0  # exp of more is no float


def utility(scores: npt.ArrayLike, chosen: UtilityMapSettings) -> Floats:
    """``scores`` (any shape) as utilities. NaN, a missing person, stays NaN.

    Raises ValueError where an affine map leaves a utility at or below 0, and where exp leaves the range of floats.
    """
    scores = np.asarray(scores, dtype=np.float64)
    match chosen:
        case LikertMapSettings():
            return np.asarray(np.clip(scores, LOWEST, HIGHEST))
        case ExpMapSettings(temperature=temperature):
            return _finite(scores / temperature, chosen)
        case SigmoidMapSettings(temperature=temperature, shift=shift):
            with np.errstate(invalid="ignore"):  # NaN
                return np.exp(-np.logaddexp(0, -(scores - shift) / temperature))
        case AffineMapSettings(scale=scale, shift=shift):
            return _positive(scale * scores + shift, chosen)
        case RawMapSettings():
            return scores


def _finite(exponents: Floats, chosen: ExpMapSettings) -> Floats:
    greatest = np.fmax.reduce(exponents, axis=None, initial=-np.inf)
    if greatest > _GREATEST_EXPONENT:
        raise ValueError(
            f"utility_map exp (temperature {chosen.temperature}) overflows at exp({greatest:.0f});"
            " expected a higher temperature"
        )
    return np.asarray(np.exp(exponents))


def _positive(utilities: Floats, chosen: AffineMapSettings) -> Floats:
    least = float(np.fmin.reduce(utilities, axis=None, initial=np.inf))
    if least <= 0:
        raise ValueError(
            f"utility_map affine (scale {chosen.scale}, shift {chosen.shift}) gave {least!r};"
            " expected positive utilities: raise shift"
        )
    return utilities
