"""Each axiom on cases worked by hand; the exact arithmetic behind them; what a witness looks like; what is no case at all."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import count

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from simcons.errors import InputError
from simcons.welfare import axioms, isoelastic
from simcons.welfare.axioms.catalogue import AXIOMS, axiom_named, claims
from simcons.welfare.axioms.domains import DOMAINS, domain_named
from simcons.welfare.axioms.family import exact_order, exact_welfare
from simcons.welfare.axioms.table import RULES, expected_standing
from simcons.welfare.profiles import draws
from simcons.welfare.rules import rule_for
from simcons.welfare.search import sample_domain, survey, witness

INF = float("inf")

# Nobody in the first place can tell u = (1, 2, 3) from v = (2, 3, 3); the third person is the same in both.
ONE_AT_ZERO = {"u": [1, 2, 3], "v": [2, 3, 3], "unconcerned": [2], "instead": [0]}
# Three people and a cycle: u > v for two, v > third for two, third > u for two.
CYCLE = {"u": [3, 1, 2], "v": [2, 3, 1], "third": [1, 2, 3]}
TIE_BROKEN_BY_A_NUDGE = {
    "u": [2, 2, 1],
    "v": [2, 2, 5],
    "nudged": [2.000001, 2.000001, 1.000001],
    "less": [2, 2, 4.5],
    "more": [2, 2, 5.5],
}
PINNED = {
    (0.0, "strict_pigou_dalton"): {"u": [3, 1], "rich": 0, "poor": 1, "amount": 1},  # the mean stays 2
    (INF, "strict_monotonicity"): {"u": [1, 4], "person": 1, "gain": 1},  # the minimum stays 1
    (INF, "independence_of_unconcerned"): {
        "u": [3, 5, 6],
        "v": [4, 4, 6],
        "unconcerned": [2],
        "instead": [1],
    },  # 3 < 4, 1 = 1
    (INF, "strict_pigou_dalton"): {"u": [1, 3, 5], "rich": 2, "poor": 1, "amount": 1},
    ("leximin", "continuity"): {  # the worst-off tie, then 2 < 3; a nudge of the worst-off, and she decides
        "u": [1, 2, 7],
        "v": [1, 3, 3],
        "nudged": [1.000001, 2.000002, 7.000007],
        "less": [1, 2.7, 2.7],
        "more": [1.1, 3.3, 3.3],
    },
    ("approval", "strict_monotonicity"): {"u": [5, 5], "person": 0, "gain": 1},
    ("approval", "weak_pareto"): {"u": [1, 1], "gains": [1, 2]},
    ("approval", "continuity"): {"u": [5, 1], "v": [1, 1], "nudged": [4.999995, 1], "less": [1, 1], "more": [1.1, 1.1]},
    ("approval", "common_scale"): {"u": [5, 5], "v": [3, 9], "factor": 2},  # 1 > 1/2, then 1 = 1
    ("approval", "pigou_dalton"): {"u": [6, 1], "rich": 0, "poor": 1, "amount": 2},  # (4, 3): nobody agrees any more
    ("approval", "strict_pigou_dalton"): {"u": [7, 1], "rich": 0, "poor": 1, "amount": 1},
    ("approval", "between_worst_and_best"): {"u": [6, 7]},  # a share of 1
    ("approval", "idempotence"): {"level": 6, "people": 2},
    ("approval", "homogeneity"): {"u": [3, 1], "factor": 2},  # 0, then 1/2
}
PINNED |= {
    (alpha, axiom): case
    for alpha in (1.0, 2.0, 9.0)
    for axiom, case in {  # whoever is at zero takes welfare to zero
        "strict_monotonicity": {"u": [0, 1], "person": 1, "gain": 1},
        "independence_of_unconcerned": ONE_AT_ZERO,
        "strict_pigou_dalton": {"u": [0, 1, 3], "rich": 2, "poor": 1, "amount": 1},
    }.items()
}
PINNED |= {
    (spec, axiom): case
    for spec in ("schulze", "borda")
    for axiom, case in {  # between two candidates both count who prefers which
        "symmetry": {"u": [1, 2, 3], "order": [1, 2, 0]},  # two of three prefer (2, 3, 1)
        "continuity": TIE_BROKEN_BY_A_NUDGE,
        "strict_pigou_dalton": {"u": [3, 1], "rich": 0, "poor": 1, "amount": 1},  # one against one
        "independence_of_irrelevant_candidates": CYCLE,
    }.items()
}


@cache
def drawn(domain):
    return sample_domain(domain_named(domain), examples=200, seed=0)


@pytest.mark.parametrize(("spec", "axiom"), PINNED, ids=str)
def test_the_hand_worked_witness_is_one(spec, axiom):
    violation = axiom_named(axiom).check(rule_for(spec), **PINNED[spec, axiom], **strictly(axiom))
    assert violation is not None
    assert violation.axiom == axiom


def strictly(axiom):
    return {"strict": True} if axiom == "strict_pigou_dalton" else {}


def test_every_failure_in_the_matrix_has_a_witness_worked_by_hand():
    failures = {
        (spec, axiom.name)
        for spec in RULES
        for axiom in AXIOMS
        if "fails" in {expected_standing(spec, axiom.name, domain.name) for domain in DOMAINS}
    }
    assert failures == set(PINNED)


@pytest.mark.parametrize(("spec", "axiom"), PINNED, ids=str)
def test_the_same_case_is_no_witness_against_a_rule_that_keeps_the_axiom(spec, axiom):
    """alpha 1/2, which keeps them all, with one at zero too."""
    assert axiom_named(axiom).check(rule_for(0.5), **PINNED[spec, axiom], **strictly(axiom)) is None


def test_a_witness_can_be_read():
    violation = axioms.independence_of_unconcerned(rule_for(INF), [3, 5, 6], [4, 4, 6], unconcerned=[2], instead=[1])
    assert str(violation).splitlines() == [
        "u   3  5  6   value 3",
        "v   4  4  6   value 4",
        "",
        "u'  3  5  1   value 1",
        "v'  4  4  1   value 1",
        "Person 3 cannot tell u from v nor u' from v', and nobody else can tell u from u' or v from v';"
        " yet v ranks above u while v' ties with u'.",
    ]


def test_the_search_makes_the_witness_small():
    """Of all violations: no more people than it takes, and the least ratings."""
    sampled = sample_domain(domain_named("ratings"))
    (found,) = survey(rule_for(INF), sampled, [axiom_named("strict_monotonicity")])
    violation = witness(rule_for(INF), found, sampled)
    (evaluation,) = violation.evaluations
    assert sorted(evaluation.profiles[0]) == [1, 1]
    assert sorted(evaluation.profiles[1]) == [1, 2]


def test_draws_depend_on_the_seed_and_on_nothing_else_that_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    domain = domain_named("ratings")
    before = sample_domain(domain, examples=40)
    found = Constants(integers=set(), floats={2.0, 3.0, 4.0, 6.0}, bytes=set(), strings=set())
    monkeypatch.setattr(providers, "_get_local_constants", lambda: found)
    providers.CONSTANTS_CACHE.cache.clear()
    assert sample_domain(domain, examples=40) == before


def test_a_witness_of_rounding_is_one_in_floats_only():
    axiom, sampled = axiom_named("strict_monotonicity"), sample_domain(domain_named("huge"))
    rule, exact = rule_for(2.0), exact_order(2.0)
    (found,) = survey(rule, sampled, [axiom], exact=exact)
    assert found.standing == "rounds"
    violation = witness(rule, found, sampled, exact=exact)
    before, after = violation.evaluations[0].profiles
    assert float(isoelastic(before, 2.0)) == float(isoelastic(after, 2.0))
    assert sum(Fraction(1) / Fraction(x) for x in after) < sum(Fraction(1) / Fraction(x) for x in before)


# --- arithmetic ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alpha", "value"), [(0, 3), (0.5, 2.777778), (1, 2.519842), (2, 2), (5, 1.313516), (20, 1.059526)]
)
def test_exact_welfare_of_hand_worked_values(alpha, value):
    assert float(exact_welfare([1, 4, 4], alpha)) == pytest.approx(value, rel=2e-7)


@given(
    u=st.lists(st.integers(1, 100), min_size=1, max_size=5),
    alpha=st.sampled_from([0.5, 1.0, 1 + 1e-9, 2.0, 3.7, 1000.0]),
)
def test_exact_welfare_against_another_implementation(u, alpha):
    with mpmath.workdps(60):
        p = 1 - mpmath.mpf(alpha)
        powers = [mpmath.mpf(x) ** p if p else mpmath.log(x) for x in u]
        mean = mpmath.fsum(powers) / len(u)
        other = mean ** (1 / p) if p else mpmath.exp(mean)
        assert float(exact_welfare(u, alpha)) == pytest.approx(float(other), rel=1e-15)


def test_exact_welfare_at_zero_and_at_the_minimum():
    assert exact_welfare([0, 4], 1) == exact_welfare([0, 4], 3) == exact_welfare([0, 0], 0.5) == 0
    assert exact_welfare([0, 4], 0.5) == 1
    assert exact_welfare([-3, 4], INF) == -3
    assert exact_welfare([-3, 4], 0) == Decimal("0.5")


def test_the_exact_order_sees_what_floats_do_not():
    nearly = np.array([[1e300, 1e-300], [1e300, 2e-300], [1e300, 1e-300]])
    assert exact_order(0.0)(nearly).tolist() == [-1, 0, -1]
    assert isoelastic(nearly, 0.0).tolist() == [5e299] * 3
    assert exact_order(1.0)(np.array([[0.0, 5.0], [0.0, 7.0], [1e-300, 1.0]])).tolist() == [-1, -1, 0]
    with pytest.raises(ValueError, match="-1"):
        exact_order(2.0)(np.array([[-1.0, 3.0]]))


@pytest.mark.parametrize("alpha", [1e-9, 1 - 1e-9, 1.000001, 1000.0, 1e300])
def test_extreme_alphas_are_what_they_claim(alpha):
    found = survey(rule_for(alpha), drawn("huge"), claims(alpha))
    assert {one.axiom.name: one.standing for one in found} == {axiom.name: "holds" for axiom in claims(alpha)}


@given(draw=draws(domain_named("ratings")), less=st.floats(0, 12), more=st.floats(0, 12) | st.just(INF))
def test_the_family_does_not_rise_with_alpha(draw, less, more):
    assert axioms.aversion(rule_for, draw.u, less=min(less, more), more=max(less, more)) is None


def test_a_family_with_the_sign_of_its_power_flipped_rises_with_alpha():
    def flipped(alpha):
        return lambda u: (u**alpha).mean(-1) ** (1 / alpha)

    violation = axioms.aversion(flipped, [1, 7], less=1.0, more=2.0)  # 4, then 5
    assert [evaluation.values[0] for evaluation in violation.evaluations] == [4, 5]


@pytest.mark.parametrize(
    "name", ["symmetry", "continuity", "common_scale", "pigou_dalton", "replication", "homogeneity"]
)
@pytest.mark.parametrize("alpha", [0.999999, 1.000001, 30.0, 1000.0])
def test_steep_members_raise_no_false_alarm(alpha, name):
    """Those axioms that no rounding of the family touches."""
    for domain in ("expected", "wide"):
        (found,) = survey(rule_for(alpha), drawn(domain), [axiom_named(name)])
        assert found.standing == "holds"


def test_values_near_zero_that_are_rounding_are_no_order():
    """The mean logarithm of (1/2, 1, 2) is 0 or 1e-17, as the sum goes."""

    def mean_log(u):
        return np.log(u).mean(-1)

    assert axioms.symmetry(mean_log, [0.3, 10 / 3, 1.0], order=[1, 2, 0]) is None
    (found,) = survey(mean_log, drawn("wide"), [axiom_named("common_scale")])
    assert found.standing == "holds"


# --- refusals and misuse -------------------------------------------------------------------------------------------


def test_a_rule_that_raises_value_error_has_refused():
    with pytest.raises(axioms.Refused, match=r"alpha 2\.0 needs"):
        axioms.weak_pareto(rule_for(2.0), [-1, 3], gains=[1, 1])
    assert axioms.refuses_missing(rule_for(2.0), [1, 3], person=1) is None
    assert axioms.refuses_negative(rule_for(2.0), [1, -3], person=1) is None
    assert axioms.refuses_negative(rule_for(0.0), [1, -3], person=1) is not None
    assert "Person 2 is missing" in str(axioms.refuses_missing(lambda u: np.nansum(u, -1), [1, 3], person=1))


def test_a_rule_that_returns_nan_has_not_refused():
    def log_mean(u):
        return np.log(u).mean(-1)

    for violation in (
        axioms.strict_monotonicity(log_mean, [-1, 3], person=1, gain=1),
        axioms.refuses_missing(log_mean, [1, 3], person=0),
    ):
        assert "neither orders" in violation.says


@pytest.mark.parametrize("returned", [3.0, [1.0], [[1.0, 2.0]], ["a", "b"], None])
def test_a_function_that_gives_no_value_a_candidate_is_told_so(returned):
    with pytest.raises(InputError, match="expected one number a candidate"):
        axioms.symmetry(lambda u: returned, [1, 2], order=[1, 0])


def test_a_rule_that_contradicts_itself_is_told_so():
    answers, calls = count(), count()
    sampled = sample_domain(domain_named("ratings"))
    (found,) = survey(lambda u: [next(answers) % 7 for _ in u], sampled, [axiom_named("symmetry")])
    with pytest.raises(InputError, match="asked the same again"):
        witness(lambda u: [1.0 for _ in u], found, sampled)
    with pytest.raises(InputError, match="asked the same again"):
        witness(lambda u: [0, float(next(calls) == 20)], found, sampled)  # once unlike all other times


@pytest.mark.parametrize(
    ("axiom", "case", "says"),
    [
        ("strict_monotonicity", {"u": [1, 2], "person": 0, "gain": 0}, "gain 0 of person 0"),
        ("monotonicity", {"u": [1, 2], "gains": [1, -1]}, "none below 0"),
        ("weak_pareto", {"u": [1, 2], "gains": [1, 0]}, "a gain for everybody"),
        ("symmetry", {"u": [1, 2], "order": [0, 0]}, "each once"),
        ("continuity", {"u": [1], "v": [2], "nudged": [1.1], "less": [1], "more": [3]}, r"nudged \[1.1\]"),
        (
            "independence_of_unconcerned",
            {"u": [1, 2], "v": [1, 3], "unconcerned": [1], "instead": [5]},
            "the same in both",
        ),
        ("common_scale", {"u": [1], "v": [2], "factor": -1}, "factor -1"),
        ("homogeneity", {"u": [1], "factor": 0}, "factor 0"),
        ("pigou_dalton", {"u": [3, 1], "rich": 0, "poor": 1, "amount": 2}, "at most half of the distance, 2.0"),
        ("pigou_dalton", {"u": [1, 3], "rich": 0, "poor": 1, "amount": 1}, "at most half of the distance, -2.0"),
    ],
)
def test_what_is_no_case_is_refused(axiom, case, says):
    with pytest.raises(ValueError, match=says):
        axiom_named(axiom).check(rule_for(0.0), **case)


def test_misuse_of_what_is_claimed():
    with pytest.raises(ValueError, match="alpha 1: expected more than 1"):
        axioms.bound_by_the_worst_off(rule_for(1.0), [1, 2], alpha=1)
    with pytest.raises(ValueError, match="less 2, more 1"):
        axioms.aversion(rule_for, [1, 2], less=2, more=1)
    with pytest.raises(ValueError, match="expected somebody with a negative utility"):
        axioms.refuses_negative(rule_for(1.0), [1, 2], person=0)


# --- domains -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)
def test_draws_and_cases_stay_in_their_domain(domain):
    """Profiles, and those that gains, nudges and transfers make of them; only a change of unit leaves a domain."""
    gains = [axiom_named(name) for name in ("strict_monotonicity", "monotonicity", "weak_pareto", "pigou_dalton")]

    @given(draw=draws(domain))
    def check(draw):
        for axiom in gains:
            if case := axiom.case(draw, domain):
                after = profile_after(case)
                low, high = min(domain.low, 0.999 * domain.low), 1.001 * domain.high
                assert all(low <= x <= high for x in (*case["u"], *after, *draw.v, *draw.w))
                assert domain.unit is None or all(x == domain.unit * round(x / domain.unit) for x in after)
                assert not domain.signed or min(case["u"]) < 0

    check()


def profile_after(case):
    after = np.array(case["u"], dtype=float)
    if "gains" in case:
        return after + case["gains"]
    if "gain" in case:
        after[case["person"]] += case["gain"]
        return after
    after[case["rich"]] -= case["amount"]
    after[case["poor"]] += case["amount"]
    return after
