"""Choosing statements by what a rule makes of them. Ties are found and reported; the rule that breaks them is part of the SWF."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from simcons.arrays import AnyFloats, Bools, Ints
from simcons.scenario.welfare import TieRule
from simcons.welfare.missing import as_floats, place_of

Places: TypeAlias = Ints

# Values this close, relative to their size, are one value: rounding must not decide a choice.
RELATIVE_TOLERANCE = 1e-9
_ROUNDINGS = 16  # in float32, where 1e-9 is less than one rounding
Rounding: TypeAlias = (
    AnyFloats | None
)  # how far each value may be off in absolute terms; None: by no more than 1e-9 of it


@dataclass(frozen=True, slots=True)
class Selection:
    """The outcome of one choice."""

    order: tuple[int, ...]  # candidates, best first, ties already broken
    ranks: tuple[int, ...]  # each candidate's place in the weak order, 0 best; tied candidates share it, the next is +1
    tied: tuple[int, ...]  # candidates that share the first place; one if there was no tie
    tie_rule: TieRule  # what broke ties
    deciders: tuple[int | None, ...]  # along `order`: the person whose ballot put it before those tied with it, or None


@dataclass(frozen=True, slots=True)
class Winners:
    """The outcome of many choices. Both arrays have the shape of the values without the axis of candidates."""

    index: Places  # the candidate chosen
    n_tied: Places  # how many shared the first place; 1 if there was no tie


def select(
    values: npt.ArrayLike,
    *,
    ties: TieRule,
    rng: np.random.Generator,
    utilities: npt.ArrayLike | None = None,
    rounding: Rounding = None,
) -> Selection:
    """The weak order of candidates by ``values`` [candidates], the higher the better, and a strict order that extends it.

    ties: ``random`` by a random permutation of the candidates; ``first`` by the order in which they were drawn;
    ``random_ballot`` by the order of a randomly drawn person, where that has a tie by another person's, and so on, and at
    random where nobody prefers one to the other (the TBRC of Schulze 2011, section 5). Ballots are read from ``utilities``
    [candidates, people]; NaN is below every number. rounding: of each value, as in `weak_ranks`.

    The generator is used in the same way under every tie rule and whatever the values and utilities are, given their shapes, so
    that changing the rule moves no other draw. Raises ValueError for NaN, no candidates, a wrong shape, and a random ballot
    without utilities.
    """
    values = _checked(values)
    if values.ndim != 1:
        raise ValueError(f"values of one choice must have the shape [candidates], got {values.shape}")
    ballots = _ballots(utilities, len(values))
    permutation, people = rng.permutation(len(values)), rng.permutation(len(ballots))
    if ties == "random_ballot" and not len(ballots):
        raise ValueError("ties 'random_ballot' needs the utilities of at least one person")
    ranks = weak_ranks(values, rounding)
    drawn = people if ties == "random_ballot" else people[:0]  # whose ballots count, in this order
    last = np.arange(len(values)) if ties == "first" else permutation
    order = np.lexsort((last, *ballots[drawn[::-1]], ranks))
    return Selection(
        order=tuple(map(int, order)),
        ranks=tuple(map(int, ranks)),
        tied=tuple(map(int, np.flatnonzero(ranks == 0))),
        tie_rule=ties,
        deciders=_deciders(order, ranks, ballots[drawn], drawn),
    )


def winners(values: npt.ArrayLike, priority: npt.ArrayLike, *, rounding: Rounding = None) -> Winners:
    """The best candidate of each choice, ties broken by ``priority``: the lowest wins.

    values: [..., candidates], the higher the better; priority: the same shape, or one that broadcasts to it (random numbers
    for ties at random, candidates' numbers for the first drawn). Ties and ``rounding`` are those of `weak_ranks`. Works in a few
    times the memory of ``values``. Raises ValueError for NaN among the values, a priority that is not finite, and no candidates.
    """
    values, priority = _checked(values), np.asarray(priority)
    wrong = ~np.isfinite(priority)
    if wrong.any():
        raise ValueError(f"priority {float(priority[wrong][0])!r} at {_place(wrong)}: expected a finite number")
    tied = _first(values, rounding)
    return Winners(
        index=np.asarray(np.where(tied, priority, np.inf).argmin(axis=-1)), n_tied=np.asarray(tied.sum(axis=-1))
    )


def weak_ranks(values: npt.ArrayLike, rounding: Rounding = None) -> Places:
    """Place of each candidate of [..., candidates], 0 best; those that tie share one: [2., 3., 3., 1.] gives [1, 0, 0, 2].

    Two candidates tie that are `close`, or no further apart than the ``rounding`` of either (the shape of ``values``, in their
    unit: see `mean_rounding`), and so do those that are between them, and those that tie with one that ties.
    """
    values = as_floats(values)
    if rounding is None:
        return refined(np.zeros(values.shape, dtype=np.int64), values)
    reach = _reach(values, rounding)
    order = np.argsort(-values, axis=-1, kind="stable")
    value, reach = np.take_along_axis(values, order, axis=-1), np.take_along_axis(reach, order, axis=-1)
    down = np.fmin.accumulate(value - reach, axis=-1)
    up = np.fmax.accumulate((value + reach)[..., ::-1], axis=-1)[..., ::-1]
    return _places(order, ~((value[..., 1:] >= down[..., :-1]) | (value[..., :-1] <= up[..., 1:])))


def mean_rounding(utilities: npt.ArrayLike) -> AnyFloats:
    """The difference that rounding alone can make to means of ``utilities`` [..., people]: n eps max|u|, [...]. NaN is nobody.

    Between numbers of both signs a sum cancels, and what is left of it is no measure of the rounding in it: (.1 + .2 - .3) / 3
    and (-.3 + .2 + .1) / 3 are 1.9e-17 and 9e-18. The bound holds for n terms added one by one (Higham 2002, section 4.2).
    """
    u = as_floats(utilities)
    greatest = np.fmax.reduce(np.abs(u), axis=-1)
    return np.asarray(u.shape[-1] * np.finfo(u.dtype).eps * np.where(np.isfinite(greatest), greatest, 0))


def refined(places: Places, values: AnyFloats) -> Places:
    """Dense places of [..., candidates] by ``places``, and among those that share one by ``values``, the highest first."""
    order = np.lexsort((-values, places), axis=-1)
    place, value = np.take_along_axis(places, order, axis=-1), np.take_along_axis(values, order, axis=-1)
    return _places(order, (place[..., 1:] != place[..., :-1]) | ~close(value[..., 1:], value[..., :-1]))


def _places(order: Places, new: Bools) -> Places:
    """Dense places of candidates in this ``order``; new: which of them, from the second on, do not tie with the one before."""
    dense, places = np.zeros(order.shape, dtype=np.int64), np.empty(order.shape, dtype=np.int64)
    np.cumsum(new, axis=-1, out=dense[..., 1:])
    np.put_along_axis(places, order, dense, axis=-1)
    return places


def close(a: AnyFloats, b: AnyFloats) -> Bools:
    """True if two values are equal but for rounding: apart by at most 1e-9 of the larger (float32: 16 eps, 2e-6)."""
    with np.errstate(invalid="ignore", over="ignore"):
        gap = np.abs(a - b)
        near = gap <= tolerance(np.result_type(a, b)) * np.maximum(np.abs(a), np.abs(b))
    return np.asarray((a == b) | (near & np.isfinite(gap)))


def tolerance(dtype: np.dtype[np.floating[Any]]) -> float:
    """The relative difference up to which two values of this type count as the same."""
    return max(RELATIVE_TOLERANCE, _ROUNDINGS * float(np.finfo(dtype).eps))


def _reach(values: AnyFloats, rounding: AnyFloats) -> AnyFloats:
    """The distance from each value within which others tie with it; 0 for infinite ones. Both stay within the floats."""
    with np.errstate(invalid="ignore"):
        size = np.where(np.isfinite(values), np.abs(values), 0)
    within = float(np.finfo(values.dtype).max) - size
    return np.asarray(np.minimum(np.maximum(tolerance(values.dtype) * size, rounding), within))


def _first(values: AnyFloats, rounding: Rounding) -> Bools:
    """Who shares the first place: the best, those that tie with it, those that tie with one of them, and so on."""
    reach = None if rounding is None else _reach(values, rounding)
    lowest = values.max(axis=-1, keepdims=True)
    while True:
        tied = (values >= lowest) | _near(values, lowest, reach)
        floor = np.where(tied, values, np.inf).min(axis=-1, keepdims=True)
        if (floor == lowest).all():
            return np.asarray(tied)
        lowest = floor


def _near(values: AnyFloats, lowest: AnyFloats, reach: AnyFloats | None) -> Bools:
    """Who ties with one of those whose value is at least ``lowest``."""
    if reach is None:
        return close(values, lowest)
    down = np.where(values >= lowest, values - reach, np.inf).min(axis=-1, keepdims=True)
    return np.asarray((values >= down) | (values + reach >= lowest))


def _deciders(order: Places, ranks: Places, ballots: Places, drawn: Places) -> tuple[int | None, ...]:
    """Along ``order``: the person whose ballot leaves a candidate alone before the rest of those that tie with it."""
    if not len(drawn):
        return (None,) * len(order)
    return tuple(_decider(order[place:], ranks, ballots, drawn) for place in range(len(order)))


def _decider(rest: Places, ranks: Places, ballots: Places, drawn: Places) -> int | None:
    best, rivals = rest[0], rest[1:][ranks[rest[1:]] == ranks[rest[0]]]
    for person, ballot in zip(drawn if len(rivals) else (), ballots, strict=False):
        rivals = rivals[ballot[rivals] == ballot[best]]
        if not len(rivals):
            return int(person)
    return None


def _ballots(utilities: npt.ArrayLike | None, n_candidates: int) -> Places:
    """Each person's weak order, [people, candidates]."""
    if utilities is None:
        return np.empty((0, n_candidates), dtype=np.int64)
    utilities = np.asarray(utilities, dtype=np.float64)
    if utilities.ndim != 2 or len(utilities) != n_candidates:
        raise ValueError(f"utilities must have the shape [{n_candidates} candidates, people], got {utilities.shape}")
    return weak_ranks(np.where(np.isnan(utilities), -np.inf, utilities).T)


def _checked(values: npt.ArrayLike) -> AnyFloats:
    values = as_floats(values)
    if values.ndim == 0 or values.shape[-1] == 0:
        raise ValueError(f"a choice needs at least one candidate on the last axis, got shape {values.shape}")
    if np.isnan(values).any():
        raise ValueError(f"value of candidate {_place(np.isnan(values))} is NaN")
    return values


def _place(wrong: Bools) -> int | tuple[int, ...]:
    place = place_of(wrong)
    return place[0] if len(place) == 1 else place
