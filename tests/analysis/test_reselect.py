"""Choosing again: rounds worked by hand, recorded picks of shipped scenarios, other packages, and what holds for any scores."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from acting import act_out
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from recorded import Round, written
from scipy import stats

import simcons
from simcons.analysis.arms import recorded_arms
from simcons.analysis.findings import Key
from simcons.analysis.resampling import ratio
from simcons.analysis.reselect.check import _compared, check_arms
from simcons.analysis.reselect.choices import choose_by_scores, kendall_tau, outcomes
from simcons.analysis.reselect.estimates import Quantity, estimates, values
from simcons.analysis.reselect.maps import map_label, parse_map
from simcons.analysis.reselect.pools import PoolReader, Pools
from simcons.analysis.reselect.reselection import ReselectionSettings, reselect
from simcons.engines.scripted import ScriptedEngine
from simcons.errors import InputError, RunFolderError
from simcons.report.reselection import reselection_sentences
from simcons.scenario.load import load_scenario
from simcons.scenario.welfare import DEFAULT_RULES as RULES
from simcons.scenario.welfare import LikertMapSettings
from simcons.seeds import stream
from simcons.welfare.rules import label

INF = float("inf")
SCENARIOS = Path(__file__).parents[2] / "scenarios" / "studies"

# The profiles of the facts: alpha 0 picks the first, 1 the second, 2 and inf the third.
DIVIDED = [[7, 7, 7, 7, 1], [6, 6, 6, 5, 3], [5, 5, 5, 5, 5]]
TRUTH = [[7, 7, 6, 6, 2], [6, 6, 5, 5, 4], [4, 5, 5, 4, 5]]  # means 5.6, 5.2, 4.6
AGREED = [[5, 5, 5], [2, 3, 2], [1, 4, 4]]  # every rule picks the first
ROUNDS = (
    Round("a", "s1", DIVIDED, TRUTH, positions=[6, 6, 5, 7, 2], picked={"arm": 0}),
    Round("b", "s2", AGREED, [[5, 5, 6], [2, 3, 2], [6, 4, 4]], positions=[5, 5, 5], picked={"arm": 1}),
)


@pytest.fixture(scope="module")
def by_hand(tmp_path_factory):
    return written(tmp_path_factory.mktemp("hand") / "run", *ROUNDS)


def table(result, sweep="reselect", value="likert"):
    """Findings by (rule, measure, versus)."""
    found = [one for one in result.findings if one.sweep == sweep and one.value == value]
    assert len({(one.rule, one.measure, one.versus) for one in found}) == len(found)
    return {(one.rule, one.measure, one.versus): one for one in found}


# --- by hand ---------------------------------------------------------------------------------------------------------


def test_rules_choose_as_worked_out_by_hand(by_hand):
    choices = reselect(by_hand).choices.set_index(["round_id", "rule"])
    picked = choices["candidate_id"]
    assert {rule: picked["a", rule] for rule in ("utilitarian", "Nash", "alpha 2", "Rawlsian", "leximin")} == {
        "utilitarian": "a-c0",
        "Nash": "a-c1",
        "alpha 2": "a-c2",
        "Rawlsian": "a-c2",
        "leximin": "a-c2",
    }
    assert set(picked["b"]) == {"b-c0"}
    assert choices["value"]["a", "utilitarian"] == pytest.approx(5.8)
    assert choices["value"]["a", "Nash"] == pytest.approx((6**3 * 5 * 3) ** 0.2)
    assert choices["value"]["a", "approval"] == 1.0, "everybody is predicted at 5 with the third"
    assert np.isnan(choices["value"]["a", "leximin"]), "an order alone"
    assert choices["picked_by"]["a", "utilitarian"] == "arm"
    assert not choices["differs_from_recorded"]["a", "utilitarian"]
    assert choices["differs_from_recorded"]["a", "Nash"]


def test_findings_are_those_worked_out_by_hand(by_hand):
    found = table(reselect(by_hand))
    expected = {
        ("Nash", "different_winner", "utilitarian"): 0.5,
        ("utilitarian", "different_winner", "Nash"): 0.5,
        ("Nash", "no_common_winner", "utilitarian"): 0.5,
        ("Rawlsian", "different_winner", "Nash"): 0.5,
        ("leximin", "different_winner", "Rawlsian"): 0.0,
        ("Nash", "kendall_tau", "utilitarian"): (-1 / 3 + 1) / 2,  # orders 0 1 2 and 1 2 0; alike in the other round
        ("utilitarian", "mean_utility", None): (5.6 + 16 / 3) / 2,
        ("Nash", "mean_utility", None): (5.2 + 16 / 3) / 2,
        ("Nash", "mean_cost", "utilitarian"): 0.2,
        ("Rawlsian", "mean_cost", "utilitarian"): 0.5,
        ("utilitarian", "worst_off", None): 3.5,
        ("Nash", "worst_off", None): 4.5,
        ("Nash", "worst_off_gain", "utilitarian"): 1.0,
        ("utilitarian", "worst_off_q10", None): 2.0,
        ("Nash", "worst_off_q10", None): 4.0,
        ("utilitarian", "regret", "utilitarian"): 0.0,
        ("Nash", "regret", "utilitarian"): 0.2,
        ("Rawlsian", "regret", "utilitarian"): 0.5,
        ("utilitarian", "regret", "Rawlsian"): 1.0,
        ("Rawlsian", "regret", "Rawlsian"): 0.0,
        ("utilitarian", "minority", None): 2.0,  # one round has a smaller side: the last person
        ("Nash", "minority", None): 4.0,
        ("Nash", "minority_gain", "utilitarian"): 2.0,
        ("Rawlsian", "minority_regret", None): 0.0,
        ("utilitarian", "minority_regret", None): 3.0,
        ("Nash", "majority_regret", None): 1.0,
        ("utilitarian", "majority", None): 6.5,
        ("utilitarian", "minority_gap", None): 4.5,
    }
    assert {key: found[key].estimate for key in expected} == pytest.approx(expected)
    assert found["Nash", "mean_cost", "utilitarian"].n == 2
    assert found["Nash", "minority", None].n == 1
    assert found["Nash", "minority", None].interval is None, "one group has no interval"
    cost = found["Nash", "mean_cost", "utilitarian"]
    assert cost.interval == pytest.approx((0.2 - 12.7062 * 0.2, 0.2 + 12.7062 * 0.2), abs=1e-4), (
        "t(.975, 1) of .4 and 0"
    )
    assert cost.p_value == pytest.approx(0.5)
    assert cost.p_holm == 1.0
    assert found["Nash", "mean_utility", None].p_value is None, "no difference"


def test_a_rule_of_ones_own_that_fails_in_a_set_has_no_choice_there_and_all_are_compared_in_the_others(
    by_hand, tmp_path
):
    code = tmp_path / "ours.py"
    refuses = "        raise ValueError('no quorum')\n    return u.mean(axis=-1)\n"
    code.write_text(f"def five(u):\n    if u.shape[1] < 5:\n{refuses}\ndef six(u):\n    if u.shape[1] < 6:\n{refuses}")
    result = reselect(by_hand, ReselectionSettings(rules=(f"{code}:five", INF)))
    by_rule = result.choices.set_index(["round_id", "rule"]).sort_index()
    assert by_rule.loc[("b", "ours.py:five"), ["candidate_id", "value", "n_tied", "picked_by"]].isna().all()
    assert by_rule.loc[("b", "ours.py:five"), "failure"].endswith("no quorum")
    others = by_rule.drop(index=("b", "ours.py:five"))
    assert others["candidate_id"].notna().all()
    assert others["failure"].isna().all()
    found = table(result)
    assert {
        found[key].n for key in (("Rawlsian", "different_winner", "utilitarian"), ("ours.py:five", "tied", None))
    } == {1}
    [account] = result.accounts
    assert (account.n_pools, account.failures[0].n_pools) == (1, 1)
    said = reselection_sentences(result, account)[0]
    assert said.startswith("The rule ours.py:five failed in 1 set, left out for every rule.")
    with pytest.raises(
        InputError, match=r"in no set of candidates did every rule choose; ours\.py:six refuses .* no quorum"
    ):
        reselect(by_hand, ReselectionSettings(rules=(f"{code}:six",)))


def test_values_cells_by_hand(tmp_path):
    """Utilitarian picks the first statement, Nash the second, Rawlsian the third; people 1 and 2 are of the libertarian left,
    the last of the authoritarian right, the others of two cells that have nobody in the second round.
    """
    values = [(-1, -1), (-0.1, -2), (-1, 0), (0, -0.5), (2, 1)]
    truth = [[7, 6, 6, 7, 2], [6, 6, 5, 5, 4], [5, 5, 5, 5, 5]]
    run = written(
        tmp_path / "run",
        Round("a", "s1", DIVIDED, truth=truth, values=values),
        Round("b", "s2", DIVIDED, truth=truth, values=[values[0]] * 4 + [values[4]]),
    )
    found = table(reselect(run))
    expected = {
        ("utilitarian", "cell_mean", "libertarian left"): 6.5,  # in both rounds
        ("utilitarian", "cell_mean", "authoritarian left"): 6.0,
        ("utilitarian", "cell_mean", "libertarian right"): 7.0,
        ("utilitarian", "cell_mean", "authoritarian right"): 2.0,
        ("Rawlsian", "cell_gain", "authoritarian right"): 3.0,
        ("Nash", "cell_gain", "libertarian left"): (-0.5 - 1.0) / 2,
        ("Nash", "cell_gain", "libertarian right"): -2.0,
        ("Nash", "cell_regret", "authoritarian right"): 1.0,
        ("utilitarian", "cell_regret", "libertarian left"): 0.0,
    }
    assert {key: found[key].estimate for key in expected} == pytest.approx(expected)
    assert found["Nash", "cell_gain", "libertarian left"].n == 2
    assert found["Nash", "cell_gain", "libertarian right"].n == 1


def test_without_personas_nothing_is_said_of_values(by_hand):
    result = reselect(by_hand)
    assert not [one for one in result.findings if one.measure.startswith("cell_")]
    assert not any("libertarian" in sentence for sentence in reselection_sentences(result, result.accounts[0]))


def test_what_was_shown_is_compared_by_its_ratings(tmp_path):
    run = written(
        tmp_path / "run",
        Round("a", "s1", DIVIDED, ratings=[[6, 6, 6, 6, 1], [5, 5, 5, 5, 4], [None] * 5]),
        Round("b", "s2", DIVIDED, ratings=[[7, 7, 7, 7, 2], [None] * 5, [None] * 5]),
    )
    found = table(reselect(run))
    assert found["utilitarian", "rated", None].estimate == 1.0
    assert found["Nash", "rated", None].estimate == 0.5
    assert found["Rawlsian", "rated", None].estimate == 0.0
    assert found["Nash", "rated_difference", "utilitarian"].estimate == pytest.approx(4.8 - 5.0), "in the first round"
    assert ("Rawlsian", "rated_difference", "utilitarian") not in found


def test_one_text_is_one_statement(tmp_path):
    same = Round("a", "s1", [[4, 4], [6, 6], [6, 6]], texts=["Other.", "Same.", "Same."])
    tied = Round("b", "s2", [[4, 4], [6, 6], [6, 6]], texts=["Other.", "One.", "Two."])
    result = reselect(written(tmp_path / "run", same, tied))
    n_tied = result.choices.query("rule == 'Nash'").set_index("round_id")["n_tied"]
    assert n_tied.to_dict() == {"a": 1, "b": 2}
    found = table(result)
    assert found["Nash", "tied", None].estimate == 0.5
    assert found["Nash", "different_winner", "utilitarian"].estimate == 0.0


def test_ties_are_broken_alike_for_all_rules_and_by_the_seed(tmp_path):
    rounds = [Round(f"r{k:02}", f"s{k}", [[5, 5]] * 4) for k in range(40)]
    run = written(tmp_path / "run", *rounds)
    first, again, other = (reselect(run, ReselectionSettings(seed=seed)).choices for seed in (0, 0, 1))
    pd.testing.assert_frame_equal(first, again)
    assert (first.groupby("round_id")["candidate_id"].nunique() == 1).all()
    picked = first.query("rule == 'Nash'")["candidate_id"].str[-1].value_counts()
    assert len(picked) == 4, "each of four equals wins at times: fails by chance in 4 * .75^40 = 4e-5 of seeds"
    assert (first["candidate_id"] != other["candidate_id"]).any()


def test_people_are_those_who_were_scored_and_welfare_is_everybodys(tmp_path):
    """The last person gave no opinion, and has no weight; their truth counts. The third left a score out."""
    truth = [[6, 6, 6, 1], [5, 5, 5, 5]]
    unweighed = Round("a", "s1", [[7, 7, 7, None], [5, 5, 5, None]], truth, ratings=[[6, 6, 6, 1], [5, 5, 5, 5]])
    partial = Round("b", "s2", [[3, 3, 7], [5, 5, None]])
    run = written(tmp_path / "run", unweighed, partial)
    with pytest.raises(RunFolderError, match=r"round b: b-p2 has 1 scores of 2 candidates by scorer 'reader'"):
        reselect(run)
    result = reselect(run, ReselectionSettings(missing="leave_out"))
    [account] = result.accounts
    assert (account.n_weighed, account.n_unweighed, account.n_people_left_out, account.n_pools_left_out) == (5, 1, 1, 0)
    picked = result.choices.query("rule == 'utilitarian'").set_index("round_id")["candidate_id"]
    assert picked.to_dict() == {"a": "a-c0", "b": "b-c1"}
    assert table(result)["utilitarian", "worst_off", None].estimate == 1.0
    assert table(result)["utilitarian", "regret", "utilitarian"].estimate == pytest.approx(5 - 19 / 4)
    assert (account.n_pools, account.n_with_truth) == (2, 1)


def test_a_set_of_which_nobody_has_all_scores_is_left_out_and_counted(tmp_path):
    whole, broken = Round("a", "s1", AGREED), Round("b", "s2", [[3, None], [None, 5]])
    [account] = reselect(written(tmp_path / "run", whole, broken), ReselectionSettings(missing="leave_out")).accounts
    assert (account.n_pools, account.n_people_left_out, account.n_pools_left_out) == (1, 2, 1)


def test_sides_are_smaller_larger_or_neither(tmp_path):
    """A side of equal size, an empty one and the midpoint make no minority."""
    positions = {"a": [6, 2, 4], "b": [4, 4, 1], "c": [7, None, 5], "d": [3, 1, 6]}
    truth = [[6, 6, 2], [1, 1, 1]]
    rounds = [Round(name, name, [[5, 5, 5], [1, 1, 1]], truth, positions=p) for name, p in positions.items()]
    result = reselect(written(tmp_path / "run", *rounds))
    assert result.accounts[0].n_with_minority == 1
    assert table(result)["Nash", "minority", None].estimate == 2.0
    assert table(result)["Nash", "majority", None].estimate == 6.0


def test_maps_change_winners_where_alpha_reads_amounts_and_nowhere_else(tmp_path):
    """exp makes the mean favour the first [6, 2] over [4.1, 4.1]: e^6 + e^2 > 2 e^4.1; on the scale it is 4 < 4.1."""
    run = written(tmp_path / "run", Round("a", "s1", [[6, 2], [4.1, 4.1]]), Round("b", "s2", [[6, 2], [4.1, 4.1]]))
    result = reselect(run, ReselectionSettings(maps=(LikertMapSettings(), parse_map("exp"))))
    changed = {
        rule: one.estimate
        for (rule, measure, _), one in table(result, value="exp:1").items()
        if measure == "different_by_map"
    }
    assert changed == {label(spec): float(spec in (0.0, 0.5)) for spec in RULES}
    picked = result.choices.query("utility_map == 'exp:1' and rule == 'utilitarian'")["candidate_id"]
    assert picked.to_list() == ["a-c0", "b-c0"]


def test_omissions_are_told_apart(tmp_path):
    rounds = [replace(ROUNDS[0], omitted=0), replace(ROUNDS[1], omitted=1)]
    result = reselect(written(tmp_path / "run", *rounds))
    by_number = {value: table(result, "reselect-omitted", value) for value in ("0", "1")}
    key = ("Nash", "different_winner", "utilitarian")
    assert [by_number[value][key].estimate for value in ("0", "1")] == [1.0, 0.0]
    assert table(result)[key].estimate == 0.5


# --- without what may be missing -------------------------------------------------------------------------------------


def test_without_truth_nothing_is_said_of_it(by_hand, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(by_hand.folder, folder)
    shutil.rmtree(folder / "truth")
    result = reselect(simcons.load(folder))
    with_truth = reselect(by_hand)
    pd.testing.assert_frame_equal(result.choices, with_truth.choices)
    assert {one.measure for one in result.findings} == {
        "different_winner", "no_common_winner", "kendall_tau", "tied", "rated",
    }  # fmt: skip
    sentences = " ".join(reselection_sentences(result, result.accounts[0]))
    assert "The folder has no truth" in sentences
    assert "lowest true agreement" in " ".join(reselection_sentences(with_truth, with_truth.accounts[0]))


def test_the_reading_names_every_rule_that_shares_a_figure(by_hand):
    result = reselect(by_hand)
    said = reselection_sentences(result, result.accounts[0])
    assert said[0].startswith(
        "Another statement than utilitarian is chosen most often by Nash and 4 others, in 50% [0%, 100%] of sets, and least"
    )
    assert said[0].endswith("often by alpha 0.5, Schulze and Borda, in 0% [0%, 84%].")
    assert said[1] == (
        "Even if ties were broken to agree wherever they can, Nash and 4 others would choose another in 50% [0%, 100%] of sets,"
        " the most of all."
    )
    gain = "By Nash and 4 others the lowest true agreement in the group is 1.00 [-11.71, 13.71] points higher than by"
    assert any(sentence.startswith(gain) for sentence in said)


def test_truth_of_what_was_shown_alone_is_no_truth_of_a_set(tmp_path):
    """As where a language model judges: what would have been best is not known."""
    shown_alone = Round("a", "s1", DIVIDED, [[7, 7, 6, 6, 2], [None] * 5, [None] * 5])
    alone = reselect(written(tmp_path / "alone", shown_alone))
    assert not {"mean_utility", "regret", "minority"} & {one.measure for one in alone.findings}
    assert "In no set did anybody truly judge all candidates" in " ".join(
        reselection_sentences(alone, alone.accounts[0])
    )
    beside = reselect(written(tmp_path / "beside", shown_alone, ROUNDS[1]))
    assert beside.accounts[0].n_with_truth == 1
    assert "In 1 set of 2 nobody truly judged all candidates" in " ".join(
        reselection_sentences(beside, beside.accounts[0])
    )
    assert table(beside)["Nash", "mean_utility", None].estimate == pytest.approx(16 / 3)


def test_one_round_with_one_candidate_is_read_without_a_false_word(tmp_path):
    result = reselect(written(tmp_path / "run", Round("a", "s1", [[4, 4]], [[5, 3]])))
    sentences = reselection_sentences(result, result.accounts[0])
    assert sentences[0] == "No rule chooses another statement than utilitarian in any set."
    assert "With one group there are no intervals, and nothing can be said of other groups." in sentences
    assert not any("[" in sentence or "nan" in sentence for sentence in sentences)
    assert ("Nash", "kendall_tau", "utilitarian") not in table(result)


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        (ReselectionSettings(scorers=("judge",)), RunFolderError, "no scores by 'judge'; expected one of reader"),
        (ReselectionSettings(maps=(parse_map("raw"),)), InputError, "map 'raw': utility_map raw with alpha 0.5"),
        (ReselectionSettings(maps=(parse_map("affine:1,-7"),)), InputError, "map 'affine:1,-7': utility_map affine"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(by_hand, asked, error, message):
    with pytest.raises(error) as raised:
        reselect(by_hand, asked)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_run_without_scores_names_its_arms(tmp_path):
    run = written(tmp_path / "run", Round("a", "s1", [[None, None]], picked={"first": 0, "few-shot": 0}))
    with pytest.raises(RunFolderError, match=r"no candidate has a score \(arms: few-shot, first\)"):
        reselect(run)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("likert", "likert"),
        ("exp", "exp:1"),
        ("exp:0.5", "exp:0.5"),
        ("sigmoid:2", "sigmoid:2,4"),
        ("affine:2,1", "affine:2,1"),
    ],
)
def test_maps_are_read_and_named(text, name):
    assert map_label(parse_map(text)) == name
    assert parse_map(name) == parse_map(text)


@pytest.mark.parametrize("text", ["linear", "exp:0", "exp:x", "likert:1", "sigmoid:1,4,2", ""])
def test_maps_that_are_none_are_refused(text):
    with pytest.raises(InputError, match=r"^map "):
        parse_map(text)


# --- recorded picks --------------------------------------------------------------------------------------------------


def scripted_with_scorers():
    for path in sorted(SCENARIOS.glob("*.yaml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        scorers = {arm.get("scorer", "none") for arm in document["mediators"]}
        if not document.get("engines") and scorers - {"none"}:
            yield path.stem


@pytest.mark.parametrize("name", list(scripted_with_scorers()))
def test_recorded_picks_of_shipped_scenarios_come_out_again(name, tmp_path):
    scenario = load_scenario(name, ["design.groups=3"])
    run = simcons.run(scenario, out=tmp_path / "run")
    result = reselect(run, ReselectionSettings(scorers=tuple(PoolReader(run).scorers())))
    assert {check.arm for check in result.checks} == {arm.arm for arm in scenario.mediators if arm.is_scored}
    for check in result.checks:
        assert check.n_different == 0
        assert check.n_same + check.n_tied == (run.selections["arm"] == check.arm).sum()
    assert sum(check.n_same for check in result.checks) > 0
    compared = [same_where_untied(run, result, arm) for arm in scenario.mediators if arm.is_scored]
    assert sum(compared) > 0


def same_where_untied(run, result, arm):
    """The first picks of an arm that no tie was broken for are in the table of choices, with their welfare."""
    recorded = run.selections.query("arm == @arm.arm and pick == 1 and n_tied == 1")
    generators = run.candidates.set_index("candidate_id")["generator"]
    recorded = recorded.assign(
        generator=generators[recorded["candidate_id"]].to_numpy(), rule=label(arm.welfare.spec), scorer=arm.scorer
    )
    keys = ["round_id", "generator", "omitted", "scorer", "rule"]
    both = recorded.merge(result.choices, on=keys, suffixes=("", "_again"))
    assert len(both) == len(recorded)
    assert (both["candidate_id"] == both["candidate_id_again"]).all()
    np.testing.assert_allclose(both["value"], both["welfare"].to_numpy(dtype=float, na_value=np.nan), rtol=1e-12)
    return len(both)


SCRIPTED = {"kind": "scripted", "samples": 6}
ARMS = [
    {"arm": "drawn", "welfare": {"alpha": {"kind": "lognormal"}}, "select": 3},
    {"arm": "sigmoid", "welfare": {"alpha": 2, "utility_map": {"kind": "sigmoid"}, "ties": "first"}, "select": 2},
    {"arm": "ballot", "welfare": {"rule": "schulze", "ties": "random_ballot"}, "select": 2},
    {"arm": "approval", "welfare": {"rule": "approval", "threshold": 6.0}, "select": 1},
    {"arm": "fewer", "welfare": {"rule": "leximin"}, "select": 1, "generator": {**SCRIPTED, "samples": 3}},
]


@pytest.fixture(scope="module")
def many_arms(tmp_path_factory):
    arms_of_run = [{"generator": SCRIPTED, "scorer": "reader", **arm} for arm in ARMS]
    oracle = {"arm": "oracle", "generator": SCRIPTED, "scorer": "oracle", "select": 1}
    return act_out(
        tmp_path_factory.mktemp("many") / "run",
        ScriptedEngine(),
        engines={},
        mediators=[*arms_of_run, oracle],
        design={"groups": 5, "rounds": 2, "omissions": [0, 1]},
        participants={"behaviour": {"dropout_per_hour": 0, "no_opinion": 0}},
    )


def test_recorded_picks_of_every_kind_of_arm_come_out_again(many_arms):
    result = reselect(many_arms, ReselectionSettings(scorers=("reader", "oracle")))
    assert [check.arm for check in result.checks] == [*(arm["arm"] for arm in ARMS), "oracle"]
    for check in result.checks:
        assert check.n_different == 0
        assert check.n_same + check.n_tied == (many_arms.selections["arm"] == check.arm).sum()


def test_who_sees_the_truth_is_known_by_the_table_and_not_by_the_name(tmp_path):
    run = act_out(
        tmp_path / "run",
        ScriptedEngine(),
        engines={},
        scorers={"near": {"kind": "reader"}, "truth": {"kind": "oracle"}},
        mediators=[
            {"arm": name, "generator": SCRIPTED, "scorer": name, "select": 1} for name in ("near", "truth", "oracle")
        ],
        design={"groups": 2, "rounds": 1},
    )
    assert [account.scorer for account in reselect(run).accounts] == ["near"]
    every = reselect(run, ReselectionSettings(scorers=tuple(PoolReader(run).scorers())))
    assert [(account.scorer, account.sees_truth, account.sweep) for account in every.accounts] == [
        ("near", False, "reselect"),
        ("oracle", True, "reselect-oracle"),
        ("truth", True, "reselect-truth"),
    ]


def test_pools_read_some_at_a_time_are_those_read_at_once(many_arms):
    whole, portions = (PoolReader(many_arms, at_a_time=n).scored("reader") for n in (10**6, 5))
    assert len(portions.blocks) > len(whole.blocks)
    assert (portions.n_people_left_out, portions.n_pools_left_out) == (whole.n_people_left_out, whole.n_pools_left_out)
    by_pool = [
        {
            pool: block.scores[k].tolist() + block.members[k].tolist()
            for block in scored.blocks
            for k, pool in enumerate(block.pool)
        }
        for scored in (whole, portions)
    ]
    assert by_pool[0] == by_pool[1]


def test_picks_that_the_scores_do_not_explain_are_counted(many_arms):
    reading_of_run = PoolReader(many_arms)
    scored = {"reader": reading_of_run.scored("reader")}
    wrong = [
        arm.model_copy(update={"welfare": arm.welfare.model_copy(update={"utility_map": LikertMapSettings()})})
        for arm in recorded_arms(many_arms)
    ]
    fair = {check.arm: check for check in check_arms(reading_of_run, recorded_arms(many_arms), scored)}
    other = [arm for arm in wrong if arm.arm == "fewer"]
    more = [arm.model_copy(update={"generator": arm.generator.model_copy(update={"samples": 6})}) for arm in other]
    [check] = check_arms(reading_of_run, more, scored)
    assert fair["fewer"].n_different == 0
    assert check.n_different > 0, "the best of three is not always the best of six"


def test_a_text_that_was_picked_is_not_picked_again_by_another_name():
    """By hand: of four candidates, best first, the first two say the same; the arm picked the first and the third."""
    orders, pool, place = np.array([[0, 1, 2, 3]] * 2), np.array([7, 7]), np.array([0, 2])
    same, different = np.array([[0, 0, 2, 3]] * 2), np.array([[0, 1, 2, 3]] * 2)
    assert _compared(orders, pool, place, same).tolist() == [2, 0, 0]
    assert _compared(orders, pool, place, different).tolist() == [1, 0, 1]


def test_the_oracle_is_asked_for_by_name_and_marked(many_arms):
    by_default = reselect(many_arms)
    assert [account.scorer for account in by_default.accounts] == ["reader"]
    both = reselect(many_arms, ReselectionSettings(scorers=("oracle", "reader")))
    assert [(account.sweep, account.sees_truth) for account in both.accounts] == [
        ("reselect-oracle", True),
        ("reselect-reader", False),
    ]
    assert {one.sweep for one in both.findings} == {
        f"reselect-{scorer}{part}" for scorer in ("oracle", "reader") for part in ("", "-omitted")
    }


def test_choosing_by_the_truth_costs_the_chooser_nothing(many_arms):
    """Nobody left, and where no opinion was left out everybody was weighed."""
    result = reselect(many_arms, ReselectionSettings(scorers=("oracle",), judges=(0.0, 0.5, 1.0, 2.0, INF)))
    found = table(result, "reselect-oracle-omitted", "0")
    regrets = {
        rule: one.estimate for (rule, measure, judge), one in found.items() if measure == "regret" and rule == judge
    }
    assert len(regrets) == 5
    assert regrets == pytest.approx(dict.fromkeys(regrets, 0.0), abs=1e-8)
    some_left_out = table(result, "reselect-oracle-omitted", "1")
    assert some_left_out["utilitarian", "regret", "utilitarian"].estimate > 0, "whose opinion is left out has no weight"


# --- for any scores --------------------------------------------------------------------------------------------------

AGREEMENT = arrays(
    np.float64,
    st.tuples(st.integers(1, 4), st.integers(1, 6), st.integers(1, 5)),
    elements=st.integers(4, 28).map(lambda k: k / 4),
)


def slates_of(scores, members):
    n_pools, n, n_people = scores.shape
    nothing = np.full(scores.shape, np.nan)
    return Pools(
        pool=np.arange(n_pools),
        statement=np.tile(np.arange(n), (n_pools, 1)),
        person=np.tile(np.arange(n_people), (n_pools, 1)),
        scores=scores,
        truth=nothing,
        rating=nothing,
        role=np.zeros((n_pools, n_people), dtype=np.int64),
        members=members,
        member_role=np.zeros((n_pools, members.shape[-1]), dtype=np.int64),
        member_cell=np.zeros((n_pools, members.shape[-1]), dtype=np.int64),
    )


@given(AGREEMENT)
def test_truth_as_score_has_no_regret_by_its_own_judge_and_no_rule_has_less_than_none(truth):
    judges = (0.0, 0.5, 1.0, 2.0, INF)
    slates, priority = slates_of(truth, truth), np.zeros(truth.shape[:2])
    chosen = choose_by_scores(slates, RULES, LikertMapSettings(), priority=priority)
    regret = outcomes(slates, chosen.index, judges).regret
    assert (regret >= 0).all()
    own = regret[np.arange(5), [RULES.index(judge) for judge in judges]]
    np.testing.assert_allclose(own, 0, atol=1e-8)


@given(AGREEMENT, st.randoms(use_true_random=False))
def test_nothing_depends_on_the_order_of_people_or_of_other_sets(scores, random):
    people, pools = list(range(scores.shape[2])), list(range(len(scores)))
    random.shuffle(people)
    random.shuffle(pools)
    priority = np.broadcast_to(np.arange(scores.shape[1], dtype=np.float64), scores.shape[:2])
    one = choose_by_scores(slates_of(scores, scores), RULES, LikertMapSettings(), priority=priority)
    other = choose_by_scores(
        slates_of(shuffled := scores[pools][:, :, people], shuffled), RULES, LikertMapSettings(), priority=priority
    )
    assert (one.index[:, pools] == other.index).all()
    np.testing.assert_array_equal(one.apart[..., pools], other.apart)
    np.testing.assert_allclose(one.tau[..., pools], other.tau)


@given(AGREEMENT)
def test_rules_that_differ_in_the_winner_but_not_ties_aside_share_a_winner(scores):
    chosen = choose_by_scores(
        slates_of(scores, scores), RULES, LikertMapSettings(), priority=np.zeros(scores.shape[:2])
    )
    differ = chosen.statement[:, None] != chosen.statement[None]
    assert (chosen.apart <= differ).all(), "no winner in common means different winners"
    alone = (chosen.n_tied[:, None] == 1) & (chosen.n_tied[None] == 1)
    assert (chosen.apart[alone] == differ[alone]).all(), "without ties it is the same question"


@settings(max_examples=50)
@given(arrays(np.int64, st.tuples(st.integers(2, 3), st.integers(1, 3), st.integers(2, 7)), elements=st.integers(0, 4)))
def test_kendalls_tau_is_scipys(places):
    found = kendall_tau(places)
    for a in range(len(places)):
        for b in range(len(places)):
            for pool in range(places.shape[1]):
                expected = stats.kendalltau(places[a, pool], places[b, pool], variant="b").statistic
                np.testing.assert_allclose(found[a, b, pool], expected, atol=1e-12)


# --- intervals -------------------------------------------------------------------------------------------------------


def test_estimates_are_of_sums_over_the_groups_that_have_them():
    key, totals, weights = Key("rule", None, "mean"), np.array([1.0, 2, 0, 9]), np.array([1.0, 2, 0, 3])
    measured = [Quantity(key, totals, weights), Quantity(key, 0 * totals, 0 * weights)]
    some, none = estimates(measured, np.array([0, 0, 1, 2]))
    assert (some.value, some.n) == (2.0, 2)
    assert some == ratio([3, 0, 9], [3, 0, 3])
    assert none is None
    assert estimates([], np.array([0, 1])) == []


def test_differences_are_of_the_same_pools():
    """Two rules that differ by 1 or 1.1 in every pool, whatever the pools are: the difference is as good as certain."""
    rng = stream(0, "test", "pairs")
    levels, more = rng.normal(0, 10, 60), 1 + 0.1 * rng.integers(0, 2, 60)
    one, difference = estimates(
        [values(Key("rule", None, "mean"), x) for x in (levels, (levels + more) - levels)], np.repeat(np.arange(20), 3)
    )
    assert difference.error < 0.05 < 1 < one.error


def test_shares_have_the_interval_of_shares():
    tied, worst_off = (values(Key("rule", None, name), np.zeros(24)) for name in ("tied", "worst_off"))
    share, level = estimates([tied, worst_off], np.repeat(np.arange(12), 2))
    assert share.interval == pytest.approx((0.0, 1 - 0.025 ** (1 / 12)))  # exact: none of as many trials as groups
    assert level.interval is None, "a mean of 0 is no share"


def test_a_set_that_has_no_value_does_not_count():
    [found] = estimates([values(Key("rule", None, "kendall_tau"), np.array([1.0, np.nan, 0.5]))], np.array([0, 1, 2]))
    assert (found.value, found.n) == (0.75, 2)
