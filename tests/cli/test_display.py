"""What a run's summary and rounds say, against the tables they come from."""

from __future__ import annotations

import re
from io import StringIO

import numpy as np
import pytest

from simcons.analysis.agreement import ArmResult, Divisiveness, ScaleResult
from simcons.analysis.exclusion import exclusion_effect
from simcons.analysis.people import Cost, Flow
from simcons.analysis.rated import Rated
from simcons.analysis.reliability import RatingCounts, rating_counts
from simcons.analysis.resampling import Estimate
from simcons.analysis.round_in_full import round_in_full
from simcons.cli.console import console
from simcons.cli.display import rounds as display_round
from simcons.cli.display import summary as display
from simcons.counted import counted
from simcons.report.analysis import p_value_text
from simcons.report.intervals import points
from simcons.report.people import cost_sentence, people_sentence
from simcons.report.ratings import counts_sentence, divisive_sentence

SCRIPTED = {"kind": "scripted", "samples": 8}
ARMS = [{"arm": "a", "generator": SCRIPTED, "select": 2}, {"arm": "b", "generator": SCRIPTED, "welfare": {"alpha": 1}}]


@pytest.fixture(scope="module")
def study(simulate):
    return simulate(mediators=ARMS, design={"groups": 8, "rounds": 2, "omissions": [0, 1, 2]}, seed=3)


def shown(function, *arguments, width=100, **options) -> str:
    sink = StringIO()
    function(*arguments, console(file=sink, width=width), **options)
    return " ".join(sink.getvalue().split())


def test_counts_say_why_they_differ(study):
    run = study.run
    ratings = run.ratings.dropna(subset=["agreement"])
    pairs = int((ratings.groupby(["participant_id", "candidate_id"]).size() == 2).sum())
    counts = rating_counts(run)
    assert counts == RatingCounts(ratings["candidate_id"].nunique(), len(ratings), pairs)
    assert counts.n_single == len(ratings) - 2 * pairs
    text = shown(display.print_summary, run)
    assert f"{len(ratings):,} ratings of {counts.n_statements} statements in all: {pairs:,} pairs of a first" in text
    assert "A statement that several arms show counts for each." in text


def test_counts_of_one_arm_and_one_pass_need_no_reason():
    five = Estimate(5.0, None, None, 1)
    arm = ArmResult("a", False, 1, 1, 0, {"agreement": ScaleResult(five, five)})
    assert counts_sentence([arm], RatingCounts(1, 1, 0)) == "1 rating of 1 statement in all."
    assert counts_sentence([arm], RatingCounts(1, 3, 1)) == (
        "3 ratings of 1 statement in all: 1 pair of a first and a second rating, and 1 rating without a second."
    )


def test_every_count_agrees_with_its_noun_and_has_separators():
    assert [counted(n, "round") for n in (0, 1, 2, 1466)] == ["0 rounds", "1 round", "2 rounds", "1,466 rounds"]
    assert counted(2, "launch", "launches") == "2 launches"
    flow = Flow(1500, 1400, 1200, 1100, {"finished": 1100, "group_ended": 3, "no_show": 1})
    assert people_sentence(flow) == (
        "1,500 recruited, 1,200 started in groups, 1,100 finished; lost: 3 in groups that ended early, 1 did not show up"
    )
    one = Flow(2, 2, 2, 1, {"finished": 1, "group_ended": 1})
    assert people_sentence(one).endswith("lost: 1 in a group that ended early")
    assert people_sentence(Flow(1, 1, 1, 1, {"finished": 1})).endswith("lost: none")
    assert divisive_sentence(Divisiveness(1, 1)).startswith("1 of 1 round (100%) had")
    assert "no round" in divisive_sentence(Divisiveness(0, 0))


def test_the_parts_of_the_cost_add_up():
    text = cost_sentence(Cost(150.896, 50.248, 0.0))
    assert text == "£201.14 (pay £150.90 + platform fee £50.24)"


def test_agreement_by_opinions_left_out_against_pandas(study):
    run = study.run
    effect = exclusion_effect(Rated.of_run(run))
    opinions = run.opinions[["round_id", "participant_id", "opinion_id"]]
    rows = run.ratings_by_arm.merge(opinions, on=["round_id", "participant_id"]).merge(
        run.candidates[["candidate_id", "opinion_ids"]], on="candidate_id"
    )
    rows["used"] = [opinion in set(ids) for opinion, ids in zip(rows["opinion_id"], rows["opinion_ids"], strict=True)]
    people = rows.astype({"agreement": float}).groupby(["arm", "omitted", "candidate_id", "participant_id", "used"])
    statements = people["agreement"].mean().groupby(["arm", "omitted", "candidate_id", "used"]).mean().unstack("used")
    for (arm, omitted), of in statements.groupby(["arm", "omitted"]):
        means = {row.measure: row.estimate for row in effect.where(arm=arm, omitted=omitted).rows}
        assert means["agreement_of_used"].value == pytest.approx(of[True].mean())
        if not omitted:
            assert means.keys() == {"agreement_of_used", "quality_of_used"}
            continue
        assert means["agreement_of_left_out"].value == pytest.approx(of[False].mean())
        assert means["agreement"].value == pytest.approx((of[True] - of[False]).mean())
    text = shown(display.print_summary, run)
    assert "Agreement with statements of a by number of opinions left out" in text
    assert points(effect.only(arm="a", omitted=1, measure="agreement_of_left_out").estimate) in text
    difference = effect.only(arm="a", omitted=1, measure="agreement")
    assert f"{points(difference.estimate)} {p_value_text(difference.p_holm)}" in text


def test_without_opinions_left_out_there_is_no_such_table(simulate):
    run = simulate(mediators=ARMS, design={"groups": 1, "rounds": 1}).run
    assert exclusion_effect(Rated.of_run(run)).rows == ()
    assert "left out" not in shown(display.print_summary, run)


def test_a_round_says_what_was_rated_and_by_whom(study):
    run = study.run
    told = round_in_full(run)
    text = shown(display_round.print_round, run, None)
    assert f"Position statement, rated first: {told.position_statement}" in text
    assert "true" not in text.replace("--truth", "")
    for number, voice in enumerate(told.voices, start=1):
        assert f"{number}. {voice.who}; rated {voice.position} of 7: " in text
        answers = [", ".join("-" if a is None else str(a) for a in each) for each in voice.ratings.values()]
        if voice.ratings["agreement"]:
            assert f"{number}. {voice.who} {answers[0]} {answers[1]}" in text


def test_with_the_truth_a_round_says_what_people_hold_and_who_is_careless(study):
    run = study.run
    personas, positions = run.truth("personas"), run.truth("positions")
    careless = set(personas.query("carelessness != 'none'")["participant_id"])
    rounds = run.positions[run.positions["participant_id"].isin(careless)]["round_id"]
    round_id = str(rounds.iloc[0])
    text = shown(display_round.print_round, run, round_id, truth=True)
    told = round_in_full(run, round_id)
    for number, voice in enumerate(told.voices, start=1):
        true = positions.query("round_id == @round_id and participant_id == @voice.participant_id")["position"].iloc[0]
        head = re.search(rf"{number}\. {re.escape(voice.who)}; ([^:]*true position[^:]*:)", text)[1]
        assert f"true position {true:.1f}" in head
        assert ("careless" in head) >= (voice.participant_id in careless)
    true = run.truth("appraisals").query("candidate_id == @told.candidate_id")["agreement"]
    assert all(f" {value:.1f} " in f"{text} " for value in true)
    assert np.isfinite(true.astype(float)).all()
