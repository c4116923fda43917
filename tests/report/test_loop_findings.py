"""Sentences on loops: true whichever way the numbers lie, and the strongest caution first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from planted_loop import FEW_SHOT, TUNED, contest, estimate, evaluation, level, loop, training

from simcons.report.loops.findings import cautions, findings, scope
from simcons.report.loops.results import AccuracyDifference, Arm, BestOf, Lessons, LoopResults, PairAccuracy

AHEAD, BEHIND, LEVEL = (0.7, 0.6, 0.8), (0.3, 0.2, 0.4), (0.52, 0.45, 0.6)


def of(**contests: Any) -> LoopResults:
    """A loop whose fine-tuned mediator does as is said against the prompted one."""
    return loop(evaluations=[evaluation(contests=[contest(measure, *share) for measure, share in contests.items()])])


def sentences(results: LoopResults) -> dict[str, str]:
    return {finding.topic: finding.sentence for finding in findings(results)}


@pytest.mark.parametrize(
    ("share", "clause"),
    [
        (AHEAD, "(tuned) is ahead of few_shot in 70% of rounds (60% to 80%)."),
        (BEHIND, "(tuned) is behind few_shot: ahead of it in only 30% of rounds (20% to 40%)."),
        (LEVEL, "(tuned) cannot be told from few_shot: ahead of it in 52% of rounds (45% to 60%)."),
        ((0.7, None, None), "(tuned) is ahead of few_shot in 70% of rounds; there is no interval."),
        ((0.56, 0.5004, 0.62), "(tuned) is ahead of few_shot in 56.0% of rounds (50.0% to 62.0%)."),
    ],
)
def test_what_fine_tuning_brings_is_said_with_its_interval(share: Any, clause: str) -> None:
    assert sentences(of(agreement=share))["tuning"] == f"By ratings, the fine-tuned mediator {clause}"


@pytest.mark.parametrize(
    ("rated", "true", "opening", "caution"),
    [
        (AHEAD, AHEAD, "Truth and ratings say the same: ", None),
        (BEHIND, BEHIND, "Truth and ratings say the same: ", None),
        (AHEAD, BEHIND, "Truth and ratings do not say the same: ", "Ratings rose and the truth fell"),
        (AHEAD, LEVEL, "Truth and ratings do not say the same: ", "The truth is not told to have risen"),
        (LEVEL, AHEAD, "Truth and ratings do not say the same: ", "Whether tuned is liked better than few_shot"),
        (AHEAD, (0.7, None, None), "Of the truth: ", None),
    ],
)
def test_the_truth_is_held_against_ratings(rated: Any, true: Any, opening: str, caution: str | None) -> None:
    results = of(agreement=rated, true_agreement=true)
    assert sentences(results)["truth"].startswith(f"{opening}by what people truly hold, before any noise, tuned ")
    first = next(iter(cautions(results)), None)
    assert first == caution or (first is not None and caution is not None and first.startswith(caution))


def test_a_contest_that_was_held_the_other_way_is_turned_round() -> None:
    turned = contest("agreement", 0.3, 0.2, 0.4, arm="few_shot", against="tuned")
    results = loop(evaluations=[evaluation(contests=[turned])])
    assert "tuned) is ahead of few_shot in 70% of rounds (60% to 80%)" in sentences(results)["tuning"]


def test_choosing_is_held_against_one_sample_of_the_same_mediator() -> None:
    chosen = replace(TUNED, name="chosen", samples=16, scorer="judge", learnt=True)
    rows = [contest("agreement", *LEVEL, arm="chosen", against="tuned"), contest("agreement", *AHEAD)]
    results = loop(evaluations=[evaluation(arms=[FEW_SHOT, TUNED, chosen], contests=rows)])
    assert sentences(results)["reranking"] == (
        "Choosing by a reward model, the best of 16 fine-tuned statements: chosen cannot be told from tuned: ahead of it in"
        " 52% of rounds (45% to 60%)."
    )


def test_where_no_rival_was_tried_the_loops_own_arm_is_held_against_one_sample_and_against_the_bound() -> None:
    """Arms that came out alike are told together, and so are ratings, the truth, and what choosing could bring."""
    chosen = [replace(TUNED, name=name, samples=16, scorer=name, learnt=True) for name in ("mean", "worst", "blind")]
    oracle = replace(TUNED, name="oracle", samples=16, scorer="oracle", upper_bound=True)
    shares = {"mean": AHEAD, "worst": (0.66, 0.55, 0.77), "blind": LEVEL}
    rows = [contest("agreement", *share, arm=arm, against="tuned") for arm, share in shares.items()]
    rows += [
        contest("true_agreement", *share, arm=arm, against="tuned")
        for arm, share in {"mean": AHEAD, "oracle": (0.9, 0.85, 0.95)}.items()
    ]
    told = sentences(loop(evaluations=[evaluation(arms=[TUNED, *chosen, oracle], contests=rows)]))
    assert told["reranking"] == (
        "Choosing by a reward model, the best of 16 fine-tuned statements: mean is ahead of tuned in 70% of rounds (60% to"
        " 80%), and so is worst in 66% of rounds (55% to 77%); blind cannot be told from tuned: ahead of it in 52% of rounds"
        " (45% to 60%)."
    )
    assert told["truth"].startswith(
        "Truth and ratings say the same: by what people truly hold, before any noise, mean is"
    )
    assert told["room"] == (
        "What choosing could bring: by what people truly hold oracle, which sees the truth, is ahead of tuned in 90% of rounds"
        " (85% to 95%); mean is in 70% of rounds (60% to 80%)."
    )


def test_what_more_samples_do_to_the_score_and_to_the_truth_is_said() -> None:
    chosen = replace(TUNED, name="chosen", samples=16, scorer="judge", learnt=True)
    best_of = [
        BestOf("chosen", n, measure, estimate(value), None, 0.0)
        for measure, values in {"proxy": (4.0, 5.0), "truth": (4.0, 3.9)}.items()
        for n, value in zip((1, 16), values, strict=True)
    ]
    rows = [contest("agreement", *LEVEL, arm="chosen", against="tuned")]
    tried = evaluation(arms=[FEW_SHOT, TUNED, chosen], contests=rows, best_of=best_of)
    assert sentences(loop(evaluations=[tried]))["reranking"].endswith(
        " From 1 to 16 samples of chosen the score goes from 4.00 to 5.00, the truth from 4.00 to 3.90."
    )


def test_topics_held_out_are_said_beside_all_rounds() -> None:
    held_out = replace(contest("agreement", *LEVEL), part="ood_test")
    results = loop(evaluations=[evaluation(contests=[contest("agreement", *AHEAD), held_out])])
    assert sentences(results)["tuning"].endswith(
        "(60% to 80%). On topics held out it cannot be told from few_shot: ahead of it in 52% of rounds (45% to 60%)."
    )


@pytest.mark.parametrize(("share", "is_said"), [(0.55, True), (0.6, True), (0.65, False)])
def test_a_reward_model_that_is_no_better_than_length_is_said(share: float, is_said: bool) -> None:
    chosen = replace(TUNED, name="chosen", scorer="judge", learnt=True)
    rows = [
        PairAccuracy(by, "statements of tuned", False, estimate(of)) for by, of in (("judge", share), ("longest", 0.6))
    ]
    sentence = "of pairs of statements of tuned as people do; the longer statement alone, 60%."
    tried = evaluation(arms=[chosen], accuracies=rows)
    assert any(sentence in caution for caution in cautions(loop(evaluations=[tried]))) == is_said


@pytest.mark.parametrize(
    ("difference", "told", "is_cautioned"),
    [
        ((-0.049, -0.078, -0.019), "4.9 percentage points (1.9 to 7.8) more", False),
        ((-0.004, -0.018, 0.01), "0.4 percentage points (-1.0 to 1.8) more", True),
        ((0.03, 0.01, 0.05), "3.0 percentage points (1.0 to 5.0) fewer", True),
    ],
)
def test_what_reading_the_opinion_is_worth_is_said_and_where_that_is_nothing(difference, told, is_cautioned) -> None:
    """The table has it the other way round, and pairs by the truth, and against length, which are not of that."""
    chosen = replace(TUNED, name="chosen", samples=16, scorer="judge", learnt=True)
    numbers, more = estimate(*difference), estimate(0.9, 0.8, 1.0)
    rows = [
        AccuracyDifference("blind", "judge", "statements of tuned", False, numbers),
        AccuracyDifference("blind", "judge", "statements of tuned", True, more),
        AccuracyDifference("longest", "judge", "statements of tuned", False, more),
    ]
    tried = evaluation(
        arms=[chosen, TUNED], contests=[contest("agreement", *LEVEL, arm="chosen", against="tuned")], differences=rows
    )
    results = loop(
        trainings=[
            training("judge", "reward", reads_opinion=True, begun_from="listener"),
            training("blind", "reward", begun_from="small-model"),
        ],
        evaluations=[tried],
    )
    sentence = (
        f"Of pairs of statements of tuned, judge orders {told} as people rate them than blind, which reads no opinion and began"
        " from small-model, not listener."
    )
    assert sentences(results)["reranking"].endswith(f"(45% to 60%). {sentence}")
    caution = f"That the reward model judge hears whom it judges for is not told: {sentence}"
    assert (caution in cautions(results)) == is_cautioned


def test_an_exploit_that_is_rated_higher_is_the_first_caution() -> None:
    flattery = Arm("flattery", "exploit", 1)
    rows = [level("tuned", 4.5), level("flattery", 4.6)]
    results = loop(
        evaluations=[evaluation(arms=[FEW_SHOT, TUNED, flattery], levels=rows, contests=[contest("agreement", *LEVEL)])]
    )
    assert cautions(results)[0].startswith("flattery (4.60) is an exploit that is rated above tuned (4.50)")
    lower = [level("tuned", 4.5), level("flattery", 4.4)]
    assert not any(
        "exploit" in sentence
        for sentence in cautions(loop(evaluations=[evaluation(arms=[TUNED, flattery], levels=lower)]))
    )


def test_lessons_of_a_script_and_random_models_are_said() -> None:
    assert cautions(loop(scripted=7))[0].startswith(
        "Distilled from a script: of 12 statements to learn in data, 7 were"
    )
    assert cautions(loop(scripted=7, toy=True))[0].startswith("A rehearsal:")


@pytest.mark.parametrize(
    ("as_judged", "reader"), [(0, "another reader than the one that"), (7, "the very reader that")]
)
def test_whether_the_script_reads_as_people_do_is_said(as_judged: int, reader: str) -> None:
    caution = cautions(loop(lessons=[Lessons("data", {"script": 7}, 7, {}, as_judged)]))[0]
    assert f"as they are found in opinions by {reader} finds them in statements" in caution
    unused = loop(lessons=[Lessons("of_reward_models", {"script": 7}, 7, {}, as_judged)])
    assert not any("Distilled" in sentence for sentence in cautions(unused))
    assert cautions(loop()) == []


def test_few_groups_are_said() -> None:
    few = replace(evaluation(), n_groups=4)
    assert cautions(loop(evaluations=[few])) == [
        "The evaluation has 4 groups: a difference that so few do not tell may be there all the same."
    ]


def test_what_was_trained_on_what_comes_first() -> None:
    assert scope(loop()) == (
        "Trained from small-model: 1 mediator and 1 reward model. The last mediator learns from 12 statements. The last reward"
        " model learns from 1 comparison by 9 simulated people of 3 groups. Tried on other people: 60 rounds of 20 groups, 2"
        " arms (evaluation)."
    )
    begun = loop(trainings=[], lessons=[], evaluations=[], finished=False)
    assert scope(begun) == "Nothing is trained yet. Under way: 1 of 2 stages done."
    assert findings(begun) == []
