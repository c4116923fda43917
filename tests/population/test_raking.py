"""Raking against another package, against theory, and on tables that cannot be raked."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcons.errors import ScenarioError
from simcons.population.raking import Margin, margin_sums, rake

positive = st.floats(min_value=0.1, max_value=10.0)


def margins_of(table, *axes):
    return [Margin(f"axes {kept}", kept, margin_sums(table, kept)) for kept in axes]


def table_of(rng, *shape):
    return rng.uniform(0.5, 2.0, size=shape)


def test_against_ipfn():
    ipfn = pytest.importorskip("ipfn.ipfn")
    rng = np.random.default_rng(1)
    seed, wanted = table_of(rng, 2, 3, 4), margins_of(table_of(rng, 2, 3, 4), (0, 1), (1, 2), (2,))
    targets, axes = [margin.target.copy() for margin in wanted], [list(margin.axes) for margin in wanted]
    other = ipfn.ipfn(seed.copy(), targets, axes, convergence_rate=1e-13, rate_tolerance=0.0).iteration()
    np.testing.assert_allclose(rake(seed, wanted, tolerance=1e-13).table, other, rtol=1e-9)


def test_a_two_by_two_by_hand():
    # Odds ratio 4 and all margins .5: a / (.5 - a) = sqrt(4), so a = 1/3.
    half = np.array([0.5, 0.5])
    raked = rake(np.array([[40.0, 2.0], [10.0, 2.0]]), [Margin("rows", (0,), half), Margin("columns", (1,), half)])
    np.testing.assert_allclose(raked.table, [[1 / 3, 1 / 6], [1 / 6, 1 / 3]], rtol=1e-8)


def test_a_flat_seed_gives_the_product_of_the_margins():
    rows, columns = np.array([0.2, 0.8]), np.array([0.1, 0.3, 0.6])
    raked = rake(np.ones((2, 3)), [Margin("rows", (0,), rows), Margin("columns", (1,), columns)])
    np.testing.assert_allclose(raked.table, np.outer(rows, columns), rtol=1e-12)
    assert raked.iterations == 1


@settings(deadline=None, max_examples=50)
@given(st.lists(positive, min_size=24, max_size=24), st.lists(positive, min_size=24, max_size=24))
def test_margins_are_met_and_odds_ratios_kept(seed_cells, wanted_cells):
    seed, population = np.reshape(seed_cells, (2, 3, 4)), np.reshape(wanted_cells, (2, 3, 4))
    wanted = margins_of(population, (0, 1), (2,))
    raked = rake(seed, wanted)
    for margin in wanted:
        error = np.abs(margin_sums(raked.table, margin.axes) - margin.target).max()
        assert error <= raked.max_abs_error * (1 + 1e-6) <= 1.1e-10 * population.sum()
    # No margin joins axis 0 or 1 with 2: those odds ratios stay the seed's.
    np.testing.assert_allclose(_odds_ratios(raked.table), _odds_ratios(seed), rtol=1e-6)


def _odds_ratios(table):
    return (table[0, :, 1:] * table[1, :, :1]) / (table[0, :, :1] * table[1, :, 1:])


def test_the_seed_is_not_changed_and_a_table_that_fits_stays():
    rng = np.random.default_rng(2)
    seed = table_of(rng, 3, 4)
    before = seed.copy()
    np.testing.assert_allclose(rake(seed, margins_of(seed, (0,), (1,))).table, seed, rtol=1e-12)
    rake(seed, margins_of(table_of(rng, 3, 4), (0,), (1,)))
    np.testing.assert_array_equal(seed, before)


ROWS = Margin("rows", (0,), np.array([0.5, 0.5]))


@pytest.mark.parametrize(
    ("seed", "margin", "message"),
    [
        ([[1, 0], [1, 0]], Margin("columns", (1,), np.array([0.5, 0.5])), "'columns': target 0.5 in cell .1,., where"),
        ([[1, 1], [1, 1]], Margin("columns", (1,), np.array([0.5, 0.6])), "'columns': total 1.1: expected 1 "),
        ([[1, 1], [1, 1]], Margin("columns", (1,), np.array([1.5, -0.5])), "'columns': smallest cell -0.5"),
        ([[1, 1], [1, 1]], Margin("columns", (1,), np.array([1.0])), r"'columns': shape \(1,\): expected \(2,\)"),
        ([[1, 1], [1, 1]], Margin("columns", (1, 0), np.eye(2)), r"'columns': axes \(1, 0\)"),
        ([[1, -1], [1, 1]], Margin("columns", (1,), np.array([0.5, 0.5])), "seed table"),
        # Rows want .5 each; the empty cell leaves row 0 only column 0, which may hold .2.
        ([[1, 0], [1, 1]], Margin("columns", (1,), np.array([0.2, 0.8])), "off by .* after 1000 rounds"),
    ],
)
def test_what_cannot_be_raked_is_named(seed, margin, message):
    with pytest.raises(ScenarioError, match=message):
        rake(np.array(seed, dtype=float), [ROWS, margin])
