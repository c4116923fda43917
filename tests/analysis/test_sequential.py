"""Confidence sequences: the error of looking at every group, and how they compare with an interval that is looked at once."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from simcons.analysis.sequential import FIRST_LOOK, ConfidenceSequence, looks
from simcons.seeds import stream

N_STUDIES, MOST = 4000, 400
SEQUENCE = ConfidenceSequence(best_at=100)


def normal(rng: np.random.Generator) -> np.ndarray:
    return rng.standard_normal((N_STUDIES, MOST))


def rarely_different(rng: np.random.Generator) -> np.ndarray:
    return rng.choice([0.0, 1.0, -1.0], p=[0.9, 0.05, 0.05], size=(N_STUDIES, MOST))


def rarely_far_worse(rng: np.random.Generator) -> np.ndarray:
    """The hardest there is for normal theory: large losses that a first look may not have met. Their mean is 0."""
    return rng.choice([0.0, 0.5, -1.5], p=[0.6, 0.3, 0.1], size=(N_STUDIES, MOST))


@pytest.mark.parametrize("differences", [normal, rarely_different, rarely_far_worse])
def test_looking_again_and_again_errs_at_most_as_often_as_it_says(differences):
    """At 4,000 studies the share that ever leaves out the truth has a standard error of .0035."""
    values = differences(stream(7, differences.__name__))
    n = np.arange(1, MOST + 1)
    mean = values.cumsum(axis=1) / n
    square = (values**2).cumsum(axis=1) - n * mean**2
    error = np.sqrt(np.maximum(square, 1e-12) / np.maximum(n - 1, 1) / n)
    half = np.array([SEQUENCE.half_width(1.0, int(k)) for k in n]) * error
    left_out = np.abs(mean) > half
    assert left_out[:, np.array(looks(MOST)) - 1].any(axis=1).mean() <= 0.055
    assert left_out[:, FIRST_LOOK - 1 :].any(axis=1).mean() <= 0.09
    assert (np.abs(mean) > 1.96 * error)[:, FIRST_LOOK - 1 :].any(axis=1).mean() > 0.2  # an interval made for one look


def test_looks_double_up_to_all_groups():
    assert looks(100) == (30, 60, 100)
    assert looks(60) == (30, 60)
    assert looks(30) == (30,)


def test_the_p_value_is_where_the_interval_ends():
    half = SEQUENCE.half_width(0.3, 50)
    assert SEQUENCE.p_value(half, 0.3, 50) == pytest.approx(0.05)
    assert SEQUENCE.p_value(half / 2, 0.3, 50) > 0.05 > SEQUENCE.p_value(2 * half, 0.3, 50)
    assert SEQUENCE.p_value(0.0, 0.3, 50) == 1.0


def test_it_is_narrowest_about_where_it_was_told_to_be():
    """Relative to sqrt(2 log log n / n) growth: the ratio to a fixed interval is least at best_at."""
    widths = {n: SEQUENCE.half_width(1 / sqrt(n), n) * sqrt(n) for n in (5, 50, 100, 200, 2000)}
    assert min(widths, key=widths.get) == 100
    assert widths[100] < 1.65 * 1.96
