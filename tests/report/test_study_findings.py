"""The sentences and figures of a study's report, from planted numbers."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

import simcons
from simcons.analysis.calibration_curve import CalibrationBin
from simcons.analysis.resampling import Estimate
from simcons.analysis.results import Analysis, Result, Row
from simcons.report.study.cautions import Cautions
from simcons.report.study.figures import Drawing
from simcons.report.study.findings import Findings
from simcons.report.study.numbers import Circumstances, circumstances

ARMS = ("new", "old", "older")


def estimate(value, half=0.2, n=40):
    return Estimate(value, (value - half, value + half), half / 2, n)


def pair(arm, against, value, p_holm, measure="mean", subset="all"):
    keys = {"run": "r", "scale": "agreement", "subset": subset, "arm": arm, "against": against}
    return Row(keys, measure, estimate(value), 120, p_value=p_holm, p_holm=p_holm)


def mean_rating(arm, value, run="r", n=40):
    keys = {"run": run, "scale": "agreement", "arm": arm, "answer": 0}
    return Row(keys, "mean", estimate(value, n=n), 480)


def analysis(labels=("r",), notes=(), **rows):
    return Analysis(labels, {name: Result(name, "", "", tuple(of)) for name, of in rows.items()}, notes)


def test_the_largest_difference_that_is_told_comes_first_with_its_win_rate():
    rows = [pair("new", "old", -0.4, 0.01), pair("new", "older", 0.9, 0.2), pair("old", "older", 0.3, 0.04)]
    first = Findings(analysis(arm_differences=rows, win_rates=[pair("new", "old", 0.3, 0.01)])).findings()[0]
    assert first.sentence == (
        "Statements of old are agreed with more than those of new, by 0.40 [0.20, 0.60] points,"
        " with 70% [50%, 90%] of rounds won."
    )
    assert first.basis == (
        "2 of 3 pairs of mediators can be told apart at .05, looked at together (Holm). The largest difference of several is"
        " likely to be overstated. 120 rounds in 40 groups."
    )


def ranked(arm, against, value, p_holm):
    keys = {"run": "r", "arm": arm, "against": against}
    return Row(keys, "ahead", estimate(value, half=0.1), 90, 2, p_value=p_holm, p_holm=p_holm, counts={"n_ties": 5})


def test_where_people_rank_in_place_of_rating_the_arms_are_told_by_rankings_with_their_figure():
    rows = [ranked("new", "old", 0.3, 0.01), ranked("new", "older", 0.95, 0.3), ranked("old", "older", 0.6, 0.2)]
    (finding,) = Findings(analysis(rankings=rows)).findings()
    assert finding.sentence == "People rank a statement of old above one of new in 70% [60%, 80%] of pairs."
    assert finding.basis.startswith("1 of 3 pairs of mediators can be told apart at .05")
    assert finding.basis.endswith("90 pairs in 40 groups; 2 could not be used. 5 ties counted as half.")
    (figure,) = Drawing(analysis(rankings=rows), {}).arms()
    assert "new v. old, r: 30 [20, 40]" in figure.alt
    (alike,) = Findings(analysis(rankings=[ranked("new", "old", 0.45, 0.4)])).findings()
    assert alike.sentence.endswith("in 55% [45%, 65%] of pairs, which is not told from one half.")


def test_no_difference_that_is_not_told_is_called_one():
    rows = [pair("new", "old", 0.4, 0.2), pair("new", "older", 0.1, 0.9), pair("old", "older", -0.3, 0.4)]
    first = Findings(analysis(arm_differences=rows)).findings()[0]
    assert first.sentence.startswith(
        "With all pairs looked at together, no two of the 3 mediators can be told apart; the largest"
    )


def test_no_arm_is_ahead_by_nothing():
    level = Findings(analysis(arm_differences=[pair("new", "old", 0.0, 1.0), pair("new", "older", 0.0, 1.0)]))
    assert level.findings()[0].sentence == "All 3 mediators' statements are agreed with alike."


@pytest.mark.parametrize(("p", "said"), [(0.01, "agree less"), (0.3, "is not told")])
def test_a_cost_of_being_left_out_is_told_where_the_test_tells_it(p, said):
    rows = [
        Row({"run": "r", "arm": "new", "omitted": k}, "agreement", estimate(0.5), 36, p_value=p, p_holm=p)
        for k in (1, 2)
    ]
    (finding,) = Findings(analysis(exclusion_effect=rows)).findings()
    assert said in finding.sentence
    assert finding.sentence.startswith("Where 2 opinions are left out")


def test_arms_that_no_two_groups_rated_together_are_told_by_their_highest_and_lowest_mean():
    (finding,) = Findings(
        analysis(rating_distributions=[mean_rating(*of) for of in (("a", 5), ("b", 5.5), ("c", 4))])
    ).findings()
    assert finding.sentence == (
        "Of 3 mediators, statements of b get the highest mean agreement, 5.50 [5.30, 5.70], and those of c the lowest, 4.00"
        " [3.80, 4.20]."
    )
    assert finding.basis == "1,440 ratings; no two mediators were rated in the same round."
    near = analysis(rating_distributions=[mean_rating("a", 5), mean_rating("b", 5.1)])
    assert Findings(near).findings()[0].sentence.endswith("the lowest, 5.00 [4.80, 5.20]. Their intervals overlap.")


def cautions(about=None, notes=(), **rows):
    return Cautions(analysis(notes=notes, **rows), {"r": about} if about else None).cautions()


def difference(value, *, error, p, n=16, arms=("new", "old"), n_excluded=0):
    keys = {"run": "r", "scale": "agreement", "subset": "all", "arm": arms[0], "against": arms[1]}
    of = Estimate(value, (value - 2 * error, value + 2 * error), error, n)
    return Row(keys, "mean", of, 2 * n, n_excluded, p_value=p, p_holm=p)


def retest(icc):
    return Row({"run": "r", "scale": "agreement", "by": "everybody", "cell": "everybody"}, "icc", estimate(icc), 90)


def test_what_is_wrong_with_a_run_comes_first_then_what_could_undo_the_finding_and_who_answered_last():
    told = cautions(
        Circumstances(n_rounds=32, n_questions=4, n_opinions=80, n_attacks=9),
        notes=("run r: has not finished",),
        arm_differences=[difference(0.3, error=0.2, p=0.2)],
        reliability=[retest(0.4)],
    )
    beginnings = (
        "run r: has not",
        "The 32 rounds are on 4 questions",
        "With 16 groups",
        "In 9 of 80",
        "Ratings repeat",
        "The people",
    )
    assert [text.startswith(beginning) for text, beginning in zip(told, beginnings, strict=True)] == [True] * 6


def test_nothing_is_cautioned_against_but_who_answered_where_nothing_is_wrong():
    rows = [mean_rating("new", 5, n=16)]
    (only,) = cautions(
        arm_differences=[difference(0.9, error=0.1, p=0.001)], rating_distributions=rows, reliability=[retest(0.8)]
    )
    assert only.startswith("The people are simulated")


def test_a_difference_that_is_told_against_the_odds_is_likely_to_be_overstated():
    """16 groups, standard error .1: power .8 from (2.1314 + .8662) x .1 = .30 on."""
    first, _ = cautions(arm_differences=[difference(0.25, error=0.1, p=0.03)])
    assert first == (
        "With 16 groups a difference is found four times in five only from 0.30 points on. One of 0.25 that was found is likely"
        " to be overstated, and may not come out again."
    )
    assert len(cautions(arm_differences=[difference(0.35, error=0.1, p=0.01)])) == 1


def test_where_no_difference_is_told_it_is_said_which_would_have_been():
    first, _ = cautions(arm_differences=[difference(0.1, error=0.2, p=0.6)])
    assert first.startswith(
        "With 16 groups a difference of two mediators is found four times in five only if it is about 0.6"
    )


def test_rounds_on_the_same_few_questions_say_nothing_of_others():
    def n_told(n_rounds, n_questions):
        return len(cautions(Circumstances(n_rounds=n_rounds, n_questions=n_questions)))

    assert [n_told(*of) for of in ((18, 3), (18, 18), (120, 56))] == [2, 1, 1]


def test_arms_that_fail_in_some_rounds_are_compared_in_the_others_alone():
    first, _ = cautions(arm_differences=[difference(0.9, error=0.1, p=0.001, n_excluded=8)])
    assert first.startswith("In 8 of 40 rounds new or old had no statement that was rated")


def test_intervals_of_fewer_groups_than_were_ever_tried_are_told():
    assert cautions(rating_distributions=[mean_rating("new", 5, n=3)])[0].endswith("from 4 groups on, and not for 3.")
    assert len(cautions(rating_distributions=[mean_rating("new", 5, n=4)])) == 1


@pytest.mark.parametrize(
    ("n_groups", "n_rounds", "told"), [(4, 4, True), (29, 29, True), (30, 30, False), (6, 12, False)]
)
def test_intervals_of_one_round_in_each_of_few_groups_are_said_to_hold_less_often(n_groups, n_rounds, told):
    row = replace(difference(0.9, error=0.1, p=0.001, n=n_groups), n=n_rounds)
    sentence = (
        f"Differences are of {n_groups} groups of one round each: of simulated studies of so few, 95% intervals held the true"
        " difference in as few as 84%."
    )
    assert (sentence in cautions(arm_differences=[row])) == told


def test_findings_are_of_mediators_that_could_be_had():
    """The arm that sees the truth is furthest ahead, and its scorer best: neither is told of, and its absence is."""
    rows = [pair("bound", "old", 1.2, 0.001), pair("bound", "new", 0.8, 0.001), pair("new", "old", 0.4, 0.01)]
    means = [mean_rating(arm, value) for arm, value in (("bound", 6), ("new", 5.2), ("old", 4.8))]
    divided = [
        Row({"run": "r", "subset": "all", "arm": arm}, name, estimate(share), 36)
        for arm, share in (("bound", 0.1), ("new", 0.3))
        for name in ("divided", "position_divided")
    ]
    scorers = [
        Row({"run": "r", "scorer": name, "versus": "rating"}, "pair_accuracy", estimate(share), n)
        for name, share, n in (("oracle", 0.8, 99), ("reader", 0.6, 90))
    ]
    numbers = analysis(arm_differences=rows, rating_distributions=means, divisiveness=divided, scorer_accuracy=scorers)
    about = {"r": Circumstances(seeing=frozenset({"bound"}), true_scorers=frozenset({"oracle"}))}
    first, second, third = Findings(numbers, about).findings()
    assert first.sentence.startswith("Statements of new are agreed with more than those of old, by 0.40")
    assert first.basis.endswith("Without bound, which sees the truth.")
    assert second.sentence.startswith(
        "Statements of new, which have the highest mean agreement of those that do not see the truth, divide the group in 30%"
    )
    assert third.sentence.startswith("Scorer reader puts two statements")
    assert len(Cautions(numbers, about).cautions()) == 1


def test_where_there_is_no_other_the_arm_that_sees_the_truth_is_told_of_with_the_strongest_caution():
    rows, about = [pair("bound", "old", 1.2, 0.001)], Circumstances(seeing=frozenset({"bound"}))
    (finding,) = Findings(analysis(arm_differences=rows), {"r": about}).findings()
    assert finding.sentence.startswith("Statements of bound are agreed with more than those of old")
    assert cautions(about, arm_differences=rows)[0].startswith("bound sees the truth, which no mediator can")


def test_that_runs_are_not_tested_against_each_other_is_told_of_several_alone():
    rows = [mean_rating("new", 5, run=run) for run in "ab"]
    assert (
        Cautions(analysis(("a", "b"), rating_distributions=rows))
        .cautions()[0]
        .startswith("Runs are shown side by side")
    )
    assert not [told for told in Cautions(analysis(("a",))).cautions() if "side by side" in told]


def test_what_there_is_no_figure_of_is_named_in_words():
    notes = ("run r: has one group", "exclusion_effect: none, as nobody_else was left out")
    assert Findings(analysis(notes=notes)).notes() == ["Exclusion effect: none, as nobody_else was left out."]


def test_scores_that_promise_more_than_is_true_are_cautioned_against():
    def best(by, value):
        return Row({"run": "r", "arm": "new", "scorer": "s", "candidates": 16, "by": by}, "value", estimate(value), 18)

    honest, slightly, inflated = (cautions(best_of_n=[best("proxy", v), best("truth", 5.0)]) for v in (5.1, 5.22, 5.9))
    assert not [caution for caution in (*honest, *slightly) if "promise too much" in caution]
    assert "the best of 16 of new is predicted to get 5.90, and is truly worth 5.00 [4.80, 5.20]" in inflated[0]


def test_there_are_never_more_than_three_findings_of_one_run():
    rows = [mean_rating("new", 5)]
    spread = [
        Row({"run": "r", "subset": "all", "arm": "new"}, m, estimate(0.4), 36) for m in ("divided", "position_divided")
    ]
    scorer = [Row({"run": "r", "scorer": "s", "versus": "rating"}, "pair_accuracy", estimate(0.6), 90)]
    retest = [
        Row({"run": "r", "scale": "agreement", "by": "everybody", "cell": "everybody"}, "exact", estimate(0.5), 90)
    ]
    pairs = [pair("new", "old", 0.4, 0.2)]
    told = analysis(
        arm_differences=pairs,
        rating_distributions=rows,
        divisiveness=spread,
        scorer_accuracy=scorer,
        reliability=retest,
    )
    assert len(Findings(told).findings()) == 3


def test_a_figure_is_drawn_of_each_result_there_is_and_of_no_other():
    drawing = Drawing(analysis(arm_differences=[pair("new", "old", 0.4, 0.2)]), {})
    (figure,) = drawing.arms()
    assert "new v. old" in figure.svg
    assert "new v. old, all rounds: 0.4 [0.2, 0.6]" in figure.alt
    assert not [
        *drawing.exclusion(),
        *drawing.predictions(),
        *drawing.alphas(),
        *drawing.reliability(),
        *drawing.conduct(),
    ]


def test_many_arms_are_compared_with_the_first_alone():
    arms = [f"arm {k}" for k in range(7)]
    rows = [pair(a, b, 0.1, 0.5) for k, a in enumerate(arms) for b in arms[k + 1 :]]
    (figure,) = Drawing(analysis(arm_differences=rows), {}).arms()
    assert "arm 0 v. arm 6" in figure.alt
    assert "arm 1 v. arm 2" not in figure.alt


def test_runs_side_by_side_are_named_in_figures_and_findings():
    rows = [mean_rating("new", 5, run="a"), mean_rating("new", 6, run="b")]
    both = analysis(("a", "b"), rating_distributions=rows)
    (figure,) = Drawing(both, {}).arms()
    assert "a: new, agreement: 5 [4.8, 5.2]; b: new, agreement: 6" in figure.alt
    assert [finding.sentence[:3] for finding in Findings(both).findings()] == ["a: ", "b: "]


def test_what_runs_have_in_common_stands_beside_one_another():
    rows = [mean_rating(arm, 5, run=run) for run in "ab" for arm in ("new", "old")]
    (figure,) = Drawing(analysis(("a", "b"), rating_distributions=rows), {}).arms()
    assert [mark["row"] for mark in figure.numbers] == ["a: new", "b: new", "a: old", "b: old"]


def test_welfare_of_several_runs_has_a_colour_for_each_arm_and_none_for_each_run():
    rows = [
        Row({"run": run, "arm": arm, "alpha": 0.0}, "welfare", estimate(5), 36)
        for run in "ab"
        for arm in ("new", "old")
    ]
    (figure,) = Drawing(analysis(("a", "b"), realised_welfare=rows), {}).alphas()
    assert {mark["series"] for mark in figure.numbers} == {"new", "old"}
    assert len({mark["row"] for mark in figure.numbers}) == 2


def test_findings_of_runs_side_by_side_are_of_every_run_or_of_none():
    """Two runs and two kinds are four sentences, one more than fit; two kinds of one run are both told."""
    rows = [mean_rating("new", 5, run=run) for run in "ab"]
    exact = [Row({"run": run, "scale": "agreement", "by": "everybody"}, "exact", estimate(0.6), 40) for run in "ab"]
    both = analysis(("a", "b"), rating_distributions=rows, reliability=exact)
    assert [finding.sentence[:3] for finding in Findings(both).findings()] == ["a: ", "b: "]
    one = analysis(("a",), rating_distributions=rows[:1], reliability=exact[:1])
    assert len(Findings(one).findings()) == 2


def test_calibration_is_drawn_against_the_diagonal():
    curve = [CalibrationBin("reader", score, estimate(score + 0.5), 20) for score in (3.0, 4.0, 5.0)]
    (figure,) = Drawing(analysis(), {"r": curve}).predictions()
    assert "3, reader: 3.5 [3.3, 3.7]" in figure.alt


def test_what_findings_depend_on_is_read_from_the_run(simulate, tmp_path):
    generator = {"kind": "scripted", "samples": 4}
    arms = [
        {"arm": "ours", "generator": generator, "scorer": "reader", "select": 1},
        {"arm": "bound", "generator": generator, "scorer": "oracle", "select": 1},
    ]
    hostile = {"hostility": {"share": 0.5, "attack": "instruct"}}
    run = simulate(mediators=arms, design={"groups": 2, "rounds": 2}, participants=hostile, seed=3).run
    about = circumstances(run)
    assert (about.seeing, about.true_scorers) == ({"bound"}, {"oracle"})
    assert (about.n_rounds, about.n_questions) == (4, run.rounds["question_id"].nunique())
    assert 0 < about.n_attacks < about.n_opinions == len(run.opinions)
    without_truth = shutil.copytree(run.folder, tmp_path / "run", ignore=shutil.ignore_patterns("truth"))
    about = circumstances(simcons.load(without_truth))
    assert (about.seeing, about.true_scorers, about.n_attacks) == ({"bound"}, frozenset(), 0)
