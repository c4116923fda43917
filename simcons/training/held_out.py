"""A reward model's scores of what was held out: pairs in the right order, and the ratings that scores stand for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import chain
from typing import Any, TypeAlias, TypeVar

import numpy as np

from simcons.analysis.resampling import mean
from simcons.arrays import Bools, Floats
from simcons.engines.local.reward_manifest import Calibration
from simcons.training.calibration import calibrated, reliability
from simcons.training.data.examples import Answer, Comparison, Position, Rated, Side, between_people

Kept = TypeVar("Kept", Comparison, Rated, Position)
Triple: TypeAlias = tuple[str, str, str]  # question, opinion, statement
Score: TypeAlias = Callable[[Sequence[Triple]], Floats]  # raw scores [triple]; NaN for one that is too long


class HeldOut:
    """Answers that were held out, with raw scores of their statements; those without a score are left out."""

    def __init__(self, side: Side, score: Score) -> None:
        pairs = [pair for pair in side.comparisons if not pair.tie]
        chosen, rejected, rated, stated = _scored(
            score,
            [_triple(pair, pair.chosen) for pair in pairs],
            [_triple(pair, pair.rejected) for pair in pairs],
            [_triple(rating, rating.statement) for rating in side.ratings],
            [_triple(position, position.statement) for position in side.positions],
        )
        there = np.isfinite(chosen) & np.isfinite(rejected)
        self._pairs, self._chosen, self._rejected = _kept(pairs, there), chosen[there], rejected[there]
        self._rated, self._scores = _kept(side.ratings, np.isfinite(rated)), rated[np.isfinite(rated)]
        self._ratings = np.array([rating.rating for rating in self._rated], dtype=np.float64)
        self._positions, self._stated = _kept(side.positions, np.isfinite(stated)), stated[np.isfinite(stated)]

    def pair_metrics(self) -> dict[str, float]:
        """Shares of pairs in the right order; a tie is half right. Intervals over groups.

        Of two statements in a person's order, by score and by length alone; of two people in that of their answers, by score: to
        one statement, and to a round's position statement.
        """
        metrics: dict[str, float] = {}
        if self._pairs:
            by_length = np.array([len(pair.chosen) - len(pair.rejected) for pair in self._pairs], dtype=np.float64)
            groups = [_group(pair) for pair in self._pairs]
            metrics |= {"held_out_pairs": float(len(self._pairs))}
            metrics |= _shares("pair_accuracy", self._chosen - self._rejected, groups)
            metrics |= _shares("length_accuracy", by_length, groups)
        metrics |= _between("people", self._rated, self._scores)
        metrics |= _between("position", self._positions, self._stated)
        return metrics

    def calibration(self) -> Calibration:
        return calibrated(self._scores, self._ratings)

    def reliability(self) -> list[dict[str, Any]]:
        """The reliability curve as a table, a bin a row; see `reliability`."""
        questions, groups = ([of(rating) for rating in self._rated] for of in (_question, _group))
        return [asdict(row) for row in reliability(self._scores, self._ratings, questions, groups)]


def _scored(score: Score, *of: Sequence[Triple]) -> list[Floats]:
    """The scores of several lists of triples, each triple read once: those of pairs are rated, too."""
    distinct = list(dict.fromkeys(chain.from_iterable(of)))
    known = dict(zip(distinct, score(distinct), strict=True))
    return [np.array([known[triple] for triple in triples], dtype=np.float64) for triples in of]


def _between(name: str, answers: Sequence[Rated] | Sequence[Position], scores: Floats) -> dict[str, float]:
    """Of pairs of people who answered differently to the same."""
    pairs = [*between_people(answers)]
    if not pairs:
        return {}
    more, less = (scores[list(places)] for places in zip(*pairs, strict=True))
    accuracy = _shares(f"{name}_accuracy", more - less, [_group(answers[k]) for k, _ in pairs])
    return {f"held_out_{name}_pairs": float(len(pairs)), **accuracy}


def _shares(name: str, ahead: Floats, groups: Sequence[str]) -> dict[str, float]:
    """The share of pairs [pair] that are in order, and the bounds of its interval where it has one."""
    estimate = mean((np.sign(ahead) + 1) / 2, np.unique(groups, return_inverse=True)[1], share=True)
    shares = {f"held_out_{name}": estimate.value}
    if estimate.interval is not None:
        low, high = estimate.interval
        shares |= {f"held_out_{name}_low": low, f"held_out_{name}_high": high}
    return shares


def _triple(answer: Answer, statement: str) -> Triple:
    return answer.question, answer.opinion, statement


def _group(answer: Answer) -> str:
    return f"{answer.run}/{answer.session_id}"


def _question(answer: Rated) -> str:
    return answer.question


def _kept(items: Sequence[Kept], there: Bools) -> list[Kept]:
    return [item for item, kept in zip(items, there, strict=True) if kept]
