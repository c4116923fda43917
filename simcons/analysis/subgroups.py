"""Some of the people of many groups."""

from __future__ import annotations

import numpy as np

from simcons.arrays import Bools, Floats


def mean_among(values: Floats, who: Bools) -> Floats:
    """Means over the last axis of ``values`` [..., people], of the people marked in ``who``, which broadcasts to it.

    NaN where nobody is marked; what stands at those who are not marked does not matter.
    """
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(who, values, 0.0).sum(axis=-1) / who.sum(axis=-1))
