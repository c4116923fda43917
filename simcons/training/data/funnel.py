"""Counts of what is left after each filter."""

from __future__ import annotations

from itertools import pairwise

from simcons.errors import TrainingDataError


class Funnel:
    """Numbers at first and after each filter, by the name of what passes it; summed over studies."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def count(self, name: str, n: int) -> None:
        """Add ``n`` to those that are ``name``. Names come in the order of the filters."""
        self.counts[name] = self.counts.get(name, 0) + n

    def too_few(self, found: str, least: int) -> TrainingDataError:
        """The error where less was found than is needed: it names the filter that took most."""
        (_, before), (name, after) = max(
            pairwise(self.counts.items()), key=lambda neighbours: neighbours[0][1] - neighbours[1][1]
        )
        return TrainingDataError(
            f"{found}; expected at least {least:,}; most were lost to the filter `{name}`, which {after:,} of {before:,} passed"
        )
