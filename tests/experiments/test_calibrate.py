"""Numbers that were put in are found again, with intervals that hold them as often as they say; what is not told is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from simcons.experiments.calibrate.conduct import Leaving, hazards, shares
from simcons.experiments.calibrate.found import Found
from simcons.experiments.calibrate.likelihood import held_out, maximise, spread
from simcons.experiments.calibrate.positions import Positions
from simcons.experiments.calibrate.seconds import (
    Lengths,
    Seconds,
    density_of_sum,
    rating_names,
    sum_of_lognormals,
)
from simcons.experiments.calibrate.style import Ratings, Style, chances
from simcons.population.response_style import careless_kind, draw_noise, rate, rate_carelessly
from simcons.scale import MIDPOINT, bounded
from simcons.scenario.minds import LatentMindSettings
from simcons.scenario.population_file import load_population_file
from simcons.scenario.shipped import find_population

STYLE = Style(retest_correlation=0.3, fatigue_noise=0.2, careless_uniform=0.4, careless_stuck=0.4)
TRUE_STYLE = {
    "noise_median": 0.65,
    "noise_log_sd": 0.35,
    "acquiescence_sd": 0.3,
    "extremity_log_sd": 0.25,
    "careless_share": 0.05,
}
PARAMETERS = load_population_file(find_population("uk_crowd")).parameters()
TEMPO = PARAMETERS["tempo"]


def two_camps(rng, n):
    """Views of n statements of a round, many of them near an end of the scale."""
    return np.array([bounded(liked) for liked in 4.8 + rng.standard_normal() + 1.5 * rng.standard_normal(n)])


def one_camp(rng, n):
    """Views that are normal up to two SDs, a third of whose variance is common to the statements of a round."""
    liked = (1 / 3) ** 0.5 * rng.standard_normal() + (2 / 3) ** 0.5 * rng.standard_normal(n)
    return 4.2 + 1.2 * np.clip(liked, -2, 2)


ONE_CAMP = {"view_0": 4.2 - 2.4, **{f"view_{k}": 0.96 for k in range(1, 6)}, "round_share": 1 / 3}


def rated(n_people, *, seed, views_of=two_camps, n_rounds=3, n_statements=4, passes=2):
    """Ratings by groups of five, as a study's answers are made."""
    true, rng = TRUE_STYLE, np.random.default_rng(seed)
    rows = []
    for person in range(n_people):
        noise = true["noise_median"] * np.exp(true["noise_log_sd"] * rng.standard_normal())
        acquiescence = 0.25 + true["acquiescence_sd"] * rng.standard_normal()
        extremity = np.exp(true["extremity_log_sd"] * rng.standard_normal())
        careless, habit = rng.random() < true["careless_share"], int(rng.integers(3, 6))
        kind = int(careless_kind(rng.random(), STYLE.careless_uniform, STYLE.careless_stuck))
        for k in range(n_rounds):
            views = views_of(rng, n_statements)
            drawn = draw_noise(n_statements, 1, passes, STYLE.retest_correlation, rng)[:, 0]
            for n in range(passes):
                given = (
                    [rate_carelessly(kind, habit, rng.integers) for _ in range(n_statements)]
                    if careless
                    else rate(views, drawn[:, n], noise_sd=noise, acquiescence=acquiescence, extremity=extremity)
                )
                group = f"g{person // 5}"
                where = (group, f"p{person}", f"{group}r{k}")
                rows += [(*where, f"s{k}{j}", n + 1, int(answer) - 1, np.nan) for j, answer in enumerate(given)]
    columns = ["group", "person", "round", "statement", "pass_index", "answer", "hours"]
    return Ratings.of(pd.DataFrame(rows, columns=columns), 7, STYLE)


def timed(n, *, seed):
    """Times of second and first ratings of texts of some 60 words on two scales, by people who keep their pace."""
    rng = np.random.default_rng(seed)
    person = np.arange(n) // 6
    n_people = person.max() + 1
    pace = TEMPO["reading_wpm"] * np.exp(TEMPO["reading_log_sd"] * rng.standard_normal(n_people))[person]
    common, own = rng.standard_normal(n_people)[person], rng.standard_normal((2, n))
    decisions = TEMPO["decision_seconds"] * np.exp(TEMPO["decision_log_sd"] * (common + own) / 2**0.5).sum(axis=0)
    words, again, hours = rng.integers(20, 120, n), rng.random(n) < 0.5, rng.uniform(0, 0.8, n)
    reading = 60 * words / pace * np.where(again, TEMPO["second_reading"], 1.0)
    seconds = reading + decisions * np.exp(-TEMPO["fatigue_time"] * hours)
    rows = pd.DataFrame({"group": person // 5, "seconds": seconds, "words": words, "again": again, "hours": hours})
    return Seconds.of(rating_names(TEMPO), rows.assign(n_tasks=2))


# --- the parts, by hand and by simulation ------------------------------------------------------------------------


def test_chances_are_those_of_ratings():
    """One in 20,000 draws: a share is off by more than .016 with probability below 1e-5."""
    rng, felt = np.random.default_rng(1), 5.2
    drawn = rate(felt, rng.standard_normal(20_000), noise_sd=0.8, acquiescence=0.0, extremity=1.3, n_options=5)
    found = np.bincount(drawn.astype(int) - 1, minlength=5) / 20_000
    assert chances(np.array([felt]), 1.3, 0.8, 5)[0] == pytest.approx(found, abs=0.016)
    # by hand, on seven points: 4.5 and 5.5 divide 5 from its neighbours
    assert chances(np.array([5.0]), 1.0, 0.5, 7)[0, 4] == pytest.approx(norm.cdf(1) - norm.cdf(-1))


def test_likelihood_of_one_rating_by_hand():
    """Without differences between people, one rating has the chance of its answer over the views of all."""
    row = pd.DataFrame(
        [("g", "p", "r", "s", 1, 4, np.nan)],
        columns=["group", "person", "round", "statement", "pass_index", "answer", "hours"],
    )
    values = {
        "noise_median": 0.5,
        "noise_log_sd": 0.0,
        "acquiescence_sd": 0.0,
        "extremity_log_sd": 0.0,
        "careless_share": 0.0,
    }
    lines = {
        "view_0": 2.0,
        **{f"view_{k}": 0.8 for k in range(1, 6)},
        "round_share": 0.3,
    }  # views are normal, mean 4, SD 1
    model = Ratings.of(row, 7, STYLE)
    spread = np.hypot(1.0, 0.5)
    chance = norm.cdf(1.5 / spread) - norm.cdf(0.5 / spread)
    assert np.exp(model.log_likelihood({**values, **lines})) == pytest.approx([chance], rel=0.02)  # the line has ends
    # one who is careless answers 5 with .4 / 7 + .4 * 3 / 8 + .2 / 3
    half = model.log_likelihood({**values, **lines, "careless_share": 0.5})
    assert np.exp(half) == pytest.approx([(chance + 0.4 / 7 + 0.15 + 0.2 / 3) / 2], rel=0.02)


def test_density_of_a_sum_of_times():
    """Against a million draws in 30 bins of even share: each share is off by .5% of itself in one of three."""
    rng = np.random.default_rng(3)
    drawn = np.log(20 * np.exp(0.2 * rng.standard_normal(10**6)) + 9 * np.exp(0.6 * rng.standard_normal(10**6)))
    edges = np.quantile(drawn, np.linspace(0.01, 0.99, 31))
    points = np.linspace(edges[:-1], edges[1:], 11)
    ones = np.ones(points.size)
    density = density_of_sum(np.exp(points.ravel()), 20 * ones, 0.2, 9 * ones, 0.6 * ones).reshape(points.shape)
    assert np.trapezoid(density, points, axis=0) == pytest.approx(0.98 / 30, rel=0.03)


def test_sums_of_lognormals_have_the_mean_and_the_variance():
    median, log_sd = sum_of_lognormals(np.array([3.0]), 2.0, 0.5, common=0.0)
    one = 2 * np.exp(0.125)
    assert median[0] * np.exp(log_sd[0] ** 2 / 2) == pytest.approx(3 * one)
    assert np.expm1(log_sd[0] ** 2) * (3 * one) ** 2 == pytest.approx(3 * one**2 * np.expm1(0.25))
    assert sum_of_lognormals(np.array([1.0]), 2.0, 0.5) == (pytest.approx([2.0]), pytest.approx([0.5]))


def test_hazards_by_hand():
    """20 left in 200 hours of doing something, 9 in 30 of waiting: .1 an hour, and .3 is three times as much."""
    told = hazards(Leaving(200.0, 30.0, 20, 9), 1.5)
    assert told["dropout_per_hour"].value == pytest.approx(0.1)
    assert told["dropout_per_hour"].interval == pytest.approx((0.0611, 0.1544), abs=5e-4)  # Garwood's table for 20
    assert told["dropout_waiting_factor"].value == pytest.approx(3.0)
    low, high = told["dropout_waiting_factor"].interval
    assert 1.0 < low < 3.0 < high
    few = hazards(Leaving(200.0, 20.0, 20, 3), 1.5)
    assert list(few) == ["dropout_per_hour"]
    assert few["dropout_per_hour"].value == pytest.approx(23 / 230)
    assert hazards(Leaving(200.0, 20.0, 0, 0), 1.5) == {}


def test_shares_are_of_those_who_came_so_far():
    people = pd.DataFrame({"outcome": ["no_show"] * 20 + ["screened_out"] * 8 + ["declined"] * 6 + ["finished"] * 66})
    assert {key: estimate.value for key, estimate in shares(people).items()} == {
        "no_show": 0.2,
        "screen_out": 0.1,
        "decline_consent": pytest.approx(6 / 72),
    }


# --- numbers found again -----------------------------------------------------------------------------------------


def test_a_large_study_tells_how_people_rate():
    """120 people whose views are normal: each number is within its interval's width, four standard errors. False alarms of five
    have a probability below .0005.
    """
    fit = maximise(rated(120, seed=11, views_of=one_camp), ONE_CAMP, start=PARAMETERS["response_style"])
    for key, true in TRUE_STYLE.items():
        low, high = fit.estimates[key].interval
        assert abs(fit.estimates[key].value - true) < high - low, key


def test_a_large_study_tells_how_long_people_take():
    fit = maximise(timed(3000, seed=4), {}, start=TEMPO)
    for key in rating_names(TEMPO).keys:
        low, high = fit.estimates[key].interval
        assert abs(fit.estimates[key].value - TEMPO[key]) < high - low, key  # twice the interval
    assert fit.values["odd_share"] < 0.01
    assert fit.values["hasty_share"] < 0.01


def test_positions_tell_how_far_apart_people_and_questions_are():
    """60 questions by 60 people: each number within its interval's width, four standard errors."""
    mind, rng, style = LatentMindSettings(), np.random.default_rng(6), PARAMETERS["response_style"]
    true = {"position_mean": 4.4, "question_sd": 1.0, "person_sd": 0.8}
    rows = []
    for question in range(60):
        mean = true["position_mean"] - MIDPOINT + true["question_sd"] * rng.standard_normal()
        leanings = mean + true["person_sd"] * rng.standard_normal(60)
        held = np.array([bounded(MIDPOINT + mind.intensity * leaning) for leaning in leanings])
        felt = held + style["acquiescence_mean"] + style["acquiescence_sd"] * rng.standard_normal(60)
        noise = style["noise_median"] * np.exp(style["noise_log_sd"] * rng.standard_normal(60))
        extremity = np.exp(style["extremity_log_sd"] * rng.standard_normal(60))
        given = rate(felt, rng.standard_normal(60), noise_sd=noise, acquiescence=0.0, extremity=extremity)
        rows += [(question, int(answer) - 1) for answer in given]
    careful = {**style, "careless_share": 0.0}
    model = Positions.of(pd.DataFrame(rows, columns=["question", "answer"]), 7, careful, mind)
    estimates = maximise(model, {}).estimates
    for key, value in true.items():
        low, high = estimates[key].interval
        assert abs(estimates[key].value - value) < high - low, key


def lengths(n, *, median, seed, odd=0):
    """Opinions by n people in groups of five, of which some are of a word or two."""
    rng = np.random.default_rng(seed)
    words = np.maximum(1, np.rint(median * np.exp(0.45 * rng.standard_normal(n))))
    words[:odd] = rng.integers(1, 3, odd)
    return Lengths.of(pd.DataFrame({"group": np.arange(n) // 5, "words": words, "hours": np.nan}), 0.15)


def test_opinions_of_a_word_do_not_count_as_short_ones():
    fit = maximise(lengths(2000, median=30, seed=2, odd=60), {})
    assert fit.values["opinion_words"] == pytest.approx(30, rel=0.04)
    assert fit.values["opinion_words_log_sd"] == pytest.approx(0.45, rel=0.08)


def test_groups_set_aside_tell_whether_it_is_better():
    """People who write 30 words are described better than as ones who write 55; people who write 55 are not."""
    before = {key: TEMPO[key] for key in ("opinion_words", "opinion_words_log_sd")}
    others, same = (lengths(400, median=median, seed=9) for median in (30, 55))
    better = held_out(others, {}, before, start=before, seed=0)
    assert better.n_answers == 100
    assert better.gain.interval[0] > 0.1
    assert abs(held_out(same, {}, before, start=before, seed=0).gain.value) < 0.02
    few = same.among(np.arange(400) < 30)  # six groups
    assert held_out(few, {}, before, start=before, seed=0) is None


def test_what_times_do_not_tell_is_kept():
    """Texts of one length do not tell reading from what else takes time."""
    times = timed(600, seed=5)
    alike = replace(times, words=np.full(600, 60.0), hours=np.full(600, np.nan), again=np.zeros(600, dtype=bool))
    found = Found({name: dict(of) for name, of in PARAMETERS.items()}, LatentMindSettings(), 0)
    untold = {"second_reading": "never read again", "fatigue_time": "no clock"}
    found.fit("seconds of ratings", alike, untold, "600 ratings")
    kept = {key: kept.reason for kept in found.kept for key in kept.keys}
    assert kept["second_reading"] == "never read again"
    fitted = {fitted.key: fitted for fitted in found.fitted}
    assert not set(kept) & set(fitted)
    for key in set(kept) & set(TEMPO):
        assert found.parameters["tempo"][key] == TEMPO[key]


def test_a_search_may_begin_at_bounds():
    """A population in which nobody differs and nobody is careless is a place to begin from."""
    begin = {"opinion_words": 55.0, "opinion_words_log_sd": 0.0, "odd_share": 0.0}
    assert maximise(lengths(400, median=30, seed=9), {}, start=begin).values["opinion_words"] == pytest.approx(
        30, rel=0.1
    )
    assert spread("a_spread", 0.3, 1.0).first(0.0) == pytest.approx(0.06)


@dataclass(frozen=True)
class Beside:
    """Normal numbers with mean 0 and a variance of 1 and of what is beside it (a `Model`)."""

    numbers: np.ndarray
    coordinates = (spread("beside", 0.3, 3.0),)

    @property
    def group(self):
        return np.arange(len(self.numbers))

    @property
    def n_answers(self):
        return np.ones(len(self.numbers))

    def log_likelihood(self, values):
        variance = 1 + values["beside"] ** 2
        return -np.log(variance) / 2 - self.numbers**2 / (2 * variance)


def test_a_spread_of_nought_has_an_interval():
    """100 numbers with a mean square of .9 show nothing beside. By hand: at a variance of 0 the slope is 100 (.9 - 1) / 2 = -5,
    and the curvature 100 (.9 - .5) = 40, so the peak is -1 / 8; half of the scores are -.5 and half .4, so the error is
    sqrt(20.5 * 100 / 99) / 40 = .114, and 1.984 of it reach to a variance of .101.
    """
    beside = maximise(Beside(np.repeat([0.0, 1.8**0.5], 50)), {}).estimates["beside"]
    assert beside.value == pytest.approx(0.0, abs=0.02)
    assert beside.interval == (0.0, pytest.approx(0.101**0.5, rel=0.03))


@pytest.mark.slow
def test_intervals_hold_what_was_put_in():
    """Forty studies of 60 people: of 200 intervals at 95% for how people rate, at least 170 hold the truth (binomial: fewer with
    probability below 1e-6, were they independent).
    """
    holds = dict.fromkeys(TRUE_STYLE, 0)
    for seed in range(40):
        fit = maximise(rated(60, seed=1000 + seed), {}, start=PARAMETERS["response_style"])
        for key, true in TRUE_STYLE.items():
            interval = fit.estimates[key].interval
            holds[key] += interval is not None and interval[0] <= true <= interval[1]
    assert sum(holds.values()) >= 170, holds
    assert min(holds.values()) >= 30, holds
