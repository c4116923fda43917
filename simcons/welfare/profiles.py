"""Hypothesis strategies for what axioms are examined with. Drawn utilities are short numbers, so that witnesses can be read."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

from hypothesis import strategies as st

from simcons.welfare.axioms.catalogue import Draw
from simcons.welfare.axioms.domains import Domain

_PEOPLE = (1, 2, 3, 4, 5, 3, 4, 5)  # group sizes; a witness shrinks towards the first


def profiles(domain: Domain, size: int) -> st.SearchStrategy[list[float]]:
    """``size`` utilities. Where there is no unit: all of them small whole numbers or the like, or all from the whole domain."""
    if (unit := domain.unit) is not None:
        return _many(round(domain.low / unit), round(domain.high / unit), size, lambda k: k * unit)
    if domain.name == "huge":
        return _powers(0, size) | _powers(299, size)
    few = _many(1, 7, size, float)
    if domain.name == "wide":
        return few | _many(-2000, 2000, size, lambda k: float(f"{10 ** (k / 1000):.3g}"))
    return few | _many(round(domain.low * 1000), round(domain.high * 1000), size, lambda k: k / 1000)


def draws(domain: Domain) -> st.SearchStrategy[Draw]:
    """Everything that a case of any axiom needs, for groups of 1 to 5 people."""
    of_size = {people: _draws(domain, people) for people in _PEOPLE}
    return st.sampled_from(_PEOPLE).flatmap(of_size.__getitem__)


def _draws(domain: Domain, people: int) -> st.SearchStrategy[Draw]:
    below_zero = st.integers(round(domain.low), -1) if domain.signed else st.none()
    some = st.integers(0, 2**people - 1)
    return st.builds(
        _draw,
        profiles(domain, 3 * people),
        below_zero=below_zero,
        same=some,
        chosen=some,
        order=st.sampled_from(list(permutations(range(people)))),
        person=st.integers(0, people - 1),
        steps=st.integers(1, max(people - 1, 1)),
        factor=st.sampled_from(domain.factors),
        upward=st.booleans(),
        copies=st.integers(2, 3),
        portion=st.integers(0, 3),
    )


def _draw(
    drawn: list[float],
    *,
    below_zero: int | None,
    same: int,
    chosen: int,
    order: tuple[int, ...],
    person: int,
    steps: int,
    factor: float,
    upward: bool,
    copies: int,
    portion: int,
) -> Draw:
    u, v, w = drawn[0::3], drawn[1::3], drawn[2::3]  # person by person, so that a witness shrinks by leaving people out
    people = len(order)
    if below_zero is not None and min(u) >= 0:
        u[person] = float(below_zero)
    return Draw(
        u=tuple(u),
        v=tuple(v),
        w=tuple(w),
        same=_members(same, people),
        chosen=_members(chosen, people),
        order=order,
        person=person,
        other=(person + steps) % people,
        factor=factor,
        upward=upward,
        copies=copies,
        portion=portion,
    )


def _many(low: int, high: int, size: int, utility: Callable[[int], float]) -> st.SearchStrategy[list[float]]:
    """Mapped as a list: a map of every element would take as long as drawing it."""
    return st.lists(st.integers(low, high), min_size=size, max_size=size).map(lambda drawn: [utility(k) for k in drawn])


def _powers(most: int, size: int) -> st.SearchStrategy[list[float]]:
    """1 to 9, times a power of ten between -most and most: in the order of the powers' size, which witnesses shrink to."""
    return _many(0, 9 * (2 * most + 1) - 1, size, _digit_and_power)


def _digit_and_power(k: int) -> float:
    """1, 2, ... 9, 1e1, ... 9e1, 1e-1, ... 9e-1, 1e2 ..."""
    power, digit = (k // 9 + 1) // 2, k % 9 + 1
    return float(f"{digit}e{power if k // 9 % 2 else -power}")


def _members(bits: int, people: int) -> tuple[bool, ...]:
    return tuple(bool(bits >> person & 1) for person in range(people))
