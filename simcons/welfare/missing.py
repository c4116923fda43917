"""Arrays of utilities and the people who are missing from them: what all rules have in common."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from simcons.arrays import AnyFloats, Bools

MissingRule: TypeAlias = Literal["refuse", "leave_out"] | float  # a number: the utility that a missing person counts as


def as_floats(values: npt.ArrayLike) -> AnyFloats:
    """An array of float32 or float64 as it is, anything else as float64."""
    values = np.asarray(values)
    return values if values.dtype in (np.float32, np.float64) else values.astype(np.float64)


def counted_in(u: AnyFloats, missing: MissingRule) -> AnyFloats:
    """``u`` with missing people as NaN still, or as the utility that they count as. Raises ValueError for an unknown rule."""
    if missing in ("refuse", "leave_out"):
        return u
    if not isinstance(missing, (int, float)) or not np.isfinite(missing):
        raise ValueError(f"missing {missing!r}: expected refuse, leave_out or a finite utility")
    return np.where(np.isnan(u), u.dtype.type(missing), u)


def place_of(wrong: Bools) -> tuple[int, ...]:
    """Where the first wrong one is."""
    return tuple(int(i) for i in np.argwhere(wrong)[0])
