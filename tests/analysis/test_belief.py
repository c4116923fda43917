"""Crowds held against each other: what is alike passes, what has too little spread fails, and baselines find what is there."""

import numpy as np
import pandas as pd
import pytest
from people_in_tables import mapping_file, write_people
from scipy.stats import wasserstein_distance

import simcons
from simcons.analysis.belief.baselines import WORDS, baselines, correlations, with_topic_means
from simcons.analysis.belief.correlations import Rated, correlation, difference
from simcons.analysis.belief.crowds import believe
from simcons.analysis.belief.effects import effects
from simcons.analysis.belief.minds import Judged, Judgements
from simcons.analysis.belief.spread import compare_spread
from simcons.errors import InputError
from simcons.report.belief import belief_sentences, belief_tables
from simcons.report.belief_page import belief_page
from simcons.storage.imported.write import import_study

POINTS = np.arange(1.0, 6.0)
# A published comparison of a crowd with agents that a validator called "not significantly different".
PEOPLE, AGENTS = [11, 9, 13, 10, 7], [0, 14, 31, 5, 0]


def one_answer_each(counts):
    """Counts of answers as groups of one person [people, points]."""
    return np.repeat(np.eye(5), counts, axis=0)


def test_agents_without_spread_fail():
    spread = compare_spread(one_answer_each(PEOPLE), one_answer_each(AGENTS), POINTS)
    assert spread.standing == "different"
    assert spread.sd_ratio.standing == "different"
    assert spread.sd_ratio.estimate.value == pytest.approx(0.44, abs=0.01)  # as published
    given, agents = (np.repeat(POINTS, counts) for counts in (PEOPLE, AGENTS))
    assert spread.distance.estimate.value == pytest.approx(wasserstein_distance(given, agents))
    assert spread.sd_people == pytest.approx(given.std(ddof=1))


def test_a_resample_of_the_people_passes():
    """Of 20 resamples of 500, all are alike: one fails with probability below .01 each, as found in 2,000."""
    rng = np.random.default_rng(5)
    shares = np.array(PEOPLE) / sum(PEOPLE)
    people = one_answer_each(10 * np.array(PEOPLE))
    standings = [
        compare_spread(people, one_answer_each(rng.multinomial(500, shares)), POINTS).standing for _ in range(20)
    ]
    assert standings == ["alike"] * 20


def test_few_people_leave_it_open():
    few = one_answer_each([2, 1, 2, 1, 2])
    assert compare_spread(few, few, POINTS).sd_ratio.standing == "open"


def test_halves_of_people_are_nearer_than_agents_without_spread():
    spread = compare_spread(one_answer_each(10 * np.array(PEOPLE)), one_answer_each(AGENTS), POINTS)
    assert spread.split_half[0] < spread.split_half[1] < spread.distance.estimate.value


def rows(n=600, *, effect):
    """Ratings that follow from a word of the opinion, on four questions with means of their own."""
    rng = np.random.default_rng(2)
    question, likes = rng.integers(4, size=n), rng.integers(2, size=n)
    rating = 4 + 0.5 * question + effect * likes + rng.standard_normal(n)
    words = ["good" if like else "bad" for like in likes]
    return pd.DataFrame(
        {
            "session_id": [f"s{k}" for k in range(n)],
            "question": [f"q{k}" for k in question],
            "opinion": [f"it is {word} I say" for word in words],
            "text": "A statement.",
            "rating": rating,
        }
    )


def found(given, **options):
    return {(one.name, one.held_out): one.r for one in correlations(baselines(given, **options), Rated.of(given))}


def test_words_of_opinions_predict_where_they_tell_something():
    told = found(rows(effect=2.0))
    assert told[WORDS, "raters"].value > 0.5
    assert told[WORDS, "questions"].interval[0] > 0.0
    assert told["topic mean", "raters"].value > 0.2
    assert told[WORDS, "raters"].n == 600
    assert told[WORDS, "questions"].n == 4
    assert ("topic mean", "questions") not in told


def test_words_that_tell_nothing_predict_nothing():
    told = found(rows(effect=0.0))[WORDS, "questions"]
    assert told is None or abs(told.value) < 0.2  # 600 raters: an r of .2 by chance has probability below 1e-6


def test_words_may_mean_the_opposite_on_another_question():
    """The same word goes with high ratings on two of four questions and with low ones on the others."""
    given = rows(effect=0.0)
    likes = np.where(given["opinion"].str.contains("good"), 1, -1)
    given["rating"] += 2 * likes * np.where(given["question"].isin(["q0", "q1"]), 1, -1)
    told = found(given)
    assert told[WORDS, "raters"].value > 0.7
    assert told[WORDS, "questions"].value < 0.1


def rated(rating, question):
    return Rated(np.asarray(rating, dtype=float), np.arange(len(rating)), np.asarray(question))


def test_correlations_on_questions_not_seen_are_within_questions():
    """By hand: predictions 1, 2, 3 of ratings 1, 3, 2 have r .5; a level of the question's own changes nothing."""
    of = rated([1, 3, 2, 6, 8, 7], [0, 0, 0, 1, 1, 1])
    predicted = np.array([1.0, 2, 3, -9, -8, -7])
    assert correlation("", predicted, of, "questions").r.value == pytest.approx(0.5)
    assert correlation("", predicted, of, "raters").r.value < -0.8
    assert difference(predicted, predicted, of, "questions").value == pytest.approx(0.0)


def test_what_is_not_predicted_does_not_count():
    of = rated([1, 3, 2, 6, 8, 7], [0, 0, 0, 1, 1, 1])
    some = correlation("", np.array([1.0, 2, 3, np.nan, np.nan, np.nan]), of, "raters")
    assert (some.n, some.r.value) == (3, pytest.approx(0.5))
    assert correlation("", np.full(6, 2.0), of, "raters").r is None
    assert np.isnan(with_topic_means(np.full(6, np.nan), of)).all()


def test_effects_are_slopes_within_questions():
    """Own side adds two points, a text twice as long takes one, and both questions have a level of their own."""
    rng = np.random.default_rng(3)
    own, said, doubled = (rng.choice(values, 400) for values in ([-1.0, 1.0, 0.5, np.nan], [-1.0, 1.0], [0, 1]))
    question = rng.integers(2, size=400)
    side = np.where(np.isnan(own), 0, np.sign(own * said) / 2)
    given = pd.DataFrame(
        {
            "session_id": range(400),
            "question": question,
            "text": ["word " * (10 * 2**n) for n in doubled],
            "place": 1,
            "rating": 4 + 3 * question + 2 * side - doubled,
        }
    )
    by_what = {effect.what: effect.by["people"] for effect in effects(given, {"people": given["rating"]}, own, said)}
    assert by_what["a text on one's own side, against one on the other"].value == pytest.approx(2, abs=0.15)
    assert by_what["a text twice as long"].value == pytest.approx(-1, abs=0.25)  # sides are not the same by chance
    assert by_what["a place later on the slate"] is None


def test_an_imported_study_is_held_against_a_simulated_one(simulate, tmp_path):
    folder = write_people(tmp_path / "street")
    import_study(folder, mapping_file(folder), folder / "run")
    people, simulated = simcons.load(folder / "run"), simulate(design={"groups": 4, "rounds": 1}).run
    belief = believe(people, {"mine": simulated}, scale="agreement")
    assert belief.points == (1, 2, 3, 4, 5)
    # each group gives 1, 2, 3 and 3, 4, 5, twice: a mean square of 10 / 6 about 3
    assert belief.spreads["mine"].sd_people == pytest.approx((10 / 6 * 96 / 95) ** 0.5)
    assert belief.people.seconds is None
    assert belief.people.retest is None  # everybody rated once
    assert 0.5 < belief.conducts["mine"].retest.value < 1
    assert any("mine: " in sentence for sentence in belief_sentences(belief))
    assert [table.header[0] for table in belief_tables(belief)] == ["", "", ""]
    n_ratings = belief.n_ratings
    everything = np.ones(n_ratings, dtype=bool)
    minds = {"echo": Judged(np.arange(n_ratings, dtype=float), {"raters": everything, "questions": ~everything})}
    nothing = np.full(n_ratings, np.nan)
    tried = believe(people, {"mine": simulated}, Judgements(minds, nothing, nothing), scale="agreement")
    assert [(one.correlation.name, one.correlation.held_out, one.correlation.n) for one in tried.minds] == [
        ("echo", "raters", n_ratings),
        ("echo, with topic means", "raters", n_ratings),
        ("echo", "questions", 0),
    ]
    assert any(sentence.startswith("echo, on people not seen (r ") for sentence in belief_sentences(tried))
    assert next(belief_tables(tried)).header[2] == "above words"
    page = belief_page(tried, name="street", source="Made up for <tests>.")
    figure, mind, crowd = map(page.index, ("Chart. What ratings follow from", "echo: ", "mine: "))
    assert figure < mind < crowd  # the figure is of minds, and stands beside what is said of them
    assert "Made up for &lt;tests&gt;." in page
    with pytest.raises(InputError, match="is a simulated run; expected one that simcons import made"):
        believe(simulated, {}, scale="agreement")
