"""Best of N: against all subsets counted out, and against the share of wins that theory gives."""

from __future__ import annotations

from itertools import combinations
from math import log

import numpy as np
import pytest
from recorded import Round, written

from simcons.analysis.best_of_n import best_of_n, chances

SCORES = [[3, 3], [6, 6], [6, 6], [2, 1], [5, 4]]  # means 3, 6, 6, 1.5, 4.5: the second and third are level
TRUTH = [[4, 5], [7, 1], [6, 6], [2, 3], [5, 5]]  # 4.5, 4, 6, 2.5, 5
ARM = {"arm": "arm", "generator": {"kind": "scripted", "samples": 5}, "scorer": "reader", "select": 1}
MEANS, TRUE = np.mean(SCORES, axis=1), np.mean(TRUTH, axis=1)


def rows_of(folder, *rounds, **arm):
    run = written(folder, *rounds, manifest={"scenario": {"mediators": [{**ARM, **arm}]}})
    return {(row.n, row.measure): row for row in best_of_n(run, numbers=(1, 2, 4, 5, 16))}


def chosen_from(places):
    """What is best of these, all that are level."""
    best = max(MEANS[place] for place in places)
    return [place for place in places if MEANS[place] == best]


def test_chances_are_those_of_all_subsets_with_ties_at_random():
    better, level = np.array([3, 0, 0, 4, 2]), np.array([1, 2, 2, 1, 1])
    for n in range(1, 6):
        expected = np.zeros(5)
        subsets = list(combinations(range(5), n))
        for subset in subsets:
            expected[chosen_from(subset)] += 1 / len(chosen_from(subset)) / len(subsets)
        assert chances(better, level, 5, n) == pytest.approx(expected)
    assert chances(better, level, 5, 9) == pytest.approx(chances(better, level, 5, 5))


def test_values_and_wins_are_means_over_all_that_could_have_been_drawn(tmp_path):
    rows = rows_of(tmp_path / "run", Round("a", "s1", SCORES, TRUTH), Round("b", "s2", SCORES, TRUTH))
    for n, n_wins in ((1, 1), (2, 2), (4, 4), (5, 4)):
        subsets = [chosen_from(subset) for subset in combinations(range(5), n)]
        assert rows[n, "proxy"].value == pytest.approx(np.mean([MEANS[best].mean() for best in subsets]))
        assert rows[n, "truth"].value == pytest.approx(np.mean([TRUE[best].mean() for best in subsets]))
        won = [
            np.mean((1 + np.sign(TRUE[chosen_from(subset)] - TRUE[other])) / 2)
            for other in range(5)
            for subset in combinations([place for place in range(5) if place != other], n_wins)
        ]
        assert (rows[n, "truth"].n_wins, rows[n, "truth"].wins) == (n_wins, pytest.approx(np.mean(won)))
        assert rows[n, "truth"].nats_at_most == pytest.approx(log(n) - (n - 1) / n)
    assert (16, "proxy") not in rows
    assert rows[1, "truth"].n_rounds == 2


def test_where_no_score_is_level_the_best_wins_as_often_as_it_can(tmp_path):
    scores = [[value, value] for value in (3.1, 5.2, 4.4, 6.3, 1.5)]
    rows = rows_of(tmp_path / "run", Round("a", "s1", scores, TRUTH), Round("b", "s2", scores[::-1], TRUTH))
    for n in (1, 2, 4):
        assert rows[n, "proxy"].wins == pytest.approx(n / (n + 1))
        assert rows[n, "proxy"].wins_at_most == n / (n + 1)


def test_ratings_count_where_the_best_of_the_first_n_was_shown_in_every_round(tmp_path):
    ratings = [[5, 4], [None, None], [7, 6], [None, None], [None, None]]
    rounds = [Round(name, f"s{name}", SCORES, TRUTH, ratings, picked={"first": 0, "arm": 2}) for name in "ab"]
    rows = rows_of(tmp_path / "run", *rounds)
    assert {n for n, measure in rows if measure == "rating"} == {1, 4, 5}  # of the first two, the second is best
    assert (rows[1, "rating"].value, rows[5, "rating"].value) == (4.5, 6.5)
    assert rows[5, "rating"].wins is None


def test_an_arm_without_one_rule_for_all_rounds_has_no_best(tmp_path):
    drawn = {"alpha": {"kind": "lognormal"}}
    assert not rows_of(tmp_path / "run", Round("a", "s1", SCORES, TRUTH), welfare=drawn)
    assert not rows_of(tmp_path / "other", Round("a", "s1", SCORES, TRUTH), scorer="none")
