"""Rules on what is worth learning, as they are written and as they cut."""

from __future__ import annotations

import pytest

from simcons.training.data.keep_rules import AtLeast, TopShare, parse_keep_rule
from simcons.training.data.settings import DataSettings


@pytest.mark.parametrize(
    ("text", "rule", "spelt"),
    [
        ("quality >= 6", AtLeast("quality", 6.0), "quality >= 6"),
        ("agreement>=5.5", AtLeast("agreement", 5.5), "agreement >= 5.5"),
        ("top 10% by quality within the study", TopShare("quality", 10.0), "top 10% by quality within the study"),
        (
            "top  2.5 %  by agreement within the study",
            TopShare("agreement", 2.5),
            "top 2.5% by agreement within the study",
        ),
        (
            "top 10 % by agreement above the mean of its round",
            TopShare("agreement", 10.0, above_round=True),
            "top 10% by agreement above the mean of its round",
        ),
    ],
)
def test_rules_are_read_and_spelt(text, rule, spelt):
    assert parse_keep_rule(text) == rule
    assert DataSettings(sft_rule=text).sft_rule == str(rule) == spelt


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("quality > 6", "expected `quality >= 6`, `top 10% by quality within the study`, or `top 10% by"),
        ("", "expected `quality >= 6`"),
        ("quality >= 8", "8: expected a rating from 1 to 7"),
        ("beauty >= 6", "scale 'beauty': expected one of agreement, quality, represented"),
        ("top 0% by quality within the study", "0%: expected more than 0% and at most 100%"),
        ("top 101% by quality within the study", "101%: expected more than 0%"),
        ("top 10% by quality within the round", "expected `quality >= 6`"),
    ],
)
def test_other_rules_are_refused(text, problem):
    with pytest.raises(ValueError, match=problem.replace("(", r"\(")):
        parse_keep_rule(text)
    with pytest.raises(ValueError, match=f"{text!r}: {problem}"):
        DataSettings(sft_rule=text)


@pytest.mark.parametrize(
    ("percent", "n_kept"),
    [(10, 1), (20, 1), (21, 3), (40, 3), (80, 4), (81, 5), (100, 5)],
)
def test_the_top_of_five_with_two_alike(percent, n_kept):
    """Of 7, 6, 6, 5 and 4 the best 21% are two, with what is as good as the second."""
    ratings = [5.0, 6.0, 7.0, 4.0, 6.0]
    assert sum(TopShare("quality", percent).kept(ratings, ["r1"] * 5)) == n_kept


def test_a_rating_is_the_same_threshold_everywhere():
    assert AtLeast("quality", 6).kept([5.9, 6.0, 7.0], ["r1", "r1", "r2"]) == [False, True, True]


def test_above_its_round_the_better_of_a_contested_round_counts_more_than_the_worse_of_an_easy_one():
    """3.1 and 3.3 are both .1 from their rounds' means: alike, whatever floating point makes of it."""
    ratings, rounds = [6.5, 6.3, 2.0, 5.0, 3.3, 3.1], ["easy", "easy", "contested", "contested", "dull", "dull"]
    assert TopShare("agreement", 16, above_round=True).kept(ratings, rounds) == [False] * 3 + [True] + [False] * 2
    assert TopShare("agreement", 33, above_round=True).kept(ratings, rounds) == [True, False, False, True, True, False]
    assert TopShare("agreement", 33).kept(ratings, rounds) == [True, True] + [False] * 4


@pytest.mark.parametrize("rule", [AtLeast("quality", 6), TopShare("quality", 10), TopShare("quality", 10, True)])
def test_of_nothing_nothing_is_kept(rule):
    assert rule.kept([], []) == []
