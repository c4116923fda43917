"""Rules of a user's own that failed in a numeric world: in how many rounds, and how they did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from simcons.arrays import Texts
from simcons.experiments.measures import RuleChoices
from simcons.scenario.welfare import RuleSpec
from simcons.storage.results import write_records
from simcons.welfare.rules import label

FAILED_RULES = "failed_rules"


@dataclass(frozen=True, slots=True)
class FailedRule:
    """A rule that failed in a condition of a stress test or in a study of power, which therefore has no result of it.

    What would be left are the rounds that suit the rule, which cannot be held against what others do in all of them.
    """

    test: str  # name of the stress test or study of power
    parameter: str | None  # what is varied; None in a study of power
    value: str | None  # as printed
    rule: str  # label
    n_failed: int  # rounds
    n_rounds: int  # in which it was asked
    first: str  # how it failed in the first of them


@dataclass(slots=True)
class Failures:
    """What is known of failures from the blocks of rounds so far."""

    _n_rounds: int = 0
    _n_failed: dict[RuleSpec, int] = field(default_factory=dict)
    _first: dict[RuleSpec, str] = field(default_factory=dict)

    def add(self, *asked: RuleChoices) -> None:
        """The choices in the rounds of one block, each time that rules were asked in it."""
        by_rule = {spec: [choices[spec].failure for choices in asked] for spec in asked[0]}
        self._n_rounds += len(next(iter(asked[0].values())).index)
        for spec, failures in by_rule.items():
            said = [text for text in _in_rounds(failures) if text]
            if said:
                self._n_failed[spec] = self._n_failed.get(spec, 0) + len(said)
                self._first.setdefault(spec, said[0])

    def __contains__(self, spec: RuleSpec) -> bool:
        return spec in self._first

    @property
    def labels(self) -> frozenset[str]:
        """Of the rules that failed."""
        return frozenset(map(label, self._first))

    def rows(self, test: str, parameter: str | None = None, value: str | None = None) -> Iterator[FailedRule]:
        """One a rule that failed, in the order in which they first did."""
        for spec, first in self._first.items():
            yield FailedRule(test, parameter, value, label(spec), self._n_failed[spec], self._n_rounds, first)


def write_failed_rules(folder: Path, failed: Sequence[FailedRule]) -> None:
    """``failed_rules.parquet`` and ``failed_rules.csv`` in an existing folder. Raises StorageError."""
    write_records(folder, FAILED_RULES, failed, record_type=FailedRule)


def _in_rounds(failures: Sequence[Texts | None]) -> list[str]:
    """By round, how a rule failed the first time that it was asked there and did."""
    return [next(filter(None, texts), "") for texts in np.transpose([each for each in failures if each is not None])]
