"""Crowds held against each other: what is alike passes, what has too little spread fails, and baselines find what is there."""

import numpy as np
import pandas as pd
import pytest
from people_in_tables import mapping_file, write_people
from scipy.stats import wasserstein_distance

import simcons
from simcons.analysis.belief.baselines import baselines
from simcons.analysis.belief.crowds import believe
from simcons.analysis.belief.spread import compare_spread
from simcons.errors import InputError
from simcons.report.belief import belief_sentences, belief_tables
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


def test_words_of_opinions_predict_where_they_tell_something():
    found = {(base.name, base.held_out): base.r for base in baselines(rows(effect=2.0))}
    assert found["words of the opinion", "raters"].value > 0.5
    assert found["words of the opinion", "questions"].interval[0] > 0.0
    assert found["topic mean", "raters"].value > 0.2
    assert found["words of the opinion", "raters"].n == 600


def test_words_that_tell_nothing_predict_nothing():
    found = {(base.name, base.held_out): base.r for base in baselines(rows(effect=0.0))}
    told = found["words of the opinion", "raters"]
    assert told is None or abs(told.value) < 0.2  # 600 raters: an r of .2 by chance has probability below 1e-6


def test_an_imported_study_is_held_against_a_simulated_one(simulate, tmp_path):
    folder = write_people(tmp_path / "street")
    import_study(folder, mapping_file(folder), folder / "run")
    people, simulated = simcons.load(folder / "run"), simulate(design={"groups": 4, "rounds": 1}).run
    belief = believe(people, {"mine": simulated}, scale="agreement")
    assert belief.points == (1, 2, 3, 4, 5)
    # each group gives 1, 2, 3 and 3, 4, 5, twice: a mean square of 10 / 6 about 3
    assert belief.spreads["mine"].sd_people == pytest.approx((10 / 6 * 96 / 95) ** 0.5)
    assert belief.people.seconds is None
    assert any("mine: " in sentence for sentence in belief_sentences(belief))
    assert [table.header[0] for table in belief_tables(belief)] == ["", "", ""]
    with pytest.raises(InputError, match="is a simulated run; expected one that simcons import made"):
        believe(simulated, {}, scale="agreement")
