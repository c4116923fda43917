"""Values that are worked out once, and had again by all that they follow from."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from itertools import islice
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


def keep_last(values: dict[Key, Value], most: int) -> None:
    """Drop all but the ``most`` values that were added last."""
    for key in list(islice(values, max(0, len(values) - most))):
        del values[key]


class Remembered(Generic[Value]):
    """Values by key, which has to hold all that they follow from. The first ``most`` are kept, so that memory has a bound."""

    def __init__(self, most: int = 0) -> None:
        self._most = most
        self._values: dict[Hashable, Value] = {}

    def of(self, key: Hashable, begin: Callable[[], Value]) -> Value:
        """The value of ``key``, to be added to. Where there is none one is begun, and kept if there is room."""
        if key in self._values:
            return self._values[key]
        value = begin()
        if len(self._values) < self._most:
            self._values[key] = value
        return value
