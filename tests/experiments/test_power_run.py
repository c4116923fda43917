"""Studies of power from a numeric world: what is compared, what comes out, and how it reads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simcons.analysis.resampling import Estimate
from simcons.errors import ScenarioError
from simcons.experiments.power import theory
from simcons.experiments.power.run import Answer, Comparison, PowerResult, rows, run_power
from simcons.experiments.power.simulation import outcomes_of, simulated_differences
from simcons.experiments.power.sizes import Needed
from simcons.report.power import power_markdown, tables
from simcons.scenario.files import parse
from simcons.scenario.power import PowerSettings

INF = float("inf")


def settings(**changes):
    small = {"simulated_groups": 1000, "replications": 1000, "groups": [50, 100], "cap": 1000}
    return parse(PowerSettings, {"kind": "power", "name": "test", **small, **changes}, source="test.yaml")


# --- settings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"compare": [[1.0, 1.0]]}, "compare: 1.0 with itself: expected two different rules"),
        ({"compare": [[-1.0, 0.0]]}, "compare.0.0: rule -1.0: expected an alpha of at least 0, inf, or one of"),
        ({"utility_map": {"kind": "raw"}}, "utility_map raw with alpha 1.0"),
        ({"world": {"source": "ratings"}}, "world.source: value 'ratings': expected predictions or truth"),
        ({"groups": [50, 50]}, "groups: 50 is given twice"),
        ({"groups": [1]}, "groups.0: value 1: expected a whole number of at least 2"),
        ({"smallest": 1000}, "smallest 1000 with cap 1000: expected fewer groups than the cap"),
        ({"margins": {"mean": 0}}, "margins.mean: value 0: expected a number above 0"),
    ],
)
def test_settings_that_make_no_sense_are_refused(changes, message):
    with pytest.raises(ScenarioError) as error:
        settings(**changes)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


# --- simulation ----------------------------------------------------------------------------------------------------


def test_outcomes_by_hand():
    """Two rounds, two candidates, three people. The second is chosen in the first round, where one has left; then the first."""
    ratings = np.array([[[1, 1, 1], [7, np.nan, 4]], [[5, 6, 2], [7, 7, 7]]], dtype=float)
    found = outcomes_of(ratings, np.array([1, 0]))
    assert found["mean"] == pytest.approx([5.5, 13 / 3])
    assert found["lowest"] == pytest.approx([4, 2])
    assert found["agreeing"] == pytest.approx([1 / 2, 2 / 3])


@pytest.mark.parametrize("drop_outs", [0.0, 0.3])
def test_where_rules_choose_the_same_there_is_no_difference(drop_outs):
    world = {"people": {"rounds_per_group": 3}, "drop_outs": drop_outs}
    (simulated,) = simulated_differences(settings(world=world, compare=[[INF, 0.0]])).pairs
    assert set(np.round(3 * simulated.exposure, 9)) == {0, 1, 2, 3}
    for outcome, differences in simulated.differences.items():
        assert np.isfinite(differences).all()
        assert (differences[simulated.exposure == 0] == 0).all()
        assert np.abs(differences[simulated.exposure == 1]).max() > 0
        assert np.abs(differences).max() <= {"agreeing": 1, "wins": 1}.get(outcome, 6)
    assert (np.sign(simulated.differences["wins"]) == np.sign(simulated.differences["mean"]))[
        simulated.exposure <= 1 / 3
    ].all()


def test_rules_that_see_the_truth_differ_as_they_are_meant_to():
    """By truth, the Rawlsian choice has a lower mean and a higher minimum; ratings blur both. A reversed sign is 10 SE away."""
    world = {"source": "truth", "people": {"rounds_per_group": 2, "polarisation": 3}}
    (simulated,) = simulated_differences(settings(world=world, compare=[[INF, 0.0]], simulated_groups=4000)).pairs
    for outcome, sign in (("mean", -1), ("lowest", 1), ("wins", -1)):
        d = simulated.differences[outcome]
        assert sign * d.mean() > 4 * d.std() / np.sqrt(len(d)), outcome


def test_pairs_share_their_rounds_and_the_order_of_a_pair_turns_the_sign():
    there, back = simulated_differences(settings(compare=[[INF, 0.0], [0.0, INF]])).pairs
    assert (there.exposure == back.exposure).all()
    for outcome in there.differences:
        assert (there.differences[outcome] == -back.differences[outcome]).all()


def test_a_pair_with_a_rule_that_fails_is_left_out_and_the_others_are_as_without_it(tmp_path):
    (tmp_path / "ours.py").write_text("def flat(u):\n    return u\n")
    whole = run_power(settings(compare=[[INF, 0.0]], outcomes=["mean"], groups=[50]))
    result = run_power(
        settings(compare=[[f"{tmp_path}/ours.py:flat", 0.0], [INF, 0.0]], outcomes=["mean"], groups=[50])
    )
    assert result.comparisons == whole.comparisons
    [failed] = result.failed
    assert (failed.test, failed.parameter, failed.rule, failed.n_failed, failed.n_rounds) == (
        "test",
        None,
        "ours.py:flat",
        1000,
        1000,
    )
    assert "the rule returned shape (16, 5) for utilities of shape (16, 5)" in failed.first
    assert "The rule ours.py:flat failed in 1,000 of 1,000 rounds of test, and is compared" in result._repr_html_()


def test_a_world_in_which_nothing_can_be_simulated_is_refused_in_one_line():
    with pytest.raises(
        ScenarioError, match=r"test: utility_map affine \(scale 1.0, shift -5.0\) gave -.*expected positive"
    ):
        simulated_differences(settings(utility_map={"kind": "affine", "shift": -5}))


# --- the answers ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def result():
    world = {"people": {"rounds_per_group": 2, "polarisation": 2}}
    return run_power(settings(world=world, compare=[[INF, 0.0], ["borda", "schulze"]], outcomes=["lowest", "wins"]))


def test_every_question_is_answered_for_every_pair_outcome_and_size(result):
    assert [(c.rule, c.versus, c.outcome) for c in result.comparisons] == [
        ("Rawlsian", "utilitarian", "lowest"),
        ("Rawlsian", "utilitarian", "wins"),
        ("Borda", "Schulze", "lowest"),
        ("Borda", "Schulze", "wins"),
    ]
    for c in result.comparisons:
        asked = [(a.question, a.n_groups) for a in c.answers]
        for question in (
            "power",
            "false_alarms",
            "detectable",
            "detectable_shift",
            "equivalence",
            "equivalence_of_none",
        ):
            assert [n for q, n in asked if q == question] == [50, 100]


def test_simulation_and_theory_agree_where_differences_are_many(result):
    """Rawlsian and utilitarian differ in most groups, so that theory is close: within 4.9 SE of 1,000 studies, .08, and .03."""
    rawlsian = result.comparisons[0]
    for answer in rawlsian.answers:
        if answer.estimate is not None and answer.question != "false_equivalence":
            tolerance = 0.11 * (answer.theory if "detectable" in answer.question else 1)
            assert answer.estimate.value == pytest.approx(answer.theory, abs=tolerance), answer


def test_it_is_repeatable_and_tells_its_progress(result):
    told = []
    again = run_power(result.settings, on_done=lambda done, of: told.append((done, of)))
    assert again == result
    assert told == [(done, 5) for done in range(1, 6)]  # a block of 1,000 groups and four comparisons


def test_rows_hold_every_number_with_its_interval(result):
    table = rows(result)
    assert len(table) == sum(5 + len(c.answers) for c in result.comparisons)
    for row in table:
        if row.estimate is not None:
            assert row.low is None or row.low <= row.estimate + 1e-12
            assert row.high is None or row.high >= row.estimate - 1e-12
    (needed,) = (row for row in table if (row.rule, row.outcome, row.question) == ("Rawlsian", "lowest", "needed"))
    expected = result.comparisons[0]
    assert (needed.estimate, needed.theory, needed.cap) == (expected.needed.estimate, expected.needed_theory, 1000)


def test_a_null_world_gives_false_alarms_alone():
    """Two rules that predictions tell nothing about: the interval of the difference holds 0 but for 4 in 100,000 (4.1 SE)."""
    world = {"predictions": {"pair_accuracy": 0.5}}
    (comparison,) = run_power(settings(world=world, compare=[[INF, 0.0]], outcomes=["mean"])).comparisons
    low, high = comparison.difference.interval
    assert abs(comparison.difference.value) < 2.1 * (high - low) / 2


def test_rules_that_never_differ_leave_nothing_to_ask():
    result = run_power(settings(compare=[[0.0, 1e-12]], outcomes=["mean", "wins"]))
    assert [c.answers for c in result.comparisons] == [(), ()]
    text = power_markdown(result)
    assert "the two rules never chose different statements." in text
    assert "Mean agreement of the group: the difference is 0 points in every group." in text
    assert all(len(row) == len(table.header) for table in tables(result) for row in table.rows)
    assert len(rows(result)) == 4


# --- the reading ---------------------------------------------------------------------------------------------------

COMPARISON = Comparison(
    rule="Nash",
    versus="utilitarian",
    outcome="mean",
    margin=0.1,
    n_simulated=1000,
    different=Estimate(0.25, (0.23, 0.27), None, 1000),
    difference=Estimate(-0.0123, (-0.0223, -0.0023), 0.005, 1000),
    p_holm=0.03,
    sd=0.2,
    needed=Needed(2664, 800, None, 10_000),
    needed_theory=2700,
    needed_equivalence=Needed(45, 40, 50, 10_000),
    needed_equivalence_of_none=Needed(20, 20, 20, 10_000),
    answers=(
        Answer("power", 100, Estimate(0.1, (0.08, 0.12), None, 1000), 0.11),
        Answer("detectable", 100, Estimate(0.056, (0.05, 0.06), None, 1000), 0.056),
        Answer("false_alarms", 100, Estimate(0.051, (0.04, 0.06), None, 1000), 0.05),
    ),
)


def sentences(**changes):
    text = power_markdown(PowerResult(settings(groups=[100]), (replace(COMPARISON, **changes),)))
    return text.split("\n\n")[1]


def test_the_reading_says_what_was_found():
    assert sentences() == (
        "* Mean agreement of the group: lower with Nash than with utilitarian by 0.012 points (0.002 to 0.022)."
        " To find it with probability 0.8 a study needs about 2,700 groups (800 to more than 10,000),"
        " that is 2,700 rounds and 13,000 people."
        " 100 groups find with probability 0.8 a difference of 0.056 points, or 0.22 in the rounds where the statements differ;"
        " one as simulated they find with probability 0.10 (0.08 to 0.12)."
        " If there is no difference, the 20 groups that any study should have show with probability 0.8 that the difference"
        " lies within 0.1 points either way. If it is as simulated, about 45 groups (40 to 50) do."
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"difference": Estimate(0.01, (-0.01, 0.03), 0.01, 1000), "p_holm": 0.3},
            "by 0.01 points (-0.01 to 0.03), which may be no difference at all.",
        ),
        (
            {"difference": Estimate(0.01, (-0.01, 0.03), 0.01, 1000), "p_holm": 0.3},
            "To find a difference as simulated with probability 0.8",
        ),
        (
            {"outcome": "wins", "difference": Estimate(0.1, (0.06, 0.14), None, 1000)},
            "Nash wins more rounds than it loses by 10.0 percentage",
        ),
        ({"outcome": "wins"}, "Nash loses more rounds than it wins by 1.2 percentage points (0.2 to 2.2)."),
        (
            {"needed": Needed(None, 7241, None, 10_000)},
            "more than 10,000 groups (with the simulation's own error, 7,200 at the",
        ),
        ({"needed": Needed(None, None, None, 10_000)}, "a study needs more than 10,000 groups."),
        (
            {"needed": Needed(20, 20, 22, 10_000)},
            "a study needs no more than the 20 groups that any study should have, that is",
        ),
        ({"margin": 0.01}, "no smaller than the margin of 0.01 points, so that equivalence is not to be shown."),
        (
            {"needed_equivalence_of_none": None},
            "If it is as simulated, about 45 groups (40 to 50) show with probability 0.8 that",
        ),
        (
            {"needed_equivalence": Needed(None, None, None, 10_000)},
            "If it is as simulated, only more than 10,000 groups do.",
        ),
        (
            {"answers": (Answer("detectable", 100, None, 0.1),)},
            "find with probability 0.8 none of the differences that the simul",
        ),
    ],
)
def test_the_reading_says_what_else_may_be(changes, said):
    assert said in sentences(**changes)


def test_tables_have_a_row_a_comparison():
    find, show, detectable, power = tables(PowerResult(settings(groups=[100, 200]), (COMPARISON,)))
    heads = ("Nash v. utilitarian", "mean (points)")
    assert find.rows == ((*heads, "-0.012 [-0.022, -0.002]", "2,664 [800 to >10,000]"),)
    assert show.rows == ((*heads, "0.1", "20", "45 [40 to 50]"),)
    assert detectable.rows == ((*heads, "0.056", "-"),)
    assert power.rows == ((*heads, "0.10", "-"),)


def test_theory_confirms_that_nash_and_utilitarian_take_thousands_of_rounds():
    """The difference and SD of Nash against utilitarian in `scenarios/worlds/power.yaml`, by normal theory alone."""
    assert theory.t_groups(0.0045, 0.0837) > 2500
