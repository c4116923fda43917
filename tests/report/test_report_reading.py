"""The written reading and the summary: planted effects are told, and nothing is told that findings do not say."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from planted import RULES, along, finding, sweep

from simcons.report import summary_sentences
from simcons.report.reading import headline, read
from simcons.report.sweeps import sweeps

UTIL = "utilitarian"


def paragraphs(findings):
    (found,) = sweeps(findings)
    return {paragraph.topic: " ".join(paragraph.sentences) for paragraph in read(found)}


def test_a_planted_effect_on_the_worst_off_is_told():
    rows = along("worst_off_gain", {"0": 0.3, "1": 0.0, "2": -0.2}, rule="Rawlsian", versus=UTIL)
    assert paragraphs(rows) == {
        "Worst-off": "Under Rawlsian, the lowest true utility in the group was higher than that under the utilitarian rule at 0, "
        "by 0.30 points (0.29 to 0.31); lower at 2, by 0.20 points (0.19 to 0.21); not distinguishable at 1."
    }


def test_a_cost_is_a_lower_mean():
    rows = along("mean_cost", {"0": 0.3, "1": 0.3}, rule="Rawlsian", versus=UTIL)
    assert "mean utility was lower than that under the utilitarian rule throughout, by 0.30" in paragraphs(rows)["Mean"]


def test_choices_extremes_and_ties():
    rows = [
        *along("different_winner", {"0": 0.05, "1": 0.15}, rule="Nash", versus=UTIL),
        *along("different_winner", {"0": 0.5, "1": 0.5}, rule="Borda", versus=UTIL),
        *along("tied", {"0": 0.04, "1": 0.01}, rule="Nash"),
        *along("tied", {"0": 0.2, "1": 0.6}, rule="Borda"),
    ]
    assert paragraphs(rows)["Choice"] == (
        "The share of rounds in which Nash chose another statement than the utilitarian rule rose from 5% (4 to 6) at 0 to "
        "15% (14 to 16) at 1. Over all rules it lay between 5% (Nash, at 0) and 50% (Borda, at 0). "
        "Candidates tied for first place most often under Borda, in 60% (59 to 61) of rounds at 1."
    )


def test_a_rule_that_serves_a_judge_better_than_its_own_is_named_where_intervals_are_apart():
    rows = [
        *along("regret", {"0": 0.5, "1": 0.5}, rule=UTIL, versus=UTIL),
        *along("regret", {"0": 0.49, "1": 0.4}, rule="Nash", versus=UTIL),
        *along("regret", {"0": 0.6, "1": 0.4}, rule="Borda", versus=UTIL),
    ]
    assert paragraphs(rows)["Regret"] == (
        "Judged by the mean, the regret of the utilitarian rule itself was 0.50 points (0.49 to 0.51) throughout. "
        "Rules with an interval wholly below it: Nash and Borda, at 1."
    )


def test_where_no_rule_serves_a_judge_better_it_is_said_once():
    rows = [
        row
        for judge in (UTIL, "Nash")
        for rule in (UTIL, "Nash")
        for row in along("regret", {"0": 0.5, "1": 0.5}, rule=rule, versus=judge)
    ]
    assert paragraphs(rows)["Regret"] == (
        "Judged by the mean, the regret of the utilitarian rule itself was 0.50 points (0.49 to 0.51) throughout. "
        "Judged by the geometric mean, the regret of the Nash rule itself was 0.50 points (0.49 to 0.51) throughout. "
        "No other rule had an interval wholly below that of the judge's own rule."
    )


def test_camps_are_told_by_differences_in_the_same_rounds():
    """Two levels whose intervals are apart say nothing of the difference by themselves."""
    levels = [
        *along("minority", {"0": 5.0, "1": 5.0}, rule="Rawlsian"),
        *along("minority", {"0": 4.7, "1": 4.7}, rule=UTIL),
    ]
    assert "Camps" not in paragraphs(levels)
    gains = along("minority_gain", {"0": 0.3, "1": 0.3}, 0.1, rule="Rawlsian", versus=UTIL)
    assert "smaller camp's mean utility was higher" in paragraphs([*levels, *gains])["Camps"]


def test_strategy_names_who_gains_and_under_which_rules_nobody_does():
    where = {"sweep": "strategy", "parameter": "world.strategy", "value": "veto (people 1)"}
    gains = [finding("strategist_gain", e, rule=rule, **where) for rule, e in (("Nash", 0.5), ("Borda", -0.1))]
    losses = [finding("others_loss", e, rule=rule, **where) for rule, e in (("Nash", 0.2), ("Borda", -0.2))]
    assert paragraphs([*gains, *losses])["Strategy"] == (
        "At least one way to misreport raised the utility of those who did under Nash. "
        "No way to misreport did so under Borda. With “veto (people 1)”, the gain of those who misreport was largest under Nash, "
        "at 0.50 points (0.49 to 0.51), and smallest under Borda, at −0.10 points (−0.11 to −0.09); the others' loss was largest "
        "under Nash, at 0.20 points (0.19 to 0.21)."
    )


def test_over_optimisation_is_told_for_sweeps_of_candidates_only():
    rows = [
        *along("proxy_welfare", {"1": 5.0, "16": 6.0}, rule=UTIL),
        *along("true_welfare", {"1": 5.0, "16": 5.4}, rule=UTIL),
        *along("proxy_gap", {"1": 0.0, "16": 0.6}, rule=UTIL),
    ]
    assert paragraphs(rows) == {"Nothing": "There are no findings that this report reads."}
    of_candidates = [
        finding(r.measure, r.estimate, rule=UTIL, value=r.value, parameter="world.candidates.number") for r in rows
    ]
    text = paragraphs(of_candidates)["Over-optimisation"]
    assert text.endswith(
        "Predicted welfare was higher than the true one at 16, by 0.60 points (0.59 to 0.61); not distinguishable at 1."
    )
    assert any(
        "predicted to be better than it was by 0.60 points" in sentence for sentence in summary_sentences(of_candidates)
    )


def test_headline_rules():
    def of(*rules):
        (found,) = sweeps([finding("tied", 0.1, rule=rule) for rule in rules])
        return headline(found)

    assert of("utilitarian", "alpha 0.5", "Rawlsian", "Nash", "leximin") == ["Nash", "Rawlsian"]
    assert of("utilitarian", "alpha 0.5", "alpha 2", "Borda") == ["alpha 2"]
    assert of("utilitarian", "Schulze", "Borda", "approval") == ["Schulze", "Borda"]
    assert of("utilitarian") == []


def test_summary_of_a_small_world():
    """Without noise each rule reaches its own best: Rawlsian the highest minimum, the utilitarian rule the best mean."""
    text = " ".join(summary_sentences(sweep("noise", ["0", "1"])))
    assert text.startswith(
        "The findings are of synthetic people: 1 sweep of 2 conditions in all, with 400 independent rounds"
    )
    assert "was reached, alone or level with others, by Rawlsian in 2 of 2 conditions" in text
    assert (
        "Choosing by Rawlsian instead of the utilitarian rule raised the lowest true utility in a group in all 2 conditions"
        in text
    )
    assert "lowered mean utility in all 2 conditions" in text


def test_summary_says_where_choosing_for_the_worst_off_is_in_vain():
    rows = along(
        "worst_off_gain", {"0.55": 0.0, "0.6": 0.3, "0.7": 0.3}, rule="Rawlsian", versus=UTIL, sweep="accuracy"
    )
    *_, change, vain = summary_sentences(rows, names={"accuracy": "accuracy of predictions"})
    assert change == (
        "Choosing by Rawlsian instead of the utilitarian rule raised the lowest true utility in a group in 2 of 3 conditions, by "
        "0.30 points (0.29 to 0.31); in 1 no difference can be told."
    )
    assert (
        vain == "Choosing by Rawlsian was not told to raise the lowest utility here: accuracy of predictions, at 0.55."
    )


def test_summary_of_nothing():
    assert summary_sentences([]) == ["There are no findings."]


def test_flat_findings_give_no_direction():
    values = ["0", "1", "2"]
    rows = [
        finding(m, 0.0, rule=r, versus=UTIL, value=v)
        for m, r, v in product(("worst_off_gain", "mean_cost"), ("Nash", "Rawlsian"), values)
    ]
    said = " ".join([*paragraphs(rows).values(), *summary_sentences(rows)])
    assert "higher" not in said.replace("how much higher", "")
    assert "raised" not in said
    assert "lowered" not in said
    assert "made no difference to mean utility that can be told, in 3 conditions" in said


MEASURES = [
    "different_winner", "tied", "mean_utility", "worst_off", "mean_cost", "worst_off_gain", "minority", "majority",
    "minority_gap", "regret", "proxy_welfare", "true_welfare", "proxy_gap", "pair_accuracy", "strategist_gain", "others_loss",
    "different_by_map",
]  # fmt: skip


@given(
    st.lists(
        st.tuples(
            st.sampled_from(MEASURES),
            st.sampled_from([*RULES, "leximin", "alpha 2", "my rule", "predictions"]),
            st.sampled_from([None, UTIL, "Rawlsian", "likert"]),
            st.sampled_from(["0", "2", "likert", "inf"]),
            st.sampled_from(["world.candidates.number", "utility_map"]),
            st.sampled_from([-1.0, 0.0, 0.5]),
            st.sampled_from([None, 0.0, 0.1]),
        ),
        max_size=12,
        unique_by=lambda row: row[:5],
    )
)
@example(rows=[("worst_off_gain", "alpha 2", UTIL, "0", "world.candidates.number", -1.0, None)])  # began with "alpha"
def test_whatever_is_missing_sentences_are_whole(rows):
    """No measure, rule, value or interval has to be there, and what is missing is never printed as a number."""
    findings = [
        finding(measure, estimate, half, rule=rule, versus=versus, value=value, parameter=parameter)
        for measure, rule, versus, value, parameter, estimate, half in rows
    ]
    said = [*summary_sentences(findings), *(s for one in sweeps(findings) for p in read(one) for s in p.sentences)]
    for sentence in said:
        assert sentence.endswith(".")
        assert sentence[0].isupper()
        assert not any(word in sentence for word in ("nan", "None", "  ", "..", " ,", "()"))


@pytest.mark.parametrize("estimate", [0.2, -0.2])
def test_a_single_value(estimate):
    text = paragraphs([finding("worst_off_gain", estimate, rule="Nash", versus=UTIL, value="2")])["Worst-off"]
    assert ("higher" in text, "lower" in text) == (estimate > 0, estimate < 0)
    assert "at 2, by 0.20 points" in text
