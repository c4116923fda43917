"""The isoelastic family against hand-worked values, exact arithmetic, 60-digit arithmetic, SciPy, and its axioms."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import pmean

from simcons.welfare import atkinson, influence, isoelastic

INF = float("inf")
EPS = np.finfo(float).eps

likert = st.lists(st.integers(1, 7).map(float), min_size=1, max_size=8)
expected_likert = st.lists(st.floats(1, 7), min_size=1, max_size=8)
sigmoid = st.lists(st.floats(-8, 8).map(lambda x: float(1 / (1 + np.exp(-x)))), min_size=1, max_size=8)
exponential = st.lists(st.floats(-20, 20).map(lambda x: float(np.exp(x))), min_size=1, max_size=8)
wide = st.lists(st.floats(5e-324, 1e307), min_size=1, max_size=5)
utilities = likert | expected_likert | sigmoid | exponential

near_one = st.builds(lambda size, sign: 1 + sign * 10**size, st.floats(-12, -3), st.sampled_from([-1, 1]))
alphas = st.floats(0, 10) | st.sampled_from([0.0, 0.5, 1.0, 2.0, 9.0, INF]) | near_one | st.floats(1, 1e3)


@pytest.mark.parametrize(
    ("u", "expected"),
    [
        ([1, 4, 4], {0: 3, 0.5: 2.777778, 1: 2.519842, 2: 2, 5: 1.313516, 20: 1.059526, INF: 1}),
        ([2, 3, 6, 7], {0: 4.5, 0.5: 4.245151, 1: 3.984283, 2: 3.5, 5: 2.693167, 20: 2.15133, INF: 2}),
    ],
)
def test_hand_worked_values(u, expected):
    for alpha, welfare in expected.items():
        assert isoelastic(u, alpha) == pytest.approx(welfare, rel=2e-7)


@given(u=st.lists(st.integers(1, 7), min_size=1, max_size=6), alpha=st.integers(0, 12).filter(lambda a: a != 1))
def test_against_exact_arithmetic(u, alpha):
    """W^(1-a) is the mean of u^(1-a), exactly; the root alone is left to floating point."""
    power_mean = sum(Fraction(x) ** (1 - alpha) for x in u) / len(u)
    exact = mpmath.mpf(power_mean.numerator) / power_mean.denominator
    with mpmath.workdps(40):
        assert float(isoelastic(u, alpha)) == pytest.approx(float(exact ** (mpmath.mpf(1) / (1 - alpha))), rel=4e-15)


def true_welfare(u, alpha):
    """The definition in 60 digits, where neither alpha near 1 nor alpha = 1000 is a difficulty."""
    logs = [mpmath.log(x) for x in u]
    p = 1 - mpmath.mpf(alpha)
    if p == 0:
        return mpmath.exp(mpmath.fsum(logs) / len(u))
    return mpmath.exp(mpmath.log(mpmath.fsum(mpmath.exp(p * x) for x in logs) / len(u)) / p)


def assert_accurate(u, alpha):
    with mpmath.workdps(60 + int(abs(alpha - 1) > 50) * 600):
        exact = true_welfare(u, alpha)
        reference = min(u) if alpha > 1 else max(u)
        allowed = 4 * EPS * (1 + abs(mpmath.log(exact / reference)))
        error = abs(mpmath.mpf(float(isoelastic(u, alpha))) / exact - 1)
        assert error <= allowed, f"{float(error / EPS):.1f} eps, allowed {float(allowed / EPS):.1f}"


@given(u=utilities, alpha=st.floats(0.01, 10) | near_one | st.just(1.0))
@example(u=[1.0, 4.0, 4.0], alpha=1 + 7e-6)  # a second-order series in 1-a is 1e-12 off here
@example(u=[1.0, 7.0, 7.0, 7.0], alpha=1 - 4e-6)
@example(u=[1.0, 7.0], alpha=1 + 1e-12)
def test_to_the_last_digits_for_every_utility_map(u, alpha):
    assert_accurate(u, alpha)


MAGNIFIED = [
    7.5,
    -7.7,
    6.2,
    6.4,
    0.0,
    -0.8,
    4.3,
    6.9,
    3.2,
    0.5,
    5.0,
    6.8,
    -1.0,
    4.6,
    3.3,
    7.7,
    2.8,
    3.0,
    8.0,
    -3.9,
    -2.1,
]
MAGNIFIED += [1.8, 1.7, 1.2, -0.7]
many = st.integers(9, 25).flatmap(lambda n: st.lists(st.floats(-8, 8), min_size=n, max_size=n))


@given(scores=many, alpha=st.floats(0.01, 10) | near_one)
@example(scores=[-8.0] + [8.0] * 24, alpha=1.4)  # all but one at -1 in expm1, which log1p then magnifies
@example(scores=MAGNIFIED, alpha=1.45)  # with log1p throughout it is 4.4 units off, of 4 allowed
def test_to_the_last_digits_in_large_groups(scores, alpha):
    assert_accurate([float(1 / (1 + np.exp(-x))) for x in scores], alpha)


@given(u=expected_likert, alpha=st.floats(10, 1e3))
def test_to_the_last_digits_for_large_alpha(u, alpha):
    assert_accurate(u, alpha)


@given(u=wide, alpha=st.floats(0.05, 4) | near_one | st.just(1.0))
@example(u=[5e-324, 1e300], alpha=0.999)  # the quotient of the two underflows
@example(u=[5e-324, 1e300], alpha=1.001)  # and overflows
@example(u=[3e-310, 1.0, 1.0], alpha=1.0)
def test_over_the_whole_range_of_floats(u, alpha):
    with mpmath.workdps(60):
        exact = true_welfare(u, alpha)
        size = 1 + max(abs(mpmath.log(x)) for x in u)  # logarithms of 700 lose three digits of W
        assert abs(mpmath.mpf(float(isoelastic(u, alpha))) - exact) <= 8 * EPS * size * exact + 5e-324


@given(u=likert | sigmoid, alpha=st.floats(0, 0.9) | st.floats(1.1, 5))
def test_against_scipy_where_scipy_is_right(u, alpha):
    """Away from a=1, where its power mean loses digits."""
    assert float(isoelastic(u, alpha)) == pytest.approx(float(pmean(u, 1 - alpha)), rel=1e-11)


@given(u=utilities, alpha=alphas)
def test_between_the_worst_and_the_best_off_and_at_least_the_bound_by_the_worst(u, alpha):
    welfare = float(isoelastic(u, alpha))
    assert min(u) <= welfare <= max(u) or welfare == pytest.approx(np.mean(u), rel=1e-15)
    if alpha > 1.01:
        assert welfare <= min(u) * len(u) ** (1 / (alpha - 1)) * (1 + 1e-9)


@given(level=st.floats(1e-3, 1e3), n=st.integers(1, 25), alpha=alphas)
def test_equal_utilities_are_their_own_welfare(level, n, alpha):
    assert float(isoelastic([level] * n, alpha)) == pytest.approx(level, rel=1e-15)


@given(u=utilities, alpha=alphas, scale=st.floats(1e-3, 1e3), copies=st.integers(2, 4), rng=st.randoms())
def test_scale_replication_and_symmetry(u, alpha, scale, copies, rng):
    welfare = float(isoelastic(u, alpha))
    shuffled = rng.sample(u, len(u))
    assert float(isoelastic(np.multiply(u, scale), alpha)) == pytest.approx(scale * welfare, rel=1e-12)
    assert float(isoelastic(u * copies, alpha)) == pytest.approx(welfare, rel=1e-12)
    assert float(isoelastic(shuffled, alpha)) == pytest.approx(welfare, rel=1e-12)


@given(u=utilities, pair=st.tuples(alphas, alphas))
def test_more_inequality_aversion_never_raises_welfare(u, pair):
    less, more = sorted(pair)
    assert float(isoelastic(u, more)) <= float(isoelastic(u, less)) * (1 + 1e-13)


@given(u=st.lists(st.integers(1, 7).map(float), min_size=2, max_size=5), alpha=st.floats(0.2, 4), data=st.data())
def test_a_transfer_to_the_worse_off_raises_welfare(u, alpha, data):
    """Pigou-Dalton, strict for alpha > 0: a fixed amount moves from a richer to a poorer person without passing."""
    low, high = min(u), max(u)
    if high - low < 2:
        return
    after = list(u)
    after[u.index(low)] += 0.5
    after[u.index(high)] -= 0.5
    assert float(isoelastic(after, alpha)) > float(isoelastic(u, alpha))
    assert float(isoelastic(after, 0)) == pytest.approx(float(isoelastic(u, 0)))


@given(u=st.lists(st.floats(0.1, 9), min_size=1, max_size=4), alpha=st.floats(1, 50))
def test_a_person_at_zero_takes_welfare_to_zero_from_alpha_one(u, alpha):
    assert float(isoelastic([*u, 0.0], alpha)) == 0
    assert float(isoelastic([*u, 0.0], INF)) == 0
    n = len(u)  # below 1 the person at zero counts as one more who has nothing
    assert float(isoelastic([*u, 0.0], 0.5)) == pytest.approx((n / (n + 1)) ** 2 * float(isoelastic(u, 0.5)))


def test_nobody_has_anything():
    for alpha in (0, 0.5, 1, 3, INF):
        assert float(isoelastic([0.0, 0.0], alpha)) == 0


def test_every_row_is_a_group_of_its_own():
    u = np.random.default_rng(0).uniform(0, 7, (3, 4, 5))
    u[1, 2, 3] = 0
    for alpha in (0, 0.4, 1, 1.5, INF):
        each = [[float(isoelastic(u[i, j], alpha)) for j in range(4)] for i in range(3)]
        np.testing.assert_allclose(isoelastic(u, alpha), each, rtol=1e-14)


@given(
    u=st.lists(st.lists(st.floats(0, 9), min_size=4, max_size=4), min_size=1, max_size=3),
    a=st.lists(alphas, max_size=4),
)
def test_one_slice_an_alpha(u, a):
    """An array of alphas gives what each gives alone, to the last bit, in front of the groups' own axes."""
    together = isoelastic(u, a)
    assert together.shape == (len(a), len(u))
    np.testing.assert_array_equal(together, np.array([isoelastic(u, x) for x in a]).reshape(len(a), len(u)))
    assert isoelastic(u, np.ones((2, 3))).shape == (2, 3, len(u))


def test_blocks_and_memory_layout_do_not_matter():
    """More groups than one block holds, with the people's axis first and last in memory."""
    u = np.random.default_rng(1).uniform(0.5, 7, (3, 7001, 5))
    people_first = np.moveaxis(np.ascontiguousarray(np.moveaxis(u, -1, 0)), 0, -1)
    each = np.stack([isoelastic(u[k, ::100], [0.5, 2]) for k in range(3)], axis=1)
    for layout in (u, people_first, np.asfortranarray(u)):
        np.testing.assert_array_equal(isoelastic(layout, [0.5, 2])[:, :, ::100], each)


def test_no_groups_and_no_alphas():
    assert isoelastic(np.ones((0, 3)), [0, 1, INF]).shape == (3, 0)
    assert isoelastic(np.ones((2, 3)), []).shape == (0, 2)


@given(u=likert | sigmoid, alpha=alphas)
def test_single_precision_is_double_precision_rounded_once(u, alpha):
    u = np.array(u, dtype=np.float32)
    welfare = isoelastic(u, alpha)
    assert welfare.dtype == np.float32
    assert welfare == np.float32(isoelastic(u.astype(np.float64), alpha))
    assert isoelastic(u.astype(np.int64), alpha).dtype == np.float64


def test_scores_of_any_sign_at_the_two_ends_alone():
    assert float(isoelastic([-3.0, 1.0], 0)) == -1
    assert float(isoelastic([-3.0, 1.0], INF)) == -3


@pytest.mark.parametrize(
    ("u", "alpha", "message"),
    [
        ([[2.0, 1.0], [3.0, -0.5]], 2.0, r"utility -0\.5 at \(1, 1\): alpha 2\.0 needs a finite utility of at least 0"),
        ([1.0, np.nan], 0.0, r"utility nan at \(1,\): alpha 0\.0 needs a number"),
        ([1.0, np.nan], INF, r"utility nan at \(1,\)"),
        ([INF, 1.0], 1.0, r"utility inf at \(0,\)"),
        ([1.0], -0.5, r"alpha must be at least 0, got -0\.5"),
        ([1.0], np.nan, r"alpha must be at least 0, got nan"),
        ([], 1.0, r"at least one person on the last axis, got shape \(0,\)"),
        (3.0, 1.0, r"at least one person on the last axis, got shape \(\)"),
    ],
)
def test_what_cannot_be_weighed_is_refused_with_its_place(u, alpha, message):
    with pytest.raises(ValueError, match=message):
        isoelastic(u, alpha)


@pytest.mark.parametrize(
    ("u", "alpha", "message"),
    [
        ([2.0], [1.0, -1.0], r"alpha must be at least 0, got -1\.0 at \(1,\)"),
    ],
)
def test_a_wrong_alpha_among_others_is_named(u, alpha, message):
    with pytest.raises(ValueError, match=message):
        isoelastic(u, alpha)


# --- missing people ------------------------------------------------------------------------------------------------

with_missing = st.lists(st.floats(0.5, 7) | st.just(float("nan")), min_size=1, max_size=6)


@given(u=with_missing.filter(lambda u: not np.isnan(u).all()), alpha=alphas)
def test_left_out_people_leave_the_welfare_of_the_others(u, alpha):
    present = [x for x in u if not np.isnan(x)]
    assert float(isoelastic(u, alpha, missing="leave_out")) == pytest.approx(
        float(isoelastic(present, alpha)), rel=1e-14
    )


@given(u=with_missing, alpha=alphas, as_if=st.floats(0.5, 7))
def test_counted_people_are_weighed_like_anybody(u, alpha, as_if):
    filled = [as_if if np.isnan(x) else x for x in u]
    assert float(isoelastic(u, alpha, missing=as_if)) == float(isoelastic(filled, alpha))


def test_groups_of_different_size_in_one_array():
    nan = float("nan")
    u = np.array([[2.0, nan, 8.0], [nan, nan, 5.0], [1.0, 2.0, 4.0]])
    np.testing.assert_allclose(isoelastic(u, [0, 1, INF], missing="leave_out"), [[5, 5, 7 / 3], [4, 5, 2], [2, 5, 1]])
    np.testing.assert_allclose(isoelastic(u, 0, missing=1), [11 / 3, 7 / 3, 7 / 3])


@pytest.mark.parametrize(
    ("u", "alpha", "missing", "message"),
    [
        (
            [[1, 2], [np.nan, np.nan]],
            1,
            "leave_out",
            r"group \(1,\): everybody is missing; expected at least one utility",
        ),
        ([1, np.nan], 1, "ignore", r"missing 'ignore': expected refuse, leave_out or a finite utility"),
        ([1, np.nan], 1, np.nan, r"missing nan: expected refuse, leave_out or a finite utility"),
        ([1, np.nan], 2, -1.0, r"utility -1\.0 at \(1,\): alpha 2\.0 needs a finite utility of at least 0"),
        ([1, np.nan], 2, "refuse", r"utility nan at \(1,\): alpha 2\.0 needs a number, or a rule for missing people"),
    ],
)
def test_what_no_rule_for_missing_people_allows(u, alpha, missing, message):
    with pytest.raises(ValueError, match=message):
        isoelastic(u, alpha, missing=missing)


# --- influence and inequality --------------------------------------------------------------------------------------


@given(u=st.lists(st.floats(0.5, 7), min_size=1, max_size=6), alpha=st.floats(0, 8))
def test_influence_is_the_gradient(u, alpha):
    """Against central differences, and Euler: W is homogeneous of degree one, so sum u_i dW/du_i = W."""
    gradient = influence(u, alpha)
    assert float(np.dot(u, gradient)) == pytest.approx(float(isoelastic(u, alpha)), rel=1e-12)
    for person in range(len(u)):
        step = np.zeros(len(u))
        step[person] = 1e-5
        slope = (isoelastic(u + step, alpha) - isoelastic(u - step, alpha)) / 2e-5
        assert gradient[person] == pytest.approx(float(slope), rel=1e-4, abs=1e-9)


def test_influence_by_hand():
    """u=[1,4,4], alpha 2: W=2, so the worst-off gets (2/1)^2/3 and the others (2/4)^2/3."""
    np.testing.assert_allclose(influence([1, 4, 4], 2), [4 / 3, 1 / 12, 1 / 12])
    np.testing.assert_allclose(influence([1, 4, 4], [0, INF]), [[1 / 3, 1 / 3, 1 / 3], [1, 0, 0]])
    np.testing.assert_allclose(influence([4, 1, 1], INF), [0, 0.5, 0.5])
    assert influence(np.ones((2, 3), dtype=np.float32), [1, 2, 3, 4]).shape == (4, 2, 3)
    with pytest.raises(ValueError, match=r"utility 0\.0 at \(1,\): influence at alpha 0\.5 needs a positive utility"):
        influence([1, 0], [0, 0.5])


@given(u=utilities, pair=st.tuples(alphas, alphas), scale=st.floats(0.01, 100))
def test_atkinson_index(u, pair, scale):
    less, more = sorted(pair)
    index = atkinson(u, [less, more])
    assert (index >= 0).all()
    assert (index <= 1).all()
    assert index[0] <= index[1] + 1e-12
    assert atkinson(np.multiply(u, scale), less) == pytest.approx(float(index[0]), abs=1e-12)


def test_atkinson_by_hand():
    """1 - 2/3 for u=[1,4,4] at alpha 2; nobody having anything is equality."""
    np.testing.assert_allclose(atkinson([1, 4, 4], [0, 1, 2, INF]), [0, 1 - 2.5198421 / 3, 1 / 3, 2 / 3], atol=1e-8)
    np.testing.assert_array_equal(atkinson([[0, 0], [0, 8]], [0.5, 1]), [[0, 0.5], [0, 1]])
    assert float(atkinson([1, np.nan, 3], 2, missing="leave_out")) == pytest.approx(1 - 1.5 / 2)
    with pytest.raises(ValueError, match=r"utility -1\.0 at \(0,\): the Atkinson index needs a utility of at least 0"):
        atkinson([-1, 3], 0)
