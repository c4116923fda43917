"""The Schulze method: the order of candidates by their strongest paths in pairwise comparisons."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from simcons.arrays import AnyFloats
from simcons.welfare.missing import MissingRule
from simcons.welfare.ordinal import in_blocks, minus, people_there
from simcons.welfare.selection import weak_ranks

Counts: TypeAlias = npt.NDArray[np.integer[Any]]


def schulze(u: npt.ArrayLike, *, missing: MissingRule = "refuse") -> AnyFloats:
    """Minus the place, 0 best, in the order of Schulze (2011), with winning votes.

    u: [..., candidates, people] -> [..., candidates]. Reads each person's order alone; utilities of one person that are close
    (`selection.close`) are level, and a person has no vote between candidates that are level. d[x, y] people put x above y;
    x beats y where its strongest path to y, p[x, y], is stronger than p[y, x]: see `strongest_paths`.

    "Beats" is transitive, but leaves pairs open. It is made a weak order by how many candidates beat each: whoever is beaten by
    fewer is higher, those beaten by equally many tie. That keeps every defeat, and the first place goes to exactly those whom
    nobody beats, Schulze's potential winners. A candidate who wins every pairwise comparison is first, alone; rising on a ballot,
    others unmoved, costs nobody the first place, nor does a copy of a candidate that everybody puts next to it. But some may
    get a winner that they like less by voting than by staying away, as under every method that elects the winner of all
    comparisons (Moulin 1988), and lower places can depend on losing candidates.

    missing: ``leave_out`` takes a person out of the comparisons of candidates for which it has no utility. Raises ValueError for
    NaN where it is refused.
    """
    u = people_there("schulze", u, missing)
    return in_blocks(_schulze_places, u, cells=u.shape[-2] ** 2 + u.shape[-2] * u.shape[-1])


def defeats(u: AnyFloats) -> Counts:
    """d[x, y]: how many people put x above y. [..., candidates, people] -> [..., candidates, candidates]."""
    n_people = u.shape[-1]
    ranks = np.asarray(weak_ranks(np.swapaxes(u, -1, -2)), dtype=np.int32)
    there = ~np.isnan(np.swapaxes(u, -1, -2))
    counts: Counts = np.zeros((*u.shape[:-1], u.shape[-2]), dtype=np.uint8 if n_people < 256 else np.int32)
    for person in range(n_people):
        rank, here = ranks[..., person, :], there[..., person, :]
        counts += (rank[..., :, None] < rank[..., None, :]) & here[..., :, None] & here[..., None, :]
    return counts


def strongest_paths(d: Counts) -> Counts:
    """p[x, y]: the strength of the strongest path from x to y, 0 if there is none and from x to x.

    d: [..., candidates, candidates]. A path's links are won comparisons, d[x, y] > d[y, x], as strong as the votes that won them
    (winning votes); a path is as strong as its weakest link. Floyd's algorithm: candidates are admitted as stations one by one.
    """
    p = np.where(d > np.swapaxes(d, -1, -2), d, d.dtype.type(0))
    for station in range(p.shape[-1]):
        np.maximum(p, np.minimum(p[..., :, station, None], p[..., None, station, :]), out=p)
    np.einsum("...xx->...x", p)[...] = 0  # a way round and back to x is no path
    return p


def _schulze_places(u: AnyFloats) -> AnyFloats:
    p = strongest_paths(defeats(u))
    beaten_by = (p > np.swapaxes(p, -1, -2)).sum(axis=-2)
    return minus(weak_ranks(-beaten_by))
