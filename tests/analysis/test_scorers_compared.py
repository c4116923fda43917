"""Scorers on the same statements: pairs counted by hand."""

from __future__ import annotations

import pytest
from recorded import Round, written

from simcons.analysis.scorers_compared import compare_scorers

TEXTS = ["one two three", "one", "one two three", "one two"]
SCORES = [[5], [4], [3], [3]]
RATINGS, AGAIN = [[6], [2], [4], [4]], [[6], [3], [2], [4]]
TRUTH = [[5.0], [2.0], [6.0], [4.0]]


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compared") / "run"
    rounds = [Round(name, f"s{name}", SCORES, TRUTH, RATINGS, second_ratings=AGAIN, texts=TEXTS) for name in "ab"]
    return {(row.predictor, row.versus): row for row in compare_scorers(written(folder, *rounds))}


@pytest.mark.parametrize(
    ("predictor", "versus", "right", "ordered", "level"),
    [
        # Mean ratings 6, 2.5, 3, 4: all six pairs are told apart.
        ("reader", "rating", 3, 5, 1),  # 0 before all others; not 1 before 2 and 3; 2 and 3 are level
        ("longest", "rating", 4, 5, 1),  # 0 before 1 and 3, 1 after 2 and 3; not 2 before 3; 0 and 2 are level
        ("oracle", "rating", 4, 6, 0),  # not 2 before 0 and 3
        ("reader", "truth", 2, 5, 1),  # 0 before 1 and 3
        ("longest", "truth", 5, 5, 1),
        # First ratings 6, 2, 4, 4; second 6, 3, 2, 4: both tell five pairs apart, one of them the other way.
        ("second rating", "rating", 4, 5, 0),
    ],
)
def test_pairs_are_those_that_both_tell_apart(rows, predictor, versus, right, ordered, level):
    row = rows[predictor, versus]
    assert (row.generator, row.n_pairs, row.n_level) == ("arm", 2 * ordered, 2 * level)
    assert row.accuracy == pytest.approx(right / ordered)


def test_the_truth_is_not_held_against_itself(rows):
    assert ("oracle", "truth") not in rows
    assert len(rows) == 6
