"""Baselines of a mind that judges by a person's own opinion: how well ratings follow from less than that.

Each predicts the ratings of people, or of questions, that it has not seen. Words are weighed and regressions are fitted by
scikit-learn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from simcons.analysis.belief.correlations import Correlation, HeldOut, Rated, correlation
from simcons.arrays import Floats, Ints
from simcons.seeds import stream
from simcons.storage.load import Run

if TYPE_CHECKING:
    import pandas as pd

TOPIC_MEAN, WORDS = "topic mean", "words of the opinion"
_LIKENESS = "likeness and lengths"
_FOLDS, _INNER_FOLDS = 10, 3
_PENALTIES = (1.0, 3.0, 10.0, 30.0)
_Fit: TypeAlias = Callable[[Ints, Ints], Floats]  # rows learnt from and rows held out, to predictions of these


def rated_opinions(run: Run, scale: str) -> pd.DataFrame:
    """A row a rating, by those who wrote: round_id, session_id, participant_id, question, position_statement, opinion, text,
    place, and rating, the mean of a person's passes.
    """
    rated = run.frame("ratings").dropna(subset=[scale])
    keys = ["round_id", "participant_id", "candidate_id"]
    means = rated.groupby(keys, as_index=False).agg(rating=(scale, "mean"), place=("place", "first"))
    opinions = run.frame("opinions")[["round_id", "participant_id", "text"]].rename(columns={"text": "opinion"})
    rounds = run.frame("rounds")[["round_id", "session_id", "question", "position_statement"]]
    rows = means.merge(opinions, on=["round_id", "participant_id"]).merge(rounds, on="round_id")
    return rows.merge(run.frame("candidates")[["candidate_id", "text"]], on="candidate_id")


def baselines(rows: pd.DataFrame, *, seed: int = 0) -> dict[tuple[str, HeldOut], Floats]:
    """Predictions of every rating of `rated_opinions`, by the name of the baseline and what it has not seen.

    On questions not seen where there are several, and not by a topic's mean, which nobody knows there.
    """
    rated = Rated.of(rows)
    fits = {
        TOPIC_MEAN: _topic_means(rated),
        _LIKENESS: _linear(_likeness(rows), rated.rating),
        WORDS: _ridge(_words(rows), rated.rating),
    }
    return {
        (name, held_out): _out_of_sample(fit, _folds(rated.unit(held_out), seed))
        for name, fit in fits.items()
        for held_out in _held_out(rated, name)
    }


def _held_out(rated: Rated, name: str) -> Iterator[HeldOut]:
    if rated.person.max() > 0:
        yield "raters"
    if rated.question.max() > 0 and name != TOPIC_MEAN:
        yield "questions"


def correlations(predicted: dict[tuple[str, HeldOut], Floats], rated: Rated) -> list[Correlation]:
    """Each baseline's, on all ratings."""
    return [correlation(name, values, rated, held_out) for (name, held_out), values in predicted.items()]


def with_topic_means(values: Floats, rated: Rated, *, seed: int = 0) -> Floats:
    """The ratings of people not seen, as they follow from a topic's mean and ``values`` [row] together; NaN where these are."""
    there = np.flatnonzero(np.isfinite(values))
    some = Rated(rated.rating[there], rated.person[there], rated.question[there])
    features = np.column_stack([values[there], np.eye(int(rated.question.max()) + 1)[some.question]])
    predicted = np.full(len(values), np.nan)
    if len(np.unique(some.person)) > 1:
        fit = _linear(features, some.rating)
        predicted[there] = _out_of_sample(fit, _folds(np.unique(some.person, return_inverse=True)[1], seed))
    return predicted


# --- what is fitted ------------------------------------------------------------------------------------------------


def _topic_means(rated: Rated) -> _Fit:
    """The mean rating on the question; that of all where nobody was seen on it."""

    def fit(learnt: Ints, held: Ints) -> Floats:
        means = np.full(int(rated.question.max()) + 1, rated.rating[learnt].mean())
        for question in np.unique(rated.question[learnt]):
            means[question] = rated.rating[learnt][rated.question[learnt] == question].mean()
        return np.asarray(means[rated.question[held]])

    return fit


def _linear(features: Floats, rating: Floats) -> _Fit:
    from sklearn.linear_model import LinearRegression

    def fit(learnt: Ints, held: Ints) -> Floats:
        return np.asarray(LinearRegression().fit(features[learnt], rating[learnt]).predict(features[held]))

    return fit


def _ridge(features: Any, rating: Floats) -> _Fit:
    """The penalty by cross-validation on what is learnt from; the mean where that is too little."""
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import GridSearchCV, KFold

    def fit(learnt: Ints, held: Ints) -> Floats:
        if len(learnt) < _INNER_FOLDS:
            return np.full(len(held), rating[learnt].mean())
        inner = KFold(_INNER_FOLDS, shuffle=True, random_state=0)
        search = GridSearchCV(Ridge(), {"alpha": _PENALTIES}, cv=inner, scoring="neg_mean_squared_error")
        return np.asarray(search.fit(features[learnt], rating[learnt]).predict(features[held]))

    return fit


# --- features ------------------------------------------------------------------------------------------------------


def _likeness(rows: pd.DataFrame) -> Floats:
    """[row, 3]: the cosine of opinion and text by their words, of which rare ones weigh more, and log lengths."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = TfidfVectorizer(sublinear_tf=True, analyzer=_terms(longest=1))
    texts = [[("", text) for text in rows[name]] for name in ("opinion", "text")]
    words.fit([*texts[0], *texts[1]])
    opinions, statements = map(words.transform, texts)
    cosine = np.asarray(opinions.multiply(statements).sum(axis=1)).ravel()
    lengths = (rows[name].str.split().str.len().to_numpy(dtype=np.float64) for name in ("opinion", "text"))
    return np.column_stack([cosine, *map(np.log1p, lengths)])


def _words(rows: pd.DataFrame) -> Any:
    """[row, term], sparse: words and pairs of words of the opinion, each for all questions and once more for its own, and the
    question. What a word tells of a rating depends on what was asked.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = TfidfVectorizer(sublinear_tf=True, analyzer=_terms(longest=2))
    return words.fit_transform(list(zip(rows["question"], rows["opinion"], strict=True))).tocsr()


def _terms(*, longest: int) -> Callable[[tuple[str, str]], list[str]]:
    """Takes a question, which may be empty, and a text to terms of up to so many words, the question being a term of its own."""
    from sklearn.feature_extraction.text import CountVectorizer

    analyse = CountVectorizer(ngram_range=(1, longest)).build_analyzer()

    def terms(given: tuple[str, str]) -> list[str]:
        question, text = given
        found = analyse(text)
        return [*found, question, *(f"{question}\t{term}" for term in found if question)]

    return terms


# --- folds ---------------------------------------------------------------------------------------------------------


def _folds(group: Ints, seed: int) -> Ints:
    """The fold of each row: whole groups, each in one of ten, or alone where there are fewer."""
    n = int(group.max()) + 1
    return np.asarray((stream(seed, "folds", str(n)).permutation(n) % min(_FOLDS, n))[group])


def _out_of_sample(fit: _Fit, fold: Ints) -> Floats:
    predicted = np.empty(len(fold))
    for number in np.unique(fold):
        held = np.flatnonzero(fold == number)
        predicted[held] = fit(np.flatnonzero(fold != number), held)
    return predicted
