"""Ratings against the graded response model they are said to follow. Bounds are 4.9 standard errors: false alarm 1e-6."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from simcons.population.persona import CARELESS_KINDS, ResponseStyle
from simcons.population.response_style import (
    RatingParameters,
    careless_kind,
    correlated,
    draw_noise,
    rank,
    rank_carelessly,
    rate,
    rate_carelessly,
)
from simcons.seeds import stream

PARAMETERS = RatingParameters(
    retest_correlation=0.3, scale_direction=0.06, halo=0.3, fatigue_noise=0.2, careless_onset_per_hour=0.05
)
STYLE = ResponseStyle(noise=0.65, acquiescence=0.25, extremity=1.0, carelessness="none")


def ratings(appraisals, style, z, *, hours=0.0, ascending=True):
    return rate(
        appraisals,
        np.asarray(z),
        noise_sd=PARAMETERS.noise_sd(style, hours),
        acquiescence=style.acquiescence,
        extremity=style.extremity,
        direction=PARAMETERS.direction(ascending=ascending),
    )


@pytest.mark.parametrize(
    ("theta", "style", "hours", "ascending"),
    [
        (4.0, STYLE, 0.0, True),
        (5.2, replace(STYLE, extremity=0.6), 0.0, False),
        (3.1, replace(STYLE, extremity=1.5, acquiescence=-0.4), 1.0, True),
        (6.5, replace(STYLE, noise=1.2), 0.5, False),
        (1.0, replace(STYLE, noise=0.4), 2.0, True),
    ],
)
def test_every_option_is_as_likely_as_the_formula_says(theta, style, hours, ascending):
    """P(Y > k) = Phi((theta + a + d - (4 + s (tau_k - 4))) / (sigma (1 + .2 hours))), tau_k = k + .5."""
    n = 20_000
    z = stream(0, "rating", str(theta)).standard_normal(n)
    drawn = ratings(theta, style, z, hours=hours, ascending=ascending)
    shifted = theta + style.acquiescence + (-0.06 if ascending else 0.06)
    for k in range(1, 7):
        threshold = 4 + style.extremity * (k + 0.5 - 4)
        expected = norm.cdf((shifted - threshold) / (style.noise * (1 + 0.2 * hours)))
        allowed = 4.9 * np.sqrt(max(expected * (1 - expected), 1 / n) / n)
        assert (drawn > k).mean() == pytest.approx(expected, abs=allowed), k
    assert set(drawn) <= set(range(1, 8))


@given(low=st.floats(-5, 12), more=st.floats(0, 8), z=st.floats(-6, 6), extremity=st.floats(0.2, 4))
def test_more_liked_is_never_rated_lower_and_every_rating_is_an_option(low, more, z, extremity):
    style = replace(STYLE, extremity=extremity)
    lower, higher = (ratings(appraisal, style, [z])[0] for appraisal in (low, low + more))
    assert 1 <= lower <= higher <= 7


@given(appraisal=st.floats(-5, 12), z=st.floats(-6, 6), n_options=st.sampled_from([2, 3, 5, 7, 11, 101]))
def test_other_scales_divide_the_same_range(appraisal, z, n_options):
    """An option of n covers 7 / n points: the place is never further from that of the seven than the two options are wide."""
    style = {"noise_sd": 0.6, "acquiescence": 0.2, "extremity": 0.9}
    seven, place = rate(appraisal, z, **style), rate(appraisal, z, **style, n_options=n_options)
    assert place in range(1, n_options + 1)
    assert abs((place - 0.5) / n_options - (seven - 0.5) / 7) <= 0.5 / n_options + 0.5 / 7 + 1e-9


def test_extreme_people_use_the_ends_and_yes_sayers_the_upper_half():
    z = stream(0, "directions").standard_normal(3000)
    appraisals = stream(0, "appraisals").normal(4, 1.2, 3000)

    def used(style):
        return ratings(appraisals, style, z)

    ends = [np.isin(used(replace(STYLE, acquiescence=0.06, extremity=s)), [1, 7]).mean() for s in (0.6, 1.0, 1.6)]
    assert ends[0] > 2 * ends[1] > 4 * ends[2]
    assert used(replace(STYLE, extremity=0.6)).std() > used(STYLE).std() > used(replace(STYLE, extremity=1.6)).std()
    means = [used(replace(STYLE, acquiescence=a)).mean() for a in (-0.5, 0.0, 0.5)]
    assert means[1] - means[0] == pytest.approx(0.5, abs=0.1)
    assert means[2] - means[1] == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.9])
def test_noise_carries_over_to_the_second_rating_of_a_statement_alone(rho):
    n = 20_000
    noise = draw_noise(n, 2, 2, rho, stream(0, "noise"))
    agreement, quality = noise[:, 0], noise[:, 1]
    for passes in (agreement, quality):
        assert passes.std() == pytest.approx(1, abs=4.9 / np.sqrt(2 * n))
        assert np.corrcoef(passes.T)[0, 1] == pytest.approx(rho, abs=4.9 / np.sqrt(n))
    assert np.corrcoef(agreement[:, 0], quality[:, 0])[0, 1] == pytest.approx(0, abs=4.9 / np.sqrt(n))
    assert np.corrcoef(agreement[1:, 0], agreement[:-1, 1])[0, 1] == pytest.approx(0, abs=4.9 / np.sqrt(n))


def test_retest_reliability_is_what_the_facts_say():
    """Noise .65 on a latent SD of 1.5 gives r about .81 between the two ratings (facts, participants)."""
    appraisals = stream(0, "latent").normal(4, 1.5, 8000)
    noise = draw_noise(8000, 1, 2, PARAMETERS.retest_correlation, stream(0, "retest"))
    style = replace(STYLE, acquiescence=0)
    passes = [ratings(appraisals, style, noise[:, 0, k]) for k in (0, 1)]
    assert np.corrcoef(passes)[0, 1] == pytest.approx(0.81, abs=0.05)


def test_the_careless_answer_at_random_agreeably_or_always_the_same():
    rng = stream(0, "careless")

    def answers(kind, n):
        return rate_carelessly(CARELESS_KINDS.index(kind), 2, lambda options: rng.integers(options, size=n))

    uniform = np.bincount(answers("uniform", 7000).astype(int), minlength=8)[1:]
    assert ((uniform - 1000) ** 2 / 1000).sum() < 38.3  # chi-square with 6 degrees of freedom: 1e-6
    stuck = answers("stuck", 2000)
    assert set(stuck) == {4, 5, 6, 7}
    assert np.isin(stuck, [5, 6]).mean() == pytest.approx(6 / 8, abs=4.9 * np.sqrt(12 / 64 / 2000))
    assert set(np.ravel(answers("straight", 50))) == {2}


def test_one_person_and_many_are_rated_by_the_same_lines():
    rng = stream(0, "shapes")
    appraisals, z, sds, shifts = (
        rng.normal(4, 2, 400),
        rng.normal(size=400),
        rng.uniform(0.2, 2, 400),
        rng.normal(size=400),
    )
    extremity = rng.uniform(0.5, 2, 400)
    many = rate(appraisals, z, noise_sd=sds, acquiescence=shifts, extremity=extremity, direction=0.06)
    singly = [
        rate(t, x, noise_sd=sd, acquiescence=a, extremity=s, direction=0.06)
        for t, x, sd, a, s in zip(*(column.tolist() for column in (appraisals, z, sds, shifts, extremity)), strict=True)
    ]
    np.testing.assert_array_equal(many, singly)
    assert set(singly) == set(range(1, 8))


def test_each_of_many_careless_people_answers_by_their_own_kind():
    """A person's whole numbers are asked for once and only if somebody of that kind is there."""
    asked = []

    def draw(n):
        asked.append(n)
        return np.full(6, n - 1)

    kinds = careless_kind(np.array([0.0, 0.39, 0.4, 0.79, 0.8, 0.99]), 0.4, 0.4)
    assert [CARELESS_KINDS[kind] for kind in kinds] == ["uniform"] * 2 + ["stuck"] * 2 + ["straight"] * 2
    np.testing.assert_array_equal(rate_carelessly(kinds, np.full(6, 3), draw), [7, 7, 7, 7, 3, 3])
    assert asked == [7, 8]
    assert rate_carelessly(CARELESS_KINDS.index("straight"), 5, draw) == 5
    assert asked == [7, 8]


# --- ranking ---

STATEMENTS = st.lists(st.floats(-3, 11), min_size=1, max_size=12)


def ranks(appraisals, style=STYLE, z=0.0):
    appraisals = np.asarray(appraisals, dtype=float)
    noise = np.broadcast_to(z, appraisals.shape)
    return rank(
        appraisals, noise, noise_sd=style.noise, acquiescence=style.acquiescence, extremity=style.extremity
    ).tolist()


@pytest.mark.parametrize(
    ("appraisals", "extremity", "expected"),
    [
        ([5.0, 3.0, 6.0], 1.0, [2, 3, 1]),
        (
            [5.0, 5.1, 3.0, 3.2],
            1.0,
            [1, 1, 3, 3],
        ),  # 5.25 and 5.35, 3.25 and 3.45 lie between thresholds 5 and 5.5, 3 and 3.5
        ([5.0, 5.3], 1.0, [2, 1]),  # 5.25 | 5.55
        ([5.0, 5.3], 2.0, [1, 1]),  # 4 + 1.25 / 2 = 4.625, 4.775: thresholds lie as far apart again
        ([9.0, 10.0, 12.0], 1.0, [3, 2, 1]),  # a ranking has no ends
        ([4.0], 1.0, [1]),
        ([], 1.0, []),
    ],
)
def test_ranks_worked_by_hand(appraisals, extremity, expected):
    assert ranks(appraisals, replace(STYLE, extremity=extremity)) == expected


@given(STATEMENTS, st.floats(0.3, 2), st.integers(0, 1000))
def test_who_feels_the_same_never_ranks_against_a_rating_and_tells_at_least_as_much_apart(appraisals, extremity, seed):
    """With the options' direction left out, which a ranking does not have."""
    style = replace(STYLE, extremity=extremity)
    z = stream(seed, "z").standard_normal(len(appraisals))
    rated = rate(
        np.array(appraisals), z, noise_sd=style.noise, acquiescence=style.acquiescence, extremity=style.extremity
    )
    for rating, place in zip(rated, ranks(appraisals, style, z), strict=True):
        for other, other_place in zip(rated, ranks(appraisals, style, z), strict=True):
            assert rating <= other or place < other_place


@given(STATEMENTS)
def test_ties_share_the_lower_rank(appraisals):
    given_ranks = ranks(appraisals)
    for place in given_ranks:
        assert place == 1 + sum(other < place for other in given_ranks)


def test_careless_ranks_are_as_shown_or_at_random():
    """20,000 rankings of four: each of 24 orders has a share of 1/24; 4.9 standard errors are .0069."""
    uniform, stuck, straight = map(CARELESS_KINDS.index, ("uniform", "stuck", "straight"))
    rng = stream(0, "ranks")
    for kind in (stuck, straight):
        assert rank_carelessly(kind, 4, rng).tolist() == [1, 2, 3, 4]
    drawn, counts = np.unique([rank_carelessly(uniform, 4, rng) for _ in range(20_000)], axis=0, return_counts=True)
    assert len(drawn) == 24
    assert np.abs(counts / 20_000 - 1 / 24).max() < 0.0069


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.9])
def test_noise_that_shares_has_the_correlation_asked_for(rho):
    shared, first, second = stream(1, "noise").standard_normal((3, 40_000))
    one, other = correlated(shared, first, rho), correlated(shared, second, rho)
    assert np.corrcoef(one, other)[0, 1] == pytest.approx(rho, abs=0.025)
    assert one.std() == pytest.approx(1, abs=0.02)
