"""Baselines of a mind that judges by a person's own opinion: how well ratings follow from less than that.

Each predicts the ratings of people, or of questions, that it has not seen; its correlation with these ratings has an interval
over the people, or over the questions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from simcons.analysis.resampling import Estimate, statistic, sums_by_group
from simcons.arrays import Floats, Ints
from simcons.seeds import stream
from simcons.storage.load import Run

if TYPE_CHECKING:
    import pandas as pd

HeldOut: TypeAlias = Literal["raters", "questions"]
_FOLDS = 5
_TOPIC_MEAN = "topic mean"
_MOST_WORDS = 400  # by how many opinions they are in
_PENALTIES = (3.0, 10.0, 30.0, 100.0, 300.0)
_WORD = re.compile(r"[\w’']+")
_Fit: TypeAlias = Callable[[Ints, Ints], Floats]  # rows learnt from and rows held out, to predictions of these


@dataclass(frozen=True, slots=True)
class Baseline:
    """r: correlation of predictions with ratings; None where a baseline says the same of all."""

    name: str
    held_out: HeldOut
    r: Estimate | None


def rated_opinions(run: Run, scale: str) -> pd.DataFrame:
    """A row a rating, by those who wrote: session_id, question, opinion, text, rating (the mean of a person's passes)."""
    rated = run.frame("ratings").dropna(subset=[scale])
    means = rated.groupby(["round_id", "participant_id", "candidate_id"], as_index=False)[scale].mean()
    opinions = run.frame("opinions")[["round_id", "participant_id", "text"]].rename(columns={"text": "opinion"})
    rounds = run.frame("rounds")[["round_id", "session_id", "question"]]
    rows = means.merge(opinions, on=["round_id", "participant_id"]).merge(rounds, on="round_id")
    rows = rows.merge(run.frame("candidates")[["candidate_id", "text"]], on="candidate_id")
    return rows.rename(columns={scale: "rating"})


def baselines(rows: pd.DataFrame, *, seed: int = 0) -> list[Baseline]:
    """All baselines of the rows of `rated_opinions`, on held-out raters, and on held-out questions if there are several."""
    groups = {"raters": rows["session_id"].factorize()[0], "questions": rows["question"].factorize()[0]}
    rating = rows["rating"].to_numpy(dtype=np.float64)
    found = []
    for name, fit in _fits(rows, rating).items():
        for held_out, group in groups.items():
            if group.max() > 0 and (name, held_out) != (_TOPIC_MEAN, "questions"):  # which nobody knows
                predicted = _out_of_sample(fit, _folds(group, seed))
                found.append(Baseline(name, held_out, _correlation(predicted, rating, group)))  # type: ignore[arg-type]
    return found


def _fits(rows: pd.DataFrame, rating: Floats) -> dict[str, _Fit]:
    question = rows["question"].factorize()[0]
    opinions, texts = _word_weights(rows["opinion"]), _word_weights(rows["text"], of=rows["opinion"])
    lengths = [np.log1p(rows[name].str.split().str.len().to_numpy(dtype=np.float64)) for name in ("opinion", "text")]
    likeness = np.column_stack([(opinions * texts).sum(axis=1), *lengths])
    return {
        _TOPIC_MEAN: lambda learnt, held: _topic_means(question, rating, learnt, held),
        "likeness and lengths": lambda learnt, held: _ridge(likeness, rating, learnt, held, penalties=(1e-6,)),
        "words of the opinion": lambda learnt, held: _ridge(opinions, rating, learnt, held, penalties=_PENALTIES),
    }


def _folds(group: Ints, seed: int) -> Ints:
    """The fold of each row: whole groups, each in one of five, or alone where there are few."""
    n = int(group.max()) + 1
    order = stream(seed, "folds", str(n)).permutation(n)
    return np.asarray((order % min(_FOLDS, n) if n > 2 * _FOLDS else order)[group])


def _out_of_sample(fit: _Fit, fold: Ints) -> Floats:
    predicted = np.empty(len(fold))
    for number in np.unique(fold):
        held = np.flatnonzero(fold == number)
        predicted[held] = fit(np.flatnonzero(fold != number), held)
    return predicted


def _topic_means(question: Ints, rating: Floats, learnt: Ints, held: Ints) -> Floats:
    """The mean rating on the question; that of all where nobody was seen on it."""
    totals, counts = sums_by_group([rating[learnt], np.ones(len(learnt))], question[learnt]).T
    means = np.full(int(question.max()) + 1, rating[learnt].mean())
    seen = np.flatnonzero(counts > 0)
    means[seen] = totals[seen] / counts[seen]
    return np.asarray(means[question[held]])


def _ridge(features: Floats, rating: Floats, learnt: Ints, held: Ints, *, penalties: Sequence[float]) -> Floats:
    """Ridge regression on standardised features, its penalty by generalised cross-validation (Golub et al. 1979)."""
    centre, scale = features[learnt].mean(axis=0), features[learnt].std(axis=0)
    scale[scale == 0] = 1.0
    x, y = (features[learnt] - centre) / scale, rating[learnt] - rating[learnt].mean()
    squares, axes = np.linalg.eigh(x.T @ x)
    along = axes.T @ (x.T @ y)

    def score(penalty: float) -> float:
        freedom = float((squares / (squares + penalty)).sum())
        rest = y - x @ (axes @ (along / (squares + penalty)))
        return float(rest @ rest) / (len(y) - freedom) ** 2

    best = min((penalty * len(y) / 100 for penalty in penalties), key=score)
    weights = axes @ (along / (squares + best))
    return np.asarray((features[held] - centre) / scale @ weights + rating[learnt].mean())


def _word_weights(texts: pd.Series, of: pd.Series | None = None) -> Floats:
    """Words as rows of length 1 [texts, words], rare words weighing more: the commonest of ``of``, by default of the same."""
    counted = [Counter(_WORD.findall(text.lower())) for text in texts]
    known = counted if of is None else [Counter(_WORD.findall(text.lower())) for text in of]
    n_with = Counter(word for words in known for word in words)
    place = {word: k for k, (word, _) in enumerate(n_with.most_common(_MOST_WORDS))}
    rarity = np.array([np.log((1 + len(known)) / (1 + n_with[word])) for word in place])
    rows = np.zeros((len(counted), len(place)))
    for k, words in enumerate(counted):
        for word, n in words.items():
            if word in place:
                rows[k, place[word]] = 1 + np.log(n)
    rows *= rarity
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12))


def _correlation(predicted: Floats, rating: Floats, group: Ints) -> Estimate | None:
    """Pearson's, with the interval over groups."""
    if np.ptp(predicted) < 1e-9:
        return None
    x, y = predicted - predicted.mean(), rating - rating.mean()
    sums = sums_by_group([np.ones(len(x)), x, y, x * x, y * y, x * y], group)

    def r(total: Floats) -> Floats:
        n, sx, sy, sxx, syy, sxy = np.moveaxis(total, -1, 0)
        return np.asarray((sxy - sx * sy / n) / np.sqrt((sxx - sx**2 / n) * (syy - sy**2 / n)))

    estimate = statistic(r, sums)
    return None if estimate is None else estimate.within(-1.0, 1.0)
