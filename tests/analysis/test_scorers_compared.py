"""Scorers on the same statements: pairs counted by hand."""

from __future__ import annotations

import pytest
from recorded import Round, written

from simcons.analysis.scorers_compared import compare_scorers
from simcons.records import ScoreRecord

TEXTS = ["one two three", "one", "one two three", "one two"]
SCORES = [[5], [4], [3], [3]]
RATINGS, AGAIN = [[6], [2], [4], [4]], [[6], [3], [2], [4]]
TRUTH = [[5.0], [2.0], [6.0], [4.0]]


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compared") / "run"
    rounds = [Round(name, f"s{name}", SCORES, TRUTH, RATINGS, second_ratings=AGAIN, texts=TEXTS) for name in "ab"]
    return {(row.predictor, row.versus): row for row in compare_scorers(written(folder, *rounds)).accuracies}


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


def test_two_scorers_are_compared_on_the_pairs_that_both_tell_apart(tmp_path):
    """Two people in each of four groups rate three statements 6, 4 and 2, and the reader orders all pairs rightly. The other
    scorer has scores for the first of them alone, and two of three for a's second: of a's three pairs it orders all rightly, of
    b's two, of c's one, and d's are level for it.

    Pairs: 3 of each of a, b, c. Shares 9/9 and 6/9, difference 1/3. With a, b or c left out it is 3/6, 2/6 and 1/6, whose mean
    is 1/3: error = sqrt(2/3 (1/36 + 0 + 1/36)) = .19245, and t(2) = 4.30265 makes the half of the interval .82805; below it ends
    at -1.
    """
    told = {"a": (3, 2, 1), "b": (5, 3, 4), "c": (2, 4, 3), "d": (4, 4, 4)}
    right = [[6, 6], [4, 4], [2, 2]]
    rounds = [Round(name, name, right, ratings=right) for name in told]
    other = [
        ScoreRecord(f"{name}-c{place}", f"o-{name}-p0", f"{name}-p0", "other", float(score))
        for name, scores in told.items()
        for place, score in enumerate(scores)
    ]
    other += [ScoreRecord(f"a-c{place}", "o-a-p1", "a-p1", "other", float(place)) for place in (0, 1)]
    [row] = [
        row
        for row in compare_scorers(written(tmp_path / "run", *rounds, more=other)).differences
        if {row.predictor, row.against} == {"reader", "other"} and row.versus == "rating"
    ]
    assert (row.predictor, row.against, row.n_pairs) == ("other", "reader", 9)
    assert row.difference == pytest.approx(-1 / 3)
    assert (row.low, row.high) == pytest.approx((-1, -1 / 3 + 0.82805), abs=1e-5)
