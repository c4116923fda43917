"""A reward model's scores of what was held out: pairs in the right order, and the ratings that scores stand for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, TypeAlias, TypeVar

import numpy as np

from simcons.analysis.resampling import mean
from simcons.arrays import Bools, Floats
from simcons.engines.local.reward_manifest import Calibration
from simcons.training.calibration import calibrated, reliability
from simcons.training.data.examples import Comparison, Rated, Side

Answer = TypeVar("Answer", Comparison, Rated)
Triple: TypeAlias = tuple[str, str, str]  # question, opinion, statement
Score: TypeAlias = Callable[[Sequence[Triple]], Floats]  # raw scores [triple]; NaN for one that is too long


class HeldOut:
    """Answers that were held out, with raw scores of their statements; those without a score are left out."""

    def __init__(self, side: Side, score: Score) -> None:
        pairs = [pair for pair in side.comparisons if not pair.tie]
        texts = [[pair.chosen for pair in pairs], [pair.rejected for pair in pairs]]
        chosen, rejected = (score([_triple(pair, text) for pair, text in zip(pairs, of, strict=True)]) for of in texts)
        rated = score([_triple(rating, rating.statement) for rating in side.ratings])
        there = np.isfinite(chosen) & np.isfinite(rejected)
        self._pairs, self._chosen, self._rejected = _kept(pairs, there), chosen[there], rejected[there]
        self._rated, self._scores = _kept(side.ratings, np.isfinite(rated)), rated[np.isfinite(rated)]
        self._ratings = np.array([rating.rating for rating in self._rated], dtype=np.float64)

    def pair_metrics(self) -> dict[str, float]:
        """Shares of pairs in their author's order: by score, and by length alone; a tie is half right. Intervals over groups."""
        if not self._pairs:
            return {}
        by_length = np.array([len(pair.chosen) - len(pair.rejected) for pair in self._pairs], dtype=np.float64)
        groups = np.unique([_group(pair) for pair in self._pairs], return_inverse=True)[1]
        metrics = {"held_out_pairs": float(len(self._pairs))}
        for name, ahead in (("pair_accuracy", self._chosen - self._rejected), ("length_accuracy", by_length)):
            estimate = mean((np.sign(ahead) + 1) / 2, groups, share=True)
            metrics[f"held_out_{name}"] = estimate.value
            if estimate.interval is not None:
                low, high = estimate.interval
                metrics |= {f"held_out_{name}_low": low, f"held_out_{name}_high": high}
        return metrics

    def calibration(self) -> Calibration:
        return calibrated(self._scores, self._ratings)

    def reliability(self) -> list[dict[str, Any]]:
        """The reliability curve as a table, a bin a row; see `reliability`."""
        questions, groups = ([of(rating) for rating in self._rated] for of in (_question, _group))
        return [asdict(row) for row in reliability(self._scores, self._ratings, questions, groups)]


def _triple(answer: Comparison | Rated, statement: str) -> Triple:
    return answer.question, answer.opinion, statement


def _group(answer: Comparison | Rated) -> str:
    return f"{answer.run}/{answer.session_id}"


def _question(answer: Rated) -> str:
    return answer.question


def _kept(items: Sequence[Answer], there: Bools) -> list[Answer]:
    return [item for item, kept in zip(items, there, strict=True) if kept]
