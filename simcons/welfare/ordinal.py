"""Leximin, Borda and the approval share: rules to compare the isoelastic family with.

All take utilities [..., candidates, people] and give [..., candidates], the higher the better. A person who is missing is NaN:
refused, left out, or counted as having the utility that is given (`missing`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from simcons.arrays import AnyFloats
from simcons.scenario.welfare import AGREES
from simcons.welfare.missing import MissingRule, as_floats, counted_in, place_of
from simcons.welfare.selection import Places, close, refined, tolerance

_BLOCK = 1 << 20  # cells worked on at a time


def leximin(u: npt.ArrayLike, *, missing: MissingRule = "refuse") -> AnyFloats:
    """Minus the place, 0 best, in the order that compares the worst-off first, then the second worst-off, and so on (Sen 1970).

    u: [..., candidates, people] -> [..., candidates]. Utilities that are close (`selection.close`) are equal; candidates tie if
    the sorted utilities all are. Reads only which utility is higher, between people too, so any increasing map of all
    utilities leaves it as it is; a map for each person does not. Agrees with the isoelastic order once alpha is large.

    missing: ``leave_out`` needs a person to be missing for every candidate of a slate or for none: groups of different sizes
    have no leximin order. Raises ValueError for that, for NaN where it is refused, and for nobody left.
    """
    u = whole_people("leximin", u, missing)
    return in_blocks(_leximin_places, u, cells=u.shape[-1] * u.shape[-2])


def borda(u: npt.ArrayLike, *, missing: MissingRule = "refuse") -> AnyFloats:
    """The mean over people of the number of candidates that a person puts below, plus half of those level with it (Borda 1784).

    u: [..., candidates, people] -> [..., candidates], from 0 to candidates - 1. The mean rank deals with ties in people's orders;
    utilities of one person that are close (`selection.close`) are level. Reads each person's order alone. A candidate that nobody
    likes best may win, and adding or dropping a losing candidate may change the winner.

    missing: ``leave_out`` as in `leximin`. Raises ValueError as that does.
    """
    u = whole_people("borda", u, missing)
    return in_blocks(_borda_means, u, cells=u.shape[-1] * u.shape[-2])


def approval(u: npt.ArrayLike, *, threshold: float = AGREES, missing: MissingRule = "refuse") -> AnyFloats:
    """The share of people whose utility is at least ``threshold`` (Brams and Fishburn 1978), or falls short of it by rounding.

    u: [..., candidates, people] -> [..., candidates], from 0 to 1. The threshold is in the units of ``u``: 5 is "somewhat agree"
    on 1-7. How far somebody is from it does not count.

    missing: ``leave_out`` takes the share of those who are there, candidate by candidate. Raises ValueError for NaN where it is
    refused, for a candidate with nobody left, and for a threshold that is not finite.
    """
    if not np.isfinite(threshold):
        raise ValueError(f"threshold {threshold!r}: expected a finite number")
    u = people_there("approval", u, missing)
    nobody = np.asarray(np.isnan(u).all(axis=-1))
    if nobody.any():
        raise ValueError(f"candidate {place_of(nobody)}: everybody is missing; expected at least one utility")
    least = threshold - tolerance(u.dtype) * abs(threshold)
    return in_blocks(lambda slates: _shares(slates, least), u, cells=u.shape[-1] * u.shape[-2])


# --- one block of slates -------------------------------------------------------------------------------------------


def in_blocks(values: Callable[[AnyFloats], AnyFloats], u: AnyFloats, *, cells: int) -> AnyFloats:
    """``values`` of [slates, candidates, people], some slates at a time, each of which takes up ``cells``."""
    slates = u.reshape(-1, *u.shape[-2:])
    computed = np.empty(slates.shape[:2])
    step = max(1, _BLOCK // cells)
    for start in range(0, len(slates), step):
        computed[start : start + step] = values(slates[start : start + step])
    return computed.reshape(u.shape[:-1])


def minus(places: Places) -> AnyFloats:
    """Places as values: the higher the better, and no -0.0."""
    return np.asarray(0.0 - places)


def _shares(u: AnyFloats, least: float) -> AnyFloats:
    return np.asarray((u >= least).sum(axis=-1) / (~np.isnan(u)).sum(axis=-1))


def _leximin_places(u: AnyFloats) -> AnyFloats:
    ascending = np.sort(np.where(np.isnan(u), np.inf, u), axis=-1)  # the same for all candidates, and so no matter
    places = np.zeros(u.shape[:-1], dtype=np.int64)
    for k in range(u.shape[-1]):
        places = refined(places, ascending[..., k])
    return minus(places)


def _borda_means(u: AnyFloats) -> AnyFloats:
    people = np.swapaxes(u, -1, -2)
    there = np.asarray(~np.isnan(people).all(axis=-1))
    total = np.where(there[..., None], _mid_ranks(people), 0.0).sum(axis=-2)
    return np.asarray(total / there.sum(axis=-1)[..., None])


def _mid_ranks(u: AnyFloats) -> AnyFloats:
    """Number of candidates below, plus half of the others that are level: (first + last place of its level) / 2, from below."""
    n = u.shape[-1]
    ascending = np.argsort(u, axis=-1, kind="stable")
    ordered = np.take_along_axis(u, ascending, axis=-1)
    new = ~close(ordered[..., 1:], ordered[..., :-1])
    ends = np.ones((*u.shape[:-1], 1), dtype=bool)
    starts, stops = np.concatenate([ends, new], axis=-1), np.concatenate([new, ends], axis=-1)
    place = np.arange(n)
    first = np.maximum.accumulate(np.where(starts, place, 0), axis=-1)
    last = np.minimum.accumulate(np.where(stops, place, n - 1)[..., ::-1], axis=-1)[..., ::-1]
    ranks = np.empty(u.shape)
    np.put_along_axis(ranks, ascending, (first + last) / 2, axis=-1)
    return ranks


# --- domain --------------------------------------------------------------------------------------------------------


def people_there(rule: str, u: npt.ArrayLike, missing: MissingRule) -> AnyFloats:
    """``u`` as floats, missing people filled in if a number is given for them. NaN is left only if it is to be left out."""
    u = as_floats(u)
    if u.ndim < 2 or 0 in u.shape[-2:]:
        raise ValueError(f"utilities need the shape [..., candidates, people], at least one of each, got {u.shape}")
    u = counted_in(u, missing)
    absent = np.isnan(u)
    if missing == "refuse" and absent.any():
        raise ValueError(f"utility nan at {place_of(absent)}: {rule} needs a number, or a rule for missing people")
    return u


def whole_people(rule: str, u: npt.ArrayLike, missing: MissingRule) -> AnyFloats:
    """As `people_there`, where those left out must be missing for all candidates of a slate, and somebody must be there."""
    u = people_there(rule, u, missing)
    absent = np.isnan(u)
    in_part = absent & ~absent.all(axis=-2, keepdims=True)
    if in_part.any():
        raise ValueError(
            f"utility nan at {place_of(in_part)}: this person is missing for some candidates only; {rule} can leave out"
            " only people who are missing for all"
        )
    nobody = np.asarray(absent.all(axis=(-2, -1)))
    if nobody.any():
        raise ValueError(f"slate {place_of(nobody)}: everybody is missing; expected at least one person")
    return u
