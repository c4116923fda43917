"""Iterative proportional fitting of a table to margins (raking).

Deming & Stephan (1940), Annals of Mathematical Statistics 11: 427-444. The result is the table closest to the seed in
Kullback-Leibler divergence among those with the wanted margins (Csiszar 1975); the seed's odds ratios that no margin
fixes are kept (Mosteller 1968).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from simcons.arrays import Floats
from simcons.errors import ScenarioError

Table: TypeAlias = Floats


@dataclass(frozen=True, slots=True)
class Margin:
    """The wanted sums of a table over all but ``axes`` (increasing); ``target`` has one dimension for each of them."""

    name: str
    axes: tuple[int, ...]
    target: Table


@dataclass(frozen=True, slots=True)
class Raked:
    """``table`` meets every margin up to ``max_abs_error``, in the units of the targets."""

    table: Table
    iterations: int
    max_abs_error: float


def rake(seed: Table, margins: Sequence[Margin], *, tolerance: float = 1e-10, max_iterations: int = 1000) -> Raked:
    """Scale ``seed`` to each margin in turn, t <- t * target / sum(t), until all are met.

    ``tolerance`` is relative to the total of the targets. Raises ScenarioError that names the margin when one has
    the wrong shape, a negative or infinite cell or another total than the first, asks for people in a cell where the
    seed has none, or is not met after ``max_iterations``.
    """
    _check(seed, margins)
    total = float(margins[0].target.sum())
    table = np.array(seed, dtype=np.float64)
    for iteration in range(1, max_iterations + 1):
        for margin in margins:
            table *= _factors(table, margin)
        errors = [float(np.abs(margin_sums(table, margin.axes) - margin.target).max()) for margin in margins]
        if max(errors) <= tolerance * total:
            return Raked(table, iteration, max(errors))
    worst = int(np.argmax(errors))
    raise ScenarioError(
        f"margin {margins[worst].name!r}: off by {errors[worst]:.3g} after {max_iterations} rounds of raking: "
        f"expected at most {tolerance * total:.3g}; it contradicts another margin or the seed's empty cells"
    )


def margin_sums(table: Table, axes: tuple[int, ...]) -> Table:
    """Sums of ``table`` over every axis that is not in ``axes``."""
    others = tuple(axis for axis in range(table.ndim) if axis not in axes)
    return np.asarray(table.sum(axis=others), dtype=np.float64)


def _factors(table: Table, margin: Margin) -> Table:
    current = margin_sums(table, margin.axes)
    unreachable = (current == 0) & (margin.target > 0)
    if unreachable.any():
        cell = tuple(int(i) for i in np.argwhere(unreachable)[0])
        raise ScenarioError(
            f"margin {margin.name!r}: target {margin.target[cell]:g} in cell {cell}, where the table has no mass: "
            "expected a target of 0, or mass in the seed"
        )
    factors = np.divide(margin.target, current, out=np.zeros_like(current), where=current > 0)
    others = [axis for axis in range(table.ndim) if axis not in margin.axes]
    return np.expand_dims(factors, axis=tuple(others))


def _check(seed: Table, margins: Sequence[Margin]) -> None:
    if not margins:
        raise ScenarioError("no margins to rake to: expected at least one")
    if not (np.isfinite(seed).all() and (seed >= 0).all()):
        raise ScenarioError("seed table: expected finite cells of at least 0")
    total = float(margins[0].target.sum())
    for margin in margins:
        _check_margin(margin, seed.shape, total)


def _check_margin(margin: Margin, shape: tuple[int, ...], total: float) -> None:
    name, axes, target = margin.name, margin.axes, margin.target
    if list(axes) != sorted(set(axes)) or not set(axes) <= set(range(len(shape))):
        raise ScenarioError(f"margin {name!r}: axes {axes!r}: expected increasing numbers below {len(shape)}")
    if target.shape != tuple(shape[axis] for axis in axes):
        expected = tuple(shape[axis] for axis in axes)
        raise ScenarioError(f"margin {name!r}: shape {target.shape!r}: expected {expected!r}")
    if not (np.isfinite(target).all() and (target >= 0).all()):
        raise ScenarioError(f"margin {name!r}: smallest cell {target.min():g}: expected finite cells of at least 0")
    if not np.isclose(target.sum(), total, rtol=1e-9, atol=0.0) or total == 0:
        raise ScenarioError(f"margin {name!r}: total {target.sum():g}: expected {total:g} as the first, and above 0")
