"""Minds on trial: whether what each makes of a statement from a person's own opinion goes with how that person rated it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from simcons.analysis.belief.baselines import WORDS, with_topic_means
from simcons.analysis.belief.correlations import Correlation, HeldOut, Rated, correlation, difference
from simcons.analysis.resampling import Estimate
from simcons.arrays import Bools, Floats

WITH_TOPIC_MEANS = "with topic means"


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What one mind makes of each rated statement [row], NaN for nothing, and the rows of people, and of questions, that it has
    learnt nothing from.
    """

    appraisals: Floats
    unseen: Mapping[HeldOut, Bools]


@dataclass(frozen=True, slots=True, eq=False)
class Judgements:
    """Of all minds, by name, in the order of the rows of `rated_opinions`, and the verdicts heard in opinions and in statements:
    -1 to 1, NaN for none.
    """

    by: Mapping[str, Judged]
    own: Floats
    said: Floats


@dataclass(frozen=True, slots=True)
class Tried:
    """One mind on people, or on questions, that it does not know.

    over_words: its r less that of the words of opinions on the same ratings. n_silent: ratings of such people and questions on
    which it has nothing to say.
    """

    correlation: Correlation
    over_words: Estimate | None
    n_silent: int


def tried(
    judgements: Judgements, rated: Rated, baselines: Mapping[tuple[str, HeldOut], Floats], *, seed: int = 0
) -> Iterator[Tried]:
    """Each mind on people and on questions not seen; on people once more with what is known of the topics' means."""
    for name, judged in judgements.by.items():
        for held_out, unseen in judged.unseen.items():
            values = np.where(unseen, judged.appraisals, np.nan)
            words = baselines.get((WORDS, held_out))
            yield _tried(name, values, unseen, words, rated, held_out)
            if held_out == "raters" and np.isfinite(values).any():
                together = with_topic_means(values, rated, seed=seed)
                yield _tried(f"{name}, {WITH_TOPIC_MEANS}", together, unseen, words, rated, held_out)


def _tried(name: str, values: Floats, unseen: Bools, words: Floats | None, rated: Rated, held_out: HeldOut) -> Tried:
    over = None if words is None else difference(values, words, rated, held_out)
    return Tried(correlation(name, values, rated, held_out), over, int((unseen & ~np.isfinite(values)).sum()))
