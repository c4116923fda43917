"""Measures against hand-worked rounds, SciPy's Kendall tau, and what must be so whatever the rounds are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kendalltau

from simcons.analysis.findings import Key
from simcons.experiments import measures
from simcons.experiments.measures import RuleChoice, choose_by_rules, measure, of_accuracy, of_proxy, of_strategy
from simcons.experiments.world import Draws, Rounds, calibrate, draw_rounds
from simcons.scenario.welfare import ExpMapSettings, LikertMapSettings, RawMapSettings
from simcons.scenario.worlds import DEFAULT_RULES, WorldSettings
from simcons.welfare import isoelastic

INF = float("inf")
A, B, C = [7, 7, 7, 7, 1], [5, 5, 5, 5, 5], [6, 6, 6, 5, 3]


def rounds_of(truth, minority, *, present=None, **settings):
    """Rounds with these appraisals [rounds, candidates, people] and camps [rounds, people]."""
    truth, minority = np.array(truth, dtype=float), np.array(minority, dtype=bool)
    here = np.ones_like(minority) if present is None else np.array(present, dtype=bool)
    draws = Draws(0, 0, len(truth), len(truth), truth.shape[1])
    return Rounds(truth, minority, np.zeros(minority.shape), here, WorldSettings.model_validate(settings), draws)


def priorities(rounds, seed=0):
    return np.random.default_rng(seed).random(rounds.truth.shape[:2])


def measured(rounds, choices, judges=(0.0, INF)):
    return {(k.rule, k.versus, k.measure): values.tolist() for k, values in measure(rounds, choices, list(judges))}


@pytest.fixture
def abc():
    """Candidates A, B, C of the facts; the fifth person is the smaller camp. Utilitarian takes A, Nash C, Rawlsian B."""
    rounds = rounds_of([[A, B, C]], [[0, 0, 0, 0, 1]])
    return rounds, choose_by_rules(rounds.truth, [0.0, 1.0, INF], LikertMapSettings(), priority=priorities(rounds))


def test_choices_by_hand(abc):
    _, choices = abc
    assert [choice.index.tolist() for choice in choices.values()] == [[0], [2], [1]]
    assert all(choice.n_tied.tolist() == [1] for choice in choices.values())


def test_outcomes_by_hand(abc):
    rounds, choices = abc
    found = measured(rounds, choices)
    assert found["utilitarian", None, "mean_utility"] == [5.8]
    assert found["Rawlsian", None, "mean_utility"] == [5.0]
    assert found["Rawlsian", "utilitarian", "mean_cost"] == pytest.approx([0.8])
    assert found["Rawlsian", "utilitarian", "worst_off_gain"] == [4.0]
    assert found["Rawlsian", "utilitarian", "minority_gain"] == [4.0]
    assert found["Rawlsian", "utilitarian", "majority_gain"] == [-2.0]
    assert found["Nash", None, "worst_off"] == [3.0]
    assert found["utilitarian", None, "minority"] == [1.0]
    assert found["utilitarian", None, "majority"] == [7.0]
    assert found["utilitarian", None, "minority_gap"] == [6.0]
    assert found["Nash", None, "minority_regret"] == [2.0]  # B would have given 5
    assert found["Nash", None, "majority_regret"] == [1.25]  # A 7, C (6+6+6+5)/4
    assert ("utilitarian", "utilitarian", "mean_cost") not in found
    assert found["utilitarian", None, "influence_worst_off"] == [0.2]
    assert found["Nash", None, "influence_worst_off"] == pytest.approx([float(isoelastic(C, 1)) / 3 / 5])  # (W/u)/n
    assert found["Rawlsian", None, "influence_worst_off"] == [0.2]  # all five of B share the minimum


def test_regret_by_hand(abc):
    rounds, choices = abc
    found = measured(rounds, choices, judges=(0.0, 1.0, INF))
    nash = [float(isoelastic(u, 1)) for u in (A, B, C)]
    assert found["Nash", "utilitarian", "regret"] == pytest.approx([5.8 - 5.2])
    assert found["utilitarian", "Rawlsian", "regret"] == [4.0]
    assert found["Rawlsian", "Nash", "regret"] == pytest.approx([nash[2] - nash[1]])
    for rule in ("utilitarian", "Nash", "Rawlsian"):  # chosen by the truth, nothing is lost by one's own judgement
        assert found[rule, rule, "regret"] == pytest.approx([0])


def test_winners_are_compared_pair_by_pair(abc):
    found = measured(*abc)
    assert found["Nash", "utilitarian", "different_winner"] == [1.0]
    assert found["utilitarian", "Nash", "different_winner"] == [1.0]
    same = {spec: RuleChoice(np.zeros((2, 3)), np.array([0, k]), np.array([1, 3])) for k, spec in enumerate([0.0, 1.0])}
    found = {(k.rule, k.versus, k.measure): v.tolist() for k, v in measures.of_pairs(same)}
    assert found["Nash", "utilitarian", "different_winner"] == [0.0, 1.0]


def test_the_map_is_compared_with_likert():
    """exp makes Nash the mean of the scores, which takes A; on Likert it takes C. The minimum knows no map."""
    rounds = rounds_of([[A, B, C]], [[0, 0, 0, 0, 1]])
    by_exp, by_likert = (
        choose_by_rules(rounds.truth, [1.0, INF], m, priority=priorities(rounds))
        for m in (ExpMapSettings(kind="exp"), LikertMapSettings())
    )
    found = {(k.rule, k.versus, k.measure): v.tolist() for k, v in measures.of_map(by_exp, by_likert)}
    assert found == {("Nash", "likert", "different_by_map"): [1.0], ("Rawlsian", "likert", "different_by_map"): [0.0]}


def test_a_round_without_a_minority_says_nothing_about_it():
    rounds = rounds_of([[A, B, C], [A, B, C]], [[0, 0, 0, 0, 0], [1, 1, 1, 1, 1]])
    found = measured(rounds, choose_by_rules(rounds.truth, [0.0], LikertMapSettings(), priority=priorities(rounds)))
    np.testing.assert_array_equal(found["utilitarian", None, "minority"], [np.nan, 5.8])
    np.testing.assert_array_equal(found["utilitarian", None, "majority"], [5.8, np.nan])
    assert np.isnan(found["utilitarian", None, "minority_gap"]).all()


@pytest.mark.parametrize("levels", [3, 50])
def test_kendall_tau_against_scipy(levels):
    """tau-b of whole rankings, with few and with many ties."""
    rng = np.random.default_rng(levels)
    a, b = (rng.integers(1, levels, (200, 7)).astype(float) for _ in range(2))
    choices = {spec: RuleChoice(v, np.zeros(200, int), np.ones(200, int)) for spec, v in ((0.0, a), ("borda", b))}
    (found,) = [v for k, v in measures.of_pairs(choices) if k.measure == "kendall_tau"]
    expected = [kendalltau(x, y).statistic if np.ptp(x) and np.ptp(y) else np.nan for x, y in zip(a, b, strict=True)]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_rounding_makes_no_order():
    choices = {
        spec: RuleChoice(np.array([[0.3, 0.1 + 0.2, 1.0]]), np.array([0]), np.array([1])) for spec in (0.0, "leximin")
    }
    (tau,) = [v for k, v in measures.of_pairs(choices) if k.measure == "kendall_tau"]
    assert tau == pytest.approx([1.0])


def test_long_rankings_are_not_compared():
    choices = {spec: RuleChoice(np.ones((1, 65)), np.array([0]), np.array([65])) for spec in (0.0, 1.0)}
    assert {k.measure for k, _ in measures.of_pairs(choices)} == {"different_winner"}


def test_accuracy_by_hand():
    """Two pairs of candidates and two people; levelled pairs count half, and those who left do not count."""
    rounds = rounds_of([[[1, 5], [2, 4], [3, 3], [4, 2]]], [[0, 1]])
    reports = np.array([[[1, 5], [2, 6], [3, 3], [3, 1]]], dtype=float)
    found = {k.measure: v.tolist() for k, v in of_accuracy(rounds, reports)}
    assert found == {"pair_accuracy": [(1 + 0 + 0.5 + 1) / 4], "pair_accuracy_minority": [0.5]}
    gone = rounds_of(rounds.truth, [[0, 1]], present=[[1, 0]])
    found = {k.measure: v for k, v in of_accuracy(gone, np.where([1, 0], reports, np.nan))}
    assert found["pair_accuracy"].tolist() == [0.75]
    assert np.isnan(found["pair_accuracy_minority"]).all()
    assert list(of_accuracy(rounds_of([[[1, 2]]], [[0, 1]]), np.ones((1, 1, 2)))) == []


def test_what_misreporting_gains_by_hand():
    """The first person vetoes all but B: the utilitarian choice turns from A to B, which costs them 2 points."""
    rounds = rounds_of([[A, B, C]], [[0, 0, 0, 0, 1]], strategy={"kind": "veto"})
    reports = rounds.truth.copy()
    reports[0, :, 0] = [1, 7, 1]
    chosen, honest = (
        choose_by_rules(u, [0.0], LikertMapSettings(), priority=priorities(rounds)) for u in (reports, rounds.truth)
    )
    assert (chosen[0.0].index, honest[0.0].index) == (1, 0)
    found = {k.measure: v.tolist() for k, v in of_strategy(rounds, chosen, honest)}
    assert found == {"strategist_gain": [-2.0], "others_loss": [(2 + 2 + 2 - 4) / 4]}


def test_predicted_and_true_welfare(abc):
    rounds, _ = abc
    reports = rounds.truth + 0.5
    choices = choose_by_rules(np.clip(reports, 1, 7), [1.0, "borda"], LikertMapSettings(), priority=priorities(rounds))
    found = {(k.rule, k.measure): v for k, v in of_proxy(rounds, choices)}
    assert set(found) == {("Nash", "proxy_welfare"), ("Nash", "true_welfare"), ("Nash", "proxy_gap")}
    winner = int(choices[1.0].index[0])
    assert found["Nash", "true_welfare"] == pytest.approx([float(isoelastic((A, B, C)[winner], 1))])
    assert found["Nash", "proxy_welfare"] == pytest.approx([float(isoelastic(np.clip(reports, 1, 7)[0, winner], 1))])


def test_approval_asks_for_a_five_under_every_map():
    rounds = rounds_of([[A, B, C]], [[0, 0, 0, 0, 1]])
    for utility_map in (LikertMapSettings(), ExpMapSettings(kind="exp", temperature=2.0), RawMapSettings(kind="raw")):
        choices = choose_by_rules(rounds.truth, ["approval"], utility_map, priority=priorities(rounds))
        np.testing.assert_allclose(choices["approval"].values, [[0.8, 1.0, 0.8]])


def test_those_who_left_are_not_weighed():
    reports = np.array([[A, B, C]], dtype=float)
    reports[..., 4] = np.nan
    choices = choose_by_rules(reports, list(DEFAULT_RULES), LikertMapSettings(), priority=np.zeros((1, 3)))
    assert {spec: int(choice.index[0]) for spec, choice in choices.items()} == dict.fromkeys(DEFAULT_RULES, 0)


def test_nobody_loses_by_their_own_judgement_from_the_truth():
    rounds = draw_rounds(WorldSettings(), 300, seed=5)
    alphas = [0.0, 0.5, 1.0, 3.0, INF]
    choices = choose_by_rules(rounds.truth, alphas, LikertMapSettings(), priority=priorities(rounds))
    for key, values in measures.of_regret(rounds, choices, alphas):
        assert (values >= 0).all()
        if key.rule == key.versus:
            np.testing.assert_allclose(values, 0, atol=1e-8)


def test_camps_that_differ_in_name_only_fare_alike():
    """No polarisation: 2,000 groups; a difference of five standard errors is a false alarm once in two million."""
    rounds = draw_rounds(WorldSettings(), 2000, seed=8)
    reports = rounds.seen(calibrate(rounds.world, seed=8))
    choices = choose_by_rules(reports, [0.0, INF], LikertMapSettings(), priority=priorities(rounds))
    for key, values in measure(rounds, choices, [0.0]):
        if key.measure == "minority_gap":
            values = values[~np.isnan(values)]
            assert abs(values.mean()) < 5 * values.std() / np.sqrt(len(values))


def test_keys_name_their_rules():
    assert Key("Nash", "utilitarian", "regret") != Key("utilitarian", "Nash", "regret")
