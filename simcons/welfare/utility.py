"""Maps from predicted scores to utilities.

Scores trained on pairs have neither zero nor unit, while every SWF with 0 < alpha < inf needs both; so the map is a named,
recorded choice that changes who wins.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simcons.scenario.study import AffineMap, ExpMap, LikertMap, RawMap, SigmoidMap

_GREATEST_EXPONENT = 709.0  # exp of more is no float

UtilityMap = LikertMap | ExpMap | SigmoidMap | AffineMap | RawMap


def utility(scores: npt.ArrayLike, chosen: UtilityMap) -> npt.NDArray[np.float64]:
    """``scores`` (any shape) as utilities.

    Raises ValueError where an affine map leaves a utility at or below 0, and where exp leaves the range of floats.
    """
    scores = np.asarray(scores, dtype=np.float64)
    match chosen:
        case LikertMap():
            return np.asarray(np.clip(scores, 1.0, 7.0))
        case ExpMap(temperature=temperature):
            return _finite(scores / temperature, chosen)
        case SigmoidMap(temperature=temperature, shift=shift):
            return np.exp(-np.logaddexp(0, -(scores - shift) / temperature))
        case AffineMap(scale=scale, shift=shift):
            return _positive(scale * scores + shift, chosen)
        case RawMap():
            return scores


def _finite(exponents: npt.NDArray[np.float64], chosen: ExpMap) -> npt.NDArray[np.float64]:
    if exponents.size and exponents.max() > _GREATEST_EXPONENT:
        raise ValueError(
            f"utility_map exp (temperature {chosen.temperature}) overflows at exp({float(exponents.max()):.0f});"
            " expected a higher temperature"
        )
    return np.asarray(np.exp(exponents))


def _positive(utilities: npt.NDArray[np.float64], chosen: AffineMap) -> npt.NDArray[np.float64]:
    if utilities.size and utilities.min() <= 0:
        raise ValueError(
            f"utility_map affine (scale {chosen.scale}, shift {chosen.shift}) gave {float(utilities.min())!r};"
            " expected positive utilities: raise shift"
        )
    return utilities
