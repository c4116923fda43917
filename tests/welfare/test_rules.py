"""Rules by name, and from scores to values through a map."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcons.errors import InputError
from simcons.scenario.welfare import (
    AffineMapSettings,
    ExpMapSettings,
    LikertMapSettings,
    RawMapSettings,
    SigmoidMapSettings,
    check_map,
)
from simcons.welfare import isoelastic
from simcons.welfare.rules import has_values, label, parse_rule, rule_for
from simcons.welfare.weighing import weigh

INF = float("inf")
SLATE = np.array([[7, 7, 7, 7, 1], [5, 5, 5, 5, 5], [6, 6, 6, 5, 3]], dtype=float)
HAND_WORKED = {
    0.0: [5.8, 5, 5.2],
    INF: [1, 5, 3],
    "leximin": [-2, 0, -1],
    "schulze": [0, -2, -1],  # A beats B and C by 4 to 1, C beats B by 3 to 1
    "borda": [1.6, 0.5, 0.9],
    "approval": [0.8, 1, 0.8],
}


@pytest.mark.parametrize(("spec", "values"), HAND_WORKED.items())
def test_rules_by_hand(spec, values):
    np.testing.assert_allclose(rule_for(spec)(SLATE), values)
    np.testing.assert_allclose(rule_for(spec)(np.stack([SLATE, SLATE[::-1]])), [values, values[::-1]])


def test_a_number_is_an_alpha():
    for alpha in (0.5, 1, 2, 1e3):
        assert rule_for(alpha)(SLATE).tolist() == isoelastic(SLATE, alpha).tolist()


@pytest.mark.parametrize(
    ("text", "spec", "name"),
    [
        ("0", 0.0, "utilitarian"), ("utilitarian", 0.0, "utilitarian"), ("1", 1.0, "Nash"), ("Nash", 1.0, "Nash"),
        ("inf", INF, "Rawlsian"), (".inf", INF, "Rawlsian"), (" rawlsian ", INF, "Rawlsian"), ("2", 2.0, "alpha 2"),
        (".5", 0.5, "alpha 0.5"), ("alpha 2", 2.0, "alpha 2"), ("leximin", "leximin", "leximin"),
        ("Schulze", "schulze", "Schulze"), ("Bernoulli-Nash", 1.0, "Nash"), ("bernoulli_nash", 1.0, "Nash"),
        ("maximin", INF, "Rawlsian"),
        ("egalitarian", INF, "Rawlsian"), ("borda", "borda", "Borda"), ("approval", "approval", "approval"),
    ],
)  # fmt: skip
def test_rules_in_words(text, spec, name):
    assert parse_rule(text) == spec
    assert label(spec) == name
    assert parse_rule(name) == spec


@given(alpha=st.floats(0, 1e6).map(lambda alpha: float(f"{alpha:g}")))
def test_labels_can_be_read_back(alpha):
    assert parse_rule(label(alpha)) == alpha


@pytest.mark.parametrize("text", ["-1", "nan", "shulze", "", "alpha", "1e", "-inf"])
def test_words_that_are_no_rule(text):
    with pytest.raises(InputError, match=r"expected an alpha of at least 0, inf, or one of utilitarian, .* approval"):
        parse_rule(text)


@pytest.mark.parametrize("spec", [-1.0, math.nan, "median", None])
def test_specs_that_are_no_rule(spec):
    with pytest.raises(ValueError, match=r"rule .*: expected a number of at least 0 or one of leximin, schulze"):
        rule_for(spec)


def test_a_threshold_is_for_approval():
    assert rule_for("approval", threshold=7)(SLATE).tolist() == [0.8, 0, 0]
    with pytest.raises(ValueError, match=r"threshold 4\.0: Schulze has none"):
        rule_for("schulze", threshold=4.0)


@pytest.mark.parametrize("spec", [0.0, 0.5, 2.0, INF, "leximin", "schulze", "borda", "approval"])
def test_missing_people_go_through_to_every_rule(spec):
    absent = np.insert(SLATE, 2, np.nan, axis=1)
    np.testing.assert_allclose(rule_for(spec, missing="leave_out")(absent), rule_for(spec)(SLATE))
    counted = np.insert(SLATE, 2, 4.0, axis=1)
    np.testing.assert_allclose(rule_for(spec, missing=4.0)(absent), rule_for(spec)(counted))
    with pytest.raises(ValueError, match=r"utility nan at \(0, 2\)"):
        rule_for(spec)(absent)


# --- a rule of one's own -------------------------------------------------------------------------------------------

OURS = """
def half_and_half(u):
    u += 0  # may write into what it is given
    return (u.mean(axis=-1) + u.min(axis=-1)) / 2

def bounded(u):
    if u.max() > 6:
        raise ValueError("expected 1 to 6")
    return u.sum(axis=1)

def total(u):
    return u.sum()

def undefined(u):
    return u.sum(axis=1) + float("nan")

def broken(u):
    return u.no_such_thing
"""


@pytest.fixture
def ours(tmp_path):
    (tmp_path / "ours.py").write_text(OURS, encoding="utf-8")
    return lambda name: parse_rule(f"{tmp_path / 'ours.py'}:{name}")


def test_a_rule_of_ones_own_by_hand(ours):
    """(5.8 + 1) / 2, (5 + 5) / 2, (5.2 + 3) / 2."""
    rule, slates = rule_for(ours("half_and_half")), np.stack([SLATE, SLATE[::-1]])
    np.testing.assert_allclose(rule(slates), [[3.4, 5, 4.1], [4.1, 5, 3.4]])
    assert slates[0].tolist() == SLATE.tolist()
    np.testing.assert_allclose(rule(SLATE.astype(np.float32)), [3.4, 5, 4.1])
    assert label(ours("half_and_half")) == "ours.py:half_and_half"
    assert has_values(ours("half_and_half"))


def test_a_rule_of_ones_own_does_not_see_who_is_missing(ours):
    absent = np.stack([np.insert(SLATE, place, np.nan, axis=1) for place in (0, 3)])
    np.testing.assert_allclose(rule_for(ours("half_and_half"), missing="leave_out")(absent), [[3.4, 5, 4.1]] * 2)
    with pytest.raises(ValueError, match=r"utility nan at \(0, 0, 0\): ours\.py:half_and_half needs a number"):
        rule_for(ours("half_and_half"))(absent)


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("bounded", ValueError, r"ours\.py:bounded refuses the utilities \[\[7\.0, .*\]\]: expected 1 to 6"),
        ("undefined", ValueError, r"ours\.py:undefined returned nan for the utilities"),
        ("total", InputError, r"ours\.py:total: the rule returned shape \(\) for utilities of shape \(3, 5\)"),
        ("broken", InputError, r"ours\.py:broken: the rule raised AttributeError: "),
    ],
)
def test_what_a_rule_of_ones_own_may_not_do(ours, name, error, message):
    rule = rule_for(ours(name))
    with pytest.raises(error, match=message):
        rule(SLATE)


def test_a_rule_that_is_not_there(ours):
    with pytest.raises(InputError, match=r"rule 'ours\.py:median': function 'median' is not there; .* has bounded, "):
        rule_for(ours("median"))


# --- with a map ----------------------------------------------------------------------------------------------------

MAPS = [
    LikertMapSettings(),
    ExpMapSettings(kind="exp", temperature=2.0),
    SigmoidMapSettings(kind="sigmoid"),
    AffineMapSettings(kind="affine", shift=3.0),
    RawMapSettings(kind="raw"),
]


@pytest.mark.parametrize("chosen", MAPS, ids=lambda chosen: chosen.kind)
@pytest.mark.parametrize("spec", ["leximin", "schulze", "borda", "approval"])
@given(
    scores=st.lists(st.lists(st.integers(10, 70).map(lambda x: x / 10), min_size=4, max_size=4), min_size=1, max_size=6)
)
def test_a_map_that_keeps_the_order_decides_nothing_for_ordinal_rules(chosen, spec, scores):
    values = weigh(scores, chosen, spec=spec).values
    np.testing.assert_allclose(values, rule_for(spec)(np.array(scores)))


def test_a_map_may_decide_for_the_others():
    """By the mean of exp(score / .5) the first wins, who has the highest score; by the mean score the second does."""
    scores = [[6.0, 2.0], [4.5, 4.5]]
    assert weigh(scores, LikertMapSettings(), spec=0.0).values.argmax() == 1
    assert weigh(scores, ExpMapSettings(kind="exp", temperature=0.5), spec=0.0).values.argmax() == 0
    weighed = weigh(scores, AffineMapSettings(kind="affine", scale=2.0), spec="approval", threshold=9.0)
    assert weighed.utilities.tolist() == [[12, 4], [9, 9]]
    assert weighed.values.tolist() == [0.5, 1]


def test_raw_scores_have_any_sign():
    scores = [[-3.0, 1.0], [-1.0, -0.5]]
    for spec in (0.0, INF, "leximin", "schulze", "borda", "approval", parse_rule("statistics:mean")):
        check_map(RawMapSettings(kind="raw"), spec)
    for spec in (0.0, INF, "leximin", "schulze", "borda", "approval"):
        assert weigh(scores, RawMapSettings(kind="raw"), spec=spec).values.shape == (2,)
    with pytest.raises(ValueError, match=r"utility_map raw with alpha 3\.0: expected alpha 0 or \.inf"):
        weigh(np.abs(scores), RawMapSettings(kind="raw"), spec=3.0)


def test_missing_people_go_through_every_map():
    scores = [[3.0, np.nan, 5.0], [2.0, np.nan, 4.0]]
    without = [[3.0, 5.0], [2.0, 4.0]]
    for chosen in MAPS:
        there = weigh(scores, chosen, spec=0.0, missing="leave_out").values
        np.testing.assert_allclose(there, weigh(without, chosen, spec=0.0).values)


def test_only_an_order_has_no_value():
    assert [has_values(spec) for spec in (0.0, INF, "borda", "approval", "leximin", "schulze")] == [True] * 4 + [
        False
    ] * 2
