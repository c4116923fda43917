"""Numeric worlds: paired in every draw, as accurate as asked, and like the study simulator where that is claimed."""

from __future__ import annotations

import numpy as np
import pytest

import simcons
from simcons.experiments.world import bounded, calibrate, draw_rounds
from simcons.population.response_style import rate
from simcons.scenario.population_file import load_population_file
from simcons.scenario.shipped import find_population
from simcons.scenario.worlds import RatingSettings, WorldSettings


def world(**settings) -> WorldSettings:
    return WorldSettings.model_validate(settings)


def draw(n_groups=200, seed=3, **settings):
    return draw_rounds(world(**settings), n_groups, seed=seed)


def seen(rounds, seed=3):
    signal = calibrate(rounds.world, seed=seed) if rounds.world.source == "predictions" else None
    return rounds.seen(signal)


# --- pairing -------------------------------------------------------------------------------------------------------


def test_worlds_that_differ_in_one_setting_share_everything_else():
    base = draw()
    np.testing.assert_array_equal(draw(candidates={"number": 4}).truth, base.truth[:, :4])
    np.testing.assert_array_equal(draw(people={"group_size": 9}).views[:, :5], base.views)
    np.testing.assert_array_equal(
        draw(people={"minority_share": 0.1}).minority, base.minority & draw(people={"minority_share": 0.1}).minority
    )
    np.testing.assert_array_equal(draw(predictions={"pair_accuracy": 0.9}).truth, base.truth)
    shifted = draw(people={"polarisation": 2}).views - base.views
    np.testing.assert_allclose(
        np.unique(shifted.round(12)), [-1.4, 0.6]
    )  # 2 x (-.7, .3): apart by 2, unmoved on average


def test_a_block_is_its_own_and_repeats():
    first, again, second = (draw_rounds(WorldSettings(), 50, seed=3, block=block) for block in (0, 0, 1))
    np.testing.assert_array_equal(first.truth, again.truth)
    assert np.isclose(first.truth, second.truth).mean() < 0.001


def test_members_stay_the_same_over_the_rounds_of_a_group():
    rounds = draw(50, people={"rounds_per_group": 3, "question_sd": 0.0}, drop_outs=0.3)
    assert rounds.truth.shape == (150, 16, 5)
    for of_people in (rounds.views, rounds.minority, rounds.present):
        by_group = of_people.reshape(50, 3, 5)
        assert (by_group == by_group[:, :1]).all()
    assert np.isclose(rounds.truth[0], rounds.truth[1]).mean() < 0.05  # other candidates


# --- agreement -----------------------------------------------------------------------------------------------------


def test_agreement_by_hand():
    """Without chance in taste and quality: bounded(ceiling - cost x distance), and a group of equals agrees in full."""
    still = {
        "taste": {"personal_sd": 0, "ceiling": 6, "distance_cost": 1},
        "candidates": {"quality_sd": 0, "spread": 0},
    }
    alike = draw(20, **still, people={"person_sd": 0, "polarisation": 0})
    np.testing.assert_allclose(alike.truth, bounded(np.array(6.0)), rtol=1e-12)
    rounds = draw(20, **still)
    distance = np.abs(rounds.views - rounds.views.mean(axis=1, keepdims=True))
    np.testing.assert_allclose(rounds.truth, np.broadcast_to(bounded(6 - distance)[:, None, :], rounds.truth.shape))


def test_bounds():
    np.testing.assert_allclose(bounded(np.array([4.0, 5.5, 2.5])), [4, 5.386352, 2.613648], rtol=1e-6)
    assert (np.diff(bounded(np.linspace(-20, 25, 50))) > 0).all()
    assert bounded(np.array(-100.0)) >= 1
    assert bounded(np.array(100.0)) <= 7


def components(slates):
    """Mean, and SDs of people and of the interaction (two-way layout without replication), mean over rounds."""
    rows = []
    for m in slates:  # [people, candidates]
        (n, k), mean = m.shape, m.mean()
        people, candidates = m.mean(axis=1) - mean, m.mean(axis=0) - mean
        rest = ((m - mean - people[:, None] - candidates) ** 2).sum() / ((n - 1) * (k - 1))
        rows.append((mean, people.var(ddof=1), rest, np.corrcoef(m.mean(axis=0), m.min(axis=0))[0, 1]))
    mean, people, rest, alike = np.nanmean(rows, axis=0)
    return mean, people**0.5, rest**0.5, alike


@pytest.mark.parametrize(("scenario", "polarisation"), [("paper_baselines", 0), ("polarised", 3)])
def test_the_defaults_resemble_the_study_simulator(scenario, polarisation, tmp_path):
    """The mean, the spread between people, their interaction with candidates, and whether what is good on average is good for the
    worst-off: within .35 points and .15 of the true appraisals of 40 simulated groups.
    """
    run = simcons.run(scenario, overrides={"design.groups": 40}, out=tmp_path)
    appraisals = run.truth("appraisals").merge(run.candidates.query("source == 'mediator'")[["candidate_id"]])
    tables = [
        t.pivot(index="participant_id", columns="candidate_id", values="agreement")
        for _, t in appraisals.groupby("round_id")
    ]
    studied = components([t.to_numpy(float) for t in tables if min(t.shape) > 2 and not t.isna().to_numpy().any()])
    modelled = components(np.moveaxis(draw(400, people={"polarisation": polarisation}).truth, -1, 1))
    np.testing.assert_allclose(modelled[:3], studied[:3], atol=0.35)
    assert modelled[3] == pytest.approx(studied[3], abs=0.15)


# --- predictions ---------------------------------------------------------------------------------------------------


def pair_accuracy(rounds, reports, among=None):
    gaps = [values[:, ::2] - values[:, 1::2] for values in (rounds.truth, reports)]
    right = gaps[0] * gaps[1] > 0
    return right.mean() if among is None else right[np.broadcast_to(among[:, None, :], right.shape)].mean()


@pytest.mark.parametrize("df", [float("inf"), 2.5])
@pytest.mark.parametrize("accuracy", [0.5, 0.55, 0.7, 0.99])
def test_predictions_are_as_accurate_as_asked(accuracy, df):
    """80,000 pairs here and 80,000 in the pilot, less for clustering: .01 is more than five standard errors."""
    rounds = draw(2000, predictions={"pair_accuracy": accuracy, "degrees_of_freedom": df})
    assert pair_accuracy(rounds, seen(rounds)) == pytest.approx(accuracy, abs=0.01)


def test_camps_can_be_known_unequally_well():
    rounds = draw(2000, predictions={"pair_accuracy": 0.8, "minority_pair_accuracy": 0.6}, people={"polarisation": 2})
    reports = seen(rounds)
    assert pair_accuracy(rounds, reports, rounds.minority) == pytest.approx(0.6, abs=0.015)
    assert pair_accuracy(rounds, reports, ~rounds.minority) == pytest.approx(0.8, abs=0.02)


def test_camps_can_be_misread_together():
    """Errors of two people of one camp correlate as asked, of different camps not; accuracy stays. 24,000 pairs of errors."""
    rounds = draw(1000, predictions={"pair_accuracy": 0.7, "shared_by_camp": 0.6}, candidates={"number": 24})
    reports, signal = seen(rounds), calibrate(rounds.world, seed=3)
    errors = reports - signal.mean - signal.weight**2 * (rounds.truth - signal.mean)
    same = np.repeat((rounds.minority[:, 0] == rounds.minority[:, 1])[:, None], 24, axis=1)
    for alike, expected in ((same, 0.6), (~same, 0.0)):
        r = np.corrcoef(errors[..., 0][alike], errors[..., 1][alike])[0, 1]
        assert r == pytest.approx(expected, abs=0.05)
    assert pair_accuracy(rounds, reports) == pytest.approx(0.7, abs=0.015)
    np.testing.assert_allclose(errors.std(), signal.sd * signal.weight * np.sqrt(1 - signal.weight**2), rtol=0.02)


def test_predictions_are_what_to_expect():
    """Regressed on the predictions the truth has slope 1 and intercept 0; they spread less than the truth."""
    rounds = draw(2000, predictions={"pair_accuracy": 0.7})
    reports = seen(rounds)
    slope, intercept = np.polyfit(reports.ravel(), rounds.truth.ravel(), 1)
    assert slope == pytest.approx(1, abs=0.03)
    assert slope * reports.mean() + intercept == pytest.approx(reports.mean(), abs=0.03)
    assert reports.std() < rounds.truth.std()


def test_a_free_constant_moves_a_person_and_not_their_order():
    plain, moved = draw(30), draw(30, predictions={"person_constant_sd": 1.0})
    constants = seen(moved) - seen(plain)
    np.testing.assert_allclose(constants, np.broadcast_to(constants[:, :1], constants.shape), atol=1e-12)
    assert 0.7 < constants[:, 0].std() < 1.3


def test_the_signal_is_that_of_any_number_of_candidates():
    assert calibrate(world(candidates={"number": 1}), seed=0) == calibrate(world(candidates={"number": 300}), seed=0)


# --- ratings, drop-outs, strategies --------------------------------------------------------------------------------


def test_ratings_are_those_of_the_study_simulator():
    """The same noise through `population.response_style.rate`, person by person."""
    rounds = draw(40, source="ratings", ratings={"careless_share": 0})
    style, draws = rounds.world.ratings, rounds.draws
    noise = style.noise_median * np.exp(style.noise_log_sd * draws.normal_by_group("noise", 5))
    bias = style.acquiescence_mean + style.acquiescence_sd * draws.normal_by_group("acquiescence", 5)
    extremity = np.exp(style.extremity_log_sd * draws.normal_by_group("extremity", 5))
    for r, c, i in [(0, 0, 0), (3, 5, 1), (17, 15, 4), (39, 2, 2), (8, 8, 3)]:
        z = draws.normal_by_candidate("rating", i)[r, c]
        style = {"noise_sd": noise[i, r], "acquiescence": bias[i, r], "extremity": extremity[i, r]}
        assert rounds.ratings[r, c, i] == rate(rounds.truth[r, c, i], z, **style)
    assert set(np.unique(rounds.ratings)) <= set(range(1, 8))


def test_people_rate_as_the_shipped_personas_do():
    of_personas = load_population_file(find_population("uk")).parameters()["response_style"]
    assert RatingSettings().model_dump() == {key: of_personas[key] for key in RatingSettings.model_fields}


def test_kinds_of_carelessness_are_shares():
    with pytest.raises(ValueError, match=r"careless_uniform \+ careless_stuck: value 1\.1: expected at most 1"):
        RatingSettings(careless_uniform=0.7)


def test_careless_people():
    """Of those who do not read a fifth give one answer throughout; nobody's answers follow what they think. 1,000 people."""
    rounds = draw(200, source="ratings", ratings={"careless_share": 1}, candidates={"number": 64})
    answers = rounds.ratings
    throughout = (answers == answers[:, :1]).all(axis=1).mean()
    assert throughout == pytest.approx(0.2, abs=0.06)  # 5 SE
    assert abs(np.corrcoef(answers.ravel(), rounds.truth.ravel())[0, 1]) < 0.03


def test_people_who_left_are_not_seen_and_somebody_stays():
    rounds = draw(2000, drop_outs=0.4, people={"group_size": 3})
    assert rounds.present.any(axis=1).all()
    assert rounds.present[:, 1:].mean() == pytest.approx(0.6, abs=0.03)
    np.testing.assert_array_equal(np.isnan(seen(rounds)).any(axis=1), ~rounds.present)
    np.testing.assert_array_equal(np.isnan(rounds.ratings).all(axis=1), ~rounds.present)


def strategic(kind, people=1):
    rounds = draw(60, source="truth", strategy={"kind": kind, "people": people})
    return rounds, rounds.truth, rounds.seen(None)


def test_exaggeration_and_veto():
    _, honest, reports = strategic("exaggeration", people=2)
    np.testing.assert_array_equal(reports[..., 2:], honest[..., 2:])
    own = honest[..., :2]
    np.testing.assert_array_equal(reports[..., :2], np.where(own > own.mean(axis=1, keepdims=True), 7, 1))
    _, honest, reports = strategic("veto")
    np.testing.assert_array_equal(reports[..., 0].argmax(axis=1), honest[..., 0].argmax(axis=1))
    assert (np.sort(reports[..., 0], axis=1) == [1] * 15 + [7]).all()


def test_copying_takes_the_report_of_the_nearest_member():
    rounds, honest, reports = strategic("copying", people=2)
    for r in (0, 11, 42):
        for person in (0, 1):
            others = [i for i in range(5) if i != person]
            ally = min(others, key=lambda i: abs(rounds.views[r, i] - rounds.views[r, person]))
            np.testing.assert_array_equal(reports[r, :, person], honest[r, :, ally])


def test_not_everybody_can_be_strategic():
    with pytest.raises(ValueError, match=r"strategy\.people 3 in groups of 3: expected fewer than all"):
        world(people={"group_size": 3}, strategy={"kind": "veto", "people": 3})
