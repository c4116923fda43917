"""The rounds in which a change made most of a difference, to be read side by side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import pandas as pd

from simcons.experiments.compare.pairing import ArmPair
from simcons.experiments.compare.scores import ROUND, key
from simcons.storage.load import Run

Shown: TypeAlias = Mapping[str, tuple[str, ...]]  # texts by round

_BY = key("true_agreement")
_RATED = key("agreement")


@dataclass(frozen=True, slots=True)
class Side:
    """One pipeline's statements in a round. true and rated: the group's mean agreement, before any noise and as recorded."""

    texts: tuple[str, ...]
    true: float
    rated: float


@dataclass(frozen=True, slots=True)
class ChangedRound:
    """One round under both pipelines."""

    arm: str
    round_id: str
    question: str
    base: Side
    change: Side

    @property
    def difference(self) -> float:
        """Of true agreement: what a rating's noise does is no difference between statements."""
        return self.change.true - self.base.true


def most_changed(
    arm: ArmPair,
    scores: Sequence[pd.DataFrame],
    shown: Sequence[Shown],
    questions: Mapping[str, str],
    *,
    most: int = 3,
) -> list[ChangedRound]:
    """Up to so many rounds that became better, the most first, and as many that became worse, the worst first.

    scores: `round_scores` of base and change; shown: `shown_by` of both; questions: by round.
    """
    base, change = (table.set_index(ROUND[1])[[_BY, _RATED]] for table in scores)
    gains = (change[_BY] - base[_BY]).dropna().sort_values(kind="stable")
    worse, better = gains[gains < 0].index[:most], gains[gains > 0].index[::-1][:most]
    names = [*map(str, better), *map(str, worse)]
    sides: list[Mapping[str, Side]] = [
        {name: Side(texts.get(name, ()), *map(float, table.loc[name])) for name in names}
        for texts, table in zip(shown, (base, change), strict=True)
    ]
    return [ChangedRound(arm.name, name, questions[name], sides[0][name], sides[1][name]) for name in names]


def same_statements(shown: Sequence[Shown]) -> tuple[int, int]:
    """Rounds that both have, and those of them in which both showed the very same texts."""
    base, change = shown
    both = base.keys() & change.keys()
    return len(both), sum(sorted(base[name]) == sorted(change[name]) for name in both)


def shown_by(arm: str, runs: Sequence[Run]) -> Shown:
    """By round, the texts that an arm showed, its first pick first."""
    shown: defaultdict[str, list[str]] = defaultdict(list)
    for run in runs:
        selections = run.selections
        picked = selections[selections["arm"] == arm]
        picked = picked[picked["omitted"] == picked["omitted"].min()]
        told = picked.merge(run.candidates[["round_id", "candidate_id", "text"]], on=["round_id", "candidate_id"])
        told = told.sort_values(["round_id", "pick"])
        for name, text in zip(map(str, told["round_id"]), map(str, told["text"]), strict=True):
            shown[name].append(text)
    return {name: tuple(texts) for name, texts in shown.items()}
