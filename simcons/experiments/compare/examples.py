"""The rounds in which a change made most of a difference, to be read side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from simcons.experiments.compare.pairing import ArmPair
from simcons.experiments.compare.scores import ROUND, key
from simcons.storage.load import Run

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
    arm: ArmPair, scores: Sequence[pd.DataFrame], runs: Sequence[Sequence[Run]], *, most: int = 3
) -> list[ChangedRound]:
    """Up to so many rounds that became better, the most first, and as many that became worse, the worst first.

    scores: `round_scores` of base and change; runs: of base and change.
    """
    base, change = (table.set_index(ROUND[1])[[_BY, _RATED]] for table in scores)
    gains = (change[_BY] - base[_BY]).dropna().sort_values(kind="stable")
    worse, better = gains[gains < 0].index[:most], gains[gains > 0].index[::-1][:most]
    names = [*map(str, better), *map(str, worse)]
    texts = [dict(_texts(side, name, names)) for side, name in zip(runs, (arm.base, arm.change), strict=True)]
    questions = {row.round_id: row.question for run in runs[0] for row in run.rounds.itertuples()}
    sides: list[Mapping[str, Side]] = [
        {name: Side(shown.get(name, ()), *map(float, table.loc[name])) for name in names}
        for shown, table in zip(texts, (base, change), strict=True)
    ]
    return [ChangedRound(arm.name, name, str(questions[name]), sides[0][name], sides[1][name]) for name in names]


def same_statements(arm: ArmPair, runs: Sequence[Sequence[Run]]) -> tuple[int, int]:
    """Rounds that both have, and those of them in which both showed the very same texts."""
    shown = [dict(_texts(side, name, None)) for side, name in zip(runs, (arm.base, arm.change), strict=True)]
    both = shown[0].keys() & shown[1].keys()
    return len(both), sum(sorted(shown[0][name]) == sorted(shown[1][name]) for name in both)


def _texts(runs: Sequence[Run], arm: str, among: Sequence[str] | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    """By round, what an arm showed, its first pick first."""
    for run in runs:
        picked = run.selections[run.selections["arm"] == arm]
        picked = picked[picked["omitted"] == picked["omitted"].min()]
        if among is not None:
            picked = picked[picked["round_id"].isin(among)]
        told = picked.merge(run.candidates[["round_id", "candidate_id", "text"]], on=["round_id", "candidate_id"])
        for name, rows in told.sort_values(["round_id", "pick"]).groupby("round_id", observed=True):
            yield str(name), tuple(map(str, rows["text"]))
