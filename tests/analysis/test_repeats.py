"""Coefficients of agreement on a table of pairs, against the packages that others use and against worked examples."""

from __future__ import annotations

import krippendorff
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from simcons.analysis.rated import Rated
from simcons.analysis.reliability import retest
from simcons.analysis.repeats import icc, krippendorff_alpha, pearson, reliability

ratings = st.lists(st.tuples(st.integers(1, 7), st.integers(1, 7)), min_size=3, max_size=40)


def table(pairs) -> np.ndarray:
    counts = np.zeros((7, 7))
    for a, b in pairs:
        counts[a - 1, b - 1] += 1
    return counts


@given(ratings)
def test_alpha_is_that_of_the_krippendorff_package(pairs):
    assume(len({answer for pair in pairs for answer in pair}) > 1)
    expected = krippendorff.alpha(reliability_data=np.array(pairs, dtype=float).T, level_of_measurement="ordinal")
    assert krippendorff_alpha(table(pairs)) == pytest.approx(expected)


@given(ratings)
def test_r_is_that_of_numpy(pairs):
    first, second = np.array(pairs, dtype=float).T
    assume(first.std() > 0)
    assume(second.std() > 0)
    assert pearson(table(pairs)) == pytest.approx(np.corrcoef(first, second)[0, 1], abs=1e-9)


def test_icc_comes_from_the_mean_squares_of_a_two_way_analysis_of_variance():
    pairs = [(1, 2), (4, 4), (6, 7), (3, 5), (7, 6), (2, 2), (5, 3)]
    rows = [{"y": y, "item": item, "which": which} for item, pair in enumerate(pairs) for which, y in enumerate(pair)]
    squares = anova_lm(ols("y ~ C(item) + C(which)", pd.DataFrame(rows)).fit())["mean_sq"]
    items, passes, error = squares["C(item)"], squares["C(which)"], squares["Residual"]
    expected = (items - error) / (items + error + 2 / len(pairs) * (passes - error))
    assert icc(table(pairs)) == pytest.approx(expected)


def test_a_shift_of_all_second_ratings_lowers_the_icc_and_not_r():
    pairs = [(k, k + 1) for k in range(1, 7)]
    assert pearson(table(pairs)) == pytest.approx(1)
    assert icc(table(pairs)) < 0.9


def test_coefficients_take_many_tables_at_once():
    tables = np.random.default_rng(2).integers(0, 4, (5, 7, 7)).astype(float)
    for coefficient in (pearson, icc, krippendorff_alpha):
        np.testing.assert_allclose(coefficient(tables), [coefficient(one) for one in tables])


def test_constant_ratings_have_no_coefficient_but_agree(recorded_pairs):
    result = recorded_pairs([(4, 4)] * 6)
    assert result.only(scale="agreement", by="everybody", measure="exact").estimate.value == 1
    for name in ("r", "icc", "alpha"):
        assert result.only(scale="agreement", by="everybody", measure=name).estimate is None


def test_cells_take_the_pairs_of_everybody_apart(simulate):
    run = simulate(design={"groups": 3, "rounds": 1}).run
    result, whole = reliability(Rated.of_run(run)), retest(run)
    everybody = result.only(scale="agreement", by="everybody", measure="exact")
    assert (everybody.n, everybody.estimate.value) == (whole.n_pairs, whole.exact)
    for by in ("sex", "age", "education"):
        rows = result.where(scale="agreement", by=by, measure="exact").rows
        assert sum(row.n for row in rows) == whole.n_pairs


def test_without_second_ratings_there_is_a_reason_and_no_row(simulate):
    result = reliability(Rated.of_run(simulate(design={"groups": 2, "rounds": 1, "passes": 1}).run))
    assert (result.rows, result.reason) == ((), "no statement was rated twice by one person")


@pytest.fixture
def recorded_pairs():
    """Of pairs of ratings, each of a person in a group of their own: what reliability comes to."""

    def analysed(pairs):
        rows = [
            {
                "session_id": f"s{k}",
                "round_id": f"r{k}",
                "arm": "a",
                "candidate_id": f"c{k}",
                "participant_id": f"p{k}",
                "pass_index": 1 + which,
                "agreement": y,
            }
            for k, pair in enumerate(pairs)
            for which, y in enumerate(pair)
        ]
        people = [{"participant_id": f"p{k}", "sex": "x", "age": 40, "education": "y"} for k in range(len(pairs))]
        return reliability(Rated.of_frame(pd.DataFrame(rows), participants=pd.DataFrame(people)))

    return analysed
