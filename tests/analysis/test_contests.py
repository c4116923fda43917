"""Contests between arms, against values worked out by hand."""

from __future__ import annotations

import pytest
from recorded import Round, written

from simcons.analysis.contests import contest, standing
from simcons.analysis.first_picks import FirstPicks
from simcons.analysis.resampling import mean


@pytest.fixture(scope="module")
def picks(tmp_path_factory):
    """Three rounds of three groups: a wins, ties, loses by the truth; by ratings it ties, wins, and the third is not rated."""
    picked = {"a": 0, "b": 1}
    rounds = (
        Round("r1", "s1", [[4, 4], [4, 4]], [[6, 6], [5, 6]], [[5, 6], [6, 5]], picked=picked),
        Round("r2", "s2", [[4, 4], [4, 4]], [[5, 4], [4, 5]], [[7, 4], [4, 4]], picked=picked),
        Round("r3", "s3", [[4, 4], [4, 4]], [[2, 3], [4, 4]], picked=picked),
    )
    return FirstPicks(written(tmp_path_factory.mktemp("contests") / "run", *rounds))


def test_wins_count_rounds_and_a_tie_is_half(picks):
    of = contest(picks, "a", "b")
    assert of.wins == mean([1, 0.5, 0], share=True)
    assert of.wins_by_rating == mean([0.5, 1], share=True)
    assert contest(picks, "b", "a").wins.value == pytest.approx(0.5)


def test_a_standing_is_the_mean_of_the_groups_means(picks):
    of = standing(picks, "a")
    assert of.n_rounds == 3
    assert of.agreement.value == pytest.approx((6 + 4.5 + 2.5) / 3)
    assert of.rating.value == pytest.approx(5.5)
    assert of.unanimous.value == pytest.approx(0.5)
    assert of.quality.value == 4


def test_an_arm_that_has_shown_nothing_has_no_standing(picks):
    of = standing(picks, "c")
    assert of.n_rounds == 0
    assert of.agreement is of.rating is of.unanimous is None
    assert contest(picks, "a", "c").wins is None
