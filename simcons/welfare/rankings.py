"""Similarity of two orders of the same candidates."""

from __future__ import annotations

import numpy as np

from simcons.arrays import Floats
from simcons.welfare.selection import Places

_CELLS = 1 << 19  # pairs of candidates compared at a time


def kendall_tau(places: Places) -> Floats:
    """Kendall's (1945) tau-b of every two orders: [rules, pools, candidates] places to [rules, rules, pools].

    tau-b = sum s_a s_b / sqrt(sum s_a^2 sum s_b^2) over pairs of candidates, s the sign of the difference of their places. NaN
    where a rule holds all candidates level.
    """
    n_rules, n_pools, n = places.shape
    left, right = np.triu_indices(n, 1)
    tau = np.full((n_rules, n_rules, n_pools), np.nan)
    step = max(1, _CELLS // max(1, n_rules * len(left)))
    for start in range(0, n_pools, step):
        block = places[:, start : start + step]
        signs = np.sign(block[..., left] - block[..., right]).astype(np.float32).swapaxes(0, 1)
        products = (signs @ signs.swapaxes(-1, -2)).astype(np.float64)  # whole numbers
        sizes = np.sqrt(np.diagonal(products, axis1=-2, axis2=-1))
        with np.errstate(invalid="ignore"):
            correlations = products / (sizes[:, :, None] * sizes[:, None, :])
        tau[..., start : start + step] = np.moveaxis(correlations, 0, -1)
    return tau
