"""Power against theory, exact enumeration and SciPy's tests. Bounds on shares are 4.9 standard errors: false alarm 1e-6 each."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multinomial, nct, norm, ttest_1samp
from scipy.stats import t as student

from simcons.analysis.resampling import mean
from simcons.experiments.power import theory
from simcons.experiments.power.differences import DifferenceSample
from simcons.experiments.power.estimates import (
    equivalence_power,
    minimum_detectable_effect,
    minimum_detectable_shift,
    power_curve,
)
from simcons.experiments.power.sizes import groups_needed
from simcons.experiments.power.studies import draw_studies, equivalent, significant
from simcons.seeds import stream

NORMAL = DifferenceSample.of(
    norm.ppf((np.arange(20_000) + 0.5) / 20_000)
)  # standard normal differences without sampling error
REPLICATIONS = 2000


def near(probability, n=REPLICATIONS):
    return pytest.approx(probability, abs=4.9 * np.sqrt(max(probability * (1 - probability), 1 / n) / n))


def mostly_zero(name, n=20_000, share=0.2, mean=0.3):
    """Rules that choose differently in a share of the groups."""
    rng = stream(0, "bank", name)
    return DifferenceSample.of(np.where(rng.random(n) < share, rng.normal(mean, 1, n), 0))


def wins(sample):
    return DifferenceSample.of(np.sign(sample.differences))


# --- theory --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("d", "n"), [(0.2, 199), (0.3, 90), (0.5, 34), (0.8, 15)])
def test_theory_needs_as_many_pairs_as_tables_say(d, n):
    """Paired t test, two-sided .05, power .8: the sizes that G*Power 3.1 and Cohen (1988) give."""
    assert theory.t_groups(d, 1.0) == n


@pytest.mark.parametrize(("effect", "n"), [(0.0, 2), (0.5, 8), (-0.3, 90), (0.4, 40)])
def test_theory_is_the_noncentral_t(effect, n):
    critical, shift = student.isf(0.025, n - 1), effect / 1.7 * np.sqrt(n)
    expected = nct.sf(critical, n - 1, shift) + nct.cdf(-critical, n - 1, shift)
    assert theory.t_power(effect, 1.7, n_groups=n) == pytest.approx(expected, abs=1e-4)


def test_theory_detects_what_the_usual_formula_says():
    for n in (30, 100, 1000):
        formula = (student.isf(0.025, n - 1) + student.isf(0.2, n - 1)) * 1.3 / np.sqrt(n)
        assert theory.t_detectable(1.3, n_groups=n) == pytest.approx(formula, rel=0.005)


def test_theory_shows_equivalence_as_often_as_the_normal_formula_says():
    """With the SD known, power at a difference of 0 is 2 Phi(margin sqrt(n) / sd - z) - 1; 5,000 groups know it well enough."""
    margin, n = 0.05, 5000
    assert theory.tost_power(0.0, margin, 1.0, n_groups=n) == pytest.approx(
        2 * norm.cdf(margin * np.sqrt(n) - norm.isf(0.05)) - 1, abs=1e-3
    )
    assert theory.tost_power(margin, margin, 1.0, n_groups=n) == pytest.approx(0.05, abs=1e-3)
    assert theory.tost_groups(0.1, 0.1, 1.0) is None
    n = theory.tost_groups(0.0, 0.3, 1.0)
    assert n == pytest.approx((norm.isf(0.05) + norm.isf(0.1)) ** 2 / 0.3**2, abs=2)


# --- differences ---------------------------------------------------------------------------------------------------


def test_a_tilted_bank_of_wins_by_hand():
    """2 wins, 2 losses, 6 draws: mean .2 with draws left at .6 needs wins at .3 and losses at .1."""
    tilted = DifferenceSample.of([1, -1, 1, -1, 0, 0, 0, 0, 0, 0]).tilted(0.2)
    shares = [(tilted == value).mean() for value in (1, 0, -1)]
    assert shares == pytest.approx([0.3, 0.6, 0.1], abs=1e-4)


def test_tilting_normal_differences_shifts_them():
    """exp(theta d) times a normal density is the same density, shifted."""
    levels = [0.01, 0.1, 0.5, 0.9, 0.99]
    assert np.quantile(NORMAL.tilted(0.5), levels) == pytest.approx(norm.ppf(levels) + 0.5, abs=0.01)


@given(
    st.lists(st.integers(-12, 12), min_size=2, max_size=30).filter(lambda values: len(set(values)) > 1),
    st.floats(0.001, 0.999),
    st.floats(0.001, 0.999),
)
def test_tilting_keeps_exposure_and_scale_and_meets_its_target(values, a, b):
    sample = np.array(values) / 4
    exposure = np.abs(np.arange(len(sample)) % 3) / 2
    whole = DifferenceSample.of(sample, exposure)
    least, greatest = whole.reach
    if greatest - least < 0.01:
        return
    low, high = (least + share * (greatest - least) for share in sorted((a, b)))
    lower, higher = whole.tilted(low), whole.tilted(high)
    scale = np.ptp(sample) * 3 / 2**16
    assert lower.mean() == pytest.approx(low, abs=scale)
    assert higher.mean() == pytest.approx(high, abs=scale)
    assert (lower <= higher).all()  # place by place
    for value in np.unique(exposure):
        share = (exposure == value).mean()
        places = slice(
            round((exposure < value).mean() * len(lower)), round(((exposure < value).mean() + share) * len(lower))
        )
        assert set(lower[places]) <= set(sample[exposure == value])


def test_where_rules_never_differ_nothing_is_tilted():
    sample = mostly_zero("tilt")
    assert (sample.tilted(0.25) == 0).mean() == pytest.approx((sample.differences == 0).mean(), abs=1e-12)
    exposure = np.repeat([0, 0.5, 1], [5000, 5000, 10_000])
    assert set(DifferenceSample.of(sample.differences * (exposure > 0), exposure).tilted(0.1)[:10_000]) == {0}


@pytest.mark.parametrize(
    ("differences", "exposure", "message"),
    [
        ([[1.0, 2.0]], None, r"differences: shape \(1, 2\)"),
        ([1.0], None, r"differences: shape \(1,\)"),
        ([1.0, np.nan], None, "differences: nan in group 1"),
        ([0.0, 0.0], None, "differences: 0.0 in every group: expected at least two different values"),
        ([0.0, 1.0], [1.0], r"exposure: shape \(1,\): expected a number for each of 2 groups"),
    ],
)
def test_a_bad_bank_is_refused(differences, exposure, message):
    with pytest.raises(ValueError, match=message):
        DifferenceSample.of(differences, exposure)


def test_what_cannot_be_answered_is_refused():
    sample = mostly_zero("errors", n=200)
    with pytest.raises(ValueError, match=r"true difference 3\.0: expected one between -"):
        power_curve(sample, [50], true_difference=3.0)
    with pytest.raises(ValueError, match=r"groups \[1, 50\]: expected numbers of groups of at least 2"):
        power_curve(sample, [1, 50])
    with pytest.raises(ValueError, match="margin 0: expected a positive number"):
        equivalence_power(sample, 0, groups=[50])
    with pytest.raises(ValueError, match=r"margin -0\.1: expected a positive number"):
        groups_needed(sample, -0.1)
    with pytest.raises(ValueError, match="replications 0: expected at least 1"):
        power_curve(sample, [50], replications=0)
    with pytest.raises(
        ValueError, match="smallest 20, cap 20: expected at least 2 groups, and more than that as the cap"
    ):
        groups_needed(sample, cap=20)


# --- studies -------------------------------------------------------------------------------------------------------


def test_verdicts_are_those_of_scipys_tests():
    rng = stream(0, "verdicts")
    sample = np.round(rng.normal(0.2, 1, 500), 1)
    studies = draw_studies(sample, [12, 40], replications=300, seed=5)
    picks = stream(5, "power", "studies").integers(len(sample), size=(300, 40))
    for column, n in enumerate((12, 40)):
        seen = sample[picks[:, :n]]
        assert studies.mean[:, column] == pytest.approx(seen.mean(axis=1), abs=1e-12)
        p = ttest_1samp(seen, 0, axis=1).pvalue
        assert (significant(studies, alpha=0.05)[:, column] == (p < 0.05)).all()
        below = ttest_1samp(seen, 0.5, axis=1, alternative="less").pvalue < 0.05
        above = ttest_1samp(seen, -0.5, axis=1, alternative="greater").pvalue < 0.05
        assert (equivalent(studies, 0.5, alpha=0.05)[:, column] == (below & above)).all()


@pytest.mark.parametrize("difference", [0.0, 0.5])
def test_a_study_whose_groups_do_not_differ_has_no_verdict(difference):
    studies = draw_studies(np.full(10, difference), [5], replications=3, seed=0)
    assert not significant(studies, alpha=0.05).any()
    assert not equivalent(studies, 0.1, alpha=0.05).any()


def test_a_study_finds_what_the_analysis_of_its_groups_tells_from_nothing():
    """Simulated studies end with the test of `simcons.analysis.resampling`, from the same groups."""
    sample = stream(0, "same test").normal(0.3, 1, 400)
    studies = draw_studies(sample, [9], replications=200, seed=6)
    picks = stream(6, "power", "studies").integers(len(sample), size=(200, 9))
    told = [mean(sample[groups]).p_value() < 0.05 for groups in picks]
    assert 0 < sum(told) < 200
    assert significant(studies, alpha=0.05)[:, 0].tolist() == told


def test_studies_are_the_same_however_many_are_drawn_at_once():
    """The sizes asked for decide the size of a block; a replication of 2**19 groups fills half of one."""
    sample = mostly_zero("blocks", n=1000)
    few, many = (draw_studies(sample.differences, [100, 1 << 19], replications=n, seed=3) for n in (2, 3))
    assert (few.mean == many.mean[:2]).all()
    assert (few.sd == many.sd[:2]).all()


# --- power ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sample", [NORMAL, mostly_zero("null"), wins(mostly_zero("signs"))], ids=["normal", "zeros", "signs"]
)
def test_false_alarms_are_as_frequent_as_they_should_be(sample):
    """The t test is exact for normal differences; for 200 groups of which a fifth differ it is within half a point."""
    (at,) = power_curve(sample, [200], true_difference=0.0, replications=5000)
    assert at.power.value == pytest.approx(0.05, abs=4.9 * np.sqrt(0.05 * 0.95 / 5000) + 0.005)
    (at,) = equivalence_power(sample, 0.1, groups=[200], true_difference=0.1, replications=5000)
    assert at.power.value <= 0.05 + 4.9 * np.sqrt(0.05 * 0.95 / 5000) + 0.01


def test_normal_differences_have_the_power_of_theory():
    sizes = [5, 20, 60, 150]
    for effect in (0.1, 0.25, 0.5):
        for at in power_curve(NORMAL, sizes, true_difference=effect):
            assert at.power.value == near(theory.t_power(effect, 1.0, n_groups=at.n_groups))
        for at in equivalence_power(NORMAL, 0.6, groups=sizes, true_difference=effect):
            assert at.power.value == near(theory.tost_power(effect, 0.6, 1.0, n_groups=at.n_groups))


def test_power_of_wins_by_enumeration():
    """Every possible count of wins and losses among 40 groups, weighed by its multinomial probability."""
    n, shares = 40, (0.25, 0.10, 0.65)
    sample = DifferenceSample.of(np.repeat([1, -1, 0], [2500, 1000, 6500]))
    expected = 0.0
    for wins in range(n + 1):
        for losses in range(n + 1 - wins):
            mean = (wins - losses) / n
            sd = np.sqrt((wins + losses - n * mean**2) / (n - 1))
            if abs(mean) > student.isf(0.025, n - 1) * sd / np.sqrt(n):
                expected += multinomial.pmf([wins, losses, n - wins - losses], n, shares)
    (at,) = power_curve(sample, [n], replications=5000)
    assert at.power.value == near(expected, 5000)


def test_larger_studies_find_more_and_wider_margins_are_met_more_often():
    """Sizes differ by a factor of 2, so power by .08 or more, 5 standard errors of a difference: false alarm 1e-6."""
    sample = mostly_zero("order")
    curve = [at.power.value for at in power_curve(sample, [50, 100, 200, 400, 800])]
    assert all(smaller < larger for smaller, larger in pairwise(curve))
    (narrow,), (wide,) = (
        equivalence_power(sample, margin, groups=[300], true_difference=0.0) for margin in (0.05, 0.1)
    )
    assert narrow.power.value < wide.power.value


def test_results_come_in_ascending_order_of_groups_and_are_repeatable():
    sample = mostly_zero("again")
    first, second = power_curve(sample, [200, 50]), power_curve(sample, [50, 200, 200])
    assert [at.n_groups for at in first] == [50, 200]
    assert first == second
    assert power_curve(sample, [50, 200], seed=1) != first


def test_intervals_of_power_cover_the_power_of_the_whole_world():
    """60 samples of 400 groups; a 95% interval missing 12 or more has probability 2e-5, and these are wider than 95% ones."""
    world = mostly_zero("world", n=400_000)
    (truth,) = power_curve(world, [100], replications=20_000)
    rng = stream(0, "banks")
    misses = 0
    for i in range(60):
        (at,) = power_curve(DifferenceSample.of(rng.choice(world.differences, 400)), [100], replications=400, seed=i)
        low, high = at.power.interval
        misses += not low <= truth.power.value <= high
    assert misses < 12


# --- effects and sizes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("detectable", [minimum_detectable_effect, minimum_detectable_shift])
@pytest.mark.parametrize("n", [20, 150])
def test_the_detectable_effect_of_normal_differences_is_that_of_theory(detectable, n):
    """The interval is 1.96 standard errors; 2.5 times it, 4.9."""
    found = detectable(NORMAL, n)
    error = 2.5 * (found.interval[1] - found.interval[0]) / 2
    assert found.value == pytest.approx(theory.t_detectable(1.0, n_groups=n), abs=error)
    assert error < 0.09 * found.value


@pytest.mark.parametrize("sign", [1, -1])
def test_a_detectable_effect_has_the_power_it_was_asked_for(sign):
    sample = DifferenceSample.of(sign * mostly_zero("inverse").differences)
    found = minimum_detectable_effect(sample, 120)
    (at,) = power_curve(sample, [120], true_difference=sign * found.value)
    assert at.power.value == pytest.approx(0.8, abs=0.005)  # the same studies
    (at,) = power_curve(sample, [120], true_difference=sign * found.value, seed=9)
    assert at.power.value == pytest.approx(0.8, abs=4.9 * np.sqrt(2 * 0.16 / REPLICATIONS))


def test_too_few_groups_detect_nothing_that_the_bank_can_have():
    """Of 8 groups a fifth differ, mostly 1 or 2: no t test of these finds anything with power .8."""
    assert minimum_detectable_effect(wins(mostly_zero("few")), 8) is None
    assert (
        minimum_detectable_effect(DifferenceSample.of([0.0] * 50 + [0.5] * 50), 20) is None
    )  # no other mean is possible
    assert minimum_detectable_effect(NORMAL, 2) is None or minimum_detectable_effect(NORMAL, 2).value < NORMAL.reach[1]


def test_groups_needed_inverts_the_power_curve():
    sample = mostly_zero("needed")
    needed = groups_needed(sample)
    (at,) = power_curve(sample, [needed.estimate], seed=4)
    assert at.power.value == pytest.approx(0.8, abs=4.9 * np.sqrt(2 * 0.16 / REPLICATIONS))
    assert needed.low < needed.estimate < needed.high
    needed = groups_needed(sample, 0.1, true_difference=0.0)
    (at,) = equivalence_power(sample, 0.1, groups=[needed.estimate], true_difference=0.0, seed=4)
    assert at.power.value == pytest.approx(0.8, abs=4.9 * np.sqrt(2 * 0.16 / REPLICATIONS))


@pytest.mark.parametrize("effect", [0.1, 0.3, 1.0])
def test_groups_needed_for_normal_differences_are_those_of_theory(effect):
    for margin in (None, effect):
        needed = groups_needed(NORMAL, margin, true_difference=effect if margin is None else 0.0, smallest=2)
        expected = theory.t_groups(effect, 1.0) if margin is None else theory.tost_groups(0.0, effect, 1.0)
        assert needed.estimate == pytest.approx(expected, abs=1 + 2.5 * (needed.high - needed.low) / 2)
        assert needed.high - needed.low < 0.2 * expected + 2


def test_no_study_is_planned_with_fewer_groups_than_a_t_test_needs():
    needed = groups_needed(NORMAL, true_difference=2.0)
    assert (needed.estimate, needed.low) == (20, 20)


def test_no_study_is_planned_whose_test_is_not_to_be_trusted():
    """A thirtieth of the groups differ. Half of the studies of 20 see no difference at all, which shows nothing; but with 200
    groups, enough for power, .11 instead of .05 show equivalence for a difference as large as the margin."""
    rng = stream(0, "rarely")
    sample = DifferenceSample.of(np.where(rng.random(20_000) < 1 / 30, rng.uniform(-4, 4, 20_000), 0))
    none = equivalence_power(sample, 0.1, groups=[20, 200], true_difference=0.0)
    wrong = equivalence_power(sample, 0.1, groups=[20, 200], true_difference=0.1)
    assert none[1].power.interval[0] > 0.8
    assert wrong[0].power.value < 0.05
    assert wrong[1].power.interval[0] > 0.09
    needed = groups_needed(sample, 0.1, true_difference=0.0)
    (wrong_there,) = equivalence_power(sample, 0.1, groups=[needed.estimate], true_difference=0.1, seed=7)
    assert needed.low > 200
    assert wrong_there.power.interval[0] < 0.075


def test_a_difference_that_may_be_none_has_no_upper_bound_on_groups():
    """The sample's mean is exactly 0, so its interval holds 0: no number of groups is sure to do."""
    needed = groups_needed(NORMAL, cap=2000)
    assert (needed.estimate, needed.high) == (None, None)
    beyond = groups_needed(NORMAL, 0.1, true_difference=0.2, cap=2000)
    assert (beyond.estimate, beyond.low, beyond.high) == (None, None, None)


def test_intervals_of_groups_needed_cover():
    """30 samples of 1,000 groups: a 95% interval missing 8 or more has probability 1e-4."""
    world = mostly_zero("world of sizes", n=400_000, share=0.5, mean=0.8)
    truth = groups_needed(world, replications=20_000).estimate
    rng = stream(0, "banks of sizes")
    needed = [
        groups_needed(DifferenceSample.of(rng.choice(world.differences, 1000)), replications=1000, seed=i)
        for i in range(30)
    ]
    assert sum(not found.low <= truth <= (found.high or np.inf) for found in needed) < 8
